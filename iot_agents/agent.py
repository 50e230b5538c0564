"""The agent: a message comes in, and `accept` returns once what it says is committed or recorded as rejected."""

import asyncio
import logging
from collections import Counter
from collections.abc import Mapping
from contextlib import suppress

import msgspec

from document_store.store import DocumentStore
from iot_agents import mirror
from iot_agents.commit import CommitQueue, Limits
from iot_agents.networks.network import Network
from iot_agents.networks.registry import NETWORKS
from iot_agents.order import LatestTimes
from iot_agents.profile import DeviceProfile, bundled_profiles
from iot_agents.reading import Attribute, reading_of, to_millisecond
from iot_agents.refused import Refused
from iot_agents.registry import Device, DeviceRegistry
from iot_agents.uplink import Uplink
from ngsi_client.client import Entity, NgsiClient
from ngsi_client.rejected import Rejected, Rejections, excerpt_of

logger = logging.getLogger(__name__)

AGENT = "iot_agents"
"""The source of rejects that belong to no network."""


class Agent:
    """Messages of network servers become entities of the devices' tenants.

    `devices` is the registry, `counters()` what happened so far. An older reading never overwrites a newer value; the
    memory for that is in the process, so it starts anew with it.
    """

    def __init__(
        self,
        client: NgsiClient,
        store: DocumentStore,
        rejections: Rejections,
        *,
        limits: Limits | None = None,
        profiles: Mapping[str, DeviceProfile] | None = None,
    ) -> None:
        self.devices = DeviceRegistry(store)
        self._client, self._rejections, self._limits = client, rejections, limits or Limits()
        self._profiles = bundled_profiles() if profiles is None else profiles
        self._latest = LatestTimes()
        self._queues: dict[str, CommitQueue] = {}
        self._introduced: dict[str, Device] = {}
        self._counts: Counter[str] = Counter()
        self._room = asyncio.Semaphore(self._limits.pending_readings)
        self._pending = 0
        self._idle = asyncio.Event()
        self._idle.set()

    async def start(self) -> None:
        """Load the registered devices."""
        await self.devices.load()

    async def stop(self, grace: float = 1.0) -> None:
        """Commit for at most `grace` seconds what is under way; whoever still waits in `accept` is cancelled."""
        with suppress(TimeoutError):
            await asyncio.wait_for(self._idle.wait(), grace)
        queues, self._queues = self._queues, {}
        await asyncio.gather(*(queue.stop() for queue in queues.values()))

    async def accept(self, topic: str, payload: bytes) -> None:
        """Returns once what the message says is committed in the broker, or recorded as `Rejected` for good.

        Waits as long as the broker is unavailable. Cancelled by `stop`: the message is then not done, its sender has to
        keep it.
        """
        self._counts["messages"] += 1
        network, key = _route(topic)
        try:
            if network is None:
                raise Refused("unknown_topic", f"The topic {topic!r:.200} is none of {_known_topics()}")
            if key is not None:
                await self._take(network, key, payload)
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
        """`messages`, `ignored`, `readings` (committed), `late`, `requests`, `retries`; `pending` and `devices` now."""
        names = ("messages", "ignored", "readings", "late", "requests", "retries")
        return {name: self._counts[name] for name in names} | {"pending": self._pending, "devices": len(self.devices)}

    async def _take(self, network: Network, key: str, payload: bytes) -> None:
        uplink = self._uplink(network, key, payload)
        device = await self.devices.find(f"{network.uid}:{key}")
        if device is None:
            raise Refused("unknown_device", f"No device {network.uid}:{key} is registered: register it first")
        profile = self._profiles.get(device.profile)
        if profile is None:
            known = ", ".join(self._profiles)
            raise Refused("unknown_profile", f"{device.id} has the profile {device.profile}, which is none of {known}")
        entities = self._entities(device, profile, uplink, payload)
        if not entities:
            return
        async with self._room:
            self._pending += 1
            self._idle.clear()
            try:
                await self._commit(device, entities, payload)
            finally:
                self._pending -= 1
                if not self._pending:
                    self._idle.set()

    def _uplink(self, network: Network, key: str, payload: bytes) -> Uplink:
        allowed = self._limits.message_bytes
        if len(payload) > allowed:
            raise Refused("too_large", f"The message has {len(payload)} bytes, allowed are {allowed}: shorten it")
        try:
            return network.parse(key, payload)
        except msgspec.ValidationError as error:
            raise Refused("wrong_type", f"This is no uplink of {network.name}: {error}") from None
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
            raise Refused("malformed", f"The message is no JSON: {error}") from None

    def _entities(self, device: Device, profile: DeviceProfile, uplink: Uplink, payload: bytes) -> list[Entity]:
        """What the device watches, and its mirror; with all that stands at the first reading."""
        measured: dict[str, Attribute] = {}
        if uplink.decoded is not None:
            measured, wrong = reading_of(uplink, profile)
            for field in wrong:
                self._reject(device, field.kind, field.reason, payload)
        elif uplink.payload:
            reason = f"The network server decoded nothing of {device.id}: give it the codec of the device"
            self._reject(device, "not_decoded", reason, payload)
        observed_at = to_millisecond(uplink.time)
        told = mirror.heard(uplink, profile, observed_at)
        timely = self._latest.not_older(device.tenant, device.entity_id, measured, observed_at)
        news = self._latest.not_older(device.tenant, device.mirror_id, told, observed_at)
        self._counts["late"] += len(timely) < len(measured)
        watched: Entity = {"id": device.entity_id, "type": device.entity["type"]}
        itself: Entity = {"id": device.mirror_id, "type": "Device"}
        if self._introduced.get(device.id) is not device:
            watched |= device.entity
            itself |= mirror.standing(device, profile)
        return [entity for entity in (watched | timely, itself | news) if len(entity) > 2]

    async def _commit(self, device: Device, entities: list[Entity], payload: bytes) -> None:
        queue = self._queues.get(device.tenant)
        if queue is None:
            queue = CommitQueue(self._client.for_tenant(device.tenant), self._limits, self._counts)
            self._queues[device.tenant] = queue
        refusals = await queue.commit(entities)
        refused = [(entity["id"], refusals[entity["id"]]) for entity in entities if entity["id"] in refusals]
        for entity_id, error in refused:
            self._reject(device, "refused_by_broker", f"The broker refused {entity_id}: {error}", payload)
        if not refused:
            self._introduced[device.id] = device
        self._counts["readings"] += device.entity_id not in refusals

    def _reject_message(self, network: Network | None, record_id: str, refused: Refused, payload: bytes) -> None:
        source = network.uid if network else AGENT
        self._rejections.add(Rejected(source, record_id, refused.kind, refused.reason, excerpt_of(payload)))

    def _reject(self, device: Device, kind: str, reason: str, payload: bytes) -> None:
        self._rejections.add(Rejected(device.network, device.key, kind, reason, excerpt_of(payload), device.tenant))


def _route(topic: str) -> tuple[Network | None, str | None]:
    """The network of a topic, and the device's key where it is the topic of an uplink."""
    for network in NETWORKS:
        if topic.startswith(network.prefix):
            return network, network.device_of(topic)
    return None, None


def _known_topics() -> str:
    return " or ".join(network.uplink_topic for network in NETWORKS)
