"""The composition root: constructs the parts of the platform, wires them, starts and stops them in order.

A part that this process does not run is not imported either: a gateway alone starts without agents and adapters.
"""

import asyncio
from collections.abc import AsyncIterator, Collection, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import replace
from enum import Flag, auto
from pathlib import Path
from socket import socket
from typing import TYPE_CHECKING, Protocol, TypeVar

import httpx
from starlette.types import ASGIApp

from datenbroker.commands.terminal import Running
from datenbroker.errors import CannotStart
from datenbroker.gateway.app import Parts, gateway
from datenbroker.gateway.first_tenants import FirstTenants
from datenbroker.gateway.management.devices import DeviceParts
from datenbroker.gateway.operations import Check, readiness
from datenbroker.gateway.proxy import BrokerProxy
from datenbroker.identities import first_keys
from datenbroker.identities.first_keys import FirstKeys
from datenbroker.identities.keys import ApiKeys
from datenbroker.identities.organisations import COLLECTION as ORGANISATIONS
from datenbroker.identities.organisations import Organisations
from datenbroker.metrics import Metrics
from datenbroker.process.data_folder import held, open_folder
from datenbroker.process.serving import HttpServer, listen
from datenbroker.settings import Settings
from datenbroker.stores import open_store
from document_store.store import DocumentStore
from iot_agents.devices.imports import DeviceImports
from ngsi_client.client import NgsiClient
from ngsi_client.rejected import Rejections

if TYPE_CHECKING:
    from context_broker.app import ContextBroker
    from iot_agents.agent import Agent
    from iot_agents.fiware.agent import FiwareAgent
    from iot_agents.fiware.commands import Commands, Publish
    from iot_agents.transports import Accept
    from ngsi_adapters.run import Runner

LOOPBACK = "127.0.0.1"

READY_SECONDS = 5.0
"""So long the announcement waits for parts that are slow, e.g. an MQTT broker that is not there yet."""


class Work(Flag):
    """What a process does, beside keeping documents and reaching the broker."""

    GATEWAY = auto()
    AGENTS = auto()
    ADAPTERS = auto()
    DEMO = auto()


class Part(Protocol):
    async def start(self) -> None: ...
    async def stop(self) -> None: ...


P = TypeVar("P", bound=Part)


@asynccontextmanager
async def platform(settings: Settings, work: Work, sources: Collection[str] = ()) -> AsyncIterator[Running]:
    """The parts that `work` names, running; what was started last is stopped first.

    `sources` are the uids that the adapters run, all where there are none.
    """
    async with AsyncExitStack() as exits:
        yield await _Composition(settings, work, exits, sources).start()


@asynccontextmanager
async def adapters_alone(settings: Settings, sources: Collection[str] = ()) -> AsyncIterator["Runner"]:
    """The adapters' runner, not started: for running sources once. Only those that have an address."""
    async with AsyncExitStack() as exits:
        composition = _Composition(settings, Work.ADAPTERS, exits, sources)
        store = await composition.store()
        _, client = await composition.broker()
        yield await composition.runner(client, store)


@asynccontextmanager
async def broker_alone(settings: Settings) -> AsyncIterator[Running]:
    """The embedded context broker on a port of its own, without authentication."""
    bound = listen(settings.host, settings.broker_port, "broker_port", "--port")
    async with AsyncExitStack() as exits:
        broker = await _embedded_broker(settings, exits)
        server = await _started(HttpServer(broker, bound, settings.stop_timeout), exits)
        yield Running(gateway=None, broker=server.url, mqtt=None, keys=FirstKeys())


async def _embedded_broker(settings: Settings, exits: AsyncExitStack) -> "ContextBroker":
    from context_broker.app import ContextBroker
    from context_broker.limits import UnknownLimit, limits_with

    try:
        limits = limits_with(settings.broker_limits, allow_private_targets=settings.allow_private_targets)
    except UnknownLimit as unknown:
        raise CannotStart(f"--broker-limits: {unknown}") from None
    folder = open_folder(settings.data)
    exits.enter_context(held(folder, "context broker"))
    return await _started(ContextBroker(folder / "broker", limits), exits)


async def _started(part: P, exits: AsyncExitStack) -> P:
    await part.start()
    exits.push_async_callback(part.stop)
    return part


class _Composition:
    """Everything that one process runs; each part is stopped by `exits`."""

    def __init__(self, settings: Settings, work: Work, exits: AsyncExitStack, sources: Collection[str]) -> None:
        self._settings, self._work, self._exits, self._sources = settings, work, exits, sources
        self._rejections = Rejections()
        self._metrics = Metrics(self._rejections)
        self._checks: dict[str, Check] = {}
        self._source_urls = dict(settings.source_urls)
        self._iota_url: str | None = None

    async def start(self) -> Running:
        settings, folder = self._settings, open_folder(self._settings.data)
        # a port in use is found before anything has been started
        bound = listen(settings.host, settings.port, "port") if Work.GATEWAY in self._work else None
        store = await self.store()
        upstream, client = await self.broker()
        organisations = Organisations(store)
        keys = ApiKeys(store, organisations)
        first = await self._first_keys(folder, organisations, keys)
        demo = await self._demo_systems(store) if Work.DEMO in self._work else None
        agent = await self._agent(client, store) if self._work & (Work.AGENTS | Work.GATEWAY) else None
        mqtt_url = await self._mqtt(agent, client, store) if agent and Work.AGENTS in self._work else None
        if Work.ADAPTERS in self._work:
            await self._adapters(client, store)
        gateway_url = None
        if bound and agent:
            door = FirstTenants(upstream, client)
            devices = self._device_parts(agent, store, organisations)
            parts = self._gateway_parts(door, organisations, keys, devices)
            gateway_url = await self._gateway(bound, replace(parts, webhooks=self._webhooks(agent, store)))
        not_ready = await self._wait_until_ready()
        if Work.DEMO in self._work and mqtt_url:
            self._demo_sensors(self._settings.mqtt_url or mqtt_url)  # the shown URL has no password
        return Running(gateway_url, settings.broker_url, mqtt_url, first, not_ready, demo, self._iota_url)

    async def store(self) -> DocumentStore:
        store = await open_store(self._settings)
        self._exits.push_async_callback(store.close)

        async def check() -> None:
            await store.get(ORGANISATIONS, "-")

        self._checks["document store"] = check
        return store

    async def broker(self) -> tuple[ASGIApp, NgsiClient]:
        """The gateway's way to the context broker, and the client of everything else."""
        upstream, http = await (self._remote_broker() if self._settings.broker_url else self._embedded_broker())
        client = NgsiClient(await self._exits.enter_async_context(http))

        async def check() -> None:
            await client.query(type="Device", limit=1)

        self._checks["context broker"] = check
        return upstream, client

    async def _embedded_broker(self) -> tuple[ASGIApp, httpx.AsyncClient]:
        broker = await _embedded_broker(self._settings, self._exits)
        return broker, httpx.AsyncClient(transport=httpx.ASGITransport(app=broker), base_url="http://broker")

    async def _remote_broker(self) -> tuple[ASGIApp, httpx.AsyncClient]:
        url, timeout = self._settings.broker_url or "", self._settings.broker_timeout
        proxy = await _started(BrokerProxy(url, timeout), self._exits)
        return proxy, httpx.AsyncClient(base_url=url, timeout=timeout)

    async def _first_keys(self, folder: Path, organisations: Organisations, keys: ApiKeys) -> FirstKeys:
        if Work.DEMO in self._work:
            from datenbroker.demo.city import ORGANISATIONS as CITY

            return await first_keys.demo_keys(folder, CITY, organisations, keys)
        return await first_keys.first_admin_key(keys) if Work.GATEWAY in self._work else FirstKeys()

    async def _agent(self, client: NgsiClient, store: DocumentStore) -> "Agent":
        """The agent is there for webhooks and the devices' API too, where this process has no MQTT."""
        from datenbroker.devices import device_metrics, networks
        from iot_agents.agent import Agent

        agent = Agent(client, store, self._rejections, networks=networks(self._settings))
        agent = await _started(agent, self._exits)
        self._metrics.add_counters("agent", agent.counters, gauges={"pending", "devices"})
        self._metrics.add_families(lambda: device_metrics(agent))
        return agent

    async def _mqtt(self, agent: "Agent", client: NgsiClient, store: DocumentStore) -> str:
        """The address of the MQTT broker that the agents are on."""
        if self._settings.iota_port is None:
            return (await self._transport(agent, store, agent.accept, agent.topics))[0]
        fiware, commands = await self._iota(client, store)
        topics = (*agent.topics, *fiware.topics)
        url, commands.publish = await self._transport(agent, store, fiware.before(agent.accept), topics)
        return url

    async def _transport(
        self, agent: "Agent", store: DocumentStore, accept: "Accept", topics: Sequence[str]
    ) -> tuple[str, "Publish"]:
        if self._settings.mqtt_url:
            return await self._mqtt_client(accept, topics)
        return await self._embedded_mqtt(agent, accept, store)

    async def _iota(self, client: NgsiClient, store: DocumentStore) -> tuple["FiwareAgent", "Commands"]:
        from datenbroker.iota import iota

        devices = await self._exits.enter_async_context(httpx.AsyncClient())
        fiware, server, commands = iota(self._settings, client, store, self._rejections, devices)
        await _started(fiware, self._exits)
        self._metrics.add_counters("iot_agent", fiware.counters, gauges={"pending", "devices"})
        self._iota_url = (await _started(server, self._exits)).url
        return fiware, commands

    async def _mqtt_client(self, accept: "Accept", topics: Sequence[str]) -> tuple[str, "Publish"]:
        from iot_agents.transports.mqtt_client import MqttClient

        mqtt = await _started(MqttClient(self._settings.mqtt_url or "", accept, topics=topics), self._exits)
        self._metrics.add_counters("mqtt", mqtt.counters, gauges={"connected", "under_way"})

        async def check() -> None:
            if not mqtt.connected.is_set():
                raise ConnectionError(f"not connected to {mqtt.url}")

        self._checks["MQTT"] = check
        return str(mqtt.url), mqtt.publish

    async def _embedded_mqtt(self, agent: "Agent", accept: "Accept", store: DocumentStore) -> tuple[str, "Publish"]:
        from datenbroker.devices import mqtt_access
        from datenbroker.process.mqtt_probe import ask_mqtt
        from iot_agents.transports.mqtt_embedded import EmbeddedMqtt

        host, port = self._settings.mqtt_host, self._settings.mqtt_port
        access = await mqtt_access(self._settings, agent, store)
        # amqtt binds by itself: whether it can is asked beforehand, to say it like every other port
        listen(host, port, "mqtt_port").close()
        mqtt = await _started(EmbeddedMqtt(accept, host=host, port=port, access=access), self._exits)
        self._metrics.add_counters("mqtt", mqtt.counters, gauges={"connected", "under_way"})
        self._checks["MQTT"] = lambda: ask_mqtt(mqtt.url)
        return mqtt.url, mqtt.publish

    async def runner(self, client: NgsiClient, store: DocumentStore) -> "Runner":
        """The adapters' loop, not started."""
        from datenbroker.sources import chosen_sources
        from ngsi_adapters.run import Runner

        http = await self._exits.enter_async_context(httpx.AsyncClient(timeout=30, follow_redirects=True))
        return Runner(chosen_sources(self._source_urls, self._sources), client, store, self._rejections, http)

    async def _adapters(self, client: NgsiClient, store: DocumentStore) -> None:
        from datenbroker.sources import source_metrics

        runner = await _started(await self.runner(client, store), self._exits)
        self._metrics.add_families(lambda: source_metrics(runner))

    def _webhooks(self, agent: "Agent", store: DocumentStore) -> ASGIApp:
        from iot_agents.devices.webhook_secrets import Webhooks
        from iot_agents.transports.webhooks import WebhookApp

        app = WebhookApp(agent, Webhooks(store))
        self._metrics.add_counters("webhooks", app.counters)
        return app

    def _device_parts(self, agent: "Agent", store: DocumentStore, organisations: Organisations) -> DeviceParts:
        imports = DeviceImports(store, agent.devices)
        uids = frozenset(network.uid for network in agent.networks)
        return DeviceParts(agent.devices, agent.frames, imports, agent.profiles, organisations, uids)

    def _gateway_parts(
        self, upstream: ASGIApp, organisations: Organisations, keys: ApiKeys, devices: DeviceParts
    ) -> Parts:
        return Parts(
            broker=upstream,
            organisations=organisations,
            keys=keys,
            rejections=self._rejections,
            checks=self._checks,
            metrics=self._metrics.text,
            measure=self._metrics.requests.measure,
            devices=devices,
        )

    async def _gateway(self, bound: socket, parts: Parts) -> str:
        app = gateway(parts, int(self._settings.body_limit))
        return (await _started(HttpServer(app, bound, self._settings.stop_timeout), self._exits)).url

    async def _wait_until_ready(self) -> tuple[str, ...]:
        """What is still down after some seconds; it may come later."""
        deadline = asyncio.get_running_loop().time() + READY_SECONDS
        while True:
            parts = (await readiness(self._checks)).parts
            down = tuple(f"{name}: {part.error}" for name, part in parts.items() if part.status == "down")
            if not down or asyncio.get_running_loop().time() > deadline:
                return down
            await asyncio.sleep(0.05)

    async def _demo_systems(self, store: DocumentStore) -> str:
        """Registers the demo city's devices, and serves what its other systems would; says how many there are."""
        from datenbroker.demo import city, source_server
        from iot_agents.registry import DeviceRegistry

        devices = city.devices()
        await DeviceRegistry(store).register(devices)
        bound = listen(LOOPBACK, 0, "port")
        app = source_server.app(self._settings.speed)
        server = await _started(HttpServer(app, bound, self._settings.stop_timeout), self._exits)
        self._source_urls = {uid: server.url + path for uid, path in source_server.URLS.items()} | self._source_urls
        return f"{len(devices)} devices report over MQTT, {len(source_server.URLS)} systems are read over HTTP"

    def _demo_sensors(self, mqtt_url: str) -> None:
        from datenbroker.demo.simulator import Simulator

        simulator = Simulator(mqtt_url, self._settings.speed)
        self._metrics.add_counters("simulator", simulator.counters)
        running = asyncio.create_task(simulator.run())

        async def stop() -> None:
            running.cancel()
            await asyncio.gather(running, return_exceptions=True)

        self._exits.push_async_callback(stop)
