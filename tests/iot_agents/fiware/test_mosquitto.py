"""The agent as a client of a broker of another process."""

import asyncio

import pytest

from iot_agents.fiware.topics import TOPICS
from iot_agents.transports.mqtt_client import MqttClient
from tests.iot_agents.brokers import MqttBroker
from tests.iot_agents.fiware.conftest import KEY, Fleet

pytestmark = [pytest.mark.anyio, pytest.mark.mosquitto]


async def test_each_message_comes_once_under_whatever_topic(fleet: Fleet, mqtt_broker: MqttBroker) -> None:
    await fleet.group()
    client = MqttClient(mqtt_broker.url, fleet.agent.hand_in, topics=TOPICS, client_id="agent")
    await client.start()
    await asyncio.wait_for(client.connected.wait(), 10)
    fleet.mqtt_url = mqtt_broker.url
    topics = (f"/json/{KEY}/dev1/attrs", f"json/{KEY}/dev1/attrs", f"/{KEY}/dev1/attrs", f"{KEY}/dev1/attrs/t")
    await fleet.publish(*((topic, "7" if topic.endswith("t") else '{"t": 7}') for topic in topics))
    for _ in range(200):
        if fleet.agent.counters()["readings"] == len(topics):
            break
        await asyncio.sleep(0.02)
    await asyncio.sleep(0.1)
    await client.stop()
    assert fleet.agent.counters()["readings"] == len(topics)
    assert fleet.agent.counters()["messages"] == len(topics)
