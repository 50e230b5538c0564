"""The platform from MQTT to SQLite in one process that a test can kill; prints `ready` when it is.

Its arguments are a folder and either the URL of an MQTT broker or `embedded:PORT`.
"""

import asyncio
import sys
from pathlib import Path

import httpx

from context_broker.app import ContextBroker
from document_store.sqlite import SqliteDocumentStore
from iot_agents.agent import Agent
from iot_agents.transports.mqtt_client import MqttClient
from iot_agents.transports.mqtt_embedded import EmbeddedMqtt
from ngsi_client.client import NgsiClient
from ngsi_client.rejected import Rejections


async def run(folder: Path, mqtt: str) -> None:
    broker = ContextBroker(folder / "broker")
    await broker.start()
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app=broker), base_url="http://broker") as http:
        agent = Agent(NgsiClient(http), SqliteDocumentStore.open(folder / "devices.sqlite"), Rejections())
        await agent.start()
        kind, _, port = mqtt.partition(":")
        embedded = kind == "embedded"
        transport = EmbeddedMqtt(agent.accept, port=int(port)) if embedded else MqttClient(mqtt, agent.hand_in)
        await transport.start()
        if isinstance(transport, MqttClient):
            await transport.connected.wait()
        print("ready", flush=True)  # noqa: T201 (the test reads it)
        await asyncio.Event().wait()


if __name__ == "__main__":
    asyncio.run(run(Path(sys.argv[1]), sys.argv[2]))
