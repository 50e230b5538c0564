"""One connection to an MQTT broker: paho drives it in a thread, what it reports arrives on the event loop."""

import asyncio
import ssl
import threading
from contextlib import suppress
from typing import Any

from paho.mqtt.client import Client
from paho.mqtt.enums import CallbackAPIVersion, MQTTErrorCode, MQTTProtocolVersion

from context_broker.notifications.delivery.failures import DeliveryFailed
from context_broker.notifications.endpoint import MqttTarget

CONNECT_SECONDS = 5.0


class MqttConnection:
    """Connects at once. `connected` is done with the CONNACK, or has the `OSError` that says why there is none."""

    def __init__(self, target: MqttTarget, address: str) -> None:
        self._loop = asyncio.get_running_loop()
        self.connected: asyncio.Future[None] = self._loop.create_future()
        self._where = f"MQTT broker {target.host}:{target.port}"
        self._published: dict[int, asyncio.Future[None]] = {}
        self._client = self._make_client(target)
        self._client.connect_async(address, target.port, keepalive=60)
        self._client.loop_start()

    @property
    def is_open(self) -> bool:
        return self._client.is_connected()

    async def publish(self, topic: str, payload: bytes, qos: int) -> None:
        """Hand a message over; returns when that is done as its QoS demands."""
        info = self._client.publish(topic, payload, qos)
        if info.rc != MQTTErrorCode.MQTT_ERR_SUCCESS:
            raise OSError(f"{self._where}: publishing failed ({info.rc.name})")
        done = self._published[info.mid] = self._loop.create_future()
        try:
            await done
        finally:
            self._published.pop(info.mid, None)

    def close(self) -> None:
        """Disconnect, without waiting for the thread: it may hang in a connection attempt."""
        self._client.on_connect = self._client.on_connect_fail = self._client.on_publish = None
        self._client.on_disconnect = None
        self._client.disconnect()
        threading.Thread(target=self._end_thread, daemon=True).start()

    def _end_thread(self) -> None:
        with suppress(AttributeError):  # paho's thread may end between its look at it and the join
            self._client.loop_stop()

    def _make_client(self, target: MqttTarget) -> Client:
        version = MQTTProtocolVersion.MQTTv5 if target.version == "mqtt5.0" else MQTTProtocolVersion.MQTTv311
        client = Client(CallbackAPIVersion.VERSION2, protocol=version)
        client.connect_timeout = CONNECT_SECONDS
        if target.user is not None:
            client.username_pw_set(target.user, target.password)
        if target.tls:
            client.tls_set_context(_NamedContext(target.host))
        client.on_connect = self._on_connect
        client.on_connect_fail = self._on_connect_fail
        client.on_disconnect = self._on_disconnect
        client.on_publish = self._on_publish
        return client

    def _on_connect(self, _client: Client, _data: object, _flags: object, reason: Any, _properties: object) -> None:
        error = OSError(f"{self._where}: {reason}") if reason.is_failure else None
        self._tell(lambda: _settle(self.connected, error))

    def _on_connect_fail(self, _client: Client, _data: object) -> None:
        self._tell(lambda: _settle(self.connected, OSError(f"{self._where} can't be reached")))

    def _on_disconnect(self, _client: Client, _data: object, _flags: object, reason: Any, _properties: object) -> None:
        self._tell(lambda: self._lost(OSError(f"{self._where} ended the connection: {reason}")))

    def _on_publish(self, _client: Client, _data: object, mid: int, reason: Any, _properties: object) -> None:
        refusal = DeliveryFailed(f"{self._where}: {reason}", is_final=True) if reason.is_failure else None
        self._tell(lambda: _settle(self._published.get(mid), refusal))

    def _lost(self, error: OSError) -> None:
        for waiting in (self.connected, *self._published.values()):
            _settle(waiting, error)

    def _tell(self, what: Any) -> None:
        if not self._loop.is_closed():
            self._loop.call_soon_threadsafe(what)


class _NamedContext(ssl.SSLContext):
    """Verifies the certificate by the host's name although the connection is made to its checked address.

    It shakes hands itself: paho would wait a keepalive's time for that, and leave the socket open where it fails.
    """

    _host: str

    def __new__(cls, host: str) -> "_NamedContext":
        context = super().__new__(cls, ssl.PROTOCOL_TLS_CLIENT)
        context._host = host
        context.load_default_certs()
        return context

    def wrap_socket(self, *args: object, **kwargs: object) -> ssl.SSLSocket:
        kwargs["server_hostname"] = self._host
        wrapped = super().wrap_socket(*args, **kwargs)  # type: ignore[arg-type]
        try:
            wrapped.settimeout(CONNECT_SECONDS)
            wrapped.do_handshake()
        except BaseException:
            wrapped.close()
            raise
        return wrapped


def _settle(future: "asyncio.Future[None] | None", error: Exception | None) -> None:
    if future is None or future.done():
        return
    if error is None:
        future.set_result(None)
    else:
        future.set_exception(error)
