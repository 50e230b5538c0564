"""What goes wrong between the agents and an MQTT broker: nothing piles up, the agents come back, the log says why."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path

import paho.mqtt.publish as paho_publish
import pytest

from iot_agents.transports import Done
from iot_agents.transports.mqtt_client import MqttClient
from iot_agents.transports.tls import ClientTls
from tests.iot_agents.brokers import MOSQUITTO, Mosquitto, free_port, password_line
from tests.iot_agents.certificates import Authority
from tests.iot_agents.conftest import NO_MOSQUITTO
from tests.iot_agents.ingest.waits import until
from tests.iot_agents.publisher import Publisher

needs_mosquitto = pytest.mark.skipif(MOSQUITTO is None, reason=NO_MOSQUITTO)
pytestmark = [pytest.mark.anyio, pytest.mark.mosquitto]

TOPIC = "application/a/device/1/event/up"


class Agent:
    """Takes messages, and is done with none of them before `release`."""

    def __init__(self) -> None:
        self.came: list[bytes] = []
        self._waiting: list[Done] = []
        self._is_open = False

    def hand_in(self, topic: str, payload: bytes, done: Done) -> None:
        self.came.append(payload)
        if self._is_open:
            done(True)
        else:
            self._waiting.append(done)

    def release(self) -> None:
        self._is_open = True
        for done in self._waiting:
            done(True)
        self._waiting.clear()


@asynccontextmanager
async def started(client: MqttClient, connects: bool = True) -> AsyncIterator[MqttClient]:
    await client.start()
    if connects:
        await asyncio.wait_for(client.connected.wait(), 5)
    yield client
    await client.stop(0.1)


@pytest.fixture
def mosquitto(tmp_path: Path) -> Mosquitto:
    return Mosquitto(tmp_path / "mosquitto")


@pytest.fixture
async def broker(mosquitto: Mosquitto) -> AsyncIterator[Mosquitto]:
    yield await asyncio.to_thread(mosquitto.start)
    await asyncio.to_thread(mosquitto.stop)


@needs_mosquitto
async def test_a_connection_that_is_not_read_for_long_still_stands(broker: Mosquitto) -> None:
    """With QoS 0 a broker sends more than there is room for."""
    agent = Agent()
    async with started(MqttClient(broker.url, agent.hand_in, in_flight=5, keepalive=1)) as client:
        await asyncio.to_thread(
            lambda: paho_publish.multiple(
                [(TOPIC, b"%d" % number, 0, False) for number in range(20)], "127.0.0.1", broker.port
            )
        )
        await until(lambda: len(agent.came) == 5)
        await asyncio.sleep(4)
        assert client.counters() == {"connected": 1, "connections": 1, "under_way": 5}
        agent.release()
        await until(lambda: len(agent.came) == 20)


@needs_mosquitto
async def test_what_comes_again_after_a_reconnect_does_not_pile_up(broker: Mosquitto) -> None:
    agent = Agent()
    async with started(MqttClient(broker.url, agent.hand_in, in_flight=30, keepalive=1)) as client:
        with Publisher(broker.url, client_id="gateway") as publisher:
            publisher.publish_all((TOPIC, b"%d" % number) for number in range(100))
            await until(lambda: len(agent.came) == 30 and publisher.wait_for(100, 0))
        for connections in (2, 3):
            await asyncio.to_thread(broker.stop)
            await asyncio.to_thread(broker.start)
            await until(lambda: client.counters()["connections"] == connections)  # noqa: B023 (waited for at once)
            await asyncio.sleep(0.2)
        assert (len(agent.came), client.counters()["under_way"]) == (30, 30)
        agent.release()
        await until(lambda: len(set(agent.came)) == 100)
        await until(lambda: client.counters()["under_way"] == 0)
    assert len(agent.came) <= 130


@needs_mosquitto
async def test_a_message_beyond_all_measure_does_not_reach_us_and_the_next_does(broker: Mosquitto) -> None:
    agent = Agent()
    agent.release()
    async with started(MqttClient(broker.url, agent.hand_in)) as client:
        with Publisher(broker.url) as publisher:
            publisher.publish_all([(TOPIC, bytes(9_000_000)), (TOPIC, b"small")])
            await until(lambda: agent.came == [b"small"])
        assert client.counters()["connections"] == 1


@needs_mosquitto
async def test_a_broker_that_lost_our_session_is_told_of(broker: Mosquitto, caplog: pytest.LogCaptureFixture) -> None:
    agent = Agent()
    agent.release()
    async with started(MqttClient(broker.url, agent.hand_in)) as client:
        await asyncio.to_thread(broker.stop)
        (broker._folder / "mosquitto.db").unlink()
        await asyncio.to_thread(broker.start)
        await until(lambda: client.counters()["connections"] == 2 and client.connected.is_set())
        with Publisher(broker.url) as publisher:
            publisher.publish_all([(TOPIC, b"new")])
            await until(lambda: agent.came == [b"new"])
    assert "has lost the session of datenbroker-agents" in caplog.text


@needs_mosquitto
async def test_two_agents_of_one_name_are_told_of(broker: Mosquitto, caplog: pytest.LogCaptureFixture) -> None:
    one, other = (MqttClient(broker.url, Agent().hand_in, client_id="one") for _ in range(2))
    async with started(one), started(other, connects=False):
        await until(lambda: "another program connects as one: give each agent a name" in caplog.text)


@needs_mosquitto
async def test_wrong_credentials_are_said_so_without_the_password(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    passwords = tmp_path / "passwords"
    passwords.write_text(password_line("agent", "right"))
    passwords.chmod(0o600)
    broker = Mosquitto(tmp_path / "m", f"allow_anonymous false\npassword_file {passwords}").start()
    url = f"mqtt://agent:wrong-one@127.0.0.1:{broker.port}"
    async with started(MqttClient(url, Agent().hand_in), connects=False):
        await until(lambda: "check user (agent) and password" in caplog.text)
    assert "wrong-one" not in caplog.text
    await asyncio.to_thread(broker.stop)


@needs_mosquitto
async def test_a_certificate_that_has_ended_is_said_so(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    authority = Authority(tmp_path / "ca")
    pair = authority.of_server(days=-1)
    more = f"allow_anonymous true\ncertfile {pair.certificate}\nkeyfile {pair.key}"
    broker = Mosquitto(tmp_path / "m", more, scheme="mqtts").start()
    client = MqttClient(broker.url, Agent().hand_in, tls=ClientTls(authority.ca))
    async with started(client, connects=False):
        await until(lambda: "certificate has expired" in caplog.text)
    assert "renew it there" in caplog.text
    await asyncio.to_thread(broker.stop)


@needs_mosquitto
async def test_a_client_certificate_that_is_asked_for_is_said_so(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    authority = Authority(tmp_path / "ca")
    pair = authority.of_server()
    more = f"certfile {pair.certificate}\nkeyfile {pair.key}\ncafile {authority.ca}\nrequire_certificate true"
    broker = Mosquitto(tmp_path / "m", f"allow_anonymous true\n{more}", scheme="mqtts").start()
    client = MqttClient(broker.url, Agent().hand_in, tls=ClientTls(authority.ca))
    async with started(client, connects=False):
        await until(lambda: "does it ask for a client certificate?" in caplog.text)
    await asyncio.to_thread(broker.stop)


@pytest.mark.parametrize("nonsense", [b"\x30\xff\xff\xff\xff\xff", b"\x30\x02\xff\xff", b"\x90\x01\x00", b"\xf0\x00"])
async def test_a_broker_that_sends_nonsense_is_left_and_tried_again(nonsense: bytes) -> None:
    visits: list[asyncio.StreamWriter] = []
    ended = 0

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        nonlocal ended
        visits.append(writer)
        with suppress(ConnectionError):  # it may leave without reading all
            await reader.read(1)
            writer.write(b"\x20\x03\x00\x00\x00" + nonsense)
            await reader.read()
        writer.transport.abort()
        ended += 1

    port = free_port()
    server = await asyncio.start_server(serve, "127.0.0.1", port)
    async with started(MqttClient(f"mqtt://127.0.0.1:{port}", Agent().hand_in), connects=False):
        await until(lambda: len(visits) >= 2)
    server.close()
    for visit in visits:
        visit.transport.abort()
    await until(lambda: ended == len(visits))
