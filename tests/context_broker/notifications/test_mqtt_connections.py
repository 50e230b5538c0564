"""Connections to subscribers' MQTT brokers, with a real one."""

import asyncio
from pathlib import Path

import pytest

from context_broker.limits import Limits
from context_broker.notifications.delivery.mqtt_channel import MqttChannel
from context_broker.notifications.endpoint import read_endpoint
from context_broker.targets import TargetGuard
from tests.iot_agents.brokers import Mosquitto

pytestmark = [pytest.mark.anyio, pytest.mark.mosquitto]


@pytest.mark.parametrize("limits", [Limits(mqtt_connections=2), Limits()])
async def test_the_connection_used_least_recently_is_closed(tmp_path: Path, limits: Limits) -> None:
    mosquitto = Mosquitto(tmp_path)
    await asyncio.to_thread(mosquitto.start)
    channel = MqttChannel(TargetGuard(allow_private=True), limits.mqtt_connections)
    for number in range(3):
        endpoint = read_endpoint({"uri": f"mqtt://client-{number}:x@127.0.0.1:{mosquitto.port}/city/a"})
        await channel.send(endpoint, [], b"{}")
    users = ["client-0", "client-1", "client-2"]
    assert [target.user for target in channel.open] == users[-limits.mqtt_connections :]
    await channel.close()
    await asyncio.to_thread(mosquitto.stop)
