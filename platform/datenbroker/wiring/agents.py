"""The agents of a process: sensor gateways by MQTT and webhook, FIWARE's IoT agent, the devices' API."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import httpx
from starlette.types import ASGIApp

from datenbroker.gateway.management.devices import DeviceParts
from datenbroker.identities.organisations import Organisations
from datenbroker.process.serving import listen
from datenbroker.wiring.process import Process
from document_store.store import DocumentStore
from iot_agents.devices.imports import DeviceImports
from ngsi_client.client import NgsiClient

if TYPE_CHECKING:
    from iot_agents.agent import Agent
    from iot_agents.fiware.agent import FiwareAgent
    from iot_agents.fiware.commands import Commands, Publish
    from iot_agents.transports import Accept


@dataclass(frozen=True)
class Addresses:
    """Where devices reach the agents: the MQTT broker, and the IoT agent's HTTP doors if it has some."""

    mqtt: str
    iota: str | None = None


async def start_agent(process: Process, client: NgsiClient, store: DocumentStore) -> "Agent":
    """The agent is there for webhooks and the devices' API too, where this process has no MQTT."""
    from datenbroker.devices import device_metrics, networks
    from iot_agents.agent import Agent

    agent = Agent(client, store, process.rejections, networks=networks(process.settings))
    agent = await process.started(agent)
    process.metrics.add_counters("agent", agent.counters, gauges={"pending", "devices"})
    process.metrics.add_families(lambda: device_metrics(agent))
    return agent


async def start_mqtt(process: Process, agent: "Agent", client: NgsiClient, store: DocumentStore) -> Addresses:
    """Connects the agents with the MQTT broker of the settings, or with an embedded one."""
    if process.settings.iota_port is None:
        return Addresses((await _transport(process, agent, store, agent.accept, agent.topics))[0])
    fiware, commands, iota_url = await _iota(process, client, store)
    topics = (*agent.topics, *fiware.topics)
    url, commands.publish = await _transport(process, agent, store, fiware.before(agent.accept), topics)
    return Addresses(url, iota_url)


def webhooks(process: Process, agent: "Agent", store: DocumentStore) -> ASGIApp:
    """The door for network servers that send by HTTP."""
    from iot_agents.devices.webhook_secrets import Webhooks
    from iot_agents.transports.webhooks import WebhookApp

    app = WebhookApp(agent, Webhooks(store))
    process.metrics.add_counters("webhooks", app.counters)
    return app


def device_parts(agent: "Agent", store: DocumentStore, organisations: Organisations) -> DeviceParts:
    """What the devices' API works with."""
    imports = DeviceImports(store, agent.devices)
    uids = frozenset(network.uid for network in agent.networks)
    return DeviceParts(agent.devices, agent.frames, imports, agent.profiles, organisations, uids)


async def _iota(process: Process, client: NgsiClient, store: DocumentStore) -> tuple["FiwareAgent", "Commands", str]:
    from datenbroker.iota import iota

    devices = await process.exits.enter_async_context(httpx.AsyncClient())
    fiware, server, commands = iota(process.settings, client, store, process.rejections, devices)
    await process.started(fiware)
    process.metrics.add_counters("iot_agent", fiware.counters, gauges={"pending", "devices"})
    return fiware, commands, (await process.started(server)).url


async def _transport(
    process: Process, agent: "Agent", store: DocumentStore, accept: "Accept", topics: Sequence[str]
) -> tuple[str, "Publish"]:
    if process.settings.mqtt_url:
        return await _mqtt_client(process, accept, topics)
    return await _embedded_mqtt(process, agent, accept, store)


async def _mqtt_client(process: Process, accept: "Accept", topics: Sequence[str]) -> tuple[str, "Publish"]:
    from iot_agents.transports.mqtt_client import MqttClient

    mqtt = await process.started(MqttClient(process.settings.mqtt_url or "", accept, topics=topics))
    process.metrics.add_counters("mqtt", mqtt.counters, gauges={"connected", "under_way"})

    async def check() -> None:
        if not mqtt.connected.is_set():
            raise ConnectionError(f"not connected to {mqtt.url}")

    process.checks["MQTT"] = check
    return str(mqtt.url), mqtt.publish


async def _embedded_mqtt(
    process: Process, agent: "Agent", accept: "Accept", store: DocumentStore
) -> tuple[str, "Publish"]:
    from datenbroker.devices import mqtt_access
    from datenbroker.process.mqtt_probe import ask_mqtt
    from iot_agents.transports.mqtt_embedded import EmbeddedMqtt

    host, port = process.settings.mqtt_host, process.settings.mqtt_port
    access = await mqtt_access(process.settings, agent, store)
    # amqtt binds by itself: whether it can is asked beforehand, to say it like every other port
    listen(host, port, "mqtt_port").close()
    mqtt = await process.started(EmbeddedMqtt(accept, host=host, port=port, access=access))
    process.metrics.add_counters("mqtt", mqtt.counters, gauges={"connected", "under_way"})
    process.checks["MQTT"] = lambda: ask_mqtt(mqtt.url)
    return mqtt.url, mqtt.publish
