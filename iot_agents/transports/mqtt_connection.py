"""One connection to an MQTT broker, on the event loop: messages in, acknowledgements out in the order they came."""

import asyncio
import logging
import socket
import ssl
from collections import deque
from collections.abc import Callable
from typing import Any

import paho.mqtt.client as paho
from paho.mqtt.enums import MQTTProtocolVersion
from paho.mqtt.reasoncodes import ReasonCode

from iot_agents.transports import HandIn, Unanswered
from iot_agents.transports.mqtt_packets import (
    PUBLISH,
    acknowledgements,
    packet_at,
    publish_in,
)

logger = logging.getLogger(__name__)

READ_BYTES = 64 * 1024
"""Read at once, before the event loop serves others again."""

KEEPALIVE_CHECK = 1.0
PUBLISH_TIMEOUT = 20.0
"""Seconds within which the broker acknowledges what we publish."""

CLOSING_LOOKS = 0.01


class PahoClient(paho.Client):
    """Paho, which speaks the protocol; what is read from the socket is read elsewhere and given to it in packets.

    Paho itself asks the system three times for each packet, which costs more than everything else about a reading.
    """

    inbox = b""
    ended = False

    def excuse(self) -> None:
        """An answer to our ping may have come that we have not read: the broker is not to be blamed."""
        self._ping_t = 0.0

    def feed(self, packet: bytes) -> bool:
        """Whether the connection still stands."""
        self.inbox = packet
        return self.loop_read() == paho.MQTT_ERR_SUCCESS

    def end(self) -> None:
        """The broker has closed the connection."""
        self.ended = True
        self.loop_read()

    def _sock_recv(self, bufsize: int) -> bytes:
        taken, self.inbox = self.inbox[:bufsize], self.inbox[bufsize:]
        if not taken and not self.ended:
            raise BlockingIOError
        return taken

    def send_acknowledgements(self, mids: list[int]) -> None:
        """All in one write."""
        self._packet_queue(paho.PUBACK, acknowledgements(mids), 0, 0)

    def _ssl_wrap_socket(self, tcp_sock: socket.socket) -> ssl.SSLSocket:
        """Where the handshake fails, paho leaves the socket to the garbage collector; `wrap_socket` closes it."""
        assert self._ssl_context is not None
        return self._ssl_context.wrap_socket(tcp_sock, server_hostname=self._host)


class Room:
    """For how many messages there is room, over all connections of a client.

    What came with a connection that ended may still wait for the context broker, and comes again with the next one:
    without a common bound it would pile up.
    """

    def __init__(self, messages: int) -> None:
        self.messages, self.taken = messages, 0
        self.on_free: Callable[[], None] | None = None

    @property
    def is_full(self) -> bool:
        return self.taken >= self.messages

    def free(self, count: int) -> None:
        self.taken -= count
        if count and self.on_free is not None:
            self.on_free()


class _Delivery:
    """A message that came, until it may be acknowledged."""

    __slots__ = ("connection", "done", "mid")

    def __init__(self, connection: "MqttConnection", mid: int) -> None:
        self.connection, self.mid, self.done = connection, mid, False

    def finish(self, accepted: bool) -> None:
        if not accepted:
            # Not acknowledged: it comes again on the next connection. The messages behind it need not wait for that.
            self.mid = 0
        self.done = True
        self.connection.acknowledge_soon()


class MqttConnection:
    """Hands in what a paho client receives whose socket is open.

    `answer` is the broker's answer to our CONNECT, None where it closed the connection instead; `closed` is set when
    the connection is gone, and `broken` says why where we know. `is_resumed` tells whether the broker had kept our
    session. Acknowledgements go out in the order of the messages (MQTT-4.6.0-2). Where a message comes for which there
    is no `room`, the socket is not read until there is. What is not acknowledged when the connection ends comes again
    on the next one.
    """

    def __init__(self, client: PahoClient, hand_in: HandIn, room: Room) -> None:
        self.closed = asyncio.Event()
        self.answer: asyncio.Future[ReasonCode | None] = asyncio.get_running_loop().create_future()
        self.broken, self.is_resumed = "", False
        self._client, self._hand_in, self._room = client, hand_in, room
        room.on_free = self._resume
        self._with_properties = client.protocol is MQTTProtocolVersion.MQTTv5
        self._loop = asyncio.get_running_loop()
        self._deliveries: deque[_Delivery] = deque()
        self._published: dict[int, asyncio.Future[None]] = {}
        self._buffer = b""
        self._reading = self._closing = self._acknowledging = False
        self._socket: Any = client.socket()
        client.on_connect = self._on_connect
        client.on_disconnect = self._on_disconnect
        client.on_publish = self._on_publish
        client.on_socket_register_write = self._on_want_write
        client.on_socket_unregister_write = self._on_written
        client.on_socket_close = self._on_socket_close
        self._keepalive = self._loop.create_task(self._keep_alive())
        self._read()

    async def publish(self, topic: str, payload: bytes) -> None:
        """With QoS 1; returns when the broker has acknowledged it, `Unanswered` where it does not say."""
        acknowledged: asyncio.Future[None] = self._loop.create_future()
        mid = self._client.publish(topic, payload, qos=1).mid
        self._published[mid] = acknowledged
        try:
            await asyncio.wait_for(acknowledged, PUBLISH_TIMEOUT)
        except TimeoutError:
            raise Unanswered("the MQTT broker does not acknowledge") from None
        finally:
            self._published.pop(mid, None)

    async def close(self, grace: float) -> None:
        """Finish and acknowledge for `grace` seconds what is under way, then disconnect; the session stays."""
        self._closing = True
        self._pause_reading()
        deadline = self._loop.time() + grace
        while self._deliveries and not self.closed.is_set() and self._loop.time() < deadline:  # noqa: ASYNC110
            await asyncio.sleep(CLOSING_LOOKS)
        if not self.closed.is_set():
            self._client.disconnect()
            self._client.loop_write()
            self._client._sock_close()  # where the broker does not read, paho would wait for it
        await asyncio.gather(self._keepalive, return_exceptions=True)

    def acknowledge_soon(self) -> None:
        """Once for all messages that are done in this turn of the event loop."""
        if not self._acknowledging:
            self._acknowledging = True
            self._loop.call_soon(self._acknowledge)

    def _read(self) -> None:
        if not self._reading and not self._closing and not self.closed.is_set():
            self._reading = True
            self._loop.add_reader(self._socket, self._on_readable)

    def _pause_reading(self) -> None:
        if self._reading:
            self._reading = False
            self._loop.remove_reader(self._socket)

    def _on_readable(self) -> None:
        more = True
        while more and self._reading:
            try:
                received = self._socket.recv(READ_BYTES)
            except (BlockingIOError, InterruptedError, ssl.SSLWantReadError, ssl.SSLWantWriteError):
                return
            except OSError as error:
                self.broken, received = str(error), b""
            if not received:
                self._client.end()
                return
            self._buffer += received
            self._take_packets()
            # bytes that TLS holds already the socket does not announce any more
            more = isinstance(self._socket, ssl.SSLSocket) and self._socket.pending() > 0

    def _take_packets(self) -> None:
        buffer, start = self._buffer, 0
        try:
            while start < len(buffer):
                packet = packet_at(buffer, start)
                if packet is None:
                    break
                if packet.first >> 4 != PUBLISH:
                    if not self._client.feed(buffer[start : packet.end]):
                        return
                elif self._room.is_full:
                    self._pause_reading()
                    break
                else:
                    self._take(*publish_in(buffer, packet, self._with_properties))
                start = packet.end
        except Exception as malformed:
            # what was taken must not be taken once more
            logger.error("The MQTT broker sends what is no MQTT, the connection ends: %r", malformed)
            self._client._sock_close()
            return
        self._buffer = buffer[start:]

    def _take(self, topic: str, payload: bytes, mid: int, qos: int) -> None:
        delivery = _Delivery(self, mid)
        self._deliveries.append(delivery)
        self._room.taken += 1
        self._hand_in(topic, payload, delivery.finish)

    def _acknowledge(self) -> None:
        self._acknowledging = False
        deliveries, mids, done = self._deliveries, list[int](), 0
        while deliveries and deliveries[0].done:
            delivery, done = deliveries.popleft(), done + 1
            if delivery.mid:
                mids.append(delivery.mid)
        if mids and not self.closed.is_set():
            self._client.send_acknowledgements(mids)
        self._room.free(done)

    def _resume(self) -> None:
        if not self._reading and not self._closing and not self.closed.is_set():
            self._read()
            self._take_packets()

    async def _keep_alive(self) -> None:
        while not self.closed.is_set():
            await asyncio.sleep(KEEPALIVE_CHECK)
            if not self._reading:
                self._client.excuse()
            self._client.loop_misc()

    def _on_connect(self, _client: paho.Client, _data: Any, flags: Any, reason: ReasonCode, _properties: Any) -> None:
        self.is_resumed = bool(flags.session_present)
        if not self.answer.done():
            self.answer.set_result(reason)

    def _on_disconnect(
        self, _client: paho.Client, _data: Any, flags: Any, reason: ReasonCode, _properties: Any
    ) -> None:
        if flags.is_disconnect_packet_from_server:
            self.broken = str(reason)

    def _on_publish(self, _client: paho.Client, _data: Any, mid: int, reason: ReasonCode, _properties: Any) -> None:
        acknowledged = self._published.get(mid)
        if acknowledged is None or acknowledged.done():
            return
        if reason.is_failure:
            acknowledged.set_exception(ConnectionError(f"the MQTT broker refuses the message: {reason}"))
        else:
            acknowledged.set_result(None)

    def _on_want_write(self, client: paho.Client, _data: Any, sock: Any) -> None:
        self._loop.add_writer(sock, client.loop_write)

    def _on_written(self, _client: paho.Client, _data: Any, sock: Any) -> None:
        self._loop.remove_writer(sock)

    def _on_socket_close(self, _client: paho.Client, _data: Any, sock: Any) -> None:
        """What is under way will be delivered again, and is recognised then if it is committed meanwhile."""
        self._pause_reading()
        self._loop.remove_writer(sock)
        self.closed.set()
        if not self.answer.done():
            self.answer.set_result(None)
        self._keepalive.cancel()
        for acknowledged in self._published.values():
            if not acknowledged.done():
                acknowledged.set_exception(Unanswered("the connection to the MQTT broker ended"))
