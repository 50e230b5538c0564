"""Update Subscription (CIM 009, 5.8.2; partial update 5.5.8; states as in 7.3 of the digest)."""

import asyncio
from typing import Any

import pytest

from tests.conformance.client import LD, Client, is_problem
from tests.conformance.receiver import Receiver
from tests.conformance.subscribing import SUBSCRIPTION, change, show, subscribe, subscription
from tests.conformance.test_5_8_6_notification import in_milliseconds

NULL = "urn:ngsi-ld:null"
PATH = f"/subscriptions/{SUBSCRIPTION}"

pytestmark = pytest.mark.anyio


async def test_members_are_replaced_whole(broker: Client, receiver: Receiver) -> None:
    await subscribe(broker, receiver, description="old", notification={"format": "concise"})
    fragment = {"description": "new", "notification": {"endpoint": {"uri": receiver.url}}}
    await broker.send("PATCH", PATH, fragment)
    assert await show(broker) == subscription(receiver.url, description="new") | {"status": "active"}


@pytest.mark.parametrize("null", [NULL, None])
async def test_null_removes_a_member(broker: Client, receiver: Receiver, null: Any) -> None:
    await subscribe(broker, receiver, q="queue>3", throttling=5)
    await broker.send("PATCH", PATH, {"q": null})
    assert await show(broker) == subscription(receiver.url, throttling=5) | {"status": "active"}


@pytest.mark.parametrize(
    "fragment",
    [
        {"notification": NULL},
        {"entities": NULL},
        {"id": "urn:ngsi-ld:Subscription:10"},
        {"id": NULL},
        {"type": "Query"},
        {"expiresAt": "2020-01-01T00:00:00Z"},
        {"timeInterval": 5},
        {"isActive": "no"},
        {"notification": {"format": "concise"}},
        {"q": "a>>1"},
        {"description": ["x"]},
    ],
)
async def test_what_the_result_can_not_be_is_400_and_changes_nothing(
    broker: Client, receiver: Receiver, fragment: dict[str, Any]
) -> None:
    await subscribe(broker, receiver, throttling=5)
    before = await show(broker)
    assert is_problem(await broker.http.patch(PATH, json=fragment), 400, "BadRequestData")
    assert await show(broker) == before


async def test_id_and_type_may_be_named_again(broker: Client, receiver: Receiver) -> None:
    await subscribe(broker, receiver)
    await broker.send("PATCH", PATH, {"id": SUBSCRIPTION, "type": "Subscription", "description": "x"})
    assert (await show(broker))["description"] == "x"


async def test_an_unknown_subscription_is_404_and_a_bad_id_400(broker: Client) -> None:
    answer = await broker.http.patch(PATH, json={"isActive": False})
    assert is_problem(answer, 404, "ResourceNotFound")
    assert is_problem(await broker.http.patch("/subscriptions/nine", json={}), 400, "BadRequestData")


async def test_pausing_stops_notifications_and_resuming_starts_them(broker: Client, receiver: Receiver) -> None:
    await subscribe(broker, receiver)
    await broker.send("PATCH", PATH, {"isActive": False})
    assert (await show(broker))["status"] == "paused"
    await broker.create(queue=5)
    assert await receiver.nothing()
    await broker.send("PATCH", PATH, {"isActive": True})
    assert (await show(broker))["status"] == "active"
    await change(broker)
    assert (await receiver.next()).entity["queue"]["value"] == 6


async def test_an_expired_subscription_is_active_again_with_a_later_expiresAt(
    broker: Client, receiver: Receiver
) -> None:
    await subscribe(broker, receiver, expiresAt=in_milliseconds(50))
    await asyncio.sleep(0.08)
    assert (await show(broker))["status"] == "expired"
    await broker.send("PATCH", PATH, {"isActive": True})
    assert (await show(broker))["status"] == "expired"
    await broker.send("PATCH", PATH, {"expiresAt": "2099-01-01T00:00:00Z"})
    assert (await show(broker))["status"] == "active"
    await broker.create(queue=5)
    await receiver.next()


async def test_an_expired_subscription_that_is_paused_stays_expired(broker: Client, receiver: Receiver) -> None:
    await subscribe(broker, receiver, expiresAt=in_milliseconds(50))
    await asyncio.sleep(0.08)
    await broker.send("PATCH", PATH, {"isActive": False})
    assert (await show(broker))["status"] == "expired"


async def test_a_new_condition_counts_at_once(broker: Client, receiver: Receiver) -> None:
    await subscribe(broker, receiver, q="queue>10")
    await broker.create(queue=5)
    await broker.send("PATCH", PATH, {"q": "queue>5", "watchedAttributes": ["queue"]})
    await change(broker, 6)
    assert (await receiver.next()).entity["queue"]["value"] == 6
    await broker.send("PATCH", PATH, {"entities": [{"type": "Shop"}]})
    await change(broker, 7)
    assert await receiver.nothing()


async def test_counters_outlive_an_update(broker: Client, receiver: Receiver) -> None:
    await subscribe(broker, receiver)
    await broker.create(queue=5)
    await receiver.next()
    await asyncio.sleep(0.02)
    await broker.send("PATCH", PATH, {"notification": {"endpoint": {"uri": receiver.url}, "timesSent": 99}})
    assert (await show(broker))["notification"]["timesSent"] == 1


async def test_modifiedAt_moves_and_createdAt_stays(broker: Client, receiver: Receiver) -> None:
    await subscribe(broker, receiver)
    before = await show(broker, params={"options": "sysAttrs"})
    await asyncio.sleep(0.002)
    await broker.send("PATCH", PATH, {"description": "x"})
    after = await show(broker, params={"options": "sysAttrs"})
    assert before["createdAt"] == before["modifiedAt"] == after["createdAt"] < after["modifiedAt"]


async def test_new_terms_are_read_by_the_context_of_the_fragment(broker: Client, receiver: Receiver) -> None:
    await subscribe(broker, receiver)
    context = {"length": "https://example.org/queue"}
    await broker.send("PATCH", PATH, {"@context": context, "watchedAttributes": ["length"]}, headers=LD)
    shown = await show(broker)
    assert shown["watchedAttributes"] == ["https://example.org/queue"]
    assert shown["entities"] == [{"type": "Kiosk"}]


async def test_a_fragment_may_be_merge_patch_json(broker: Client, receiver: Receiver) -> None:
    await subscribe(broker, receiver)
    headers = {"Content-Type": "application/merge-patch+json"}
    await broker.send("PATCH", PATH, {"description": "x"}, headers=headers)


async def test_concurrent_updates_of_different_members_are_both_kept(broker: Client, receiver: Receiver) -> None:
    await subscribe(broker, receiver)
    fragments: list[dict[str, Any]] = [{"description": "x"}, {"subscriptionName": "y"}, {"throttling": 3}]
    await asyncio.gather(*(broker.send("PATCH", PATH, fragment) for fragment in fragments))
    shown = await show(broker)
    assert (shown["description"], shown["subscriptionName"], shown["throttling"]) == ("x", "y", 3)
