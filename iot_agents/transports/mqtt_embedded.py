"""An MQTT broker (3.1.1) in this process: a PUBLISH is answered only after the agent has accepted what it says."""

import asyncio
import errno
import ipaddress
import logging
from collections.abc import Mapping
from contextlib import suppress

from amqtt.mqtt.constants import QOS_1

from iot_agents.transports import Accept
from iot_agents.transports.access import Access, UserList
from iot_agents.transports.amqtt_broker import CommittingBroker, Inbox

logger = logging.getLogger(__name__)


class MqttPortInUse(Exception):
    """Another program listens there."""


class EmbeddedMqtt:
    """A broker on `host`:`port` (0: any free port) that feeds `accept`; `url` is its address once it is started.

    `access` says who may connect and publish what, else `users` (name → password) may do everything. Without both
    everybody may connect, which is allowed on loopback only: `ValueError` otherwise.
    A packet of more than `packet_bytes` ends its connection. `in_flight` bounds the messages under way of one client.
    Other MQTT clients may subscribe; they get a message after it was accepted.
    """

    def __init__(
        self,
        accept: Accept,
        *,
        host: str = "127.0.0.1",
        port: int = 1883,
        users: Mapping[str, str] | None = None,
        access: Access | None = None,
        packet_bytes: int = 8 * 1024 * 1024,
        in_flight: int = 200,
        max_connections: int = 1000,
    ) -> None:
        if not users and access is None and not _is_loopback(host):
            raise ValueError(f"The MQTT broker would be open to anybody on {host}: give it users, or bind 127.0.0.1")
        self._host, self._port, self._access = host, port, access or UserList(users)
        self._packet_bytes, self._in_flight, self._max_connections = packet_bytes, in_flight, max_connections
        self._inbox = Inbox(accept)
        self._broker: CommittingBroker | None = None
        self._server: asyncio.Server | None = None
        self._writers: set[asyncio.StreamWriter] = set()
        self._connections = 0

    @property
    def url(self) -> str:
        host = f"[{self._host}]" if ":" in self._host else self._host
        return f"mqtt://{host}:{self._port}"

    async def start(self) -> None:
        """`MqttPortInUse` where another program listens on the port; other `OSError`s where it may not be used."""
        try:
            self._server = await asyncio.start_server(self._connected, self._host, self._port, start_serving=False)
        except OSError as error:
            if error.errno != errno.EADDRINUSE:
                raise
            message = f"Port {self._port} on {self._host} is in use: stop the other MQTT broker or choose another port"
            raise MqttPortInUse(message) from None
        self._port = self._server.sockets[0].getsockname()[1]
        self._broker = CommittingBroker(self._inbox, self._access, self._packet_bytes, self._in_flight)
        await self._broker.start()
        await self._server.start_serving()

    async def stop(self, grace: float = 1.0) -> None:
        """Commit and acknowledge for `grace` seconds what is under way; then all connections end."""
        if self._server is None or self._broker is None:
            return
        self._server.close()
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
