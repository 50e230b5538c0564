"""Notification by MQTT (CIM 009, 7.2), with a real MQTT broker between."""

import asyncio
import shutil
import socket
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import orjson
import pytest
from paho.mqtt.client import Client as MqttClient
from paho.mqtt.client import MQTTMessage
from paho.mqtt.enums import CallbackAPIVersion

from tests.conformance.client import CORE, KIOSK, Client, context_link, prop
from tests.conformance.subscribing import change, counted, subscription
from tests.iot_agents.brokers import MOSQUITTO, EmbeddedStandIn, Mosquitto, MqttBroker, password_line
from tests.iot_agents.test_mqtt_client import self_sign

pytestmark = [pytest.mark.anyio, pytest.mark.mosquitto]


class Listener:
    """A client that keeps what is published under a topic, with its QoS."""

    def __init__(self, port: int, user: str | None = None) -> None:
        self._loop = asyncio.get_running_loop()
        self._messages: asyncio.Queue[MQTTMessage] = asyncio.Queue()
        self._subscribed = asyncio.Event()
        self._client = MqttClient(CallbackAPIVersion.VERSION2)
        if user:
            self._client.username_pw_set(user, "secret")
        self._client.on_connect = lambda client, *_: client.subscribe("city/#", 2)
        self._client.on_subscribe = self._on_subscribe
        self._client.on_message = self._on_message
        self._client.connect_async("127.0.0.1", port)
        self._client.loop_start()

    def _on_subscribe(self, *_: object) -> None:
        self._loop.call_soon_threadsafe(self._subscribed.set)

    def _on_message(self, _client: MqttClient, _data: object, message: MQTTMessage) -> None:
        self._loop.call_soon_threadsafe(self._messages.put_nowait, message)

    async def ready(self) -> None:
        await asyncio.wait_for(self._subscribed.wait(), 10)

    async def next(self) -> tuple[MQTTMessage, Any]:
        message = await asyncio.wait_for(self._messages.get(), 10)
        return message, orjson.loads(message.payload)

    def close(self) -> None:
        self._client.disconnect()
        self._client.loop_stop()


@pytest.fixture
async def mqtt(tmp_path: Path) -> AsyncIterator[MqttBroker]:
    broker: Mosquitto | EmbeddedStandIn = Mosquitto(tmp_path / "mqtt") if MOSQUITTO else EmbeddedStandIn()
    await asyncio.to_thread(broker.start)
    yield broker
    await asyncio.to_thread(broker.close if isinstance(broker, EmbeddedStandIn) else broker.stop)


@pytest.fixture
async def listener(mqtt: MqttBroker) -> AsyncIterator[Listener]:
    listening = Listener(mqtt.port)
    await listening.ready()
    yield listening
    listening.close()


async def subscribe(broker: Client, uri: str, accept: str = "application/json", **info: str) -> None:
    """To Kiosks by MQTT; `info` is the channel's, as in `MQTT_QoS="1"`."""
    notifier = [{"key": key.replace("_", "-"), "value": value} for key, value in info.items()]
    endpoint = {"accept": accept, "notifierInfo": notifier, "receiverInfo": [{"key": "X-Site", "value": "north"}]}
    await broker.send("POST", "/subscriptions", subscription(uri, endpoint=endpoint), 201)


async def test_a_message_has_metadata_and_the_notification(
    broker: Client, mqtt: MqttBroker, listener: Listener
) -> None:
    await subscribe(broker, f"{mqtt.url}/city/kiosks")
    await broker.create(queue=5)
    message, payload = await listener.next()
    assert (message.topic, message.qos) == ("city/kiosks", 0)
    link = context_link(CORE)["Link"]
    assert payload["metadata"] == {"Content-Type": "application/json", "Link": link, "X-Site": "north"}
    assert payload["body"]["type"] == "Notification"
    assert payload["body"]["data"] == [{"id": KIOSK, "type": "Kiosk", "queue": prop(5)}]
    await counted(broker, status="ok", timesSent=1)


@pytest.mark.parametrize("qos", ["0", "1", "2"])
@pytest.mark.parametrize("version", ["mqtt3.1.1", "mqtt5.0"])
async def test_every_version_and_quality_of_service_delivers(
    broker: Client, mqtt: MqttBroker, listener: Listener, qos: str, version: str
) -> None:
    await subscribe(broker, f"{mqtt.url}/city/a", MQTT_QoS=qos, MQTT_Version=version)
    await broker.create(queue=5)
    message, payload = await listener.next()
    assert (str(message.qos), payload["body"]["data"][0]["queue"]) == (qos, prop(5))
    await change(broker, 6)
    assert (await listener.next())[1]["body"]["data"][0]["queue"] == prop(6)
    await counted(broker, status="ok", timesSent=2, timesFailed=0)


@pytest.mark.parametrize("accept", ["application/ld+json", "application/geo+json"])
async def test_only_plain_json_has_the_link_in_its_metadata(
    broker: Client, mqtt: MqttBroker, listener: Listener, accept: str
) -> None:
    await subscribe(broker, f"{mqtt.url}/city/a", accept)
    await broker.create(queue=5)
    _, payload = await listener.next()
    assert payload["metadata"] == {"Content-Type": accept, "X-Site": "north"}
    shown = payload["body"] if accept == "application/ld+json" else payload["body"]["data"]
    assert shown["@context"] == CORE


async def test_the_tenant_is_in_the_metadata(broker: Client, mqtt: MqttBroker, listener: Listener) -> None:
    tenant = {"NGSILD-Tenant": "north"}
    await broker.send("POST", "/subscriptions", subscription(f"{mqtt.url}/city/a"), 201, headers=tenant)
    await broker.send("POST", "/entities", {"id": KIOSK, "type": "Kiosk", "queue": 1}, 201, headers=tenant)
    assert (await listener.next())[1]["metadata"]["NGSILD-Tenant"] == "north"


async def test_a_broker_that_is_not_there_is_a_failure_and_gets_it_later(
    broker: Client, mqtt: MqttBroker, tmp_path: Path
) -> None:
    await asyncio.to_thread(mqtt.stop)
    await subscribe(broker, f"{mqtt.url}/city/a", MQTT_QoS="1")
    await broker.create(queue=5)
    await counted(broker, status="failed")
    await asyncio.to_thread(mqtt.start)
    listening = Listener(mqtt.port)
    await listening.ready()
    await broker.send("PATCH", "/subscriptions/urn:ngsi-ld:Subscription:9", {"description": "try again"})
    assert (await listening.next())[1]["body"]["data"][0]["queue"] == prop(5)
    await counted(broker, status="ok")
    listening.close()


@pytest.mark.skipif(MOSQUITTO is None, reason="needs a broker with passwords: no Mosquitto is installed")
@pytest.mark.parametrize(("password", "status"), [("secret", "ok"), ("wrong", "failed")])
async def test_user_and_password_of_the_uri_are_used(
    broker: Client, tmp_path: Path, password: str, status: str
) -> None:
    passwords = tmp_path / "passwords"
    passwords.write_text(password_line("herne", "secret"))
    passwords.chmod(0o600)
    mosquitto = Mosquitto(tmp_path / "closed", f"password_file {passwords}")
    await asyncio.to_thread(mosquitto.start)
    await subscribe(broker, f"mqtt://herne:{password}@127.0.0.1:{mosquitto.port}/city/a", MQTT_QoS="1")
    await broker.create(queue=5)
    await counted(broker, status=status)
    await asyncio.to_thread(mosquitto.stop)


@pytest.mark.skipif(MOSQUITTO is None or shutil.which("openssl") is None, reason="needs Mosquitto and openssl")
@pytest.mark.parametrize(("trusted", "status"), [(True, "ok"), (False, "failed")])
async def test_mqtts_reaches_only_brokers_that_can_be_trusted(
    broker: Client, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, trusted: bool, status: str
) -> None:
    key, certificate = tmp_path / "key.pem", tmp_path / "certificate.pem"
    await asyncio.to_thread(self_sign, key, certificate)
    more = f"allow_anonymous true\ncertfile {certificate}\nkeyfile {key}"
    mosquitto = Mosquitto(tmp_path / "tls", more, scheme="mqtts")
    await asyncio.to_thread(mosquitto.start)
    if trusted:
        monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
    await subscribe(broker, f"{mosquitto.url}/city/a", MQTT_QoS="1")
    await broker.create(queue=5)
    await counted(broker, status=status)
    await asyncio.to_thread(mosquitto.stop)


async def test_a_broker_that_never_answers_holds_up_no_other(
    broker: Client, mqtt: MqttBroker, listener: Listener
) -> None:
    silent = socket.create_server(("127.0.0.1", 0))
    port = silent.getsockname()[1]
    for number in range(10):
        hanging = subscription(f"mqtt://user{number}@127.0.0.1:{port}/city/a", id=f"urn:x:{number}")
        await broker.send("POST", "/subscriptions", hanging, 201)
    await subscribe(broker, f"{mqtt.url}/city/b", MQTT_QoS="1")
    began = asyncio.get_running_loop().time()
    await broker.create(queue=5)
    await listener.next()
    assert asyncio.get_running_loop().time() - began < 2
    silent.close()
