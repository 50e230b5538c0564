"""What becomes of a notification by HTTP (CIM 009, 6.3.8, 5.2.14, 5.2.15): counters, times, repetition, cooldown."""

import asyncio

import pytest

from tests.conformance.client import Client, prop
from tests.conformance.receiver import Receiver
from tests.conformance.subscribing import change, counted, show, subscribe, subscription

ONCE = {"cooldown": 60_000}
"""A pause after a failure that outlasts the test."""

pytestmark = pytest.mark.anyio


async def test_success_is_counted(broker: Client, receiver: Receiver) -> None:
    await subscribe(broker, receiver)
    assert "status" not in (await show(broker))["notification"]
    await broker.create(queue=5)
    await receiver.next()
    notification = await counted(broker, status="ok", timesSent=1)
    assert notification["timesFailed"] == 0
    assert notification["lastNotification"] == notification["lastSuccess"]
    assert "lastFailure" not in notification


@pytest.mark.parametrize("status", [301, 400, 404, 500])
async def test_an_answer_other_than_2xx_is_a_failure(broker: Client, receiver: Receiver, status: int) -> None:
    receiver.answers["/notify"] = status
    await subscribe(broker, receiver, endpoint=ONCE)
    await broker.create(queue=5)
    notification = await counted(broker, status="failed", timesSent=1, timesFailed=1)
    assert notification["lastNotification"] == notification["lastFailure"]
    assert "lastSuccess" not in notification


@pytest.mark.parametrize("status", [200, 201, 202, 204])
async def test_any_2xx_is_a_success(broker: Client, receiver: Receiver, status: int) -> None:
    receiver.answers["/notify"] = status
    await subscribe(broker, receiver)
    await broker.create(queue=5)
    await counted(broker, status="ok", timesSent=1, timesFailed=0)


async def test_an_answer_after_the_timeout_is_a_failure(broker: Client, receiver: Receiver) -> None:
    receiver.answers["/notify"] = 5.0
    await subscribe(broker, receiver, endpoint={"timeout": 100} | ONCE)
    await broker.create(queue=5)
    await counted(broker, status="failed", timesFailed=1)


async def test_an_endpoint_that_is_not_there_is_a_failure(broker: Client) -> None:
    await broker.send("POST", "/subscriptions", subscription("http://127.0.0.1:9/notify", endpoint=ONCE), 201)
    await broker.create(queue=5)
    await counted(broker, status="failed", timesFailed=1)


async def test_a_refusal_is_not_repeated_and_the_next_change_is_sent(broker: Client, receiver: Receiver) -> None:
    receiver.answers["/notify"] = 400
    await subscribe(broker, receiver)
    await broker.create(queue=5)
    await counted(broker, status="failed", timesFailed=1)
    receiver.answers["/notify"] = 200
    await change(broker, 6)
    assert (await receiver.next()).entity["queue"] == prop(6)
    notification = await counted(broker, status="ok", timesSent=2)
    assert notification["lastFailure"] < notification["lastSuccess"]


async def test_a_passing_failure_is_tried_again(broker: Client, receiver: Receiver) -> None:
    receiver.answers["/notify"] = 503
    await subscribe(broker, receiver)
    await broker.create(queue=5)
    await counted(broker, status="failed")
    receiver.answers["/notify"] = 200
    assert (await receiver.next()).entity["queue"] == prop(5)
    notification = await counted(broker, status="ok")
    assert notification["timesSent"] == notification["timesFailed"] + 1


async def test_after_a_failure_nothing_is_sent_during_the_cooldown(broker: Client, receiver: Receiver) -> None:
    receiver.answers["/notify"] = 400
    await subscribe(broker, receiver, endpoint={"cooldown": 400})
    await broker.create(queue=5)
    await counted(broker, status="failed", timesFailed=1)
    receiver.answers["/notify"] = 200
    await change(broker, 6)
    assert await receiver.nothing(0.2)
    assert (await show(broker))["notification"]["timesSent"] == 1
    assert (await receiver.next()).entity["queue"] == prop(6)


async def test_a_redirect_is_not_followed(broker: Client, receiver: Receiver) -> None:
    receiver.answers["/notify"] = 307
    await subscribe(broker, receiver)
    await broker.create(queue=5)
    await counted(broker, status="failed", timesFailed=1)
    await asyncio.sleep(0.05)
    assert receiver.attempts == ["/notify"]
