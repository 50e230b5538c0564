"""Users of the MQTT broker: the embedded one and Mosquitto let in the same, under the same topics."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from document_store.sqlite import SqliteDocumentStore
from iot_agents.devices.mosquitto import Registered, acl_file, password_file
from iot_agents.devices.mqtt_credentials import CredentialAccess, MqttCredential, MqttCredentials
from iot_agents.devices.topic_owners import Owner, TopicOwners
from iot_agents.fiware.registry import Registry
from iot_agents.networks.json_source import JsonSource, network_of
from iot_agents.networks.registry import NETWORKS
from iot_agents.registry import DeviceRegistry
from iot_agents.transports.mqtt_client import MqttClient
from iot_agents.transports.mqtt_embedded import EmbeddedMqtt
from tests.iot_agents.brokers import MOSQUITTO, Mosquitto
from tests.iot_agents.messages import TENANT, bin_device, topic
from tests.iot_agents.sensor import Sensor

pytestmark = pytest.mark.anyio

ALL = (*NETWORKS, network_of(JsonSource("cistern", "cisterns/{device}/state")))
COMMAND = topic(1).replace("event/up", "command/down")
THEIR_COMMAND = "v3/app@ttn/devices/bin/down/push"
Send = Callable[[str, bytes], Awaitable[None]]
FOREIGN = {"_id": "the_things_stack:app/bin", "network": "the_things_stack", "key": "app/bin", "tenant": "hcr"}


class Town:
    """A registry with a bin of one tenant and one of another, and a user for the first."""

    def __init__(self, store: SqliteDocumentStore) -> None:
        self.registry, self.credentials = DeviceRegistry(store), MqttCredentials(store)
        self.fiware = Registry(store)
        self.accepted: list[str] = []

    async def accept(self, name: str, payload: bytes) -> None:
        self.accepted.append(name)

    def embedded(self) -> EmbeddedMqtt:
        owners = TopicOwners(self.registry, ALL, self.fiware)
        access = CredentialAccess(self.credentials, owners)
        return EmbeddedMqtt(self.accept, port=0, access=access, check_seconds=0.1)

    def acl(self, users: Sequence[MqttCredential]) -> str:
        groups = [group for service in (TENANT, "hcr") for group in self.fiware.groups(service)]
        return acl_file(users, Registered(list(self.registry.all()), ALL, groups))

    async def mosquitto_configuration(self, folder: Path) -> str:
        users = await self.credentials.all()
        (folder / "passwords").write_text(password_file(users))
        (folder / "acl").write_text(self.acl(users))
        return f"allow_anonymous false\npassword_file {folder}/passwords\nacl_file {folder}/acl"


@pytest.fixture
async def town(tmp_path: Path) -> AsyncIterator[Town]:
    store = SqliteDocumentStore.open(tmp_path / "town.sqlite")
    town = Town(store)
    await town.registry.register([bin_device(1), FOREIGN | {"profile": "bin-level", "entity": bin_device(2)["entity"]}])
    await town.fiware.create_groups([group(TENANT, "our-key"), group("hcr", "their-key")])
    yield town
    await store.close()


def group(service: str, apikey: str) -> dict[str, str]:
    return {"service": service, "service_path": "/", "apikey": apikey, "resource": "/iot/json"}


OWN, OTHERS = topic(1), ["v3/app@ttn/devices/bin/up", topic(9), "v3/app", "elsewhere"]

PUBLISHED = (
    [topic(1), COMMAND]
    + [f"{begin}our-key/dev/attrs" for begin in ("", "/", "json/", "/json/", "ul/", "/ul/")]
    + ["/json/our-key/dev/attrs/t", "/ul/our-key/dev/cmdexe", "/json/our-key/dev/configuration/commands"]
)
"""What a user of the tenant may publish under; under the rest only the platform may."""

NOT_PUBLISHED = [
    "/json/our-key/dev/cmd", "/our-key/dev/configuration/values", "json/their-key/d/attrs", "/ul/their-key/d/cmdexe",
    "their-key/dev/attrs", "/json/unknown/dev/attrs", "json/our-key", "v3/app@ttn/devices/bin/down/push",
    "application/1/device/0000000000000009/command/down",
]  # fmt: skip

RECEIVED = [topic(1), COMMAND, "/json/our-key/dev/cmd", "ul/our-key/dev/cmd", "our-key/dev/configuration/values"]
NOT_RECEIVED = [
    "/json/their-key/dev/cmd", "their-key/dev/cmd", "json/our-key/dev/attrs", "/their-key/dev/attrs",
    "v3/app@ttn/devices/bin/down/push", "v3/app@ttn/devices/bin/up", "elsewhere",
]  # fmt: skip


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
        await asyncio.to_thread(one.subscribe)
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
        await asyncio.to_thread(one.subscribe)
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


async def received(port: int, made: MqttCredential, password: str, chief: tuple[str, str]) -> list[str]:
    """What a user gets of all that the platform publishes."""
    sensor, speaker = Sensor(port, made.id, password), Sensor(port, *chief)
    for one in (sensor, speaker):
        assert await asyncio.to_thread(one.connect)
    await asyncio.to_thread(sensor.subscribe)
    await asyncio.to_thread(speaker.publish, *NOT_RECEIVED, *RECEIVED)
    assert await sensor.has_got(len(RECEIVED))
    await asyncio.sleep(0.1)
    sensor.close()
    speaker.close()
    return sensor.got


async def published(port: int, watcher: Sensor, user: str, password: str) -> list[str]:
    """What the platform gets of all that a user publishes, each from a client of its own."""
    watcher.got.clear()
    for name in (*NOT_PUBLISHED, *PUBLISHED):
        sensor = Sensor(port, user, password)
        assert await asyncio.to_thread(sensor.connect)
        await asyncio.to_thread(sensor.publish, name)
        sensor.close()
    assert await watcher.has_got(len(PUBLISHED))
    await asyncio.sleep(0.1)
    return watcher.got


@pytest.mark.parametrize("kind", ["embedded", "mosquitto"])
async def test_users_keep_to_the_topics_of_their_devices(town: Town, tmp_path: Path, kind: str) -> None:
    if kind == "mosquitto" and MOSQUITTO is None:
        pytest.skip("the files are Mosquitto's: without it nobody reads them")
    (made, password), (chief, chiefs) = [await town.credentials.create(one, "test") for one in (TENANT, None)]
    async with running(town, tmp_path, kind) as port:
        watcher = Sensor(port, chief.id, chiefs)
        assert await asyncio.to_thread(watcher.connect)
        await asyncio.to_thread(watcher.subscribe)
        assert await published(port, watcher, made.id, password) == PUBLISHED
        assert sorted(await received(port, made, password, (chief.id, chiefs))) == sorted(RECEIVED)
        watcher.close()


OWN_DEVICES = ["chirpstack:0000000000000001", "iota:our-key/dev"]
ANOTHERS = [topic(4), "/json/our-key/other/attrs", "our-key/other/cmdexe"]
"""Of the same tenant, but not of the gateway."""


@pytest.mark.parametrize("kind", ["embedded", "mosquitto"])
async def test_a_gateway_may_be_kept_to_devices_of_its_own(town: Town, tmp_path: Path, kind: str) -> None:
    if kind == "mosquitto" and MOSQUITTO is None:
        pytest.skip("the files are Mosquitto's: without it nobody reads them")
    await town.registry.register([bin_device(4)])
    made, password = await town.credentials.create(TENANT, "one gateway", OWN_DEVICES)
    chief, chiefs = await town.credentials.create(None, "test")
    async with running(town, tmp_path, kind) as port:
        watcher = Sensor(port, chief.id, chiefs)
        assert await asyncio.to_thread(watcher.connect)
        await asyncio.to_thread(watcher.subscribe)
        for name in (*ANOTHERS, topic(1), "/json/our-key/dev/attrs"):
            sensor = Sensor(port, made.id, password)
            assert await asyncio.to_thread(sensor.connect)
            await asyncio.to_thread(sensor.publish, name)
            sensor.close()
        assert await watcher.has_got(2)
        assert watcher.got == [topic(1), "/json/our-key/dev/attrs"]
        watcher.close()


@asynccontextmanager
async def running(town: Town, folder: Path, kind: str) -> AsyncIterator[int]:
    """The port of a broker that knows the town's users."""
    if kind == "embedded":
        broker = town.embedded()
        await broker.start()
        yield int(broker.url.rpartition(":")[2])
        await broker.stop()
        return
    mosquitto = Mosquitto(folder / "mosquitto", await town.mosquitto_configuration(folder)).start()
    yield mosquitto.port
    await asyncio.to_thread(mosquitto.stop)


async def test_who_is_removed_or_changed_is_cut_off_within_seconds(town: Town) -> None:
    (removed, one), (changed, two), (kept, three) = [await town.credentials.create(TENANT, "test") for _ in range(3)]
    broker = town.embedded()
    await broker.start()
    port = int(broker.url.rpartition(":")[2])
    sensors = [Sensor(port, user.id, word) for user, word in ((removed, one), (changed, two), (kept, three))]
    for sensor in sensors:
        assert await asyncio.to_thread(sensor.connect)
    await town.credentials.remove(removed.id)
    await town.credentials.renew(changed.id)
    for _ in range(500):
        if [sensor.is_cut_off() for sensor in sensors] == [True, True, False]:
            break
        await asyncio.sleep(0.01)
    assert [sensor.is_cut_off() for sensor in sensors] == [True, True, False]
    for sensor in sensors:
        sensor.close()
    await broker.stop()


async def test_who_came_without_a_name_is_cut_off_once_there_are_users(town: Town) -> None:
    broker = town.embedded()
    await broker.start()
    anybody = Sensor(int(broker.url.rpartition(":")[2]))
    assert await asyncio.to_thread(anybody.connect)
    await town.credentials.create(TENANT, "test")
    for _ in range(500):
        if anybody.is_cut_off():
            break
        await asyncio.sleep(0.01)
    assert anybody.is_cut_off()
    anybody.close()
    await broker.stop()


async def test_a_device_that_another_process_registered_may_speak_at_once(town: Town, tmp_path: Path) -> None:
    other_store = SqliteDocumentStore.open(tmp_path / "town.sqlite")
    other = DeviceRegistry(other_store)
    await other.register([bin_device(7)])
    owner = await TopicOwners(town.registry, ALL).owner_of(topic(7), "publish")
    assert owner == Owner(TENANT, "chirpstack:0000000000000007")
    await other_store.close()


async def test_a_key_cannot_widen_the_acl(town: Town) -> None:
    sly = bin_device(3) | {"_id": "cistern:#", "network": "cistern", "key": "#"}
    fair = bin_device(3) | {"_id": "cistern:c-1", "network": "cistern", "key": "c-1"}
    await town.registry.register([sly, fair])
    made, _ = await town.credentials.create(TENANT, "test")
    text = town.acl([made])
    assert "topic readwrite cisterns/c-1/state\n" in text and "cisterns/#" not in text
    assert "application/+/device/0000000000000001/#" in text and "app/bin" not in text


@asynccontextmanager
async def sending(town: Town, folder: Path, kind: str) -> AsyncIterator[tuple[int, Send]]:
    """The port of a broker that knows the town's users, and the way by which the platform sends downlinks there."""
    if kind == "embedded":
        broker = town.embedded()
        await broker.start()
        yield int(broker.url.rpartition(":")[2]), broker.publish
        await broker.stop()
        return
    made, password = await town.credentials.create(None, "the platform")
    async with running(town, folder, kind) as port:
        agent = MqttClient(f"mqtt://{made.id}:{password}@127.0.0.1:{port}", lambda _, __, done: done(True))
        await agent.start()
        await asyncio.wait_for(agent.connected.wait(), 10)
        yield port, agent.publish
        await agent.stop()


@pytest.mark.parametrize("kind", ["embedded", "mosquitto"])
async def test_a_downlink_reaches_the_gateway_of_its_device_alone(town: Town, tmp_path: Path, kind: str) -> None:
    if kind == "mosquitto" and MOSQUITTO is None:
        pytest.skip("the files are Mosquitto's: without it nobody reads them")
    users = [await town.credentials.create(tenant, "gateway") for tenant in (TENANT, "hcr")]
    async with sending(town, tmp_path, kind) as (port, send):
        ours, theirs = (Sensor(port, made.id, password) for made, password in users)
        for gateway in (ours, theirs):
            assert await asyncio.to_thread(gateway.connect)
            for pattern in ("#", COMMAND, THEIR_COMMAND):
                await asyncio.to_thread(gateway.subscribe, pattern)
        for name in (COMMAND, THEIR_COMMAND, COMMAND, THEIR_COMMAND):
            await send(name, b"{}")
        assert await ours.has_got(2) and await theirs.has_got(2)
        await asyncio.sleep(0.1)
        assert (set(ours.got), set(theirs.got)) == ({COMMAND}, {THEIR_COMMAND})
        for gateway in (ours, theirs):
            gateway.close()
