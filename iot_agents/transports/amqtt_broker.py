"""amqtt made to acknowledge late. By itself it acknowledges at once and keeps everything in memory.

The hook is the protocol handler's `handle_publish`, which queues a message for the subscribers and answers PUBACK (or
PUBREC): here the message is accepted first. What else is overridden bounds what a bad peer can do.
"""

import asyncio
import logging
from collections.abc import Mapping, Sequence
from typing import Any

from amqtt.adapters import BufferReader, ReaderAdapter, StreamReaderAdapter, StreamWriterAdapter, WriterAdapter
from amqtt.broker import Broker
from amqtt.contexts import Action, BrokerConfig, ListenerConfig, ListenerType
from amqtt.errors import AMQTTError
from amqtt.mqtt.connack import NOT_AUTHORIZED, UNACCEPTABLE_PROTOCOL_VERSION, ConnackPacket
from amqtt.mqtt.packet import CONNECT, MQTTFixedHeader
from amqtt.mqtt.protocol.broker_handler import BrokerProtocolHandler
from amqtt.mqtt.publish import PublishPacket
from amqtt.session import Session
from amqtt.utils import gen_client_id

from iot_agents.transports import Accept
from iot_agents.transports.access import Access, Admission

logger = logging.getLogger(__name__)

CONNECT_TIMEOUT = 10.0
"""Seconds for a new connection to say who it is."""

CONNECT_BYTES = 64 * 1024
MQTT_3_1_1 = b"\x00\x04MQTT\x04"
"""How the body of a CONNECT begins; amqtt would read on and on in one of MQTT 5."""

KEEPALIVE_GRACE = 15
"""Seconds that a client may be late with its sign of life."""

SESSION_EXPIRY = 86_400
"""Seconds for which the subscriptions of a client that is away are kept."""

LISTENER = "default"


class Inbox:
    """What has come in and is not accepted yet, of all connections."""

    def __init__(self, accept: Accept) -> None:
        self.open = asyncio.Event()
        self.open.set()
        self.forbidden = 0
        self._accept = accept
        self._tasks: set[asyncio.Task[None]] = set()

    @property
    def under_way(self) -> int:
        return len(self._tasks)

    def accept(self, topic: str, payload: bytes) -> asyncio.Task[None]:
        task = asyncio.create_task(self._take(topic, payload))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return task

    async def close(self, grace: float) -> None:
        """Nothing more is read; what is under way has `grace` seconds."""
        self.open.clear()
        if self._tasks:
            await asyncio.wait(self._tasks, timeout=grace)
        for task in self._tasks:
            task.cancel()

    async def _take(self, topic: str, payload: bytes) -> None:
        await self._accept(topic, payload)


class PacketTooLarge(AMQTTError):  # type: ignore[misc]
    """Its sender is cut off."""


class BoundedReader(StreamReaderAdapter):  # type: ignore[misc]
    """Reads a client's packets while not too many of its messages are under way."""

    def __init__(self, reader: asyncio.StreamReader, inbox: Inbox, packet_bytes: int, in_flight: int) -> None:
        super().__init__(reader)
        self._inbox, self._packet_bytes, self._in_flight = inbox, packet_bytes, in_flight
        self._under_way = 0
        self._room = asyncio.Event()
        self._room.set()

    @property
    def is_full(self) -> bool:
        return self._under_way >= self._in_flight

    def begin(self) -> None:
        self._under_way += 1
        if self.is_full:
            self._room.clear()

    def end(self) -> None:
        self._under_way -= 1
        self._room.set()

    async def read(self, n: int = -1) -> bytes:
        if n > self._packet_bytes:
            raise PacketTooLarge(f"a packet of {n} bytes, allowed are {self._packet_bytes}")
        await self._room.wait()
        await self._inbox.open.wait()
        return bytes(await super().read(n))


class AbortableWriter(StreamWriterAdapter):  # type: ignore[misc]
    """Can end a connection at once, whether its peer reads or not; `names` are those in its peer's certificate."""

    def __init__(self, writer: asyncio.StreamWriter) -> None:
        super().__init__(writer)
        encrypted = writer.get_extra_info("ssl_object")
        self.names = names_in(encrypted.getpeercert() or {}) if encrypted else ()

    def abort(self) -> None:
        self._writer.transport.abort()


class CommittingHandler(BrokerProtocolHandler):  # type: ignore[misc]
    """One client's side of the protocol."""

    inbox: Inbox
    access: Access
    reader: BoundedReader
    writer: AbortableWriter

    async def start(self) -> None:
        """amqtt waits for ever for the end of a connection that ended before this returned."""
        await super().start()
        if self._reader_stopped.is_set():
            await self.handle_connection_closed()

    async def handle_publish(self, publish_packet: PublishPacket) -> None:
        """QoS 0 is accepted even if the client is gone meanwhile; QoS 1 and 2 it will send again."""
        topic = publish_packet.topic_name or ""
        if await self.access.publishes(self.session.username, topic):
            self.reader.begin()
            try:
                accepted = self.inbox.accept(topic, bytes(publish_packet.data or b""))
                await (accepted if publish_packet.qos else asyncio.shield(accepted))
            finally:
                self.reader.end()
        else:
            # MQTT 3.1.1 knows no negative answer (3.3.5): acknowledged and dropped, as Mosquitto does
            self.inbox.forbidden += 1
            logger.warning("User %s may not publish under %.200r", self.session.username, topic)
        await super().handle_publish(publish_packet)

    def handle_read_timeout(self) -> None:
        """A client without a sign of life is gone, unless it was us who did not read."""
        if self._reader_task is not None and not self.reader.is_full:
            self._reader_task.cancel()


class CommittingBroker(Broker):  # type: ignore[misc]
    """Fed with connections by `serve`; listens on no port itself."""

    def __init__(self, inbox: Inbox, access: Access, packet_bytes: int, in_flight: int) -> None:
        listeners = {LISTENER: ListenerConfig(type=ListenerType.EXTERNAL)}
        config = BrokerConfig(
            listeners=listeners,
            plugins={},
            timeout_disconnect_delay=KEEPALIVE_GRACE,
            session_expiry_interval=SESSION_EXPIRY,
        )
        super().__init__(config)
        self._inbox, self._access, self._packet_bytes, self._in_flight = inbox, access, packet_bytes, in_flight
        self._admissions: dict[str, Admission] = {}

    async def end_outdated(self) -> None:
        """End connections and sessions of whoever would not be let in any more."""
        self._admissions = {id_: one for id_, one in self._admissions.items() if id_ in self._sessions}
        outdated = await self._access.outdated(set(self._admissions.values()))
        for client_id in [id_ for id_, admission in self._admissions.items() if admission in outdated]:
            session, handler = self._sessions.get(client_id, (None, None))
            if session is not None and handler is not None and session.transitions.is_connected():
                logger.warning("User %s is ended: it was removed or changed", session.username)
                await self._end(session, handler)
            await self._delete_session(client_id)

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Returns when the connection has ended."""
        bounded = BoundedReader(reader, self._inbox, self._packet_bytes, self._in_flight)
        await self.external_connected(bounded, AbortableWriter(writer), LISTENER)

    async def _initialize_client_session(
        self, reader: ReaderAdapter, writer: WriterAdapter, remote_address: str, remote_port: int
    ) -> tuple[BrokerProtocolHandler, Session]:
        """As in amqtt, with our handler, a timeout, and the password asked before the client's session is touched."""
        try:
            header, body = await asyncio.wait_for(_connect_packet(reader), CONNECT_TIMEOUT)
        except TimeoutError:
            raise AMQTTError("it did not say who it is") from None
        if not body.startswith(MQTT_3_1_1):
            await ConnackPacket.build(0, UNACCEPTABLE_PROTOCOL_VERSION).to_stream(writer)
            raise AMQTTError("it does not speak MQTT 3.1.1")
        whole = BufferReader(header + body)
        handler, session = await CommittingHandler.init_from_connect(whole, writer, self.plugins_manager)
        handler.inbox, handler.access = self._inbox, self._access
        admission = await self._admitted(session, writer.names)
        if admission is None:
            await ConnackPacket.build(0, NOT_AUTHORIZED).to_stream(writer)
            raise AMQTTError(f"user {session.username} as client {session.client_id} is not allowed")
        resumed = await self._resumed(session)
        self._admissions[resumed.client_id] = admission
        return handler, resumed

    async def _authenticate(self, session: Session, _: ListenerConfig) -> bool:
        return True  # asked already

    async def _topic_filtering(self, session: Session, topic: str, action: Action) -> bool:
        """Anybody may subscribe to anything, but receives only what is allowed."""
        if action is Action.SUBSCRIBE:
            return True
        allowed = self._access.publishes if action is Action.PUBLISH else self._access.receives
        return await allowed(session.username, topic)

    async def _publish_retained_messages_for_subscription(
        self, subscription: tuple[str, int], session: Session
    ) -> None:
        """amqtt would hand them out without asking."""
        allowed = [await self._access.receives(session.username, topic) for topic in list(self._retained_messages)]
        if all(allowed):
            await super()._publish_retained_messages_for_subscription(subscription, session)

    async def _admitted(self, session: Session, names: Sequence[str]) -> Admission | None:
        """A certificate's name goes before what the client calls itself."""
        admission = await self._access.certified(names) if names else None
        admission = admission or await self._access.connects(session.username, session.password)
        if admission is None:
            return None
        session.username, session.is_anonymous = admission.user, admission.user is None
        other, _ = self._sessions.get(session.client_id, (None, None))
        if other is not None and other.username != session.username:
            return None
        if session.will_flag and not await self._access.publishes(session.username, session.will_topic or ""):
            return None
        return admission

    async def _resumed(self, session: Session) -> Session:
        """The client's old session where it wants to keep it (MQTT-3.1.2-4), with the new connection's last will."""
        old, handler = self._sessions.get(session.client_id, (None, None))
        if not session.client_id:
            session.client_id = gen_client_id()
        if old is not None and handler is not None and old.transitions.is_connected():
            await self._end(old, handler)
        session.keep_alive += KEEPALIVE_GRACE if session.keep_alive else 0
        if session.clean_session:
            await self._delete_session(session.client_id)
        elif old is not None and session.client_id in self._sessions:
            for name in ("will_flag", "will_message", "will_topic", "will_qos", "keep_alive"):
                setattr(old, name, getattr(session, name))
            old.parent = 1
            return old
        return session

    async def _end(self, session: Session, handler: CommittingHandler) -> None:
        """End the older connection of the same client (MQTT-3.1.4-2), and wait until amqtt has noticed."""
        handler.writer.abort()
        for _ in range(100):
            if not session.transitions.is_connected():
                return
            await asyncio.sleep(0.02)


def names_in(certificate: Mapping[str, Any]) -> tuple[str, ...]:
    """The common name, then the alternative ones, of a certificate as `SSLObject.getpeercert` tells it."""
    subject = [value for part in certificate.get("subject", ()) for kind, value in part if kind == "commonName"]
    return tuple(dict.fromkeys([*subject, *(value for _, value in certificate.get("subjectAltName", ()))]))


async def _connect_packet(reader: ReaderAdapter) -> tuple[bytes, bytes]:
    """Header and body of the first packet, which must be a CONNECT (MQTT-3.1.0-1)."""
    header = await MQTTFixedHeader.from_stream(reader)
    if header is None or header.packet_type != CONNECT or header.remaining_length > CONNECT_BYTES:
        raise AMQTTError("its first packet is no CONNECT")
    try:
        return header.to_bytes(), await reader.read(header.remaining_length)
    except asyncio.IncompleteReadError:
        raise AMQTTError("it left while it said who it is") from None
