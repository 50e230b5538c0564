"""4.22 Transient entities and attributes: expiresAt."""

import asyncio
from datetime import UTC, datetime, timedelta

import pytest

from ngsi_ld.datetimes import render
from tests.conformance.client import KIOSK, SYS, Client, prop

pytestmark = pytest.mark.anyio


def soon(seconds: float = 0.08) -> str:
    return render(datetime.now(UTC) + timedelta(seconds=seconds))


async def test_an_entity_is_gone_after_its_time(broker: Client) -> None:
    await broker.create(expiresAt=soon(), queue=1)
    assert await broker.ids(type="Kiosk") == ["4"]
    await asyncio.sleep(0.1)
    assert (await broker.http.get(f"/entities/{KIOSK}")).status_code == 404
    assert await broker.ids(type="Kiosk") == []
    assert (await broker.http.get("/types")).json()["typeList"] == []
    await broker.create(queue=2)


async def test_an_attribute_instance_is_gone_after_its_time_and_the_entity_stays(broker: Client) -> None:
    await broker.create(
        queue=[prop(1, expiresAt=soon()), prop(2, datasetId="urn:d:1")], name=prop("K", expiresAt=soon())
    )
    await asyncio.sleep(0.1)
    assert await broker.get() == {"id": KIOSK, "type": "Kiosk", "queue": prop(2, datasetId="urn:d:1")}
    assert await broker.ids(q="name") == []


async def test_a_sub_attribute_is_gone_after_its_time(broker: Client) -> None:
    await broker.create(queue=prop(1, note=prop("n", expiresAt=soon()), more=prop(5)))
    await asyncio.sleep(0.1)
    assert await broker.attribute("queue") == prop(1, more=prop(5))


async def test_what_has_expired_can_be_created_again_but_not_changed(broker: Client) -> None:
    await broker.create(expiresAt=soon())
    await asyncio.sleep(0.1)
    assert (await broker.http.patch(f"/entities/{KIOSK}", json={"queue": 1})).status_code == 404
    await broker.create(queue=1)
    assert "expiresAt" not in await broker.get(**SYS)


async def test_expires_at_is_a_system_attribute_of_entity_and_attribute(broker: Client) -> None:
    later = "2131-02-03T10:00:00Z"
    await broker.create(expiresAt=later, queue=prop(1, expiresAt=later))
    assert await broker.get() == {"id": KIOSK, "type": "Kiosk", "queue": prop(1)}
    entity = await broker.get(**SYS)
    assert (entity["expiresAt"], entity["queue"]["expiresAt"]) == (later, later)


async def test_what_is_prolonged_lives_on_and_an_unchanged_rest_is_not_modified(broker: Client) -> None:
    await broker.create(queue=prop(1, expiresAt=soon()), expiresAt=soon())
    await broker.send("PATCH", f"/entities/{KIOSK}", {"expiresAt": soon(9), "queue": {"expiresAt": soon(9)}})
    before = await broker.get(**SYS)
    await asyncio.sleep(0.1)
    assert await broker.get(**SYS) == before
