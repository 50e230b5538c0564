import asyncio
import shutil
import subprocess
import time
from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest

from iot_agents.transports import handing_in
from iot_agents.transports.mqtt_client import MqttClient
from iot_agents.transports.mqtt_url import MqttUrl
from iot_agents.transports.tls import ClientTls
from tests.iot_agents.brokers import MOSQUITTO, Mosquitto, MqttBroker, password_line
from tests.iot_agents.conftest import NO_MOSQUITTO
from tests.iot_agents.publisher import Publisher

pytestmark = [pytest.mark.anyio, pytest.mark.mosquitto]

Message = tuple[str, bytes]


needs_mosquitto = pytest.mark.skipif(MOSQUITTO is None, reason=NO_MOSQUITTO)


async def until(condition: Callable[[], bool], timeout: float = 10) -> None:
    end = time.monotonic() + timeout
    while not condition():
        assert time.monotonic() < end, "it did not happen in time"
        await asyncio.sleep(0.01)


def collect(into: list[Message]) -> Callable[[str, bytes], Awaitable[None]]:
    async def accept(topic: str, payload: bytes) -> None:
        into.append((topic, payload))

    return accept


def self_sign(key: Path, certificate: Path) -> None:
    new_key = ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "1", "-subj", "/CN=127.0.0.1"]
    files = ["-addext", "subjectAltName=IP:127.0.0.1", "-keyout", str(key), "-out", str(certificate)]
    subprocess.run([*new_key, *files], check=True, stderr=subprocess.DEVNULL)


def numbered(count: int) -> list[Message]:
    return [("application/a/device/1/event/up", b"%d" % number) for number in range(count)]


async def test_messages_come_in_the_order_they_were_published(mqtt_broker: MqttBroker) -> None:
    got: list[Message] = []
    client = MqttClient(mqtt_broker.url, handing_in(collect(got)))
    await client.start()
    await asyncio.wait_for(client.connected.wait(), 5)
    with Publisher(mqtt_broker.url) as publisher:
        publisher.publish_all(numbered(500))
        await until(lambda: len(got) == 500)
    await client.stop()
    assert got == numbered(500)


@needs_mosquitto
async def test_what_was_not_accepted_comes_again_to_the_next_client(mqtt_broker: MqttBroker) -> None:
    forever = asyncio.Event()
    seen: list[Message] = []

    async def hang(topic: str, payload: bytes) -> None:
        seen.append((topic, payload))
        await forever.wait()

    first = MqttClient(mqtt_broker.url, handing_in(hang))
    await first.start()
    await first.connected.wait()
    with Publisher(mqtt_broker.url) as publisher:
        publisher.publish_all(numbered(50))
        await until(lambda: len(seen) == 50)
    await first.stop(grace=0)
    got: list[Message] = []
    second = MqttClient(mqtt_broker.url, handing_in(collect(got)))
    await second.start()
    await until(lambda: len(got) == 50)
    await second.stop()
    assert got == numbered(50)


async def test_what_was_accepted_does_not_come_again(mqtt_broker: MqttBroker) -> None:
    got: list[Message] = []
    for _ in range(2):
        client = MqttClient(mqtt_broker.url, handing_in(collect(got)))
        await client.start()
        await client.connected.wait()
        if not got:
            with Publisher(mqtt_broker.url) as publisher:
                publisher.publish_all(numbered(20))
                await until(lambda: len(got) == 20)
        await asyncio.sleep(0.1)
        await client.stop()
    assert got == numbered(20)


@needs_mosquitto
async def test_it_reconnects_when_the_broker_comes_back_and_misses_nothing(mqtt_broker: MqttBroker) -> None:
    got: list[Message] = []
    client = MqttClient(mqtt_broker.url, handing_in(collect(got)))
    await client.start()
    await client.connected.wait()
    await asyncio.to_thread(mqtt_broker.stop)
    await until(lambda: not client.connected.is_set())
    await asyncio.to_thread(mqtt_broker.start)
    with Publisher(mqtt_broker.url) as publisher:
        publisher.publish_all(numbered(10))
        await until(lambda: len(got) == 10)
    await client.stop()
    assert client.counters()["connections"] == 2


async def test_it_starts_before_the_broker_and_stops_without_it(tmp_path: Path) -> None:
    broker = Mosquitto(tmp_path)
    client = MqttClient(broker.url, handing_in(collect([])))
    await client.start()
    await asyncio.sleep(0.3)
    began = time.monotonic()
    await client.stop()
    assert time.monotonic() - began < 2


async def test_no_more_messages_are_under_way_than_allowed(mqtt_broker: MqttBroker) -> None:
    gate = asyncio.Event()
    started: list[Message] = []

    async def wait(topic: str, payload: bytes) -> None:
        started.append((topic, payload))
        await gate.wait()

    client = MqttClient(mqtt_broker.url, handing_in(wait), in_flight=30)
    await client.start()
    await client.connected.wait()
    with Publisher(mqtt_broker.url) as publisher:
        publisher.publish_all(numbered(100))
        await until(lambda: len(started) == 30)
        await asyncio.sleep(0.2)
        assert len(started) == 30
        gate.set()
        await until(lambda: len(started) == 100)
    await client.stop()


async def test_stopping_waits_for_what_is_under_way_but_not_for_long(mqtt_broker: MqttBroker) -> None:
    started = asyncio.Event()

    async def hang(topic: str, payload: bytes) -> None:
        started.set()
        await asyncio.sleep(3600)

    client = MqttClient(mqtt_broker.url, handing_in(hang))
    await client.start()
    await client.connected.wait()
    with Publisher(mqtt_broker.url) as publisher:
        publisher.publish_all(numbered(1))
        await asyncio.wait_for(started.wait(), 5)
    began = time.monotonic()
    await client.stop()
    assert time.monotonic() - began < 2


@needs_mosquitto
async def test_it_logs_in_with_user_and_password(tmp_path: Path) -> None:
    passwords = tmp_path / "passwords"
    passwords.write_text(password_line("agent", "s p@ce"))
    passwords.chmod(0o600)
    broker = Mosquitto(tmp_path / "m", f"allow_anonymous false\npassword_file {passwords}").start()
    address = f"mqtt://agent:s%20p%40ce@127.0.0.1:{broker.port}"
    client = MqttClient(address, handing_in(collect([])))
    await client.start()
    await asyncio.wait_for(client.connected.wait(), 5)
    await client.stop()
    await asyncio.to_thread(broker.stop)


@needs_mosquitto
@pytest.mark.skipif(shutil.which("openssl") is None, reason="openssl makes the certificate")
async def test_it_speaks_tls_with_a_broker_it_can_trust_and_no_other(tmp_path: Path) -> None:
    key, certificate = tmp_path / "key.pem", tmp_path / "certificate.pem"
    await asyncio.to_thread(self_sign, key, certificate)
    more = f"allow_anonymous true\ncafile {certificate}\ncertfile {certificate}\nkeyfile {key}"
    broker = Mosquitto(tmp_path / "m", more, scheme="mqtts").start()
    got: list[Message] = []
    trusting, careful = (
        MqttClient(broker.url, handing_in(collect(got)), tls=ClientTls(certificate)),
        MqttClient(broker.url, handing_in(collect([]))),
    )
    await trusting.start()
    await asyncio.wait_for(trusting.connected.wait(), 5)
    with Publisher(broker.url, ca_file=certificate) as publisher:
        publisher.publish_all(numbered(300))
        await until(lambda: len(got) == 300)
    await trusting.stop()
    await careful.start()
    await asyncio.sleep(0.5)
    assert not careful.connected.is_set()
    await careful.stop()
    await asyncio.to_thread(broker.stop)


@pytest.mark.parametrize(
    ("text", "host", "port", "user"),
    [
        ("mqtt://broker", "broker", 1883, None),
        ("mqtts://a%40b:p%2Fw@broker.example:8884", "broker.example", 8884, "a@b"),
        ("mqtts://[::1]", "::1", 8883, None),
    ],
)
async def test_an_address_is_read(text: str, host: str, port: int, user: str | None) -> None:
    url = MqttUrl.parse(text)
    assert (url.host, url.port, url.user) == (host, port, user)
    assert "p/w" not in f"{url} {url!r}"


@pytest.mark.parametrize(
    "text", ["broker:1883", "http://broker", "mqtt://", "mqtt://b:99999", "mqtt://b:0", "mqtt://b/x"]
)
async def test_what_is_no_address_is_refused_without_showing_a_password(text: str) -> None:
    with pytest.raises(ValueError, match="is no MQTT address") as caught:
        MqttUrl.parse(text.replace("//", "//user:secret@"))
    assert "secret" not in str(caught.value)
