"""Users of the MQTT broker: the embedded one and Mosquitto let in the same, under the same topics."""

import asyncio
import threading
from collections.abc import AsyncIterator
from pathlib import Path

import paho.mqtt.client as paho
import pytest
from paho.mqtt.enums import CallbackAPIVersion

from document_store.sqlite import SqliteDocumentStore
from iot_agents.devices.mosquitto import acl_file, password_file
from iot_agents.devices.mqtt_credentials import CredentialAccess, MqttCredentials
from iot_agents.networks.json_source import JsonSource, network_of
from iot_agents.networks.registry import NETWORKS
from iot_agents.registry import DeviceRegistry
from iot_agents.transports.mqtt_embedded import EmbeddedMqtt
from tests.iot_agents.brokers import MOSQUITTO, Mosquitto
from tests.iot_agents.messages import TENANT, bin_device, topic

pytestmark = pytest.mark.anyio

ALL = (*NETWORKS, network_of(JsonSource("cistern", "cisterns/{device}/state")))
COMMAND = topic(1).replace("event/up", "command/down")
FOREIGN = {"_id": "the_things_stack:app/bin", "network": "the_things_stack", "key": "app/bin", "tenant": "hcr"}


class Sensor:
    """An MQTT client of a gateway; `got` are the topics it received."""

    def __init__(self, port: int, user: str | None = None, password: str | None = None, will: str = "") -> None:
        self.got: list[str] = []
        self.code = -1
        self._port, self._answered = port, threading.Event()
        self._client = paho.Client(CallbackAPIVersion.VERSION2)
        self._client.reconnect_delay_set(60, 60)
        if user:
            self._client.username_pw_set(user, password)
        if will:
            self._client.will_set(will, b"gone")
        self._client.on_connect = self._on_connect
        self._client.on_message = lambda client, data, message: self.got.append(message.topic)

    def _on_connect(self, client: object, data: object, flags: object, code: object, properties: object) -> None:
        self.code = getattr(code, "value", -1)
        self._answered.set()

    def connect(self) -> bool:
        self._client.connect("127.0.0.1", self._port)
        self._client.loop_start()
        return self._answered.wait(5) and self.code == 0

    def publish(self, *topics: str) -> None:
        for name in topics:
            self._client.publish(name, b"{}", qos=1).wait_for_publish(5)

    def subscribe(self) -> None:
        self._client.subscribe("#", qos=1)

    async def has_got(self, count: int) -> bool:
        for _ in range(500):
            if len(self.got) >= count:
                return True
            await asyncio.sleep(0.01)
        return False

    def close(self) -> None:
        self._client.disconnect()
        self._client.loop_stop()


class Town:
    """A registry with a bin of one tenant and one of another, and a user for the first."""

    def __init__(self, store: SqliteDocumentStore) -> None:
        self.registry, self.credentials = DeviceRegistry(store), MqttCredentials(store)
        self.accepted: list[str] = []

    async def accept(self, name: str, payload: bytes) -> None:
        self.accepted.append(name)

    def embedded(self) -> EmbeddedMqtt:
        return EmbeddedMqtt(self.accept, port=0, access=CredentialAccess(self.credentials, self.registry, ALL))

    async def mosquitto_configuration(self, folder: Path) -> str:
        users = await self.credentials.all()
        (folder / "passwords").write_text(password_file(users))
        (folder / "acl").write_text(acl_file(users, list(self.registry.all()), ALL))
        return f"allow_anonymous false\npassword_file {folder}/passwords\nacl_file {folder}/acl"


@pytest.fixture
async def town(tmp_path: Path) -> AsyncIterator[Town]:
    store = SqliteDocumentStore.open(tmp_path / "town.sqlite")
    town = Town(store)
    await town.registry.register([bin_device(1), FOREIGN | {"profile": "bin-level", "entity": bin_device(2)["entity"]}])
    yield town
    await store.close()


OWN, OTHERS = topic(1), ["v3/app@ttn/devices/bin/up", topic(9), "v3/app", "elsewhere"]


async def test_the_embedded_broker_keeps_users_to_their_devices(town: Town) -> None:
    (user, password), (chief, chiefs) = [
        (made.id, secret) for made, secret in [await town.credentials.create(one, "test") for one in (TENANT, None)]
    ]
    broker = town.embedded()
    await broker.start()
    port = int(broker.url.rpartition(":")[2])
    sensor, watcher = Sensor(port, user, password), Sensor(port, chief, chiefs)
    for one in (sensor, watcher):
        assert await asyncio.to_thread(one.connect)
        one.subscribe()
    await asyncio.to_thread(sensor.publish, OWN, *OTHERS)
    assert town.accepted == [OWN] and broker.counters()["forbidden"] == len(OTHERS)
    await asyncio.to_thread(watcher.publish, COMMAND, *OTHERS)
    assert await watcher.has_got(2 + len(OTHERS)) and await sensor.has_got(2)
    assert sensor.got == [OWN, COMMAND]
    for one in (sensor, watcher):
        one.close()
    await broker.stop()


async def test_the_embedded_broker_turns_others_away(town: Town) -> None:
    broker = town.embedded()
    await broker.start()
    port = int(broker.url.rpartition(":")[2])
    before = Sensor(port)
    assert await asyncio.to_thread(before.connect)
    made, password = await town.credentials.create(TENANT, "test")
    tried = [Sensor(port), Sensor(port, made.id, "wrong"), Sensor(port, "nobody", password)]
    tried.append(Sensor(port, made.id, password, will=OTHERS[0]))
    for sensor in tried:
        assert not await asyncio.to_thread(sensor.connect)
    good = Sensor(port, made.id, password, will=OWN)
    assert await asyncio.to_thread(good.connect)
    for sensor in (before, good, *tried):
        sensor.close()
    await broker.stop()


@pytest.mark.skipif(MOSQUITTO is None, reason="the files are Mosquitto's: without it nobody reads them")
async def test_mosquitto_does_the_same_by_the_files(town: Town, tmp_path: Path) -> None:
    (sensor_of, password), (chief, chiefs) = [await town.credentials.create(one, "test") for one in (TENANT, None)]
    mosquitto = Mosquitto(tmp_path / "mosquitto", await town.mosquitto_configuration(tmp_path)).start()
    sensor, watcher = Sensor(mosquitto.port, sensor_of.id, password), Sensor(mosquitto.port, chief.id, chiefs)
    for one in (sensor, watcher):
        assert await asyncio.to_thread(one.connect)
        one.subscribe()
    wrong = Sensor(mosquitto.port, sensor_of.id, "wrong")
    assert not await asyncio.to_thread(wrong.connect)
    await asyncio.to_thread(sensor.publish, OWN)
    for other in OTHERS:  # each from a client of its own: Mosquitto 2.0.11 cuts off who tries twice
        intruder = Sensor(mosquitto.port, sensor_of.id, password)
        assert await asyncio.to_thread(intruder.connect)
        await asyncio.to_thread(intruder.publish, other)
        intruder.close()
    await asyncio.to_thread(watcher.publish, COMMAND, OTHERS[0])
    assert await watcher.has_got(3) and await sensor.has_got(2)
    assert watcher.got == [OWN, COMMAND, OTHERS[0]] and sensor.got == [OWN, COMMAND]
    for one in (sensor, watcher, wrong):
        one.close()
    mosquitto.stop()


async def test_a_key_cannot_widen_the_acl(town: Town) -> None:
    sly = bin_device(3) | {"_id": "cistern:#", "network": "cistern", "key": "#"}
    fair = bin_device(3) | {"_id": "cistern:c-1", "network": "cistern", "key": "c-1"}
    await town.registry.register([sly, fair])
    made, _ = await town.credentials.create(TENANT, "test")
    text = acl_file([made], list(town.registry.all()), ALL)
    assert "topic readwrite cisterns/c-1/state\n" in text and "cisterns/#" not in text
    assert "application/+/device/0000000000000001/#" in text and "app/bin" not in text
