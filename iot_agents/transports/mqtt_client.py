"""Readings from an MQTT broker: QoS 1, a persistent session, acknowledged after commit, reconnecting for ever."""

import asyncio
import logging
import random
import re
import threading
from collections.abc import Callable, Sequence
from contextlib import suppress
from datetime import timedelta
from typing import Any

import paho.mqtt.client as paho
from paho.mqtt.enums import CallbackAPIVersion, MQTTProtocolVersion
from paho.mqtt.packettypes import PacketTypes
from paho.mqtt.properties import Properties
from paho.mqtt.reasoncodes import ReasonCode

from iot_agents.networks.registry import TOPICS
from iot_agents.transports import HandIn
from iot_agents.transports.mqtt_connection import MqttConnection, PahoClient, Room
from iot_agents.transports.mqtt_url import MqttUrl
from iot_agents.transports.tls import ClientTls

logger = logging.getLogger(__name__)

SESSION = timedelta(days=7)

KEEPALIVE = 30
PACKET_BYTES = 8 * 1024 * 1024
"""A larger message is not for us: the broker keeps it back (MQTT 5). Far beyond what an agent takes for a reading."""
CONNECT_TIMEOUT = 5.0
FIRST_PAUSE, LONGEST_PAUSE = 0.2, 10.0
UNSUPPORTED_PROTOCOL_VERSION = 132
HINTS = {
    "verify failed": "; its certificate is not believed: renew it there, or name its authority in mqtt_ca_file here",
    "authori[sz]ed|password|authentication|Banned": (
        "; check user ({user}) and password in mqtt_url, or the client certificate"
    ),
    "taken over|was closed": (
        "; if that goes on, another program connects as {client}: give each agent a name of its own (agent_name)"
    ),
}
"""What an operator should look at, by what the error says."""


class NotConnected(Exception):
    """The MQTT broker is not there, or does not let us in."""


class MqttClient:
    """Subscribes to `topics` at a broker and feeds `hand_in`, for as long as it is started.

    `client_id` names the session that the broker keeps: one running client for each id. Clients of one `group` share
    the messages (shared subscription, MQTT 5, 4.8.2). For `session` the broker keeps readings for a client that is away
    (in MQTT 3.1.1 for as long as it likes). `in_flight` bounds the messages that are under way. `connected`
    is set while the subscriptions stand. MQTT 5, and 3.1.1 where the broker knows no 5.
    """

    def __init__(
        self,
        url: str,
        hand_in: HandIn,
        *,
        topics: Sequence[str] = TOPICS,
        client_id: str = "datenbroker-agents",
        group: str = "",
        in_flight: int = 1000,
        session: timedelta = SESSION,
        keepalive: int = KEEPALIVE,
        tls: ClientTls | None = None,
    ) -> None:
        """`tls`: whom to trust for mqtts://, and as whom to come. `ValueError` for a bad URL."""
        self.url = MqttUrl.parse(url)
        self.connected = asyncio.Event()
        self._hand_in, self._client_id = hand_in, client_id
        self._topics = [f"$share/{group}/{topic}" for topic in topics] if group else topics
        self._room, self._session, self._tls, self._keepalive = Room(in_flight), session, tls or ClientTls(), keepalive
        self._protocol = MQTTProtocolVersion.MQTTv5
        self._connection: MqttConnection | None = None
        self._runner: asyncio.Task[None] | None = None
        self._connections = 0
        self._subscribing: dict[int | None, str] = {}

    async def start(self) -> None:
        """Begin to connect; returns at once, since the broker may come later."""
        self._runner = asyncio.create_task(self._run())

    async def stop(self, grace: float = 1.0) -> None:
        """Commit and acknowledge for `grace` seconds what is under way, then go."""
        if self._runner is not None:
            self._runner.cancel()
            await asyncio.gather(self._runner, return_exceptions=True)
        if self._connection is not None:
            await self._connection.close(grace)
        self.connected.clear()

    async def publish(self, topic: str, payload: bytes) -> None:
        """Returns when the broker has acknowledged the message (QoS 1); `ConnectionError` where it does not."""
        if self._connection is None or not self.connected.is_set():
            raise ConnectionError(f"no connection to {self.url}")
        await self._connection.publish(topic, payload)

    def counters(self) -> dict[str, int]:
        """`connected` (0 or 1), `connections` so far, `under_way` messages."""
        connected, under_way = self.connected.is_set(), self._room.taken
        return {"connected": connected, "connections": self._connections, "under_way": under_way}

    async def _run(self) -> None:
        pause, loop = FIRST_PAUSE, asyncio.get_running_loop()
        while True:
            began = loop.time()
            try:
                broken = await self._serve_connection()
                logger.warning("The connection to %s is gone: %s", self.url, self._told(broken))
            except Exception as error:
                # whatever it is: an agent that does not try again is deaf
                told = self._told(str(error) or repr(error))
                logger.warning("No connection to %s, trying again in %.1f s: %s", self.url, pause, told)
            if loop.time() - began > LONGEST_PAUSE:
                pause = FIRST_PAUSE
            await asyncio.sleep(pause * random.uniform(0.8, 1.2))  # noqa: S311 (no secret)
            pause = min(2 * pause, LONGEST_PAUSE)

    async def _serve_connection(self) -> str:
        """Connect, subscribe, and return when the connection is gone, with why."""
        client = self._new_client()
        await _in_thread(lambda: self._open(client))
        if client.socket() is None:  # it was closed while we said who we are
            raise self._turned_away("it does not say why")
        connection = MqttConnection(client, self._hand_in, self._room)
        try:
            await self._join(client, connection)
        except BaseException:
            await connection.close(0)
            raise
        self._connection = connection
        self._connections += 1
        await connection.closed.wait()
        self.connected.clear()
        return connection.broken or "it was closed"

    async def _join(self, client: paho.Client, connection: MqttConnection) -> None:
        try:
            async with asyncio.timeout(CONNECT_TIMEOUT):  # `wait_for` may miss a cancellation, before Python 3.12
                reason = await connection.answer
        except TimeoutError:
            raise NotConnected("it does not answer") from None
        unsupported = reason is not None and reason.value == UNSUPPORTED_PROTOCOL_VERSION
        if unsupported or (reason is None and not connection.broken and not self._connections):
            older = self._protocol is MQTTProtocolVersion.MQTTv5
            self._protocol = MQTTProtocolVersion.MQTTv311 if older else MQTTProtocolVersion.MQTTv5
            connection.broken = f"next time with {self._protocol.name}"
        if reason is None or unsupported:
            raise self._turned_away(connection.broken or "it does not say why")
        if reason.is_failure:
            raise NotConnected(f"it answered: {reason}")
        if self._connections and not connection.is_resumed:
            logger.error("%s has lost the session of %s: what it kept for us is lost too", self.url, self._client_id)
        self._subscribing = {client.subscribe(topic, qos=1)[1]: topic for topic in self._topics}

    def _turned_away(self, why: str) -> NotConnected:
        asked = " (does it ask for a client certificate?)" if self.url.tls else ""
        return NotConnected(f"it closed the connection{asked}: {why}")

    def _told(self, reason: str) -> str:
        """With what to look at."""
        hint = next((hint for words, hint in HINTS.items() if re.search(words, reason)), "")
        return reason + hint.format(user=self.url.user or "none is given", client=self._client_id)

    def _new_client(self) -> PahoClient:
        """A client of its own for each connection: an acknowledgement must not reach the next one."""
        newest = self._protocol is MQTTProtocolVersion.MQTTv5
        client = PahoClient(
            CallbackAPIVersion.VERSION2,
            client_id=self._client_id,
            clean_session=None if newest else False,
            protocol=self._protocol,
            manual_ack=True,
        )
        client.connect_timeout = CONNECT_TIMEOUT
        client.on_subscribe = self._on_subscribe
        if self.url.user is not None:
            client.username_pw_set(self.url.user, self.url.password)
        if self.url.tls:
            client.tls_set_context(self._tls.context())
        return client

    def _open(self, client: paho.Client) -> None:
        if client.protocol is not MQTTProtocolVersion.MQTTv5:
            client.connect(self.url.host, self.url.port, self._keepalive)
            return
        properties = Properties(PacketTypes.CONNECT)  # type: ignore[no-untyped-call]
        properties.SessionExpiryInterval = round(self._session.total_seconds())
        properties.ReceiveMaximum = self._room.messages
        properties.MaximumPacketSize = PACKET_BYTES
        client.connect(self.url.host, self.url.port, self._keepalive, clean_start=False, properties=properties)

    def _on_subscribe(
        self, _client: paho.Client, _data: Any, mid: int, reasons: list[ReasonCode], _properties: Any
    ) -> None:
        topic = self._subscribing.pop(mid, None)
        if any(reason.is_failure for reason in reasons):
            logger.error("%s refuses the subscription to %s: %s", self.url, topic, reasons[0])
        if not self._subscribing:
            self.connected.set()
            logger.info("Connected to %s", self.url)


async def _in_thread(call: Callable[[], None]) -> None:
    """Like `asyncio.to_thread`, but a process that stops does not wait for the thread."""
    loop = asyncio.get_running_loop()
    done: asyncio.Future[None] = loop.create_future()

    def run() -> None:
        error: Exception | None = None
        try:
            call()
        except Exception as raised:
            error = raised
        with suppress(RuntimeError):  # the loop may be closed by now
            loop.call_soon_threadsafe(finish, error)

    def finish(error: Exception | None) -> None:
        if done.done():
            return
        if error is None:
            done.set_result(None)
        else:
            done.set_exception(error)

    threading.Thread(target=run, daemon=True).start()
    await done
