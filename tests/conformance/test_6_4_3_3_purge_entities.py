"""6.4.3.3 Purge Entities (5.6.21)."""

import pytest

from tests.conformance.client import KIOSK, SYS, Client, is_problem, prop

pytestmark = pytest.mark.anyio


async def test_what_matches_is_deleted_and_the_rest_stays(broker: Client) -> None:
    await broker.create(queue=1)
    await broker.create(id="urn:x:b", queue=7)
    await broker.send("DELETE", "/entities?type=Kiosk&q=queue>5", None)
    assert await broker.ids(type="Kiosk") == ["4"]


async def test_drop_deletes_only_the_attributes_it_names(broker: Client) -> None:
    await broker.create(queue=1, name="K", open=True)
    before = await broker.get(**SYS)
    await broker.send("DELETE", "/entities?type=Kiosk&drop=queue,none", None)
    after = await broker.get(**SYS)
    assert set(after) == set(before) - {"queue"}
    assert after["modifiedAt"] > before["modifiedAt"]


async def test_keep_deletes_all_but_the_attributes_it_names(broker: Client) -> None:
    await broker.create(queue=[prop(1), prop(2, datasetId="urn:d:1")], name="K", open=True)
    await broker.send("DELETE", f"/entities?id={KIOSK}&keep=name", None)
    assert await broker.get() == {"id": KIOSK, "type": "Kiosk", "name": prop("K")}


async def test_purging_nothing_is_204(broker: Client) -> None:
    await broker.send("DELETE", "/entities?type=Nothing", None)


async def test_a_purge_without_restriction_is_too_wide(broker: Client) -> None:
    assert is_problem(await broker.http.delete("/entities"), 400, "BadRequestData")
    assert is_problem(await broker.http.delete("/entities?drop=queue"), 400, "BadRequestData")


async def test_a_purge_does_not_follow_relationships(broker: Client) -> None:
    answer = await broker.http.delete("/entities", params={"type": "Kiosk", "q": "inPark{area}>5"})
    assert is_problem(answer, 400, "BadRequestData")


async def test_parameters_of_a_query_that_purge_does_not_have_are_invalid(broker: Client) -> None:
    for params in ({"limit": 1}, {"join": "inline"}, {"options": "sysAttrs"}, {"pick": "queue"}):
        answer = await broker.http.delete("/entities", params={"type": "Kiosk", **params})
        assert is_problem(answer, 400, "InvalidRequest")
