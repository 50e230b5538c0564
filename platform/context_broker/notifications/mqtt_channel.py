"""Notifications by MQTT (CIM 009, 7.2): `{"metadata": {…headers…}, "body": notification}` on the endpoint's topic."""

import asyncio
import ssl
import threading
from dataclasses import replace

import orjson
from paho.mqtt.client import Client, MQTTMessageInfo
from paho.mqtt.enums import CallbackAPIVersion, MQTTErrorCode, MQTTProtocolVersion

from context_broker.notifications.endpoint import Endpoint, MqttTarget
from context_broker.notifications.failures import DeliveryFailed
from context_broker.targets import TargetGuard

MAX_CONNECTIONS = 200


class MqttChannel:
    """One connection per broker and credentials, made when first needed; paho's thread drives each."""

    def __init__(self, guard: TargetGuard) -> None:
        self._guard = guard
        self._clients: dict[MqttTarget, Client] = {}
        self._lock = asyncio.Lock()

    async def send(self, endpoint: Endpoint, metadata: dict[str, str], body: bytes) -> None:
        """Publish and wait until it is handed over (QoS 0) or acknowledged (QoS 1, 2)."""
        target = endpoint.mqtt
        assert target is not None
        payload = b'{"metadata":' + orjson.dumps(metadata) + b',"body":' + body + b"}"
        try:
            async with asyncio.timeout(endpoint.timeout):
                client = await self._connected(target)
                await asyncio.to_thread(_publish, client, target, payload, endpoint.timeout)
        except (OSError, TimeoutError, ValueError, RuntimeError) as error:
            self._drop(target)
            raise DeliveryFailed(str(error) or type(error).__name__) from None

    async def _connected(self, target: MqttTarget) -> Client:
        key = replace(target, topic="", qos=0)
        async with self._lock:
            client = self._clients.get(key)
            if client is not None and client.is_connected():
                return client
            self._drop(target)
            if len(self._clients) >= MAX_CONNECTIONS:
                self._drop(next(iter(self._clients)))
            address = await self._guard.resolve(target.host, target.port)
            client = await asyncio.to_thread(_connect, target, address)
            self._clients[key] = client
            return client

    def _drop(self, target: MqttTarget) -> None:
        client = self._clients.pop(replace(target, topic="", qos=0), None)
        if client is not None:
            client.disconnect()
            client.loop_stop()

    async def close(self) -> None:
        for target in list(self._clients):
            await asyncio.to_thread(self._drop, target)


def _connect(target: MqttTarget, address: str) -> Client:
    """A client that has its CONNACK; `OSError` where the broker can't be reached or refuses."""
    version = MQTTProtocolVersion.MQTTv5 if target.version == "mqtt5.0" else MQTTProtocolVersion.MQTTv311
    client = Client(CallbackAPIVersion.VERSION2, protocol=version)
    if target.user is not None:
        client.username_pw_set(target.user, target.password)
    if target.tls:
        client.tls_set_context(_NamedContext(target.host))
    done, refusal = threading.Event(), ["no CONNACK in time"]

    def connected(_client: Client, _data: object, _flags: object, reason: object, _properties: object) -> None:
        refusal[0] = "" if getattr(reason, "value", 1) == 0 else str(reason)
        done.set()

    client.on_connect = connected
    client.connect(address, target.port, keepalive=60)
    client.loop_start()
    done.wait(5)
    if refusal[0]:
        client.loop_stop()
        raise OSError(f"MQTT broker {target.host}:{target.port}: {refusal[0]}")
    return client


class _NamedContext(ssl.SSLContext):
    """Verifies the certificate by the host's name although the connection is made to its checked address."""

    _host: str

    def __new__(cls, host: str) -> "_NamedContext":
        context = super().__new__(cls, ssl.PROTOCOL_TLS_CLIENT)
        context._host = host
        context.load_default_certs()
        return context

    def wrap_socket(self, *args: object, **kwargs: object) -> ssl.SSLSocket:
        kwargs["server_hostname"] = self._host
        return super().wrap_socket(*args, **kwargs)  # type: ignore[arg-type]


def _publish(client: Client, target: MqttTarget, payload: bytes, timeout: float) -> None:
    info: MQTTMessageInfo = client.publish(target.topic, payload, target.qos)
    if info.rc != MQTTErrorCode.MQTT_ERR_SUCCESS:
        raise OSError(f"MQTT publish failed: {info.rc.name}")
    info.wait_for_publish(timeout)
    if not info.is_published():
        raise TimeoutError("the MQTT broker did not acknowledge in time")
