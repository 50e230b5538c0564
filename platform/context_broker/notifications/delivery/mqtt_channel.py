"""Notifications by MQTT (CIM 009, 7.2): `{"metadata": {…headers…}, "body": notification}` on the endpoint's topic."""

import asyncio
from collections import OrderedDict
from dataclasses import replace

import orjson

from context_broker.notifications.delivery.failures import DeliveryFailed
from context_broker.notifications.delivery.mqtt_connection import MqttConnection
from context_broker.notifications.endpoint import Endpoint, MqttTarget
from context_broker.targets import TargetGuard, TargetRefused


class MqttChannel:
    """One connection per broker and credentials, made when first needed; the least used goes when there are many."""

    def __init__(self, guard: TargetGuard, most: int) -> None:
        self._guard, self._most = guard, most
        self._connections: OrderedDict[MqttTarget, asyncio.Task[MqttConnection]] = OrderedDict()

    @property
    def open(self) -> list[MqttTarget]:
        """The brokers that are connected or being connected, that used least recently first."""
        return list(self._connections)

    async def send(self, endpoint: Endpoint, metadata: list[tuple[str, str]], body: bytes) -> None:
        """Publish and wait until it is handed over (QoS 0) or acknowledged (QoS 1, 2)."""
        target = endpoint.mqtt
        assert target is not None
        payload = b'{"metadata":' + orjson.dumps(dict(metadata)) + b',"body":' + body + b"}"
        try:
            async with asyncio.timeout(endpoint.timeout):
                connection = await self._connected(target)
                await connection.publish(target.topic, payload, target.qos)
        except TargetRefused as refusal:
            raise DeliveryFailed(str(refusal), is_final=True) from None
        except (OSError, TimeoutError, ValueError) as error:
            self._drop(replace(target, topic="", qos=0))
            raise DeliveryFailed(str(error) or "the MQTT broker did not answer in time") from None

    async def _connected(self, target: MqttTarget) -> MqttConnection:
        """Those who wait for one broker share the attempt; nobody waits for another broker's."""
        key = replace(target, topic="", qos=0)
        opening = self._connections.get(key)
        if opening is not None and _has_ended(opening):
            self._drop(key)
            opening = None
        if opening is None:
            if len(self._connections) >= self._most:
                self._drop(next(iter(self._connections)))
            opening = self._connections[key] = asyncio.create_task(self._open(key))
        self._connections.move_to_end(key)
        return await asyncio.shield(opening)

    async def _open(self, target: MqttTarget) -> MqttConnection:
        address = await self._guard.resolve(target.host, target.port)
        connection = MqttConnection(target, address)
        try:
            await connection.connected
        except BaseException:
            connection.close()
            raise
        return connection

    def _drop(self, key: MqttTarget) -> None:
        opening = self._connections.pop(key, None)
        if opening is None:
            return
        if opening.done() and not opening.cancelled() and opening.exception() is None:
            opening.result().close()
        opening.cancel()

    async def close(self) -> None:
        """Say goodbye to all brokers, without waiting for those that do not answer."""
        openings = list(self._connections.values())
        for key in self.open:
            self._drop(key)
        await asyncio.gather(*openings, return_exceptions=True)


def _has_ended(opening: "asyncio.Task[MqttConnection]") -> bool:
    if not opening.done():
        return False
    return opening.cancelled() or opening.exception() is not None or not opening.result().is_open
