"""The composition root: constructs the parts of the platform, wires them, starts and stops them in order.

Each part is made in `datenbroker.wiring`; the embedded broker, MQTT and the adapters' loop are imported only if run.
"""

import asyncio
from collections.abc import AsyncIterator, Collection
from contextlib import AsyncExitStack, asynccontextmanager
from enum import Flag, auto
from pathlib import Path
from typing import TYPE_CHECKING

from datenbroker.commands.terminal import Running
from datenbroker.gateway.operations import readiness
from datenbroker.identities import first_keys
from datenbroker.identities.first_keys import FirstKeys
from datenbroker.identities.keys import ApiKeys
from datenbroker.identities.organisations import COLLECTION as ORGANISATIONS
from datenbroker.identities.organisations import Organisations
from datenbroker.process.data_folder import open_folder
from datenbroker.process.serving import HttpServer, listen
from datenbroker.settings import Settings
from datenbroker.stores import open_store
from datenbroker.wiring.broker import context_broker, embedded_broker, for_clients
from datenbroker.wiring.mqtt import server_tls
from datenbroker.wiring.process import Process, started
from document_store.store import DocumentStore
from iot_agents.ingest.letterbox import LetterBox

if TYPE_CHECKING:
    from ngsi_adapters.run import Runner

READY_SECONDS = 5.0
"""So long the announcement waits for parts that are slow, e.g. an MQTT broker that is not there yet."""


class Work(Flag):
    """What a process does, beside keeping documents and reaching the broker."""

    GATEWAY = auto()
    AGENTS = auto()
    ADAPTERS = auto()
    DEMO = auto()


@asynccontextmanager
async def platform(settings: Settings, work: Work, sources: Collection[str] = ()) -> AsyncIterator[Running]:
    """The parts that `work` names, running; what was started last is stopped first.

    `sources` are the uids that the adapters run, all where there are none.
    """
    async with AsyncExitStack() as exits:
        yield await _start(Process(settings, exits), work, sources)


@asynccontextmanager
async def adapters_alone(settings: Settings, sources: Collection[str] = ()) -> AsyncIterator["Runner"]:
    """The adapters' runner, not started: for running sources once. Only those that have an address."""
    from datenbroker.wiring.adapters import adapters_runner

    async with AsyncExitStack() as exits:
        process = Process(settings, exits)
        store = await _store(process)
        _, client = await context_broker(process)
        yield await adapters_runner(process, client, store, settings.source_urls, sources)


@asynccontextmanager
async def broker_alone(settings: Settings) -> AsyncIterator[Running]:
    """The embedded context broker on a port of its own, without authentication."""
    bound = listen(settings.host, settings.broker_port, "broker_port", "--port")
    async with AsyncExitStack() as exits:
        broker = await embedded_broker(settings, exits)
        server = await started(HttpServer(broker, bound, settings.stop_timeout), exits)
        yield Running(gateway=None, broker=server.url, mqtt=None, keys=FirstKeys())


async def _start(process: Process, work: Work, sources: Collection[str]) -> Running:
    # not with the module: the broker alone starts in half the time without them
    from datenbroker.gateway.app import Parts, gateway
    from datenbroker.gateway.first_tenants import FirstTenants
    from datenbroker.wiring import agents, demo_city
    from datenbroker.wiring.adapters import adapters_runner, source_parts, start_adapters
    from datenbroker.wiring.catalogue import start_catalogue
    from datenbroker.wiring.protection import start_protection
    from datenbroker.wiring.sharing import start_sharing

    settings, folder = process.settings, open_folder(process.settings.data)
    # a port in use is found before anything has been started
    bound = listen(settings.host, settings.port, "port") if Work.GATEWAY in work else None
    store = await _store(process)
    upstream, client = await context_broker(process)
    organisations = Organisations(store)
    keys = ApiKeys(store, organisations)
    first = await _first_keys(work, folder, organisations, keys)
    urls, demo = await demo_city.start_systems(process, store) if Work.DEMO in work else ({}, None)
    alone = Work.AGENTS not in work
    serving = bool(work & (Work.AGENTS | Work.GATEWAY))
    agent = await agents.start_agent(process, client, store, alone=alone) if serving else None
    reached = await agents.start_mqtt(process, agent, client, store) if agent and Work.AGENTS in work else None
    if Work.ADAPTERS in work:
        runner = await adapters_runner(process, client, store, urls | settings.source_urls, sources)
        await start_adapters(process, runner)
    gateway_url = None
    if bound and agent:
        protection = await start_protection(process, store, organisations)
        sharing, streams = await start_sharing(process, store, organisations, protection.audit, (upstream, client))
        if Work.DEMO in work:
            await demo_city.publish_products(sharing)
        read = source_parts(settings, store, urls)
        parts = Parts(
            broker=FirstTenants(for_clients(process, upstream), client),
            organisations=organisations,
            keys=keys,
            rejections=process.rejections,
            checks=process.checks,
            metrics=process.metrics.text,
            measure=process.metrics.requests.measure,
            protection=protection,
            devices=agents.device_parts(process, agent, store, organisations),
            webhooks=agents.webhooks(process, agent, store),
            letters=LetterBox(store),
            sources=read,
            sharing=sharing,
            default_context=settings.default_context,
            catalogue=await start_catalogue(process, sharing, organisations, read, client),
        )
        app, tls = gateway(parts), await server_tls(process)
        server = HttpServer(app, bound, settings.stop_timeout, tls)
        gateway_url = (await process.started(server)).url
        await process.started(streams)
    not_ready = await _wait_until_ready(process)
    if Work.DEMO in work and reached:
        demo_city.start_sensors(process, settings.mqtt_url or reached.mqtt)  # the shown URL has no password
    mqtt, iota = (reached.mqtt, reached.iota) if reached else (None, None)
    return Running(gateway_url, settings.broker_url, mqtt, first, not_ready, demo, iota)


async def _store(process: Process) -> DocumentStore:
    store = await open_store(process.settings)
    process.exits.push_async_callback(store.close)

    async def check() -> None:
        await store.get(ORGANISATIONS, "-")

    process.checks["document store"] = check
    return store


async def _first_keys(work: Work, folder: Path, organisations: Organisations, keys: ApiKeys) -> FirstKeys:
    if Work.DEMO in work:
        from datenbroker.demo.city import ORGANISATIONS as CITY

        return await first_keys.demo_keys(folder, CITY, organisations, keys)
    return await first_keys.first_admin_key(keys) if Work.GATEWAY in work else FirstKeys()


async def _wait_until_ready(process: Process) -> tuple[str, ...]:
    """What is still down after some seconds; it may come later."""
    deadline = asyncio.get_running_loop().time() + READY_SECONDS
    while True:
        parts = (await readiness(process.checks)).parts
        down = tuple(f"{name}: {part.error}" for name, part in parts.items() if part.status == "down")
        if not down or asyncio.get_running_loop().time() > deadline:
            return down
        await asyncio.sleep(0.05)
