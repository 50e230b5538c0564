"""Notification (CIM 009, 5.8.6): when one is due, and for which change of which entity."""

import asyncio
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from ngsi_ld.datetimes import render
from tests.conformance.client import KIOSK, PARK, Client, point, prop, rel
from tests.conformance.receiver import Receiver
from tests.conformance.subscribing import SUBSCRIPTION, change, subscribe

pytestmark = pytest.mark.anyio


def in_milliseconds(number: int) -> str:
    return render(datetime.now(UTC) + timedelta(milliseconds=number))


async def test_a_new_entity_and_a_new_value_notify(broker: Client, receiver: Receiver) -> None:
    await subscribe(broker, receiver)
    await broker.create(queue=5)
    assert (await receiver.next()).entity == {"id": KIOSK, "type": "Kiosk", "queue": prop(5)}
    await change(broker, 6)
    assert (await receiver.next()).entity["queue"] == prop(6)


async def test_writing_an_equal_value_does_not_notify(broker: Client, receiver: Receiver) -> None:
    await broker.create(queue=5)
    await subscribe(broker, receiver)
    await change(broker, 5)
    assert await receiver.nothing()


@pytest.mark.parametrize(
    "attribute", [prop(5, observedAt="2026-01-01T00:00:00Z"), prop(5, unitCode="C62"), prop(5, note=prop("full"))]
)
async def test_a_change_of_any_member_of_the_attribute_notifies(
    broker: Client, receiver: Receiver, attribute: dict[str, Any]
) -> None:
    await broker.create(queue=prop(5))
    await subscribe(broker, receiver, watchedAttributes=["queue"])
    await broker.send("PATCH", f"/entities/{KIOSK}/attrs", {"queue": attribute})
    assert (await receiver.next()).entity["queue"] == attribute


async def create_kiosk(broker: Client) -> None:
    await broker.create(queue=5, name="K")


async def create_attribute(broker: Client) -> None:
    await broker.send("POST", f"/entities/{KIOSK}/attrs", {"more": prop(1)})


async def update_attribute(broker: Client) -> None:
    await change(broker, 6)


async def delete_attribute(broker: Client) -> None:
    assert (await broker.http.delete(f"/entities/{KIOSK}/attrs/queue")).status_code == 204


async def delete_kiosk(broker: Client) -> None:
    assert (await broker.http.delete(f"/entities/{KIOSK}")).status_code == 204


STEPS = {
    "create entity": create_kiosk,
    "create attribute": create_attribute,
    "update attribute": update_attribute,
    "delete attribute": delete_attribute,
    "delete entity": delete_kiosk,
}
FIRED: dict[tuple[str, ...], list[str]] = {
    (): ["create entity", "create attribute", "update attribute"],
    ("entityCreated",): ["create entity"],
    ("entityUpdated",): ["create attribute", "update attribute", "delete attribute"],
    ("entityDeleted",): ["delete entity"],
    ("attributeCreated",): ["create entity", "create attribute"],
    ("attributeUpdated",): ["update attribute"],
    ("attributeDeleted",): ["delete attribute"],
    ("entityCreated", "attributeDeleted"): ["create entity", "delete attribute"],
    ("entityDeleted", "attributeUpdated"): ["update attribute", "delete entity"],
}


@pytest.mark.parametrize(("triggers", "fired"), FIRED.items(), ids=lambda value: "+".join(value) or "default")
async def test_each_trigger_fires_at_its_changes(
    broker: Client, receiver: Receiver, triggers: tuple[str, ...], fired: list[str]
) -> None:
    await subscribe(broker, receiver, notificationTrigger=list(triggers) or None)
    assert await steps_that_notify(broker, receiver) == fired


async def steps_that_notify(broker: Client, receiver: Receiver) -> list[str]:
    """Goes through all steps; a marker of another subscription tells when a step's notification would be there."""
    await subscribe(broker, receiver, id="urn:x:marker", entities=[{"type": "Marker"}])
    notified = []
    for number, (name, step) in enumerate(STEPS.items()):
        await step(broker)
        await broker.create(id=f"urn:x:{number}", type="Marker", n=1)
        came = [(await receiver.next()).body["subscriptionId"]]
        if came == [SUBSCRIPTION]:
            await receiver.next()
        else:
            await asyncio.sleep(0.03)
            came += [receiver.received.get_nowait().body["subscriptionId"] for _ in range(receiver.received.qsize())]
        if SUBSCRIPTION in came:
            notified.append(name)
    return notified


WATCHED: dict[tuple[str, ...], list[str]] = {
    ("attributeCreated", "attributeUpdated"): ["create entity", "update attribute"],
    ("entityUpdated",): ["update attribute", "delete attribute"],
    ("entityCreated",): ["create entity"],
    ("entityDeleted",): ["delete entity"],
    ("attributeDeleted",): ["delete attribute"],
}


@pytest.mark.parametrize(("triggers", "fired"), WATCHED.items(), ids=lambda value: "+".join(value))
async def test_watched_attributes_restrict_attribute_triggers_only(
    broker: Client, receiver: Receiver, triggers: tuple[str, ...], fired: list[str]
) -> None:
    await subscribe(broker, receiver, notificationTrigger=list(triggers), watchedAttributes=["queue"])
    assert await steps_that_notify(broker, receiver) == fired


SELECTORS: dict[str, tuple[list[dict[str, Any]], bool]] = {
    "type": ([{"type": "Kiosk"}], True),
    "another type": ([{"type": "Shop"}], False),
    "one of types": ([{"type": "Shop,Kiosk"}], True),
    "both types": ([{"type": "(Kiosk;Stand)"}], True),
    "both types, one missing": ([{"type": "(Kiosk;Shop)"}], False),
    "any type": ([{"type": "*"}], True),
    "id": ([{"type": "Kiosk", "id": KIOSK}], True),
    "another id": ([{"type": "Kiosk", "id": KIOSK + "4"}], False),
    "id of another type": ([{"type": "Shop", "id": KIOSK}], False),
    "pattern": ([{"type": "Kiosk", "idPattern": "^urn:ngsi-ld:Kiosk:[0-9]$"}], True),
    "pattern within": ([{"type": "Kiosk", "idPattern": "Kiosk"}], True),
    "another pattern": ([{"type": "Kiosk", "idPattern": "^urn:ngsi-ld:Shop"}], False),
    "id beats pattern": ([{"type": "Kiosk", "id": KIOSK, "idPattern": "nothing"}], True),
    "one of several": ([{"type": "Shop"}, {"type": "Stand"}], True),
}


@pytest.mark.parametrize(("entities", "matches"), SELECTORS.values(), ids=SELECTORS)
async def test_the_entity_must_match_a_selector(
    broker: Client, receiver: Receiver, entities: list[dict[str, Any]], matches: bool
) -> None:
    await subscribe(broker, receiver, entities=entities)
    await broker.create(type=["Kiosk", "Stand"], queue=5)
    if matches:
        assert (await receiver.next()).entity["id"] == KIOSK
    assert await receiver.nothing(0.05)


async def test_without_selectors_every_entity_with_the_watched_attribute_counts(
    broker: Client, receiver: Receiver
) -> None:
    await subscribe(broker, receiver, entities=None, watchedAttributes=["queue"])
    await broker.create(id=PARK, type="Park", trees=7)
    await broker.create(queue=5)
    assert (await receiver.next()).entity["id"] == KIOSK
    assert await receiver.nothing(0.05)


FILTERS: dict[str, tuple[dict[str, Any], bool]] = {
    "q": ({"q": "queue>5"}, True),
    "q fails": ({"q": "queue>6"}, False),
    "q and": ({"q": 'queue==6;name=="K"'}, True),
    "q on what is linked": ({"q": 'in{name}=="P"'}, True),
    "q on what is linked fails": ({"q": 'in{name}=="Q"'}, False),
    "geoQ": ({"geoQ": {"georel": "near;maxDistance==100", "geometry": "Point", "coordinates": [7.2, 51.5]}}, True),
    "geoQ fails": ({"geoQ": {"georel": "near;maxDistance==1", "geometry": "Point", "coordinates": [7, 51]}}, False),
    "geoQ text": ({"geoQ": {"georel": "equals", "geometry": "Point", "coordinates": "[7.2,51.5]"}}, True),
    "scopeQ": ({"scopeQ": "/Herne/#"}, True),
    "scopeQ fails": ({"scopeQ": "/Bochum"}, False),
    "all": ({"q": "queue>5", "scopeQ": "/Herne/+"}, True),
    "all, one fails": ({"q": "queue>5", "scopeQ": "/Herne"}, False),
}


@pytest.mark.parametrize(("filters", "matches"), FILTERS.values(), ids=FILTERS)
async def test_filters_look_at_the_state_after_the_change(
    broker: Client, receiver: Receiver, filters: dict[str, Any], matches: bool
) -> None:
    await broker.create(id=PARK, type="Park", name="P")
    kiosk: dict[str, Any] = {"scope": "/Herne/Wanne", "location": point(7.2, 51.5), "in": rel(PARK)}
    await broker.create(queue=5, name="K", **kiosk)
    await subscribe(broker, receiver, **filters)
    await change(broker, 6)
    if matches:
        assert (await receiver.next()).entity["queue"]["value"] == 6
    assert await receiver.nothing(0.05)


async def test_filters_look_at_the_state_before_a_deletion(broker: Client, receiver: Receiver) -> None:
    await subscribe(broker, receiver, q="queue==5", notificationTrigger=["entityDeleted"])
    await broker.create(queue=5)
    await delete_kiosk(broker)
    assert (await receiver.next()).entity["id"] == KIOSK


async def test_what_falls_within_the_throttling_is_dropped(broker: Client, receiver: Receiver) -> None:
    await subscribe(broker, receiver, throttling=0.3)
    await broker.create(queue=5)
    await receiver.next()
    await change(broker, 6)
    assert await receiver.nothing()
    await asyncio.sleep(0.2)
    await change(broker, 7)
    assert (await receiver.next()).entity["queue"]["value"] == 7


async def test_throttling_counts_for_changes_that_are_committed_together(broker: Client, receiver: Receiver) -> None:
    await subscribe(broker, receiver, throttling=5)
    await asyncio.gather(*(broker.create(id=f"urn:x:{number}", queue=1) for number in range(5)))
    await receiver.next()
    assert await receiver.nothing()


async def test_each_interval_tells_all_matching_entities(broker: Client, receiver: Receiver) -> None:
    await broker.create(queue=5)
    await broker.create(id="urn:ngsi-ld:Kiosk:5", queue=1)
    await broker.create(id="urn:ngsi-ld:Kiosk:6", queue=7)
    began = asyncio.get_running_loop().time()
    await subscribe(broker, receiver, timeInterval=0.5, q="queue>=5")
    for _ in range(2):
        data = (await receiver.next()).data
        assert [entity["id"][-1] for entity in data] == ["4", "6"]
    assert asyncio.get_running_loop().time() - began >= 0.9


async def test_an_interval_without_matching_entities_is_silent(broker: Client, receiver: Receiver) -> None:
    await subscribe(broker, receiver, timeInterval=0.1)
    assert await receiver.nothing(0.5)
    await broker.create(queue=5)
    assert (await receiver.next()).entity["id"] == KIOSK


async def test_an_expired_subscription_does_not_notify(broker: Client, receiver: Receiver) -> None:
    await subscribe(broker, receiver, expiresAt=in_milliseconds(50))
    await asyncio.sleep(0.08)
    await broker.create(queue=5)
    assert await receiver.nothing()


async def test_there_is_no_initial_notification(broker: Client, receiver: Receiver) -> None:
    await broker.create(queue=5)
    await subscribe(broker, receiver)
    assert await receiver.nothing()


@pytest.mark.parametrize("operation", ["create", "upsert"])
async def test_the_entities_of_one_batch_make_one_notification(
    broker: Client, receiver: Receiver, operation: str
) -> None:
    await subscribe(broker, receiver)
    kiosks = [{"id": f"urn:ngsi-ld:Kiosk:{number}", "type": "Kiosk", "queue": number} for number in range(3)]
    await broker.send("POST", f"/entityOperations/{operation}", kiosks, 201)
    assert [entity["id"][-1] for entity in (await receiver.next()).data] == ["0", "1", "2"]
    assert await receiver.nothing(0.05)


async def test_the_entities_of_a_batch_deletion_make_one_notification(broker: Client, receiver: Receiver) -> None:
    ids = [f"urn:ngsi-ld:Kiosk:{number}" for number in range(3)]
    for id_ in ids:
        await broker.create(id=id_, queue=1)
    await subscribe(broker, receiver, notificationTrigger=["entityDeleted"])
    await broker.send("POST", "/entityOperations/delete", ids)
    assert [entity["id"] for entity in (await receiver.next()).data] == ids


async def test_two_requests_make_two_notifications_even_if_committed_together(
    broker: Client, receiver: Receiver
) -> None:
    await subscribe(broker, receiver)
    await asyncio.gather(*(broker.create(id=f"urn:x:{number}", queue=1) for number in range(3)))
    received = [(await receiver.next()).entity["id"] for _ in range(3)]
    assert sorted(received) == ["urn:x:0", "urn:x:1", "urn:x:2"]


async def test_a_transient_entity_notifies_when_it_expires(broker: Client, receiver: Receiver) -> None:
    await subscribe(broker, receiver, notificationTrigger=["entityDeleted"])
    await broker.create(queue=5, expiresAt=in_milliseconds(100))
    entity = (await receiver.next()).entity
    assert entity.keys() == {"id", "type", "deletedAt"}


async def test_a_transient_attribute_notifies_when_it_expires(broker: Client, receiver: Receiver) -> None:
    await subscribe(broker, receiver, notificationTrigger=["attributeDeleted"], watchedAttributes=["queue"])
    await broker.create(queue=prop(5, expiresAt=in_milliseconds(100)), name="K")
    entity = (await receiver.next()).entity
    assert (entity["queue"], entity["name"]) == ("urn:ngsi-ld:null", prop("K"))


async def test_a_purge_notifies(broker: Client, receiver: Receiver) -> None:
    await broker.create(queue=5, name="K")
    await subscribe(broker, receiver, notificationTrigger=["attributeDeleted", "entityDeleted"])
    assert (await broker.http.delete("/entities", params={"type": "Kiosk", "drop": "queue"})).status_code == 204
    assert (await receiver.next()).entity["queue"] == "urn:ngsi-ld:null"
    assert (await broker.http.delete("/entities", params={"type": "Kiosk"})).status_code == 204
    assert "deletedAt" in (await receiver.next()).entity


async def test_subscriptions_of_another_tenant_are_not_told(broker: Client, receiver: Receiver) -> None:
    await subscribe(broker, receiver)
    kiosk = {"id": KIOSK, "type": "Kiosk", "queue": 5}
    await broker.send("POST", "/entities", kiosk, 201, headers={"NGSILD-Tenant": "north"})
    assert await receiver.nothing()


async def test_every_write_operation_notifies(broker: Client, receiver: Receiver) -> None:
    await broker.create(queue=0)
    await subscribe(broker, receiver)
    path = f"/entities/{KIOSK}"
    await broker.send("PATCH", path, {"queue": 1})
    await broker.send("PUT", path, {"id": KIOSK, "type": "Kiosk", "queue": 2})
    await broker.send("POST", f"{path}/attrs", {"queue": 3})
    await broker.send("PATCH", f"{path}/attrs", {"queue": 4})
    await broker.send("PATCH", f"{path}/attrs/queue", {"value": 5})
    await broker.send("PUT", f"{path}/attrs/queue", prop(6))
    await broker.send("POST", "/entityOperations/update", [{"id": KIOSK, "type": "Kiosk", "queue": 7}])
    await broker.send("POST", "/entityOperations/merge", [{"id": KIOSK, "type": "Kiosk", "queue": 8}])
    await broker.send("POST", "/entityOperations/upsert", [{"id": KIOSK, "type": "Kiosk", "queue": 9}])
    values = [(await receiver.next()).entity["queue"]["value"] for _ in range(9)]
    assert values == list(range(1, 10))
