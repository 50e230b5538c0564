"""6.6 /entities/{entityId}/attrs: Append (5.6.3) and Update Attributes (5.6.2)."""

from typing import Any

import pytest

from tests.conformance.client import DEFAULT, KIOSK, SYS, Client, is_problem, prop, rel

pytestmark = pytest.mark.anyio
NULL = "urn:ngsi-ld:null"
PATH = f"/entities/{KIOSK}/attrs"


async def test_append_adds_what_is_new_and_replaces_what_is_there(broker: Client) -> None:
    await broker.create(queue=prop(1, unitCode="C62", note=prop("n")), name="K")
    before = await broker.get(**SYS)
    await broker.send("POST", PATH, {"queue": prop(2), "open": True})
    after = await broker.get(**SYS)
    assert await broker.get() == {
        "id": KIOSK, "type": "Kiosk", "queue": prop(2), "name": prop("K"), "open": prop(True)
    }  # fmt: skip
    assert after["queue"]["createdAt"] == after["createdAt"] == before["createdAt"]
    assert after["queue"]["modifiedAt"] == after["modifiedAt"] == after["open"]["createdAt"] > before["modifiedAt"]
    assert after["name"] == before["name"]


async def test_append_without_overwrite_leaves_what_is_there_and_says_so(broker: Client) -> None:
    await broker.create(queue=1)
    answer = await broker.send("POST", PATH, {"queue": 2, "open": True}, 207, params={"options": "noOverwrite"})
    body = answer.json()
    assert body["updated"] == [DEFAULT + "open"]
    assert [item["attributeName"] for item in body["notUpdated"]] == [DEFAULT + "queue"]
    assert body["notUpdated"][0]["reason"]
    assert ("link" in answer.headers, answer.headers["content-type"]) == (False, "application/json")
    assert (await broker.attribute("queue"), await broker.attribute("open")) == (prop(1), prop(True))


async def test_append_without_overwrite_of_nothing_new_is_207_with_nothing_updated(broker: Client) -> None:
    await broker.create(queue=1)
    answer = await broker.send("POST", PATH, {"queue": 2}, 207, params={"options": "noOverwrite"})
    assert answer.json()["updated"] == []


async def test_append_without_overwrite_of_new_attributes_only_is_204(broker: Client) -> None:
    await broker.create(queue=1)
    await broker.send("POST", PATH, {"open": True}, params={"options": "noOverwrite"})


async def test_append_adds_types_and_replaces_or_extends_the_scope(broker: Client) -> None:
    await broker.create(scope="/A")
    await broker.send("POST", PATH, {"type": "Shop", "scope": ["/B"]})
    assert await broker.get() == {"id": KIOSK, "type": ["Kiosk", "Shop"], "scope": "/B"}
    await broker.send("POST", PATH, {"type": "Kiosk", "scope": "C"}, params={"options": "noOverwrite"})
    assert await broker.get() == {"id": KIOSK, "type": ["Kiosk", "Shop"], "scope": ["/B", "/C"]}


async def test_append_touches_only_the_named_instances(broker: Client) -> None:
    await broker.create(queue=[prop(1), prop(2, datasetId="urn:d:1")])
    await broker.send("POST", PATH, {"queue": [prop(3, datasetId="urn:d:1"), prop(4, datasetId="urn:d:2")]})
    queue = await broker.attribute("queue")
    assert {item.get("datasetId"): item["value"] for item in queue} == {None: 1, "urn:d:1": 3, "urn:d:2": 4}


async def test_an_empty_fragment_changes_nothing(broker: Client) -> None:
    await broker.create(queue=1)
    for method in ("POST", "PATCH"):
        await broker.send(method, PATH, {})
    assert await broker.attribute("queue") == prop(1)


async def test_update_replaces_as_a_whole_and_appends_what_is_missing(broker: Client) -> None:
    await broker.create(queue=prop(1, unitCode="C62", note=prop("n")))
    before = await broker.get(**SYS)
    await broker.send("PATCH", PATH, {"queue": 2, "inPark": rel("urn:x:p")})
    after = await broker.get(**SYS)
    assert await broker.get() == {"id": KIOSK, "type": "Kiosk", "queue": prop(2), "inPark": rel("urn:x:p")}
    assert after["queue"]["createdAt"] == before["createdAt"] < after["queue"]["modifiedAt"]


@pytest.mark.parametrize("null", [NULL, prop(NULL), {"value": NULL}, [prop(NULL)]])
async def test_update_with_null_deletes_the_instance(broker: Client, null: Any) -> None:
    await broker.create(queue=[prop(1), prop(2, datasetId="urn:d:1")])
    await broker.send("PATCH", PATH, {"queue": null})
    assert await broker.attribute("queue") == prop(2, datasetId="urn:d:1")
    await broker.send("PATCH", PATH, {"queue": prop(NULL, datasetId="urn:d:1")})
    assert await broker.get() == {"id": KIOSK, "type": "Kiosk"}


async def test_update_that_deletes_what_is_not_there_says_so(broker: Client) -> None:
    await broker.create(queue=1)
    answer = await broker.send("PATCH", PATH, {"queue": 2, "none": NULL}, 207)
    assert answer.json()["updated"] == [DEFAULT + "queue"]
    assert [item["attributeName"] for item in answer.json()["notUpdated"]] == [DEFAULT + "none"]


async def test_update_replaces_the_scope_only_where_there_is_one(broker: Client) -> None:
    await broker.create()
    await broker.send("PATCH", PATH, {"scope": "/A"})
    assert "scope" not in await broker.get()
    await broker.send("POST", PATH, {"scope": "/A"})
    await broker.send("PATCH", PATH, {"scope": ["/B", "C"]})
    assert (await broker.get())["scope"] == ["/B", "/C"]
    await broker.send("PATCH", PATH, {"scope": NULL})
    assert "scope" not in await broker.get()


async def test_a_new_kind_replaces_the_old_one(broker: Client) -> None:
    await broker.create(inPark="somewhere")
    await broker.send("PATCH", PATH, {"inPark": rel("urn:x:p")})
    assert await broker.attribute("inPark") == rel("urn:x:p")


@pytest.mark.parametrize("method", ["POST", "PATCH"])
@pytest.mark.parametrize(
    "fragment",
    [
        {"queue": None},
        {"queue": {"type": "Property"}},
        {"queue": {"type": "Foo"}},
        {"id": "urn:x:other", "queue": 1},
        {"type": 5},
        {"scope": []},
        {"location": 5},
        {"queue": [prop(1), prop(2)]},
        [],
        "text",
    ],
)
async def test_a_wrong_fragment_is_bad_request_data(broker: Client, method: str, fragment: Any) -> None:
    await broker.create(scope="/A")
    assert is_problem(await broker.http.request(method, PATH, json=fragment), 400, "BadRequestData")
    assert await broker.get() == {"id": KIOSK, "type": "Kiosk", "scope": "/A"}


@pytest.mark.parametrize("null", [NULL, prop(NULL), {"languageMap": {"@none": NULL}}, {"valueList": [NULL]}])
async def test_append_refuses_null(broker: Client, null: Any) -> None:
    await broker.create(queue=1)
    assert is_problem(await broker.http.post(PATH, json={"queue": null}), 400, "BadRequestData")
    assert is_problem(await broker.http.post(PATH, json={"queue": prop(1, note=null)}), 400, "BadRequestData")


async def test_options_that_do_not_belong_here_are_invalid(broker: Client) -> None:
    await broker.create(queue=1)
    for method, params in (("POST", {"options": "keyValues"}), ("PATCH", {"options": "noOverwrite"})):
        answer = await broker.http.request(method, PATH, json={"queue": 2}, params=params)
        assert is_problem(answer, 400, "InvalidRequest")


async def test_the_collection_of_attributes_is_not_read(broker: Client) -> None:
    answer = await broker.http.get(PATH)
    assert (answer.status_code, answer.headers["allow"]) == (405, "OPTIONS, PATCH, POST")
