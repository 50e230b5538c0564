"""Simulated sensor gateways: the two network servers' MQTT publishers, over TCP as anyone else would connect.

ChirpStack and The Things Stack have a connection each. A device reports once within the first seconds, then at its
profile's interval of city time, a little off so that reports spread.
"""

import asyncio
import heapq
import logging
from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from contextlib import suppress
from datetime import datetime
from secrets import token_hex
from threading import Lock
from time import monotonic
from typing import Any
from urllib.parse import unquote, urlsplit

from paho.mqtt.client import Client, MQTTMessageInfo
from paho.mqtt.enums import CallbackAPIVersion, MQTTErrorCode
from paho.mqtt.reasoncodes import ReasonCode

from datenbroker.demo import city
from datenbroker.demo.chance import between, hours
from datenbroker.demo.city import DeviceRecord
from datenbroker.demo.clock import CityClock
from datenbroker.demo.curves.reading import reading
from datenbroker.demo.uplinks.uplink import uplink

log = logging.getLogger(__name__)

INTERVALS: Mapping[str, float] = {
    "parking-bay": 120,
    "bin-level": 900,
    "air-quality": 300,
    "noise": 300,
    "soil-moisture": 900,
    "water-level": 300,
    "heat-meter": 900,
    "electricity-meter": 180,
    "pv-plant": 180,
}
"""Seconds of city time between two reports."""

FIRST_ROUND = 12.0
"""Seconds in which every device has reported once."""

MAX_RATE = 200
"""Messages a second, however fast the city lives: beyond that, reports are left out."""

MAX_QUEUED = 2000
MAX_RECONNECT_DELAY = 2
STOP_TIMEOUT = 0.8
PORTS = {"mqtt": 1883, "mqtts": 8883}


class Simulator:
    """Publishes the devices' uplinks to the broker at `mqtt_url` (`mqtt://[user:password@]host[:port]`, or `mqtts`).

    `run` ends only by being cancelled, and then within a second. Messages of QoS 1 wait in memory while the broker is
    away; beyond 2,000 they are dropped, as a gateway does.
    """

    def __init__(
        self,
        mqtt_url: str,
        speed: float = 1.0,
        devices: Sequence[DeviceRecord] | None = None,
        clock: CityClock | None = None,
    ) -> None:
        self._url = urlsplit(mqtt_url)
        if self._url.scheme not in PORTS or not self._url.hostname:
            raise ValueError(f"The MQTT URL must be mqtt://host[:port] or mqtts://host[:port], not {mqtt_url!r}")
        self._devices = city.devices() if devices is None else devices
        self._clock = clock or CityClock(speed)
        self.published = 0
        self.acknowledged = 0
        self.dropped = 0
        self._counting = Lock()

    def counters(self) -> dict[str, int]:
        return {"published": self.published, "acknowledged": self.acknowledged, "dropped": self.dropped}

    async def run(self) -> None:
        clients = {network: self._client(network) for network in {device["network"] for device in self._devices}}
        try:
            async for device in self._reports():
                self._publish(clients[device["network"]], device)
        finally:
            await asyncio.gather(*(_stop(client) for client in clients.values()))

    def _client(self, network: str) -> Client:
        """Connecting, in a thread of its own: the broker may live in this event loop."""
        client = Client(CallbackAPIVersion.VERSION2, client_id=f"demo-{network.replace('_', '-')}-{token_hex(3)}")
        if self._url.username:
            client.username_pw_set(unquote(self._url.username), unquote(self._url.password or ""))
        if self._url.scheme == "mqtts":
            client.tls_set()
        client.max_queued_messages_set(MAX_QUEUED)
        client.reconnect_delay_set(min_delay=1, max_delay=MAX_RECONNECT_DELAY)
        client.on_publish = self._on_publish
        client.on_connect = self._on_connect
        client.connect_async(str(self._url.hostname), self._url.port or PORTS[self._url.scheme], keepalive=30)
        client.loop_start()
        return client

    def _on_connect(self, *answer: Any) -> None:
        """`answer` is (client, userdata, flags, reason code, properties)."""
        reason: ReasonCode = answer[3]
        if reason.is_failure:
            log.warning("The MQTT broker at %s refuses the simulated gateways: %s", self._url.hostname, reason)

    def _on_publish(self, *_: object) -> None:
        with self._counting:
            self.acknowledged += 1

    async def _reports(self) -> AsyncIterator[DeviceRecord]:
        """Each device at its time; reports that are overdue by an interval or more are left out."""
        queue = list(self._first_round())
        heapq.heapify(queue)
        while queue:
            due, index = queue[0]
            await asyncio.sleep(max(0.0, due - monotonic()))
            device = self._devices[index]
            yield device
            heapq.heapreplace(queue, (max(due + self._interval(device), monotonic()), index))

    def _first_round(self) -> Iterator[tuple[float, int]]:
        start = monotonic()
        for index, device in enumerate(self._devices):
            yield start + between(0, FIRST_ROUND, device["_id"], "first report"), index

    def _interval(self, device: DeviceRecord) -> float:
        """Real seconds."""
        city_seconds = INTERVALS[device["profile"]] * between(0.92, 1.08, device["_id"], "interval")
        return max(city_seconds / self._clock.speed, len(self._devices) / MAX_RATE)

    def _publish(self, client: Client, device: DeviceRecord) -> None:
        at = self._clock.now()
        topic, payload = uplink(device, reading(device, at), at, frame_counter(device, at))
        info: MQTTMessageInfo = client.publish(topic, payload, qos=1)
        if info.rc == MQTTErrorCode.MQTT_ERR_QUEUE_SIZE:
            self.dropped += 1
        else:
            self.published += 1


def frame_counter(device: DeviceRecord, at: datetime) -> int:
    """Counts on with time, also over a restart of the simulator."""
    return int(hours(at) * 3600 / INTERVALS[device["profile"]])


async def _stop(client: Client) -> None:
    client.disconnect()
    with suppress(TimeoutError):
        await asyncio.wait_for(asyncio.to_thread(client.loop_stop), STOP_TIMEOUT)
