import asyncio
import os
import socket
import time
from collections.abc import AsyncIterator

import paho.mqtt.client as paho
import pytest
from paho.mqtt.enums import CallbackAPIVersion

from iot_agents.transports.mqtt_embedded import EmbeddedMqtt, MqttPortInUse
from tests.iot_agents.publisher import Publisher
from tests.iot_agents.test_mqtt_client import Message, collect, numbered, until

pytestmark = pytest.mark.anyio


@pytest.fixture
async def got() -> list[Message]:
    return []


@pytest.fixture
async def mqtt(got: list[Message]) -> AsyncIterator[EmbeddedMqtt]:
    broker = EmbeddedMqtt(collect(got), port=0)
    await broker.start()
    yield broker
    await broker.stop()


def port_of(broker: EmbeddedMqtt) -> int:
    return int(broker.url.rpartition(":")[2])


async def test_messages_are_accepted_in_order_and_acknowledged(mqtt: EmbeddedMqtt, got: list[Message]) -> None:
    with Publisher(mqtt.url) as publisher:
        publisher.publish_all(numbered(300))
        assert await asyncio.to_thread(publisher.wait_for, 300)
    assert got == numbered(300)


async def test_nothing_is_acknowledged_before_it_is_accepted() -> None:
    gate = asyncio.Event()

    async def wait(topic: str, payload: bytes) -> None:
        await gate.wait()

    broker = EmbeddedMqtt(wait, port=0)
    await broker.start()
    with Publisher(broker.url) as publisher:
        publisher.publish_all(numbered(5))
        await until(lambda: broker.counters()["under_way"] == 5)
        assert not await asyncio.to_thread(publisher.wait_for, 1, 0.2)
        gate.set()
        assert await asyncio.to_thread(publisher.wait_for, 5)
    await broker.stop()


async def test_what_was_not_acknowledged_is_sent_again_to_the_next_broker(got: list[Message]) -> None:
    async def hang(topic: str, payload: bytes) -> None:
        await asyncio.sleep(3600)

    first = EmbeddedMqtt(hang, port=0)
    await first.start()
    with Publisher(first.url, client_id="gateway-1") as publisher:
        publisher.publish_all(numbered(20))
        await until(lambda: first.counters()["under_way"] == 20)
        await first.stop(grace=0)
        second = EmbeddedMqtt(collect(got), port=port_of(first))
        await second.start()
        assert await asyncio.to_thread(publisher.wait_for, 20)
    await second.stop()
    assert got == numbered(20)


async def test_a_message_of_qos_0_is_accepted_though_its_sender_left_at_once(
    mqtt: EmbeddedMqtt, got: list[Message]
) -> None:
    client = paho.Client(CallbackAPIVersion.VERSION2)
    await asyncio.to_thread(client.connect, "127.0.0.1", port_of(mqtt))
    client.loop_start()
    client.publish("weather/1", b"5", qos=0).wait_for_publish(5)
    client.disconnect()
    await until(lambda: got == [("weather/1", b"5")])
    await asyncio.to_thread(client.loop_stop)


async def test_other_clients_may_subscribe(mqtt: EmbeddedMqtt) -> None:
    heard: list[bytes] = []
    subscribed = asyncio.Event()
    loop = asyncio.get_running_loop()

    def on_subscribe(*_: object) -> None:
        loop.call_soon_threadsafe(subscribed.set)

    client = paho.Client(CallbackAPIVersion.VERSION2)
    client.on_subscribe = on_subscribe
    client.on_message = lambda _client, _data, message: heard.append(bytes(message.payload))
    await asyncio.to_thread(client.connect, "127.0.0.1", port_of(mqtt))
    client.loop_start()
    client.subscribe("application/#", qos=1)
    await asyncio.wait_for(subscribed.wait(), 5)
    with Publisher(mqtt.url) as publisher:
        publisher.publish_all(numbered(50))
        await until(lambda: len(heard) == 50)
    client.disconnect()
    await asyncio.to_thread(client.loop_stop)
    assert sorted(heard, key=int) == [payload for _, payload in numbered(50)]


CONNECT = bytes.fromhex("101000044d51545404020000") + b"\x00\x04evil"


@pytest.mark.parametrize(
    "garbage",
    [
        b"GET / HTTP/1.1\r\nHost: x\r\n\r\n",
        os.urandom(4096),
        b"\x10\xff\xff\xff\xff\xff\xff",
        b"\x10\x02\x00\x04MQ",
        b"\x10",
        b"",
        CONNECT,
        CONNECT + b"\x32\xff\xff\xff\x7f\x00\x01a",
        CONNECT + b"\x32\x10\x00\x04ab/#\x00\x01",
        CONNECT + b"\x00\x00",
        CONNECT + b"\xf0\x00" + os.urandom(100),
        CONNECT + b"\x32\x09\x00\x03\xff\xfe\xfd\x00\x01xx",
        CONNECT + CONNECT,
    ],
)
async def test_a_bad_peer_harms_no_other(mqtt: EmbeddedMqtt, got: list[Message], garbage: bytes) -> None:
    with Publisher(mqtt.url) as publisher, socket.create_connection(("127.0.0.1", port_of(mqtt))) as peer:
        publisher.publish(0, "application/before", b"1")
        peer.sendall(garbage)
        await asyncio.sleep(0.05)
        publisher.publish(1, "application/after", b"2")
        assert await asyncio.to_thread(publisher.wait_for, 2)
    assert ("application/after", b"2") in got


async def test_a_message_of_5_megabytes_reaches_the_agent_which_says_what_is_wrong(
    mqtt: EmbeddedMqtt, got: list[Message]
) -> None:
    with Publisher(mqtt.url) as publisher:
        publisher.publish(0, "application/large", b"x" * 5_000_000)
        assert await asyncio.to_thread(publisher.wait_for, 1)
    assert len(got[0][1]) == 5_000_000


async def test_a_packet_beyond_all_measure_ends_its_connection_only(got: list[Message]) -> None:
    broker = EmbeddedMqtt(collect(got), port=0, packet_bytes=1000)
    await broker.start()
    with Publisher(broker.url) as good, Publisher(broker.url) as bad:
        bad.publish(0, "application/large", b"x" * 1001)
        good.publish(0, "application/small", b"x")
        assert await asyncio.to_thread(good.wait_for, 1)
        assert not await asyncio.to_thread(bad.wait_for, 1, 0.2)
    await broker.stop()
    assert got == [("application/small", b"x")]


async def test_a_client_that_disconnects_midway_harms_no_other(mqtt: EmbeddedMqtt, got: list[Message]) -> None:
    with Publisher(mqtt.url) as publisher:
        for _ in range(20):
            with socket.create_connection(("127.0.0.1", port_of(mqtt))) as peer:
                peer.sendall(CONNECT + b"\x32\x80\x20\x00\x01a")
        publisher.publish(0, "application/after", b"2")
        assert await asyncio.to_thread(publisher.wait_for, 1)
    await until(lambda: mqtt.counters()["connected"] == 0)


async def test_a_client_that_comes_again_takes_over_its_session(mqtt: EmbeddedMqtt) -> None:
    with Publisher(mqtt.url, client_id="gateway-1") as first:
        first.publish(0, "application/first", b"1")
        assert await asyncio.to_thread(first.wait_for, 1)
        with Publisher(mqtt.url, client_id="gateway-1") as second:
            second.publish(0, "application/second", b"2")
            assert await asyncio.to_thread(second.wait_for, 1)


async def test_a_client_of_mqtt_5_is_told_at_once_that_this_is_3_1_1(mqtt: EmbeddedMqtt) -> None:
    with socket.create_connection(("127.0.0.1", port_of(mqtt)), timeout=2) as peer:
        peer.sendall(bytes.fromhex("101100044d51545405020000" + "00" + "0004") + b"evil")
        assert await asyncio.to_thread(peer.recv, 10) == b"\x20\x02\x00\x01"


async def test_a_port_in_use_is_said_so(mqtt: EmbeddedMqtt) -> None:
    second = EmbeddedMqtt(collect([]), port=port_of(mqtt))
    with pytest.raises(MqttPortInUse, match=rf"Port {port_of(mqtt)} on 127\.0\.0\.1 is in use"):
        await second.start()


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "192.0.2.1", "", "example.org"])
async def test_anybody_may_connect_on_loopback_only(host: str) -> None:
    with pytest.raises(ValueError, match="give it users"):
        EmbeddedMqtt(collect([]), host=host)


async def test_users_need_their_password(got: list[Message]) -> None:
    broker = EmbeddedMqtt(collect(got), port=0, users={"gateway": "sesam"})
    await broker.start()
    for credentials, answer in (("gateway:sesam@", True), ("gateway:wrong@", False), ("", False)):
        url = broker.url.replace("//", f"//{credentials}")
        with Publisher(url) as publisher:
            publisher.publish(0, "application/x", b"1")
            assert await asyncio.to_thread(publisher.wait_for, 1, 2 if answer else 0.2) is answer
    await broker.stop()
    assert len(got) == 1


async def test_it_stops_in_time_with_clients_that_do_not_listen(got: list[Message]) -> None:
    async def hang(topic: str, payload: bytes) -> None:
        await asyncio.sleep(3600)

    broker = EmbeddedMqtt(hang, port=0)
    await broker.start()
    silent = [socket.create_connection(("127.0.0.1", port_of(broker))) for _ in range(3)]
    with Publisher(broker.url) as publisher:
        publisher.publish_all(numbered(10))
        await until(lambda: broker.counters()["under_way"] == 10)
        began = time.monotonic()
        await broker.stop()
        assert time.monotonic() - began < 2
    for peer in silent:
        peer.close()
