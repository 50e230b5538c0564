"""What is due outlives the process: notifications, counters, and the contexts that subscriptions are read by."""

import asyncio
import sys
from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import pytest

from context_broker.app import ContextBroker
from context_broker.limits import Limits
from tests.conformance.client import Client, context_link, prop
from tests.conformance.context_server import ContextServer
from tests.conformance.receiver import Receiver
from tests.conformance.subscribing import SUBSCRIPTION, change, counted, show, subscribe, subscription
from tests.iot_agents.brokers import free_port

pytestmark = pytest.mark.anyio


class Process:
    """A broker process on a folder; `http` speaks to it."""

    def __init__(self, folder: Path) -> None:
        self._port, self._folder = free_port(), folder
        self.http = httpx.AsyncClient(base_url=f"http://127.0.0.1:{self._port}/ngsi-ld/v1")

    async def start(self) -> None:
        module = "tests.context_broker.notifications.broker_process"
        self._process = await asyncio.create_subprocess_exec(
            sys.executable, "-m", module, str(self._folder), str(self._port)
        )
        for _ in range(500):
            try:
                await self.http.get("/types")
                return
            except httpx.TransportError:
                await asyncio.sleep(0.02)
        raise TimeoutError("the broker did not start")

    async def kill(self) -> None:
        self._process.kill()
        await self._process.wait()


@pytest.fixture
async def process(tmp_path: Path) -> AsyncIterator[Process]:
    process = Process(tmp_path / "broker")
    await process.start()
    yield process
    await process.kill()
    await process.http.aclose()


async def test_what_is_due_arrives_after_the_broker_was_killed(process: Process) -> None:
    port, broker = free_port(), Client(process.http)
    await broker.send("POST", "/subscriptions", subscription(f"http://127.0.0.1:{port}/notify"), 201)
    await broker.create(queue=0)
    for value in range(1, 6):
        await change(broker, value)
    await process.kill()
    await process.start()
    receiver = Receiver()
    await receiver.start(port)
    values = [(await receiver.next(10)).entity["queue"]["value"] for _ in range(6)]
    assert values == list(range(6))
    await counted(broker, status="ok")
    await receiver.stop()


async def test_a_kill_during_deliveries_loses_none(process: Process, receiver: Receiver) -> None:
    broker = Client(process.http)
    await subscribe(broker, receiver)
    await broker.create(queue=0)
    for value in range(1, 41):
        await change(broker, value)
        if value % 20 == 0:
            await process.kill()
            await process.start()
    await change(broker, 99)
    values = []
    while 99 not in values:
        values.append((await receiver.next()).entity["queue"]["value"])
    assert set(values) == {*range(41), 99}


async def restarted(app: ContextBroker, folder: Path) -> ContextBroker:
    await app.stop()
    other = ContextBroker(folder, Limits(allow_private_targets=True))
    await other.start()
    return other


def client_of(app: ContextBroker) -> Client:
    """No connection is open that would have to be closed: the client calls the app."""
    return Client(httpx.AsyncClient(transport=httpx.ASGITransport(app=app), base_url="http://broker/ngsi-ld/v1"))


async def test_counters_and_state_outlive_a_restart(
    app: ContextBroker, broker: Client, receiver: Receiver, tmp_path: Path
) -> None:
    await subscribe(broker, receiver, description="kept")
    await broker.create(queue=0)
    await receiver.next()
    before = await counted(broker, timesSent=1)
    other = await restarted(app, tmp_path / "broker")
    shown = await show(client_of(other))
    assert shown["notification"] == before
    await change(client_of(other), 1)
    assert (await receiver.next()).entity["queue"] == prop(1)
    await other.stop()


async def test_throttling_goes_on_after_a_restart(
    app: ContextBroker, broker: Client, receiver: Receiver, tmp_path: Path
) -> None:
    await subscribe(broker, receiver, throttling=30)
    await broker.create(queue=0)
    await receiver.next()
    await counted(broker, timesSent=1)
    other = await restarted(app, tmp_path / "broker")
    await change(client_of(other), 1)
    assert await receiver.nothing()
    await other.stop()


async def test_a_context_is_kept_for_restarts_without_its_server(
    app: ContextBroker, broker: Client, receiver: Receiver, contexts: ContextServer, tmp_path: Path
) -> None:
    inner = contexts.add("inner", {"length": "https://example.org/queue"})
    city = contexts.add("city", [inner])
    document = subscription(receiver.url, watchedAttributes=["length"])
    await broker.send("POST", "/subscriptions", document, 201, headers=context_link(city))
    await contexts.stop()
    other = await restarted(app, tmp_path / "broker")
    await client_of(other).create(**{"https://example.org/queue": 1})
    assert (await receiver.next()).entity["length"] == prop(1)
    await other.stop()


async def test_what_is_due_to_deleted_subscriptions_is_not_kept(
    app: ContextBroker, broker: Client, receiver: Receiver, tmp_path: Path
) -> None:
    receiver.answers["/notify"] = 503
    await subscribe(broker, receiver)
    await broker.create(queue=0)
    await counted(broker, status="failed")
    assert (await broker.http.delete(f"/subscriptions/{SUBSCRIPTION}")).status_code == 204
    other = await restarted(app, tmp_path / "broker")
    rows = other.broker.database.connection.execute("SELECT count(*) FROM outbox").fetchone()
    assert rows == (0,)
    await other.stop()


async def test_what_was_delivered_leaves_the_file(app: ContextBroker, broker: Client, receiver: Receiver) -> None:
    await subscribe(broker, receiver)
    await broker.create(queue=0)
    await receiver.next()
    rows = app.broker.database.connection.execute
    for _ in range(150):
        if rows("SELECT count(*) FROM outbox").fetchone() == (0,):
            break
        await asyncio.sleep(0.02)
    assert rows("SELECT count(*) FROM outbox").fetchone() == (0,)
