"""The agent: a message comes in, and `accept` returns once what it says is committed or recorded as rejected."""

import asyncio
import logging
from collections import Counter
from collections.abc import Awaitable, Callable, Mapping, Sequence
from contextlib import suppress
from datetime import UTC, datetime
from typing import TypeVar

import msgspec

from document_store.store import DocumentStore
from iot_agents import mirror
from iot_agents.codecs.codecs import Codecs
from iot_agents.codecs.uplinks import with_decoded
from iot_agents.commit import CommitQueue, Limits
from iot_agents.devices.frames import FrameLog
from iot_agents.devices.receipt import Receipt
from iot_agents.downlinks.downlink import Fate
from iot_agents.networks.network import Network
from iot_agents.networks.registry import NETWORKS
from iot_agents.order import LatestTimes
from iot_agents.profile import DeviceProfile, bundled_profiles
from iot_agents.quality import QualityRules
from iot_agents.reading import Attribute, reading_of, to_millisecond
from iot_agents.refused import Refused
from iot_agents.registry import Device, DeviceRegistry
from ngsi_client.client import Entity, NgsiClient
from ngsi_client.rejected import Rejected, Rejections, excerpt_of

logger = logging.getLogger(__name__)

AGENT = "iot_agents"
"""The source of rejects that belong to no network."""

REFRESH_SECONDS = 5.0
"""So often is asked whether another process changed the devices."""

T = TypeVar("T")


class Agent:
    """Messages of network servers become entities of the devices' tenants.

    `devices` is the registry, `frames` what each device sent last, `counters()` what happened so far. An older reading
    never overwrites a newer value; the memory for that is in the process, so it starts anew with it.
    """

    def __init__(
        self,
        client: NgsiClient,
        store: DocumentStore,
        rejections: Rejections,
        *,
        limits: Limits | None = None,
        profiles: Mapping[str, DeviceProfile] | None = None,
        networks: Sequence[Network] = NETWORKS,
    ) -> None:
        self.devices = DeviceRegistry(store)
        self.frames = FrameLog(store)
        self.networks = networks
        self.on_fate: Callable[[str, Fate], Awaitable[object]] | None = None
        self.codecs = Codecs()
        self._quality = QualityRules()
        self._client, self._rejections, self._limits = client, rejections, limits or Limits()
        self.profiles = bundled_profiles() if profiles is None else profiles
        self._latest = LatestTimes()
        self._queues: dict[str, CommitQueue] = {}
        self._introduced: dict[str, Device] = {}
        self._models: set[tuple[str, str]] = set()
        self._refresher: asyncio.Task[None] | None = None
        self._counts: Counter[str] = Counter()
        self._room = asyncio.Semaphore(self._limits.pending_readings)
        self._pending = 0
        self._idle = asyncio.Event()
        self._idle.set()

    @property
    def topics(self) -> tuple[str, ...]:
        """The MQTT filters under which readings come, and what is misdirected there."""
        return tuple(network.topic_filter for network in self.networks)

    async def start(self) -> None:
        """Load the registered devices."""
        await self.devices.load()
        self.frames.start()
        self._refresher = asyncio.create_task(self._refresh_for_ever())

    async def stop(self, grace: float = 1.0) -> None:
        """Commit for at most `grace` seconds what is under way; whoever still waits in `accept` is cancelled."""
        with suppress(TimeoutError):
            await asyncio.wait_for(self._idle.wait(), grace)
        queues, self._queues = self._queues, {}
        await asyncio.gather(*(queue.stop() for queue in queues.values()))
        if self._refresher is not None:
            self._refresher.cancel()
            await asyncio.gather(self._refresher, return_exceptions=True)
        await self.codecs.stop()
        await self.frames.stop()

    async def accept(self, topic: str, payload: bytes, tenant: str | None = None) -> None:
        """Returns once what the message says is committed in the broker, or recorded as `Rejected` for good.

        Waits as long as the broker is unavailable. Cancelled by `stop`: the message is then not done, its sender has to
        keep it. With a `tenant` the message may be of that tenant's devices only.
        """
        self._counts["messages"] += 1
        network = next((network for network in self.networks if topic.startswith(network.prefix)), None)
        key: str | None = None
        try:
            if network is None:
                raise Refused("unknown_topic", f"The topic {topic!r:.200} is none of {self._known_topics()}")
            key, event = self._addressee(network, topic, payload)
            if key is not None:
                await self._take(network, await self._device(network, key, event, tenant), event, payload)
            elif network.other_topics.fullmatch(topic):
                self._counts["ignored"] += 1
            else:
                raise Refused("unknown_topic", f"The topic {topic!r:.200} is not {network.uplink_topic}")
        except Refused as refused:
            self._reject_message(network, key or topic[:200], refused, payload)
        except Exception as error:
            # A message that trips over a mistake of ours must not come back for ever and hold up the others.
            logger.exception("A message on %s failed", topic[:200])
            self._reject_message(network, key or topic[:200], Refused("agent_error", repr(error)), payload)

    def counters(self) -> dict[str, int]:
        """Since the start: of `readings` those committed. Now: `pending` and `devices`."""
        names = ("messages", "ignored", "events", "readings", "late", "requests", "retries")
        return {name: self._counts[name] for name in names} | {"pending": self._pending, "devices": len(self.devices)}

    def refuse(self, source: str, refused: Refused, payload: bytes, tenant: str | None = None) -> None:
        """Record what came to a door of ours but names no device that could be asked."""
        self._rejections.add(Rejected(source, None, refused.kind, refused.reason, excerpt_of(payload), tenant))

    def _addressee(self, network: Network, topic: str, payload: bytes) -> tuple[str | None, str]:
        """The device's key and what comes: `up` or another event; no key where it tells nothing of a device."""
        key = network.device_of(topic)
        if key:
            return key, "up"
        if key is None or network.key_in is None:
            return network.event_of(topic) or (None, "")
        read = network.key_in
        return self._parsed(network, "up", payload, lambda: read(payload)), "up"

    async def _device(self, network: Network, key: str, event: str, tenant: str | None) -> Device | None:
        """None for an event of a device that is none of ours: networks tell more than was asked for."""
        device = await self.devices.find(f"{network.uid}:{key}")
        if device is not None and tenant in (None, device.tenant):
            return device
        if event != "up":
            return None
        raise Refused("unknown_device", f"No device {network.uid}:{key} is registered: register it first")

    async def _take(self, network: Network, device: Device | None, event: str, payload: bytes) -> None:
        if device is None:
            self._counts["ignored"] += 1
            return
        receipt = Receipt(device, event, payload)
        try:
            await (self._take_uplink if event == "up" else self._take_event)(network, receipt)
        except Refused as refused:
            self._reject(receipt, refused.kind, refused.reason)
        self.frames.add(device.id, receipt.frame())

    async def _take_uplink(self, network: Network, receipt: Receipt) -> None:
        device, payload = receipt.device, receipt.payload
        uplink = receipt.uplink = self._parsed(network, "up", payload, lambda: network.parse(device.key, payload))
        profile = self.profiles.get(device.profile)
        if profile is None:
            known = ", ".join(self.profiles)
            raise Refused("unknown_profile", f"{device.id} has the profile {device.profile}, which is none of {known}")
        try:
            uplink = receipt.uplink = await with_decoded(self.codecs, profile, uplink)
        except Refused as refused:
            self._reject(receipt, refused.kind, refused.reason)
            uplink = msgspec.structs.replace(uplink, decoded=None)
        measured: dict[str, Attribute] = {}
        if uplink.decoded is not None:
            measured, wrong = reading_of(uplink, profile)
            for field in wrong:
                self._reject(receipt, field.kind, field.reason)
        measured = self._quality.flagged(device.id, profile, measured, to_millisecond(uplink.time))
        receipt.attributes = measured
        told = mirror.heard(uplink, profile, to_millisecond(uplink.time))
        entities = self._entities(receipt, to_millisecond(uplink.time), told)
        if self._introduced.get(device.id) is not device:
            entities[0] |= device.entity
            entities[1] |= mirror.standing(device, profile, network.protocol)
            entities += self._model(device, profile)
        await self._commit(receipt, [entity for entity in entities if len(entity) > 2])

    async def _take_event(self, network: Network, receipt: Receipt) -> None:
        device, kind, payload, parse = receipt.device, receipt.event, receipt.payload, network.parse_event
        if parse is None:
            self._counts["ignored"] += 1
            return
        event = self._parsed(network, kind, payload, lambda: parse(device.key, kind, payload))
        receipt.told = event
        self._counts["events"] += 1
        if event.problem is not None:
            self._reject(receipt, *event.problem)
        if event.fate is not None and self.on_fate is not None:
            await self.on_fate(receipt.device.id, event.fate)
        if event.told:
            observed_at = to_millisecond(event.time or datetime.now(UTC))
            entities = self._entities(receipt, observed_at, mirror.told(event.told, observed_at))
            await self._commit(receipt, [entity for entity in entities if len(entity) > 2])

    def _parsed(self, network: Network, event: str, payload: bytes, parse: Callable[[], T]) -> T:
        allowed, size = self._limits.message_bytes, len(payload)
        if size > allowed:
            raise Refused("too_large", f"The message has {size} bytes, allowed are {allowed}: shorten it")
        try:
            return parse()
        except msgspec.ValidationError as error:
            raise Refused("wrong_type", f"This is no {event} of {network.name}: {error}") from None
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
            raise Refused("malformed", f"The message is no JSON: {error}") from None

    def _entities(self, receipt: Receipt, observed_at: datetime, told: Mapping[str, Attribute]) -> list[Entity]:
        """What the device watches, and its mirror: what is not older than what is known."""
        device, measured = receipt.device, receipt.attributes
        timely = self._latest.not_older(device.tenant, device.entity_id, measured, observed_at)
        news = self._latest.not_older(device.tenant, device.mirror_id, told, observed_at)
        self._counts["late"] += len(timely) < len(measured)
        watched: Entity = {"id": device.entity_id, "type": device.entity["type"]}
        itself: Entity = {"id": device.mirror_id, "type": "Device"}
        return [watched | timely, itself | news]

    def _model(self, device: Device, profile: DeviceProfile) -> list[Entity]:
        """The entity of the profile, once in each tenant."""
        key = (device.tenant, profile.id)
        if key in self._models:
            return []
        self._models.add(key)
        return [mirror.model_of_devices(profile)]

    async def _commit(self, receipt: Receipt, entities: list[Entity]) -> None:
        if not entities:
            return
        async with self._room:
            self._pending += 1
            self._idle.clear()
            try:
                await self._write(receipt, entities)
            finally:
                self._pending -= 1
                if not self._pending:
                    self._idle.set()

    async def _write(self, receipt: Receipt, entities: list[Entity]) -> None:
        device = receipt.device
        queue = self._queues.get(device.tenant)
        if queue is None:
            queue = CommitQueue(self._client.for_tenant(device.tenant), self._limits, self._counts)
            self._queues[device.tenant] = queue
        refusals = await queue.commit(entities)
        refused = [(entity["id"], refusals[entity["id"]]) for entity in entities if entity["id"] in refusals]
        for entity_id, error in refused:
            self._reject(receipt, "refused_by_broker", f"The broker refused {entity_id}: {error}")
        if receipt.event == "up":
            if not refused:
                self._introduced[device.id] = device
            self._counts["readings"] += device.entity_id not in refusals

    async def _refresh_for_ever(self) -> None:
        while True:
            await asyncio.sleep(REFRESH_SECONDS)
            try:
                await self.devices.refresh()
            except Exception:
                logger.exception("The devices could not be read again")

    def _reject_message(self, network: Network | None, record_id: str, refused: Refused, payload: bytes) -> None:
        source = network.uid if network else AGENT
        self._rejections.add(Rejected(source, record_id, refused.kind, refused.reason, excerpt_of(payload)))

    def _reject(self, receipt: Receipt, kind: str, reason: str) -> None:
        receipt.reject(kind, reason)
        device, excerpt = receipt.device, excerpt_of(receipt.payload)
        self._rejections.add(Rejected(device.network, device.key, kind, reason, excerpt, device.tenant))

    def _known_topics(self) -> str:
        return " or ".join(network.uplink_topic for network in self.networks)
