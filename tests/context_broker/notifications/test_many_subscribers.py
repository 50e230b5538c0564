"""One write that concerns more subscribers than are handed over at once."""

import asyncio
from collections import defaultdict
from pathlib import Path
from typing import Any

import httpx
import pytest

from context_broker.app import ContextBroker
from context_broker.limits import Limits
from context_broker.notifications.delivery.outbox import HANDED_AT_ONCE
from tests.conformance.client import KIOSK, Client, prop
from tests.conformance.receiver import Receiver
from tests.conformance.subscribing import change, subscription

pytestmark = pytest.mark.anyio
MANY = 2 * HANDED_AT_ONCE + 50


async def _subscribe(broker: Client, receiver: Receiver, number: int, **params: Any) -> None:
    document = subscription(f"{receiver.url}/{number}", notification=params, id=f"urn:ngsi-ld:Subscription:{number}")
    await broker.send("POST", "/subscriptions", document, 201)


async def _received(receiver: Receiver, number: int) -> dict[str, list[Any]]:
    bodies = defaultdict(list)
    for _ in range(number):
        received = await receiver.next(30)
        bodies[received.path.rpartition("/")[2]].append(received.body)
    return bodies


async def test_each_subscriber_gets_every_change_in_order(broker: Client, receiver: Receiver) -> None:
    await asyncio.gather(*(_subscribe(broker, receiver, number) for number in range(MANY)))
    await broker.create(queue=1)
    await change(broker, 2)
    bodies = await _received(receiver, 2 * MANY)
    assert len(bodies) == MANY
    assert len({body["id"] for told in bodies.values() for body in told}) == 2 * MANY
    for number, told in bodies.items():
        assert [body["data"][0]["queue"]["value"] for body in told] == [1, 2]
        assert {body["subscriptionId"] for body in told} == {f"urn:ngsi-ld:Subscription:{number}"}


async def test_subscribers_of_another_view_get_their_own(broker: Client, receiver: Receiver) -> None:
    views: list[dict[str, Any]] = [
        {},
        {"format": "concise"},
        {"pick": ["queue"]},
        {"omit": ["queue"]},
        {"pick": ["id"]},
    ]
    for number, view in enumerate([*views, *views]):
        await _subscribe(broker, receiver, number, **view)
    await broker.create(queue=1)
    bodies = await _received(receiver, 10)
    shown = [bodies[str(number)][0]["data"] for number in range(10)]
    whole = {"id": KIOSK, "type": "Kiosk"}
    expected = [{**whole, "queue": prop(1)}, {**whole, "queue": 1}, {"queue": prop(1)}, whole, {"id": KIOSK}]
    assert shown == [[entity] for entity in expected] * 2


async def test_a_subscription_deleted_meanwhile_is_told_nothing(broker: Client, receiver: Receiver) -> None:
    await asyncio.gather(*(_subscribe(broker, receiver, number) for number in range(MANY)))
    await broker.create(queue=1)
    last = f"/subscriptions/urn:ngsi-ld:Subscription:{MANY - 1}"
    await _received(receiver, MANY)
    receiver.answers[f"/notify/{MANY - 1}"] = 503
    await change(broker, 2)
    assert (await broker.http.delete(last)).status_code == 204
    assert len(await _received(receiver, MANY - 1)) == MANY - 1
    assert await receiver.nothing()


async def test_what_was_not_handed_over_is_delivered_after_a_restart(tmp_path: Path, receiver: Receiver) -> None:
    limits, found = Limits(allow_private_targets=True), set[str]()
    for attempt in range(2):
        app = ContextBroker(tmp_path, limits)
        await app.start()
        if attempt == 0:
            async with httpx.AsyncClient(
                transport=httpx.ASGITransport(app=app), base_url="http://broker/ngsi-ld/v1"
            ) as http:
                await asyncio.gather(*(_subscribe(Client(http), receiver, number) for number in range(MANY)))
                await http.post("/entities", json={"id": KIOSK, "type": "Kiosk", "queue": 1})
        else:
            while len(found) < MANY:
                found.add((await receiver.next(30)).path)
        await app.stop()
