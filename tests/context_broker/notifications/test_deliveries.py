"""Slow, dead and deleted subscribers: nobody else notices."""

import asyncio
import socket
import time

import pytest

from context_broker.app import ContextBroker
from context_broker.limits import Limits
from context_broker.notifications.delivery import deliveries
from context_broker.notifications.delivery.channels import Channels
from context_broker.notifications.delivery.failures import DeliveryFailed
from context_broker.targets import TargetGuard
from tests.conformance.client import Client, prop
from tests.conformance.receiver import Receiver
from tests.conformance.subscribing import SUBSCRIPTION, change, counted, subscribe, subscription
from tests.context_broker.notifications.made import made

pytestmark = pytest.mark.anyio


async def silent(broker: Client, receiver: Receiver, number: int) -> None:
    """Subscribers that never answer, each on a path of its own."""
    base = receiver.url.removesuffix("/notify")
    for n in range(number):
        receiver.answers[f"/silent/{n}"] = 60.0
        document = subscription(f"{base}/silent/{n}", id=f"urn:x:silent:{n}")
        await broker.send("POST", "/subscriptions", document, 201)


async def counted_attempts(receiver: Receiver, paths: int) -> None:
    """Wait until subscribers on that many paths were addressed."""
    for _ in range(500):
        if len(set(receiver.attempts)) >= paths:
            return
        await asyncio.sleep(0.01)
    raise AssertionError(receiver.attempts)


async def test_slow_subscribers_hold_up_neither_writers_nor_others(broker: Client, receiver: Receiver) -> None:
    await silent(broker, receiver, 200)
    await subscribe(broker, receiver)
    await broker.create(queue=0)
    await receiver.next()
    began = time.monotonic()
    for value in range(1, 21):
        await change(broker, value)
    assert [(await receiver.next()).entity["queue"]["value"] for _ in range(20)] == list(range(1, 21))
    assert time.monotonic() - began < 4
    await counted_attempts(receiver, 201)


@pytest.mark.parametrize("limits", [Limits(allow_private_targets=True, notifications_at_once=2)])
async def test_deliveries_at_once_are_bounded(broker: Client, receiver: Receiver) -> None:
    await silent(broker, receiver, 4)
    await broker.create(queue=0)
    await counted_attempts(receiver, 2)
    await asyncio.sleep(0.2)
    assert len(receiver.attempts) == 2


async def test_stopping_does_not_wait_for_hanging_deliveries(
    app: ContextBroker, broker: Client, receiver: Receiver
) -> None:
    await silent(broker, receiver, 20)
    hanging = socket.create_server(("127.0.0.1", 0))
    uri = f"mqtt://127.0.0.1:{hanging.getsockname()[1]}/city"
    await broker.send("POST", "/subscriptions", subscription(uri), 201)
    await broker.create(queue=5)
    await counted_attempts(receiver, 20)
    began = time.monotonic()
    await app.stop()
    assert time.monotonic() - began < 2
    hanging.close()


@pytest.mark.parametrize("limits", [Limits(allow_private_targets=True, notifications_waiting=10)])
async def test_what_waits_for_a_dead_subscriber_is_bounded(
    app: ContextBroker, broker: Client, receiver: Receiver
) -> None:
    receiver.answers["/notify"] = 503
    await subscribe(broker, receiver, endpoint={"cooldown": 60_000})
    await broker.create(queue=0)
    await counted(broker, timesSent=1)
    for value in range(1, 31):
        await change(broker, value)
    await counted(broker, status="failed", timesFailed=22)
    rows = app.broker.database.connection.execute
    for _ in range(100):
        if rows("SELECT count(*) FROM outbox").fetchone() == (10,):
            break
        await asyncio.sleep(0.02)
    assert rows("SELECT count(*) FROM outbox").fetchone() == (10,)


@pytest.mark.parametrize("limits", [Limits(allow_private_targets=True, notification_bytes=1000)])
async def test_bodies_beyond_the_memory_wait_in_the_file(broker: Client, receiver: Receiver) -> None:
    receiver.answers["/notify"] = 503
    await subscribe(broker, receiver)
    await broker.create(queue=0)
    await counted(broker, status="failed")
    for value in range(1, 10):
        await change(broker, value)
    receiver.answers["/notify"] = 200
    assert [(await receiver.next()).entity["queue"]["value"] for _ in range(10)] == list(range(10))


@pytest.mark.parametrize("limits", [Limits(allow_private_targets=True, notification_seconds=0.2)])
async def test_what_is_too_old_is_given_up(broker: Client, receiver: Receiver) -> None:
    receiver.answers["/notify"] = 503
    await subscribe(broker, receiver)
    await broker.create(queue=0)
    await counted(broker, timesFailed=2)
    receiver.answers["/notify"] = 200
    await change(broker, 1)
    assert (await receiver.next()).entity["queue"] == prop(1)


async def test_pauses_between_attempts_grow(broker: Client, receiver: Receiver) -> None:
    receiver.answers["/notify"] = 503
    await subscribe(broker, receiver)
    began = time.monotonic()
    await broker.create(queue=0)
    await counted(broker, timesSent=3)
    assert time.monotonic() - began >= deliveries.FIRST_PAUSE * 3


async def test_a_deleted_subscription_ends_its_deliveries(
    app: ContextBroker, broker: Client, receiver: Receiver
) -> None:
    receiver.answers["/notify"] = 503
    await subscribe(broker, receiver)
    await broker.create(queue=0)
    await counted(broker, status="failed")
    assert (await broker.http.delete(f"/subscriptions/{SUBSCRIPTION}")).status_code == 204
    receiver.answers["/notify"] = 200
    await subscribe(broker, receiver)
    assert await receiver.nothing(0.7)
    await change(broker, 7)
    assert (await receiver.next()).entity["queue"] == prop(7)


async def test_a_subscription_paused_meanwhile_is_sent_nothing(broker: Client, receiver: Receiver) -> None:
    receiver.answers["/notify"] = 503
    await subscribe(broker, receiver)
    await broker.create(queue=0)
    await counted(broker, status="failed")
    receiver.answers["/notify"] = 200
    await broker.send("PATCH", f"/subscriptions/{SUBSCRIPTION}", {"isActive": False})
    assert await receiver.nothing(0.7)


async def test_a_mended_endpoint_gets_what_waits_at_once(broker: Client, receiver: Receiver) -> None:
    receiver.answers["/wrong"] = 503
    wrong = receiver.url.replace("notify", "wrong")
    await broker.send("POST", "/subscriptions", subscription(wrong, endpoint={"cooldown": 60_000}), 201)
    await broker.create(queue=0)
    await counted(broker, timesFailed=1)
    fragment = {"notification": {"endpoint": {"uri": receiver.url}}}
    await broker.send("PATCH", f"/subscriptions/{SUBSCRIPTION}", fragment)
    assert (await receiver.next(1)).entity["queue"] == prop(0)


async def test_a_name_that_leads_to_a_private_address_is_refused_at_delivery() -> None:
    channels = Channels(TargetGuard(allow_private=False), Limits().mqtt_connections)
    for uri in ("http://localhost:9/x", "mqtt://localhost:9/x", "mqtt://127.1:9/x"):
        document = subscription(uri)
        with pytest.raises(DeliveryFailed) as refusal:
            await channels.send(await made(document), [], b"{}")
        assert refusal.value.is_final
        assert "no public address" in str(refusal.value)
    await channels.close()
