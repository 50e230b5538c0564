"""The agent: a message comes in, and is done with once what it says is committed, spooled, or kept as a dead letter."""

import logging
from collections import Counter
from collections.abc import Awaitable, Callable, Mapping, Sequence
from datetime import UTC, datetime
from typing import TypeVar

import msgspec

from data_models.values import date_time_text
from document_store.store import DocumentStore
from iot_agents import mirror
from iot_agents.codecs.codecs import Codecs
from iot_agents.codecs.uplinks import needs_codec, with_decoded
from iot_agents.devices.frames import FrameLog
from iot_agents.devices.receipt import Receipt
from iot_agents.downlinks.downlink import Fate
from iot_agents.ingest.commits import Commits
from iot_agents.ingest.duplicates import frame_key
from iot_agents.ingest.limits import Limits
from iot_agents.ingest.message import Errands, Message, acceptance
from iot_agents.ingest.rejects import Rejects, Replay, refused_by_broker
from iot_agents.ingest.waiting import Refusals, Waiting
from iot_agents.networks.network import Network
from iot_agents.networks.registry import NETWORKS
from iot_agents.profile import DeviceProfile, bundled_profiles
from iot_agents.quality import QualityRules
from iot_agents.reading import Attribute, reading_of, to_millisecond
from iot_agents.refresher import Refresher
from iot_agents.refused import Refused
from iot_agents.registry import Device, DeviceRegistry
from iot_agents.transports import Done
from iot_agents.uplink import Uplink
from ngsi_client.client import Entity, NgsiClient
from ngsi_client.rejected import Rejected, Rejections, excerpt_of

logger = logging.getLogger(__name__)

AGENT = "iot_agents"
"""The source of rejects that belong to no network."""

T = TypeVar("T")
_encoder = msgspec.json.Encoder()


class Agent:
    """Messages of network servers become entities of the devices' tenants.

    `devices` is the registry, `frames` what each device sent last, `counters()` what happened so far. `commits` is the
    way into the broker, where it is shared; its owner starts and stops it.
    """

    def __init__(
        self,
        client: NgsiClient,
        store: DocumentStore,
        rejections: Rejections,
        *,
        limits: Limits | None = None,
        commits: Commits | None = None,
        codecs: Codecs | None = None,
        profiles: Mapping[str, DeviceProfile] | None = None,
        networks: Sequence[Network] = NETWORKS,
    ) -> None:
        self.devices = DeviceRegistry(store)
        self.frames = FrameLog(store)
        self.networks = networks
        self.on_fate: Callable[[str, Fate], Awaitable[object]] | None = None
        self.codecs = codecs or Codecs()
        self.commits = commits or Commits(client, Rejects(rejections), limits)
        self._owns_commits = commits is None
        self._quality = QualityRules()
        self._rejections = rejections
        self.profiles = bundled_profiles() if profiles is None else profiles
        self._introduced: dict[str, Device] = {}
        self._models: set[tuple[str, str]] = set()
        self._refresher = Refresher(self.devices.refresh)
        self._errands = Errands(self._failed)
        self._counts: Counter[str] = Counter()

    @property
    def topics(self) -> tuple[str, ...]:
        """The MQTT filters under which readings come, and what is misdirected there."""
        return tuple(network.topic_filter for network in self.networks)

    async def start(self) -> None:
        """Load the registered devices."""
        await self.devices.load()
        if self._owns_commits:
            await self.commits.start()
        self.frames.start()
        self._refresher.start()

    async def stop(self, grace: float = 1.0) -> None:
        """Commit for at most `grace` seconds what is under way; whoever still waits in `accept` is cancelled."""
        await (self.commits.stop(grace) if self._owns_commits else self.commits.idle(grace))
        await self._errands.stop()
        await self._refresher.stop()
        await self.codecs.stop()
        await self.frames.stop()

    async def accept(self, topic: str, payload: bytes, tenant: str | None = None, replay: Replay | None = None) -> None:
        """Returns once what the message says is committed in the broker or spooled, or is kept as a dead letter.

        Cancelled by `stop`: the message is then not done, its sender has to keep it. With a `tenant` the message may be
        of that tenant's devices only.
        """
        accepted, done = acceptance()
        self.hand_in(topic, payload, done, tenant, replay)
        await accepted

    def hand_in(
        self, topic: str, payload: bytes, done: Done, tenant: str | None = None, replay: Replay | None = None
    ) -> None:
        """The same with a call in the end, and without a task where all that the message needs is at hand."""
        self._counts["messages"] += 1
        message = Message(topic, payload, done, tenant, replay)
        try:
            for network in self.networks:
                if topic.startswith(network.prefix):
                    break
            else:
                raise Refused("unknown_topic", f"The topic {topic!r:.200} is none of {self._known_topics()}")
            message.source = network.uid
            self._begin(network, message)
        except Exception as error:
            self._failed(message, error)

    async def replay(self, topic: str, payload: bytes, tenant: str | None, replay: Replay) -> None:
        """A dead letter once more, for its own tenant alone; perhaps its device has been registered just now."""
        await self.devices.refresh()
        await self.accept(topic, payload, tenant, replay)

    def counters(self) -> dict[str, int]:
        """Since the start: of `readings` those committed or spooled. Now: `pending` and `devices`."""
        own = {name: self._counts[name] for name in ("messages", "ignored", "events")}
        own |= self.commits.counters() if self._owns_commits else {"pending": self.commits.pending}
        return own | {"readings": self._counts["readings"], "devices": len(self.devices)}

    def refuse(self, source: str, refused: Refused, payload: bytes, tenant: str | None = None) -> None:
        """Record what came to a door of ours but names no device that could be asked."""
        self._rejections.add(Rejected(source, None, refused.kind, refused.reason, excerpt_of(payload), tenant))

    def _begin(self, network: Network, message: Message) -> None:
        key, event = self._addressee(network, message)
        if key is None:
            if not network.other_topics.fullmatch(message.topic):
                raise Refused("unknown_topic", f"The topic {message.topic!r:.200} is not {network.uplink_topic}")
            self._ignore(message)
            return
        message.device = key
        device = self.devices.get(f"{network.uid}:{key}")
        if device is None:
            self._errands.begin(message, self._find(network, message, event))
        else:
            self._take(network, message, device, event)

    def _addressee(self, network: Network, message: Message) -> tuple[str | None, str]:
        """The device's key and what comes: `up` or another event; no key where it tells nothing of a device."""
        key = network.device_of(message.topic)
        if key:
            return key, "up"
        if key is None or network.key_in is None:
            return network.event_of(message.topic) or (None, "")
        read = network.key_in
        return self._parsed(network, "up", message, lambda: read(message.payload)), "up"

    async def _find(self, network: Network, message: Message, event: str) -> None:
        device = await self.devices.find(f"{network.uid}:{message.device}")
        if device is not None:
            self._take(network, message, device, event)
        elif event == "up":
            raise _unknown_device(network, message)
        else:
            self._ignore(message)  # networks tell more than was asked for

    def _take(self, network: Network, message: Message, device: Device, event: str) -> None:
        if message.tenant not in (None, device.tenant):
            if event == "up":
                raise _unknown_device(network, message)
            self._ignore(message)
            return
        message.tenant = device.tenant
        message.receipt = receipt = Receipt(device, event, message.payload)
        if event != "up":
            self._errands.begin(message, self._take_event(network, message, receipt))
            return
        uplink = receipt.uplink = self._parsed(
            network, "up", message, lambda: network.parse(device.key, message.payload)
        )
        key, observed = _key_of(device, uplink), milliseconds(uplink.time)
        if message.replay is None and self.commits.is_repeated(key, observed, message.done):
            return
        message.key = key
        profile = self.profiles.get(device.profile)
        if profile is None:
            known = ", ".join(self.profiles)
            raise Refused("unknown_profile", f"{device.id} has the profile {device.profile}, which is none of {known}")
        if needs_codec(profile, uplink):
            self._errands.begin(message, self._decode(network, message, receipt, profile))
        else:
            self._make(network, message, receipt, profile)

    async def _decode(self, network: Network, message: Message, receipt: Receipt, profile: DeviceProfile) -> None:
        assert receipt.uplink is not None
        try:
            receipt.uplink = await with_decoded(self.codecs, profile, receipt.uplink)
        except Refused as refused:
            receipt.reject(refused.kind, refused.reason)
            receipt.uplink = msgspec.structs.replace(receipt.uplink, decoded=None)
        self._make(network, message, receipt, profile)

    def _make(self, network: Network, message: Message, receipt: Receipt, profile: DeviceProfile) -> None:
        """The entities: what the device watches, and its mirror."""
        device, uplink = receipt.device, receipt.uplink
        assert uplink is not None
        time = to_millisecond(uplink.time)
        observed_at = date_time_text(time)
        measured: Mapping[str, Attribute] = {}
        if uplink.decoded is not None:
            measured, wrong = reading_of(uplink, profile, observed_at)
            for field in wrong:
                receipt.reject(field.kind, field.reason)
        measured = receipt.attributes = self._quality.flagged(device.id, profile, measured, time)
        watched: Entity = {"id": device.entity_id, "type": device.entity["type"]} | measured
        itself: Entity = {"id": device.mirror_id, "type": "Device"} | mirror.heard(uplink, profile, observed_at)
        entities = [watched, itself]
        if self._introduced.get(device.id) is not device:
            watched |= device.entity
            itself |= mirror.standing(device, profile, network.protocol)
            entities += self._model(device, profile)
        self._commit(message, receipt, entities, time)

    async def _take_event(self, network: Network, message: Message, receipt: Receipt) -> None:
        device, kind, payload, parse = receipt.device, receipt.event, receipt.payload, network.parse_event
        if parse is None:
            self._ignore(message)
            return
        event = receipt.told = self._parsed(network, kind, message, lambda: parse(device.key, kind, payload))
        self._counts["events"] += 1
        if event.problem is not None:
            # what the network tells of a device is no message that could be processed later
            receipt.reject(*event.problem)
            self._rejections.add(
                Rejected(device.network, device.key, *event.problem, excerpt_of(payload), device.tenant)
            )
        if event.fate is not None and self.on_fate is not None:
            await self.on_fate(device.id, event.fate)
        time = to_millisecond(event.time or datetime.now(UTC))
        told = mirror.told(event.told, time)
        self._commit(message, receipt, [{"id": device.mirror_id, "type": "Device"} | told], time)

    def _commit(self, message: Message, receipt: Receipt, entities: list[Entity], time: datetime) -> None:
        device = receipt.device

        def settled(refusals: Refusals | None) -> None:
            if refusals is None:
                message.done(False)
                return
            wrong = [Refused(problem.kind, problem.reason) for problem in receipt.problems]
            for problem in refused_by_broker(refusals):
                receipt.reject(problem.kind, problem.reason)
            if receipt.event == "up":
                if not refusals:
                    self._introduced[device.id] = device
                self._counts["readings"] += device.entity_id not in refusals
            else:
                wrong = []
            self.frames.add(device.id, receipt.frame())
            message.conclude(self.commits.rejects, wrong)

        filled = [entity for entity in entities if len(entity) > 2]
        if not filled:
            settled({})
            return
        reading = Waiting(device.tenant, filled, milliseconds(time), message.origin, settled)
        reading.key = message.key
        self.commits.put(reading)

    def _parsed(self, network: Network, event: str, message: Message, parse: Callable[[], T]) -> T:
        message.check_size(self.commits.limits.message_bytes)
        try:
            return parse()
        except msgspec.ValidationError as error:
            raise Refused("wrong_type", f"This is no {event} of {network.name}: {error}") from None
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
            raise Refused("malformed", f"The message is no JSON: {error}") from None

    def _model(self, device: Device, profile: DeviceProfile) -> list[Entity]:
        """The entity of the profile, once in each tenant."""
        key = (device.tenant, profile.id)
        if key in self._models:
            return []
        self._models.add(key)
        return [mirror.model_of_devices(profile)]

    def _ignore(self, message: Message) -> None:
        self._counts["ignored"] += 1
        message.done(True)

    def _failed(self, message: Message, error: Exception) -> None:
        """A message that trips over a mistake of ours must not come back for ever and hold up the others."""
        refused = message.refused(error, AGENT)
        receipt = message.receipt
        if receipt is not None:
            receipt.reject(refused.kind, refused.reason)
            self.frames.add(receipt.device.id, receipt.frame())
        message.conclude(self.commits.rejects, [refused])

    def _known_topics(self) -> str:
        return " or ".join(network.uplink_topic for network in self.networks)


def milliseconds(time: datetime) -> int:
    """Since 1970."""
    return round(time.timestamp() * 1000)


def _unknown_device(network: Network, message: Message) -> Refused:
    return Refused("unknown_device", f"No device {network.uid}:{message.device} is registered: register it first")


def _key_of(device: Device, uplink: Uplink) -> int:
    """Counter, content and gateways tell a frame; what is no frame of a radio is told by its time."""
    parts = [device.id.encode(), b"%d %d" % (uplink.f_cnt, uplink.f_port), uplink.payload]
    parts += [gateway.id.encode() for gateway in uplink.gateways]
    if uplink.decoded is not None:
        parts.append(_encoder.encode(uplink.decoded))
    if not uplink.payload:
        parts.append(uplink.time.isoformat().encode())
    return frame_key(*parts)
