"""Devices of FIWARE's IoT agents: a measure is done with once it is committed, spooled, or kept as a dead letter."""

import time
from collections import Counter
from collections.abc import Awaitable, Callable, Mapping
from datetime import UTC, datetime
from typing import Any

from document_store.store import DocumentStore
from iot_agents.fiware.errors import CommandNotFound, DeviceNotFound, IotError
from iot_agents.fiware.mapping import Entity, Mapped, entities_of
from iot_agents.fiware.ngsi import entity_id
from iot_agents.fiware.payloads import Measure, measures_of, results_of, sniffed
from iot_agents.fiware.plan import TIME, Plan
from iot_agents.fiware.provisioning import provisioned_by_itself
from iot_agents.fiware.registry import Registry
from iot_agents.fiware.topics import TOPICS, Address, Protocol, address_of, is_ours
from iot_agents.ingest.commits import Commits
from iot_agents.ingest.duplicates import frame_key
from iot_agents.ingest.limits import Limits
from iot_agents.ingest.message import Errands, Message, acceptance
from iot_agents.ingest.rejects import LATE, Rejects, Replay, refused_by_broker
from iot_agents.ingest.waiting import Origin, Refusals, Waiting
from iot_agents.refresher import Refresher
from iot_agents.refused import Refused
from iot_agents.transports import Accept, Done, HandIn
from ngsi_client.client import NgsiClient
from ngsi_client.rejected import Rejections

AGENTS: Mapping[Protocol | None, str] = {"json": "iot_agent_json", "ul": "iot_agent_ul", None: "iot_agent"}
"""The source of rejects, by protocol."""

MOST_INTRODUCED = 10_000


class FiwareAgent:
    """Measures of provisioned devices become entities of their services' tenants.

    `registry` holds groups and devices, `topics` are the MQTT filters. `commits` is the way into the broker, where it
    is shared; its owner starts and stops it. `on_result` is asked whether a command's result is its own,
    `on_configuration` answers devices that ask for values.
    """

    topics = TOPICS

    def __init__(
        self,
        client: NgsiClient,
        store: DocumentStore,
        rejections: Rejections,
        *,
        limits: Limits | None = None,
        commits: Commits | None = None,
    ) -> None:
        self.registry = Registry(store)
        self.commits = commits or Commits(client, Rejects(rejections), limits)
        self.limits = self.commits.limits
        self.on_result: Callable[[Plan, str, Any], Awaitable[bool]] | None = None
        self.on_configuration: Callable[[Plan, Protocol, bytes], Awaitable[None]] | None = None
        self._owns_commits = commits is None
        self._counts: Counter[str] = Counter()
        self._plans: dict[tuple[Protocol | None, str, str], Plan] = {}
        self._group_changes = -1
        self._errands = Errands(self._failed)
        self._refresher = Refresher(self.registry.refresh)

    async def start(self) -> None:
        await self.registry.load()
        self._refresher.start()
        if self._owns_commits:
            await self.commits.start()

    async def stop(self, grace: float = 1.0) -> None:
        await (self.commits.stop(grace) if self._owns_commits else self.commits.idle(grace))
        await self._errands.stop()
        await self._refresher.stop()

    def counters(self) -> dict[str, int]:
        """`messages`, `readings` (committed or spooled), `provisioned`; `pending` and `devices` now."""
        own = self.commits.counters() if self._owns_commits else {"pending": self.commits.pending}
        own |= {name: self._counts[name] for name in ("messages", "readings", "provisioned")}
        return own | {"devices": len(self.registry)}

    async def accept(self, topic: str, payload: bytes, replay: Replay | None = None) -> None:
        """An MQTT message: returns once what it says is committed or spooled, or is kept as a dead letter."""
        accepted, done = acceptance()
        self.hand_in(topic, payload, done, replay)
        await accepted

    def hand_in(self, topic: str, payload: bytes, done: Done, replay: Replay | None = None) -> None:
        """The same with a call in the end, and without a task where all that the message needs is at hand."""
        self._counts["messages"] += 1
        message = Message(topic, payload, done, None, replay)
        try:
            address = address_of(topic)
            if address is None:
                raise Refused("unknown_topic", f"The topic {topic!r:.200} is none of an IoT agent's")
            message.source, message.device = AGENTS[address.protocol], address.device_id
            message.check_size(self.limits.message_bytes)
            plan = self._known_plan(address.protocol, address.apikey, address.device_id)
            if plan is None or address.kind != "attrs":
                self._errands.begin(message, self._take(address, message))
            else:
                self._take_measures(address, plan, message)
        except Exception as error:
            self._failed(message, error)

    async def replay(self, topic: str, payload: bytes, tenant: str | None, replay: Replay) -> None:
        """A dead letter once more; its API key says whose it is."""
        await self.accept(topic, payload, replay)

    def before(self, other: Accept) -> Accept:
        """Takes the topics of `topics`, and hands all others on."""

        async def accept(topic: str, payload: bytes) -> None:
            await (self.accept if is_ours(topic) else other)(topic, payload)

        return accept

    def hand_in_before(self, other: HandIn) -> HandIn:
        """The same for `hand_in`."""

        def hand_in(topic: str, payload: bytes, done: Done) -> None:
            (self.hand_in if is_ours(topic) else other)(topic, payload, done)

        return hand_in

    async def _take(self, address: Address, message: Message) -> None:
        plan = await self.plan(address.protocol, address.apikey, address.device_id)
        protocol = address.protocol or plan.protocol or sniffed(message.payload)
        match address.kind:
            case "attrs":
                self._take_measures(address, plan, message)
                return
            case "cmdexe":
                await self.take_results(plan, results_of(protocol, message.payload))
            case "configuration" if self.on_configuration is not None:
                await self.on_configuration(plan, protocol, message.payload)
        message.done(True)

    def _take_measures(self, address: Address, plan: Plan, message: Message) -> None:
        protocol, payload = address.protocol or plan.protocol, message.payload
        protocol = protocol or sniffed(payload)
        message.source, message.tenant = AGENTS[plan.protocol], plan.tenant
        measures = measures_of(protocol, payload, address.attribute, plan.texts)
        arrival = message.replay.at if message.replay else datetime.now(UTC)
        mapped = [entities_of(plan, measure, arrival) for measure in measures]
        wrong = [refused for each in mapped for refused in each.wrong]
        readings = [each for each in mapped if each.entities]
        # only what has a time of its own can be told from what a device says twice
        keyed = all(TIME in measure for measure in measures)
        if len(readings) == 1 and not wrong:
            self._put(plan, readings[0], message, (_key(plan, payload, 0) if keyed else None, message.done))
            return
        left = len(readings)

        def one_done(accepted: bool) -> None:
            nonlocal left
            left -= 1
            if not accepted:
                message.done(False)
            elif left == 0:
                message.conclude(self.commits.rejects, wrong)

        for number, each in enumerate(readings):
            self._put(plan, each, message, (_key(plan, payload, number) if keyed else None, one_done))
        if not readings:
            message.conclude(self.commits.rejects, wrong)

    def _put(self, plan: Plan, mapped: Mapped, message: Message, told: tuple[int | None, Done]) -> None:
        """`told`: the key of the reading, and whom to tell when it is done."""
        (key, done), observed = told, _observed(mapped)
        if key is not None and message.replay is None and self.commits.is_repeated(key, observed, done):
            return

        def settled(refusals: Refusals | None) -> None:
            if not refusals and refusals is not None:
                self._counts["readings"] += 1
                _introduce(plan, mapped.main)
            done(refusals is not None)

        reading = Waiting(plan.tenant, mapped.entities, observed, message.origin, settled)
        reading.key = key
        self.commits.put(reading)

    def _failed(self, message: Message, error: Exception) -> None:
        """A message that trips over a mistake of ours must not come back for ever and hold up the others."""
        if isinstance(error, IotError):
            error = Refused(error.name.lower(), str(error))
        refused = message.refused(error, AGENTS[None])
        message.conclude(self.commits.rejects, [refused])

    def _known_plan(self, protocol: Protocol | None, apikey: str, device_id: str) -> Plan | None:
        if self._group_changes != self.registry.group_changes:
            self._plans.clear()
            self._group_changes = self.registry.group_changes
        plan = self._plans.get((protocol, apikey, device_id))
        return plan if plan is not None and self.registry.is_current(plan.device) else None

    async def plan(self, protocol: Protocol | None, apikey: str, device_id: str) -> Plan:
        """What becomes of the device's measures; a device that is not known is provisioned where its group allows that.

        `DeviceNotFound` otherwise.
        """
        plan = self._known_plan(protocol, apikey, device_id)
        if plan is None:
            plan = await self._made_plan(protocol, apikey, device_id)
            self._plans[protocol, apikey, device_id] = plan
        return plan

    async def _made_plan(self, protocol: Protocol | None, apikey: str, device_id: str) -> Plan:
        device, group = self.registry.find(protocol, apikey, device_id)
        if device is None and await self.registry.look_again():
            device, group = self.registry.find(protocol, apikey, device_id)
        if device is None:
            if group is None or group.get("autoprovision") is False:
                raise DeviceNotFound(device_id)
            device = await provisioned_by_itself(self.registry, group, device_id)
            self._counts["provisioned"] += 1
        return Plan(device, group or self.registry.group_of_device(device))

    async def take_measures(self, plan: Plan, measures: list[Measure], payload: bytes) -> tuple[int, list[Refused]]:
        """How many of them are done with, and what was rejected. What came late is done: the device cannot mend it."""
        if self.commits.is_full:
            raise TimeoutError  # the device is told to come again
        arrival, origin = datetime.now(UTC), _origin(plan, payload)
        mapped = [entities_of(plan, measure, arrival) for measure in measures]
        readings = [each for each in mapped if each.entities]
        answers = await self.commits.commit(
            plan.tenant, [(each.entities, _observed(each)) for each in readings], origin
        )
        wrong = [refused for each in mapped for refused in each.wrong]
        if wrong:
            await self.commits.rejects.keep(origin, wrong)
        refused = [each for refusals in answers for each in refused_by_broker(refusals) if each.kind != LATE]
        for each, refusals in zip(readings, answers, strict=True):
            if not refusals:
                self._counts["readings"] += 1
                _introduce(plan, each.main)
        done = sum(all(each.kind == LATE for each in refused_by_broker(refusals)) for refusals in answers)
        return done, wrong + refused

    async def take_results(self, plan: Plan, results: Mapping[str, Any]) -> None:
        """What devices tell of their commands: `<command>_status` and `<command>_info` of the entity."""
        for name in results:
            if name not in plan.commands:
                raise CommandNotFound(name, plan.device_id)
        late = {
            name: ("OK", result)
            for name, result in results.items()
            if self.on_result is None or not await self.on_result(plan, name, result)
        }
        if late:
            await self.tell(plan, late)

    async def tell(self, plan: Plan, outcomes: Mapping[str, tuple[str, Any]]) -> None:
        """Commit status and info of commands; without info where it is None."""
        entity: Entity = {"id": entity_id(plan.entity_name, plan.entity_type), "type": plan.entity_type}
        now = datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
        for name, (status, info) in outcomes.items():
            entity[f"{name}_status"] = {"type": "Property", "value": status, "observedAt": now}
            if info is not None:
                entity[f"{name}_info"] = {"type": "Property", "value": info, "observedAt": now}
        observed = round(time.time() * 1000)
        await self.commits.commit(plan.tenant, [([entity], observed)], _origin(plan, b""))


def _key(plan: Plan, payload: bytes, number: int) -> int:
    """Of one measure in a message."""
    return frame_key(plan.device["_id"].encode(), b"%d" % number, payload)


def _introduce(plan: Plan, entity_id: str) -> None:
    """What stands in its provisioning needs not be sent any more."""
    if entity_id not in plan.introduced:
        if len(plan.introduced) > MOST_INTRODUCED:
            plan.introduced.clear()
        plan.introduced.add(entity_id)


def _origin(plan: Plan, payload: bytes) -> Origin:
    """Of what came over HTTP; its topic is the one under which it would have come by MQTT."""
    topic = f"/{plan.protocol or 'json'}/{plan.apikey}/{plan.device_id}/attrs"
    return Origin(AGENTS[plan.protocol], topic, payload, plan.device_id, plan.tenant)


def _observed(mapped: Mapped) -> int:
    """Milliseconds since 1970."""
    return round(mapped.observed_at.timestamp() * 1000)
