"""An MQTT broker (3.1.1) in this process: a PUBLISH is answered only after the agent has accepted what it says."""

import asyncio
import errno
import ipaddress
import logging
import ssl
from collections.abc import Mapping
from contextlib import suppress
from typing import Any

from amqtt.mqtt.constants import QOS_1

from iot_agents.transports import Accept
from iot_agents.transports.access import Access, UserList
from iot_agents.transports.amqtt_broker import CommittingBroker, Inbox

logger = logging.getLogger(__name__)

CHECK_SECONDS = 2.0
HANDSHAKE_TIMEOUT = 10.0


class MqttPortInUse(Exception):
    """Another program listens there."""


class EmbeddedMqtt:
    """A broker on `host`:`port` (0: any free port) that feeds `accept`; `url` is its address once it is started.

    With `tls` it also listens on `tls_port`, at `tls_url`; without a `port` only there. Which certificates of clients
    are asked for and believed is the context's: whoever shows one in the name of a user needs no password.
    `access` says who may connect and publish what, else `users` (name → password) may do everything. Without both
    everybody may connect, which is allowed on loopback only: `ValueError` otherwise.
    A packet of more than `packet_bytes` ends its connection. `in_flight` bounds the messages under way of one client.
    Every `check_seconds` whoever may not connect any more is cut off.
    Other MQTT clients may subscribe; they get a message after it was accepted.
    """

    def __init__(
        self,
        accept: Accept,
        *,
        host: str = "127.0.0.1",
        port: int | None = 1883,
        tls: ssl.SSLContext | None = None,
        tls_port: int = 8883,
        users: Mapping[str, str] | None = None,
        access: Access | None = None,
        packet_bytes: int = 8 * 1024 * 1024,
        in_flight: int = 200,
        max_connections: int = 1000,
        check_seconds: float = CHECK_SECONDS,
    ) -> None:
        if port is None and tls is None:
            raise ValueError("The MQTT broker needs a port, or a TLS context")
        if not users and access is None and not _is_loopback(host):
            raise ValueError(f"The MQTT broker would be open to anybody on {host}: give it users, or bind 127.0.0.1")
        self._host, self._port, self._access = host, port, access or UserList(users)
        self._tls, self._tls_port = tls, tls_port
        self._packet_bytes, self._in_flight, self._max_connections = packet_bytes, in_flight, max_connections
        self._check_seconds = check_seconds
        self._inbox = Inbox(accept)
        self._broker: CommittingBroker | None = None
        self._servers: list[asyncio.Server] = []
        self._checking: asyncio.Task[None] | None = None
        self._writers: set[asyncio.StreamWriter] = set()
        self._connections = 0

    @property
    def url(self) -> str:
        """The unencrypted one where there are both."""
        return self.tls_url if self._port is None else f"mqtt://{self._shown_host}:{self._port}"

    @property
    def tls_url(self) -> str:
        return f"mqtts://{self._shown_host}:{self._tls_port}"

    @property
    def _shown_host(self) -> str:
        return f"[{self._host}]" if ":" in self._host else self._host

    async def start(self) -> None:
        """`MqttPortInUse` where another program listens on a port; other `OSError`s where it may not be used."""
        try:
            if self._port is not None:
                self._port = await self._listen(self._port, None)
            if self._tls is not None:
                self._tls_port = await self._listen(self._tls_port, self._tls)
        except BaseException:
            self._close_servers()
            raise
        self._broker = CommittingBroker(self._inbox, self._access, self._packet_bytes, self._in_flight)
        await self._broker.start()
        self._checking = asyncio.create_task(self._check_admissions(self._broker))
        for server in self._servers:
            await server.start_serving()

    async def stop(self, grace: float = 1.0) -> None:
        """Commit and acknowledge for `grace` seconds what is under way; then all connections end."""
        if self._broker is None or self._checking is None:
            return
        self._checking.cancel()
        self._close_servers()
        await self._inbox.close(grace)
        for writer in self._writers:
            writer.transport.abort()
        with suppress(TimeoutError):
            await asyncio.wait_for(self._broker.shutdown(), 0.5)

    async def publish(self, topic: str, payload: bytes) -> None:
        """Hand a message to the clients that subscribe to it, with QoS 1; `ConnectionError` before the start."""
        if self._broker is None:
            raise ConnectionError("the embedded MQTT broker does not run")
        await self._broker.internal_message_broadcast(topic, payload, QOS_1)

    def counters(self) -> dict[str, int]:
        """`connected` clients, `connections` so far, `under_way` messages, `forbidden` ones that were dropped."""
        connected, under_way = len(self._writers), self._inbox.under_way
        figures = {"connected": connected, "connections": self._connections, "under_way": under_way}
        return figures | {"forbidden": self._inbox.forbidden}

    async def _listen(self, port: int, tls: ssl.SSLContext | None) -> int:
        options: dict[str, Any] = {"ssl": tls, "ssl_handshake_timeout": HANDSHAKE_TIMEOUT} if tls else {}
        try:
            server = await asyncio.start_server(self._connected, self._host, port, start_serving=False, **options)
        except OSError as error:
            if error.errno != errno.EADDRINUSE:
                raise
            message = f"Port {port} on {self._host} is in use: stop the other MQTT broker or choose another port"
            raise MqttPortInUse(message) from None
        self._servers.append(server)
        return int(server.sockets[0].getsockname()[1])

    def _close_servers(self) -> None:
        for server in self._servers:
            server.close()
        self._servers.clear()

    async def _check_admissions(self, broker: CommittingBroker) -> None:
        """Whoever is removed or changed while connected is so for seconds at most."""
        while True:
            await asyncio.sleep(self._check_seconds)
            try:
                await broker.end_outdated()
            except Exception:
                logger.exception("The users of the MQTT broker could not be checked")

    async def _connected(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Whatever a peer sends, it ends at most its own connection."""
        assert self._broker is not None
        peer = writer.get_extra_info("peername")
        if len(self._writers) >= self._max_connections:
            logger.warning("%s is refused: there are %d MQTT connections already", peer, self._max_connections)
            writer.transport.abort()
            return
        self._writers.add(writer)
        self._connections += 1
        try:
            await self._broker.serve(reader, writer)
        except Exception as error:
            logger.warning("The MQTT connection of %s ends: %r", peer, error)
        finally:
            self._writers.discard(writer)
            writer.close()


def _is_loopback(host: str) -> bool:
    if host == "localhost":
        return True
    with suppress(ValueError):
        return ipaddress.ip_address(host).is_loopback
    return False
