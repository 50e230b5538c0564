"""Nothing that was acknowledged is lost, wherever the process dies."""

import asyncio
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from context_broker.app import ContextBroker
from document_store.sqlite import SqliteDocumentStore
from iot_agents.registry import DeviceRegistry
from ngsi_client.client import NgsiClient
from tests.iot_agents.brokers import MOSQUITTO, Mosquitto, free_port
from tests.iot_agents.messages import TENANT, bin_device, topic, uplink
from tests.iot_agents.publisher import Publisher

READINGS = 1500
KILLS = 3


class Platform:
    """The platform's process, and the MQTT broker where that is another."""

    def __init__(self, folder: Path, mosquitto: Mosquitto | None) -> None:
        port = free_port()
        self._command = [sys.executable, "-m", "tests.iot_agents.platform_process", str(folder)]
        self._command.append(mosquitto.url if mosquitto else f"embedded:{port}")
        self.mqtt_url = mosquitto.url if mosquitto else f"mqtt://127.0.0.1:{port}"
        self._process: subprocess.Popen[bytes] | None = None

    def start(self, wait: bool = False) -> None:
        """Wait where the agent must have subscribed once, so that Mosquitto knows whom to keep readings for."""
        self._process = subprocess.Popen(self._command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
        if wait:
            assert self._process.stdout is not None
            assert self._process.stdout.readline() == b"ready\n"

    def kill(self) -> None:
        assert self._process is not None
        self._process.send_signal(signal.SIGKILL)
        self._process.wait()
        assert self._process.stdout is not None
        self._process.stdout.close()


@pytest.fixture(params=[pytest.param("mosquitto", marks=pytest.mark.mosquitto), "embedded"])
def platform(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Platform]:
    mosquitto = Mosquitto(tmp_path / "mosquitto").start() if request.param == "mosquitto" and MOSQUITTO else None
    asyncio.run(register(tmp_path))
    platform = Platform(tmp_path, mosquitto)
    platform.start(wait=True)
    yield platform
    platform.kill()
    if mosquitto:
        mosquitto.stop()


async def register(folder: Path) -> None:
    store = SqliteDocumentStore.open(folder / "devices.sqlite")
    await DeviceRegistry(store).register(bin_device(number) for number in range(READINGS))
    await store.close()


async def committed(folder: Path) -> set[int]:
    """The readings whose entity has a filling level: each reading is of a device of its own."""
    broker = ContextBroker(folder / "broker")
    await broker.start()
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app=broker), base_url="http://broker") as http:
        client, found = NgsiClient(http, TENANT), set()
        for offset in range(0, READINGS, 1000):
            page = await client.query(type="WasteContainer", q="fillingLevel", limit=1000, offset=offset)
            found |= {int(entity["id"].rpartition(":")[2]) for entity in page}
    await broker.stop()
    return found


@pytest.mark.slow
def test_killing_the_platform_at_any_time_loses_no_acknowledged_reading(platform: Platform, tmp_path: Path) -> None:
    kill_after = {READINGS * (number + 1) // (KILLS + 1) for number in range(KILLS)}
    with Publisher(platform.mqtt_url, client_id="gateway") as publisher:
        for number in range(READINGS):
            publisher.publish(number, topic(number), uplink({"fill": number % 100}, number))
            time.sleep(0.001)
            if number in kill_after:
                platform.kill()
                platform.start()
        assert publisher.wait_for(READINGS, timeout=60)
        acknowledged = publisher.acknowledged
    assert len(acknowledged) == READINGS
    assert lost(acknowledged, platform, tmp_path) == set()


def lost(acknowledged: set[int], platform: Platform, folder: Path) -> set[int]:
    """What is still missing after a while; the platform is killed for each look."""
    for _ in range(30):
        time.sleep(0.3)
        platform.kill()
        missing = acknowledged - asyncio.run(committed(folder))
        if not missing:
            break
        platform.start(wait=True)
    return missing
