"""The agents of a process: sensor gateways by MQTT and webhook, FIWARE's IoT agent, the devices' API."""

from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

import httpx
from starlette.types import ASGIApp

from datenbroker.gateway.management.devices import DeviceParts
from datenbroker.identities.organisations import Organisations
from datenbroker.wiring.commands import Downlinks, command_parts, downlinks
from datenbroker.wiring.ingest import start_ingest, start_replays
from datenbroker.wiring.mqtt import Entrance, server_tls, start_transport
from datenbroker.wiring.process import Process
from document_store.store import DocumentStore
from iot_agents.devices.imports import DeviceImports
from ngsi_client.client import NgsiClient

if TYPE_CHECKING:
    from iot_agents.agent import Agent
    from iot_agents.fiware.agent import FiwareAgent
    from iot_agents.fiware.commands.sending import Commands
    from iot_agents.ingest.replay import Replayed


@dataclass(frozen=True)
class Addresses:
    """Where devices reach the agents: the MQTT broker, and the IoT agent's HTTP doors if it has some."""

    mqtt: str
    iota: str | None = None


async def start_agent(process: Process, client: NgsiClient, store: DocumentStore, *, alone: bool) -> "Agent":
    """The agent is there for webhooks and the devices' API too, where this process has no MQTT.

    A gateway `alone` may stand beside agents with the same data folder: it has a name of its own.
    """
    from datenbroker.devices import device_metrics, networks
    from iot_agents.agent import Agent
    from iot_agents.codecs.codecs import Codecs
    from iot_agents.devices.mirror_removal import MirrorRemoval

    name = process.settings.agent_name
    commits = await start_ingest(process, client, store, f"{name}-gateway" if alone else name)
    codecs = Codecs(workers=process.settings.codec_workers)
    known = networks(process.settings)
    agent = Agent(client, store, process.rejections, networks=known, commits=commits, codecs=codecs)
    agent = await process.started(agent)
    removal = await process.started(MirrorRemoval(client, store))
    process.metrics.add_counters("mirrors", removal.counters)
    process.metrics.add_counters("codecs", codecs.counters, gauges={"under_way", "paused"})
    process.metrics.add_counters("agent", agent.counters, gauges={"pending", "devices"})
    process.metrics.add_families(lambda: device_metrics(agent))
    if alone:
        await start_replays(process, store, _replayed(agent))
    return agent


async def start_mqtt(process: Process, agent: "Agent", client: NgsiClient, store: DocumentStore) -> Addresses:
    """Connects the agents with the MQTT broker of the settings, or with an embedded one."""
    from datenbroker.devices import mqtt_access
    from iot_agents.fiware.agent import AGENTS

    down = await downlinks(process, agent, client, store)
    accept, hand_in = down.routes.noting(agent.accept), down.routes.noting(agent.hand_in)
    if process.settings.iota_port is None:
        alone = partial(mqtt_access, process.settings, agent, store)
        url, publish = await start_transport(process, Entrance(accept, hand_in), agent.topics, alone)
        await down.start(process, publish)
        await start_replays(process, store, _replayed(agent))
        return Addresses(url)
    fiware, commands, iota_url = await _iota(process, agent, client, store, down)
    topics = (*agent.topics, *fiware.topics)
    access = partial(mqtt_access, process.settings, agent, store, fiware.registry)
    entrance = Entrance(fiware.before(accept), fiware.hand_in_before(hand_in))
    url, commands.publish = await start_transport(process, entrance, topics, access)
    await down.start(process, commands.publish)
    await start_replays(process, store, {**_replayed(agent), **dict.fromkeys(AGENTS.values(), fiware.replay)})
    return Addresses(url, iota_url)


def webhooks(process: Process, agent: "Agent", store: DocumentStore) -> ASGIApp:
    """The door for network servers that send by HTTP."""
    from iot_agents.devices.webhook_secrets import Webhooks
    from iot_agents.transports.webhooks import WebhookApp

    app = WebhookApp(agent, Webhooks(store))
    process.metrics.add_counters("webhooks", app.counters)
    return app


def device_parts(process: Process, agent: "Agent", store: DocumentStore, organisations: Organisations) -> DeviceParts:
    """What the devices' API works with."""
    imports = DeviceImports(store, agent.devices)
    uids = frozenset(network.uid for network in agent.networks)
    commands = command_parts(process, agent, store)
    return DeviceParts(agent.devices, agent.frames, imports, agent.profiles, organisations, uids, commands)


def _replayed(agent: "Agent") -> "Replayed":
    from iot_agents.agent import AGENT

    return dict.fromkeys([*(network.uid for network in agent.networks), AGENT], agent.replay)


async def _iota(
    process: Process, agent: "Agent", client: NgsiClient, store: DocumentStore, down: Downlinks
) -> tuple["FiwareAgent", "Commands", str]:
    from datenbroker.iota import IntoBroker, iota

    devices = await process.exits.enter_async_context(httpx.AsyncClient())
    way = IntoBroker(client, process.rejections, agent.commits)
    tls = await server_tls(process, "iota_")
    fiware, server, commands = iota(process.settings, store, way, (down.dispatcher, devices), tls)
    if down.watch is not None:
        commands.on_provisioned = down.watch.settle
    await process.started(fiware)
    process.metrics.add_counters("iot_agent", fiware.counters, gauges={"pending", "devices"})
    return fiware, commands, (await process.started(server)).url
