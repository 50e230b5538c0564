"""Webhooks while the context broker is away: spooled, and once the spool is full sent back at once."""

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from pathlib import Path

import httpx
import pytest

from document_store.sqlite import SqliteDocumentStore
from iot_agents.agent import Agent
from iot_agents.devices.webhook_secrets import Webhooks
from iot_agents.ingest.commits import Commits
from iot_agents.ingest.limits import Limits
from iot_agents.ingest.rejects import Rejects
from iot_agents.ingest.spool import Spool
from iot_agents.transports.webhooks import TENANT, WebhookApp
from ngsi_client.client import NgsiClient
from ngsi_client.rejected import Rejections
from tests.iot_agents.messages import bin_device, uplink
from tests.iot_agents.recorder import RecordingBroker

pytestmark = pytest.mark.anyio

UP = "/webhooks/chirpstack?event=up"
LIMITS = Limits(first_pause=0.01, longest_pause=0.02, spool_after=0.05)


@pytest.fixture
async def door(tmp_path: Path) -> AsyncIterator[tuple[httpx.AsyncClient, RecordingBroker]]:
    """A webhook's door before a broker that is away, with room for a few readings."""
    broker, store = RecordingBroker(), SqliteDocumentStore.open(tmp_path / "documents.db")
    broker.statuses = [503] * 100_000
    async with AsyncExitStack() as exits:
        transport = httpx.ASGITransport(app=broker)
        http = await exits.enter_async_context(httpx.AsyncClient(transport=transport, base_url="http://broker"))
        client, rejections = NgsiClient(http), Rejections()
        commits = Commits(client, Rejects(rejections), LIMITS, spool=Spool(tmp_path / "spool.db", 8_000))
        agent = Agent(client, store, rejections, commits=commits)
        for part in (commits, agent):
            await part.start()
            exits.push_async_callback(part.stop, 0.1)
        await agent.devices.register([bin_device(number) for number in range(20)])
        app = WebhookApp(agent, Webhooks(store), wait=2)

        async def administrators(scope, receive, send):  # type: ignore[no-untyped-def]
            await app({**scope, TENANT: None}, receive, send)

        gate = httpx.ASGITransport(app=administrators)
        yield await exits.enter_async_context(httpx.AsyncClient(transport=gate, base_url="http://door")), broker
        broker.statuses = []
    await store.close()


async def test_a_webhook_is_answered_once_its_reading_is_on_disk(
    door: tuple[httpx.AsyncClient, RecordingBroker],
) -> None:
    http, broker = door
    assert (await http.post(UP, content=uplink({"fill": 1}, number=1))).status_code == 204
    assert broker.requests == []


async def test_a_full_spool_sends_webhooks_back_and_takes_them_again_later(
    door: tuple[httpx.AsyncClient, RecordingBroker],
) -> None:
    http, broker = door
    answers = [await http.post(UP, content=uplink({"fill": 1}, number=number)) for number in range(6)]
    assert (answers[0].status_code, answers[-1].status_code) == (204, 503)
    began = time.monotonic()
    answer = await http.post(UP, content=uplink({"fill": 1}, number=7))
    assert (answer.status_code, answer.headers["retry-after"]) == (503, "5")
    assert time.monotonic() - began < 1
    broker.statuses = []
    while (await http.post(UP, content=uplink({"fill": 1}, number=7))).status_code == 503:
        assert time.monotonic() - began < 10
        await asyncio.sleep(0.02)
    assert {f"urn:ngsi-ld:WasteContainer:{number}" for number in (0, 7)} <= set(broker.entities["entsorgung"])
