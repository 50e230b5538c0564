"""A fleet: the IoT agent behind real HTTP and real MQTT, with a recording context broker behind it."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest

from datenbroker.process.serving import HttpServer, listen
from document_store.sqlite import SqliteDocumentStore
from iot_agents.downlinks.book import CommandBook
from iot_agents.downlinks.dispatcher import Dispatcher
from iot_agents.downlinks.teller import Teller
from iot_agents.fiware.agent import FiwareAgent
from iot_agents.fiware.app import app
from iot_agents.fiware.commands.configuration import Configurations
from iot_agents.fiware.commands.sending import Commands
from iot_agents.ingest.commits import Commits
from iot_agents.ingest.limits import Limits
from iot_agents.ingest.rejects import Rejects
from iot_agents.ingest.spool import Spool
from iot_agents.transports.mqtt_embedded import EmbeddedMqtt
from ngsi_client.client import NgsiClient
from ngsi_client.rejected import Rejections
from tests.iot_agents.publisher import Publisher
from tests.iot_agents.recorder import RecordingBroker

SERVICE = {"fiware-service": "smart", "fiware-servicepath": "/"}
KEY = "4jggokgpepnvsb2uv4s40d59ov"


class Fleet:
    """What a provisioner and a device see (`http`, `publish`), and what came of it."""

    def __init__(self, agent: FiwareAgent, broker: RecordingBroker, rejections: Rejections) -> None:
        self.agent, self.broker, self.rejections = agent, broker, rejections
        self.http: httpx.AsyncClient
        self.mqtt_url = ""

    @property
    def kinds(self) -> list[str]:
        return [rejected.kind for rejected in reversed(list(self.rejections))]

    def entity(self, entity_id: str) -> dict[str, Any]:
        return self.broker.entities["smart"][entity_id]

    def values(self, entity_id: str) -> dict[str, Any]:
        attributes = self.entity(entity_id).items()
        return {name: attribute["value"] for name, attribute in attributes if name not in ("id", "type")}

    async def told(self, entity_id: str, **values: Any) -> None:
        """Returns when the entity has these values."""
        for _ in range(200):
            shown = self.values(entity_id) if entity_id in self.broker.entities["smart"] else {}
            if values.items() <= shown.items():
                return
            await asyncio.sleep(0.02)
        raise AssertionError(f"{entity_id} has {shown}, not {values}")

    async def group(self, **members: Any) -> None:
        group = {"apikey": KEY, "resource": "/iot/json", "entity_type": "Sensor"} | members
        response = await self.http.post("/iot/services", json={"services": [group]})
        assert response.status_code == 201, response.text

    async def device(self, device_id: str = "dev1", **members: Any) -> None:
        response = await self.http.post("/iot/devices", json={"devices": [{"device_id": device_id} | members]})
        assert response.status_code == 201, response.text

    async def publish(self, *messages: tuple[str, str]) -> None:
        """Over MQTT with QoS 1; returns when all are acknowledged."""

        def send() -> None:
            with Publisher(self.mqtt_url) as publisher:
                publisher.publish_all((topic, payload.encode()) for topic, payload in messages)
                assert publisher.wait_for(len(messages))

        await asyncio.to_thread(send)


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


@pytest.fixture
async def fleet(tmp_path: Path) -> AsyncIterator[Fleet]:
    store = SqliteDocumentStore.open(tmp_path / "store.sqlite")
    async with running(store) as fleet:
        yield fleet
    await store.close()


@asynccontextmanager
async def running(
    store: SqliteDocumentStore, key: str | None = None, spool: Spool | None = None
) -> AsyncIterator[Fleet]:
    """The agent on a store, until the block ends; `key` is that of its provisioning API."""
    broker, rejections = RecordingBroker(), Rejections()
    limits = Limits(first_pause=0.01, longest_pause=0.05, spool_after=0.05)
    async with AsyncExitStack() as exits:
        transport = httpx.ASGITransport(app=broker)
        behind = await exits.enter_async_context(httpx.AsyncClient(transport=transport, base_url="http://broker"))
        commits = Commits(NgsiClient(behind), Rejects(rejections), limits, spool=spool) if spool else None
        agent = FiwareAgent(NgsiClient(behind), store, rejections, limits=limits, commits=commits)
        fleet = Fleet(agent, broker, rejections)
        mqtt = EmbeddedMqtt(agent.accept, port=0)
        book = CommandBook(store)
        dispatcher = Dispatcher(book, Teller(NgsiClient(behind), book, rejections, 0.05), [], every=0.05)
        http = await exits.enter_async_context(httpx.AsyncClient())
        commands = Commands(agent, dispatcher, http)
        agent.on_configuration = Configurations(NgsiClient(behind), commands, http).answer
        commands.publish = mqtt.publish
        served = app(agent, commands, key=key, body_limit=100_000)
        server = HttpServer(served, listen("127.0.0.1", 0, "iota_port"), 1)
        if commits is not None:
            await commits.start()
            exits.push_async_callback(commits.stop)
        for part in (agent, mqtt, dispatcher, server):
            await part.start()
            exits.push_async_callback(part.stop)
        fleet.mqtt_url = mqtt.url
        fleet.http = await exits.enter_async_context(httpx.AsyncClient(base_url=server.url, headers=SERVICE))
        yield fleet
