"""A gateway on a real socket, with two organisations and a key for each role."""

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import httpx
from starlette.types import ASGIApp

from datenbroker.gateway.app import Parts, gateway
from datenbroker.gateway.frame import Bounds
from datenbroker.gateway.management.commands import CommandParts
from datenbroker.gateway.management.devices import DeviceParts
from datenbroker.gateway.management.sources import SourceParts
from datenbroker.gateway.protection import Protection
from datenbroker.identities.keys import ApiKeys
from datenbroker.identities.organisations import Organisation, Organisations
from datenbroker.identities.roles import Role
from datenbroker.metrics import Metrics
from datenbroker.process.serving import HttpServer, listen
from document_store.sqlite import SqliteDocumentStore
from iot_agents.agent import Agent
from iot_agents.devices.imports import DeviceImports
from iot_agents.devices.webhook_secrets import Webhooks
from iot_agents.downlinks.book import CommandBook
from iot_agents.downlinks.desk import CommandDesk
from iot_agents.downlinks.lorawan import LoRaWan
from iot_agents.ingest.commits import Commits
from iot_agents.ingest.deadletters import DeadLetters
from iot_agents.ingest.letterbox import LetterBox
from iot_agents.ingest.rejects import Rejects
from iot_agents.ingest.replay import Replays
from iot_agents.networks.json_source import JsonSource, network_of
from iot_agents.networks.registry import NETWORKS
from iot_agents.transports.webhooks import WebhookApp
from ngsi_client.client import NgsiClient
from ngsi_client.rejected import Rejections

BODY_LIMIT = 100_000
WASTE = Organisation(id="entsorgung-herne", tenant="entsorgung", name="entsorgung herne")
ENERGY = Organisation(id="stadtwerke-herne", tenant="stadtwerke", name="Stadtwerke Herne")
CISTERN = JsonSource("cistern", "cisterns/{device}/state", time="at", values="measured", protocol="HTTP")


@dataclass
class CityGateway:
    """What a test asks and changes."""

    http: httpx.AsyncClient
    keys: ApiKeys
    organisations: Organisations
    rejections: Rejections
    failing: dict[str, Exception]
    agent: Agent
    webhooks: Webhooks
    protection: Protection

    async def key(self, role: Role, organisation: str | None = WASTE.id) -> dict[str, str]:
        """The headers of a caller in that role."""
        key, _ = await self.keys.create(organisation, [role], f"test {role}")
        return {"Authorization": f"Bearer {key}"}


@asynccontextmanager
async def city_gateway(
    broker: ASGIApp,
    folder: Path,
    changed: Callable[[Protection, Organisations], Protection] = lambda usual, _: usual,
    sources: SourceParts | None = None,
) -> AsyncIterator[CityGateway]:
    store = SqliteDocumentStore.open(folder / "documents.db")
    organisations, rejections = Organisations(store), Rejections()
    keys, metrics, failing = ApiKeys(store, organisations), Metrics(rejections), dict[str, Exception]()
    for organisation in (WASTE, ENERGY):
        await organisations.put(organisation)

    async def check() -> None:
        for error in failing.values():
            raise error

    upstream = httpx.AsyncClient(transport=httpx.ASGITransport(app=broker), base_url="http://broker")
    client, letters = NgsiClient(upstream), DeadLetters(store, "test")
    commits = Commits(client, Rejects(rejections, letters))
    await letters.start()
    await commits.start()
    agent = Agent(client, store, rejections, networks=(*NETWORKS, network_of(CISTERN)), commits=commits)
    await agent.start()
    replays = Replays(store, {"chirpstack": agent.replay}, every=0.05)
    await replays.start()
    lamps = LoRaWan(agent.devices, agent.profiles, NETWORKS, agent.codecs, timedelta(days=1))
    devices = DeviceParts(
        agent.devices,
        agent.frames,
        DeviceImports(store, agent.devices),
        agent.profiles,
        organisations,
        frozenset(network.uid for network in agent.networks),
        CommandParts(CommandDesk(CommandBook(store), [lamps])),
    )
    webhooks = Webhooks(store)
    protection = changed(Protection.of_store(store, bounds=Bounds(body=BODY_LIMIT)), organisations)
    parts = Parts(
        broker=broker,
        organisations=organisations,
        keys=keys,
        rejections=rejections,
        checks={"broker": check},
        metrics=metrics.text,
        measure=metrics.requests.measure,
        protection=protection,
        devices=devices,
        webhooks=WebhookApp(agent, webhooks, wait=0.5),
        letters=LetterBox(store),
        sources=sources,
    )
    server = HttpServer(gateway(parts), listen("127.0.0.1", 0, "port"), stop_timeout=1)
    await server.start()
    async with httpx.AsyncClient(base_url=server.url) as http:
        yield CityGateway(http, keys, organisations, rejections, failing, agent, webhooks, protection)
    await server.stop()
    for part in (replays, agent, commits, letters):
        await part.stop()
    await upstream.aclose()
    await store.close()
