"""One connection to an MQTT broker, on the event loop: messages in, acknowledgements out in the order they came."""

import asyncio
import logging
import ssl
from collections import deque
from typing import Any

import paho.mqtt.client as paho
from paho.mqtt.reasoncodes import ReasonCode

from iot_agents.transports import Accept

logger = logging.getLogger(__name__)

READS_A_TURN = 200
"""Packets read before the event loop serves others again."""

KEEPALIVE_CHECK = 1.0
PUBLISH_TIMEOUT = 20.0
"""Seconds within which the broker acknowledges what we publish."""


class _Delivery:
    """A message that came, until it may be acknowledged."""

    __slots__ = ("done", "mid", "qos")

    def __init__(self, mid: int, qos: int) -> None:
        self.mid, self.qos, self.done = mid, qos, False


class MqttConnection:
    """Feeds `accept` from a paho client whose socket is open.

    `answer` is the broker's answer to our CONNECT, None where it closed the connection instead; `closed` is set when
    the connection is gone. Acknowledgements go out in the order of the messages (MQTT-4.6.0-2). At most `in_flight`
    messages are under way; beyond that the socket is not read. What is not acknowledged when the connection ends comes
    again on the next one.
    """

    def __init__(self, client: paho.Client, accept: Accept, in_flight: int) -> None:
        self.closed = asyncio.Event()
        self.answer: asyncio.Future[ReasonCode | None] = asyncio.get_running_loop().create_future()
        self._client, self._accept, self._in_flight = client, accept, in_flight
        self._loop = asyncio.get_running_loop()
        self._deliveries: deque[_Delivery] = deque()
        self._tasks: set[asyncio.Task[None]] = set()
        self._published: dict[int, asyncio.Future[None]] = {}
        self._received = 0
        self._reading = False
        self._socket: Any = client.socket()
        client.on_connect = self._on_connect
        client.on_message = self._on_message
        client.on_publish = self._on_publish
        client.on_socket_register_write = self._on_want_write
        client.on_socket_unregister_write = self._on_written
        client.on_socket_close = self._on_socket_close
        self._keepalive = self._loop.create_task(self._keep_alive())
        self._read()

    @property
    def under_way(self) -> int:
        return len(self._deliveries)

    async def publish(self, topic: str, payload: bytes) -> None:
        """With QoS 1; returns when the broker has acknowledged it, `ConnectionError` where it did not."""
        acknowledged: asyncio.Future[None] = self._loop.create_future()
        mid = self._client.publish(topic, payload, qos=1).mid
        self._published[mid] = acknowledged
        try:
            await asyncio.wait_for(acknowledged, PUBLISH_TIMEOUT)
        except TimeoutError:
            raise ConnectionError("the MQTT broker does not acknowledge") from None
        finally:
            self._published.pop(mid, None)

    async def close(self, grace: float) -> None:
        """Finish and acknowledge for `grace` seconds what is under way, then disconnect; the session stays."""
        self._pause_reading()
        if self._tasks and not self.closed.is_set():
            await asyncio.wait(self._tasks, timeout=grace)
        if not self.closed.is_set():
            self._client.disconnect()
            self._client.loop_write()
            self._client._sock_close()  # where the broker does not read, paho would wait for it
        await asyncio.gather(self._keepalive, *self._tasks, return_exceptions=True)

    def _read(self) -> None:
        if not self._reading and not self.closed.is_set():
            self._reading = True
            self._loop.add_reader(self._socket, self._on_readable)

    def _pause_reading(self) -> None:
        if self._reading:
            self._reading = False
            self._loop.remove_reader(self._socket)

    def _on_readable(self) -> None:
        for _ in range(READS_A_TURN):
            before = self._received
            if self._client.loop_read() != paho.MQTT_ERR_SUCCESS or not self._reading:
                return
            if self._received == before and not self._decrypted():
                return

    def _decrypted(self) -> bool:
        """Whether TLS holds bytes that the socket will not announce any more."""
        return isinstance(self._socket, ssl.SSLSocket) and self._socket.pending() > 0

    def _on_connect(self, _client: paho.Client, _data: Any, _flags: Any, reason: ReasonCode, _properties: Any) -> None:
        if not self.answer.done():
            self.answer.set_result(reason)

    def _on_message(self, _client: paho.Client, _data: Any, message: paho.MQTTMessage) -> None:
        self._received += 1
        delivery = _Delivery(message.mid, message.qos)
        self._deliveries.append(delivery)
        if len(self._deliveries) >= self._in_flight:
            self._pause_reading()
        task = self._loop.create_task(self._take(message.topic, bytes(message.payload), delivery))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    def _on_publish(self, _client: paho.Client, _data: Any, mid: int, reason: ReasonCode, _properties: Any) -> None:
        acknowledged = self._published.get(mid)
        if acknowledged is None or acknowledged.done():
            return
        if reason.is_failure:
            acknowledged.set_exception(ConnectionError(f"the MQTT broker refuses the message: {reason}"))
        else:
            acknowledged.set_result(None)

    async def _take(self, topic: str, payload: bytes, delivery: _Delivery) -> None:
        try:
            await self._accept(topic, payload)
        except Exception:
            # Not acknowledged: it comes again on the next connection. The messages behind it need not wait for that.
            logger.exception("A message on %s was not accepted", topic)
            self._deliveries.remove(delivery)
        delivery.done = True
        self._acknowledge()

    def _acknowledge(self) -> None:
        deliveries = self._deliveries
        while deliveries and deliveries[0].done:
            delivery = deliveries.popleft()
            if not self.closed.is_set():
                self._client.ack(delivery.mid, delivery.qos)
        if len(deliveries) < self._in_flight:
            self._read()

    async def _keep_alive(self) -> None:
        while not self.closed.is_set():
            await asyncio.sleep(KEEPALIVE_CHECK)
            self._client.loop_misc()

    def _on_want_write(self, client: paho.Client, _data: Any, sock: Any) -> None:
        self._loop.add_writer(sock, client.loop_write)

    def _on_written(self, _client: paho.Client, _data: Any, sock: Any) -> None:
        self._loop.remove_writer(sock)

    def _on_socket_close(self, _client: paho.Client, _data: Any, sock: Any) -> None:
        """What is under way will be delivered again: whoever works on it can stop."""
        self._pause_reading()
        self._loop.remove_writer(sock)
        self.closed.set()
        if not self.answer.done():
            self.answer.set_result(None)
        self._keepalive.cancel()
        for acknowledged in self._published.values():
            if not acknowledged.done():
                acknowledged.set_exception(ConnectionError("the connection to the MQTT broker ended"))
        for task in self._tasks:
            task.cancel()
