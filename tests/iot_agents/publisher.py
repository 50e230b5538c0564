"""A sensor gateway: publishes over real MQTT and remembers which messages were acknowledged."""

import socket
import ssl
import threading
from collections.abc import Iterable
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import paho.mqtt.client as paho
from paho.mqtt.enums import CallbackAPIVersion

from iot_agents.transports.mqtt_url import MqttUrl


class _Client(paho.Client):
    def _ssl_wrap_socket(self, tcp_sock: socket.socket) -> ssl.SSLSocket:
        """Where the handshake fails, paho leaves the socket to the garbage collector; `wrap_socket` closes it."""
        assert self._ssl_context is not None
        return self._ssl_context.wrap_socket(tcp_sock, server_hostname=self._host)


class Publisher:
    """`acknowledged` are the numbers of the messages that the broker has acknowledged (QoS 1)."""

    def __init__(
        self, url: str, client_id: str = "", ca_file: Path | None = None, pair: tuple[Path, Path] | None = None
    ) -> None:
        address = MqttUrl.parse(url)
        self._address = (address.host, address.port)
        self._client = _Client(CallbackAPIVersion.VERSION2, client_id=client_id, clean_session=client_id == "")
        self._client.max_inflight_messages_set(200)
        self._client.reconnect_delay_set(1, 1)
        if address.user is not None:
            self._client.username_pw_set(address.user, address.password)
        if address.tls:
            certificate, key = (str(path) for path in pair) if pair else (None, None)
            self._client.tls_set(ca_certs=str(ca_file), certfile=certificate, keyfile=key)
        self._client.on_publish = self._on_publish
        self._changed = threading.Condition()
        self._numbers: dict[int, int] = {}
        self._acknowledged: set[int] = set()

    def __enter__(self) -> Self:
        self._client.connect(*self._address, keepalive=5)
        self._client.loop_start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._client.disconnect()
        self._client.loop_stop()
        self._client._sock_close()  # paho leaves it open where the other side ended the connection first

    @property
    def acknowledged(self) -> set[int]:
        with self._changed:
            return {self._numbers[mid] for mid in self._acknowledged}

    def publish(self, number: int, topic: str, payload: bytes) -> None:
        self._numbers[self._client.publish(topic, payload, qos=1).mid] = number

    def publish_all(self, messages: Iterable[tuple[str, bytes]]) -> None:
        for number, (topic, payload) in enumerate(messages):
            self.publish(number, topic, payload)

    def wait_for(self, count: int, timeout: float = 10) -> bool:
        """Whether so many messages are acknowledged in time."""
        with self._changed:
            return self._changed.wait_for(lambda: len(self._acknowledged) >= count, timeout)

    def _on_publish(self, _client: paho.Client, _data: Any, mid: int, _reason: Any, _properties: Any) -> None:
        with self._changed:
            self._acknowledged.add(mid)
            self._changed.notify_all()
