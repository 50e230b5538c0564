"""Devices of FIWARE's IoT agents: a measure comes in, and `accept` returns once it is committed or rejected."""

import logging
from collections import Counter
from collections.abc import Awaitable, Callable, Mapping
from datetime import UTC, datetime
from typing import Any

from document_store.store import DocumentStore
from iot_agents.commit import Commits, Limits
from iot_agents.fiware.errors import CommandNotFound, DeviceNotFound, IotError
from iot_agents.fiware.mapping import Entity, Mapped, entities_of
from iot_agents.fiware.ngsi import entity_id
from iot_agents.fiware.payloads import Measure, measures_of, results_of, sniffed
from iot_agents.fiware.plan import Plan
from iot_agents.fiware.provisioning import provisioned_by_itself
from iot_agents.fiware.registry import Registry
from iot_agents.fiware.topics import TOPICS, Address, Protocol, address_of, is_ours
from iot_agents.order import LatestTimes
from iot_agents.refused import Refused
from iot_agents.transports import Accept
from ngsi_client.client import NgsiClient
from ngsi_client.rejected import Rejected, Rejections, excerpt_of

logger = logging.getLogger(__name__)

AGENTS: Mapping[Protocol | None, str] = {"json": "iot_agent_json", "ul": "iot_agent_ul", None: "iot_agent"}
"""The source of rejects, by protocol."""

MOST_INTRODUCED = 10_000


class FiwareAgent:
    """Measures of provisioned devices become entities of their services' tenants.

    `registry` holds groups and devices, `topics` are the MQTT filters. An older measure never overwrites a newer value,
    as with LoRaWAN readings.
    """

    topics = TOPICS

    def __init__(
        self, client: NgsiClient, store: DocumentStore, rejections: Rejections, *, limits: Limits | None = None
    ) -> None:
        self.registry = Registry(store)
        self.limits = limits or Limits()
        self.on_result: Callable[[Plan, str, Any], Awaitable[bool]] | None = None
        self._rejections = rejections
        self._counts: Counter[str] = Counter()
        self._commits = Commits(client, self.limits, self._counts)
        self._latest = LatestTimes()
        self._plans: dict[tuple[Protocol | None, str, str], Plan] = {}
        self._group_changes = -1

    async def start(self) -> None:
        await self.registry.load()

    async def stop(self, grace: float = 1.0) -> None:
        await self._commits.stop(grace)

    def counters(self) -> dict[str, int]:
        """`messages`, `readings` (committed), `late`, `requests`, `retries`; `pending` and `devices` now."""
        names = ("messages", "readings", "late", "requests", "retries", "provisioned")
        return {name: self._counts[name] for name in names} | {
            "pending": self._commits.pending,
            "devices": len(self.registry),
        }

    async def accept(self, topic: str, payload: bytes) -> None:
        """An MQTT message: returns once what it says is committed, or recorded as `Rejected` for good."""
        self._counts["messages"] += 1
        address = address_of(topic)
        try:
            if address is None:
                raise Refused("unknown_topic", f"The topic {topic!r:.200} is none of an IoT agent's")
            await self._take(address, payload)
        except Refused as refused:
            self._reject(address, refused, payload)
        except IotError as error:
            self._reject(address, Refused(error.name.lower(), str(error)), payload)
        except Exception as error:
            # A message that trips over a mistake of ours must not come back for ever and hold up the others.
            logger.exception("A message on %s failed", topic[:200])
            self._reject(address, Refused("agent_error", repr(error)), payload)

    def before(self, other: Accept) -> Accept:
        """Takes the topics of `topics`, and hands all others on."""

        async def accept(topic: str, payload: bytes) -> None:
            await (self.accept if is_ours(topic) else other)(topic, payload)

        return accept

    async def _take(self, address: Address, payload: bytes) -> None:
        if len(payload) > self.limits.message_bytes:
            reason = f"The message has {len(payload)} bytes, allowed are {self.limits.message_bytes}: shorten it"
            raise Refused("too_large", reason)
        plan = await self.plan(address.protocol, address.apikey, address.device_id)
        protocol = address.protocol or plan.protocol or sniffed(payload)
        if address.kind == "configuration":
            raise Refused(
                "not_supported", "Devices cannot ask for their configuration here: see the compatibility table"
            )
        if address.kind == "cmdexe":
            await self.take_results(plan, results_of(protocol, payload))
        else:
            await self.take_measures(plan, measures_of(protocol, payload, address.attribute, plan.texts), payload)

    async def plan(self, protocol: Protocol | None, apikey: str, device_id: str) -> Plan:
        """What becomes of the device's measures; a device that is not known is provisioned where its group allows that.

        `DeviceNotFound` otherwise.
        """
        if self._group_changes != self.registry.group_changes:
            self._plans.clear()
            self._group_changes = self.registry.group_changes
        key = (protocol, apikey, device_id)
        plan = self._plans.get(key)
        if plan is not None and self.registry.is_current(plan.device):
            return plan
        plan = self._plans[key] = await self._made_plan(protocol, apikey, device_id)
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
        """How many of them are committed, and what was rejected."""
        arrival = datetime.now(UTC)
        mapped = [entities_of(plan, measure, arrival) for measure in measures]
        readings = [reading for reading in (self._timely(plan, each) for each in mapped) if reading]
        wrong = [refused for each in mapped for refused in each.wrong]
        refused = await self._commit(plan, readings)
        for each in (*wrong, *refused):
            self._reject_of(plan, each, payload)
        if not refused:
            self._introduce(plan, mapped)
        return len(readings) - len(refused), wrong + refused

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
        for refused in await self._commit(plan, [[entity]]):
            self._reject_of(plan, refused, b"")

    def _timely(self, plan: Plan, mapped: Mapped) -> list[Entity]:
        """Without the attributes of which something newer is known."""
        reading = []
        for entity in mapped.entities:
            names = {name: attribute for name, attribute in entity.items() if name not in ("id", "type")}
            if not any("observedAt" in attribute for attribute in names.values()):
                reading.append(entity)
                continue
            timely = self._latest.not_older(plan.tenant, entity["id"], names, mapped.observed_at)
            if len(timely) == len(names):
                reading.append(entity)
                continue
            self._counts["late"] += 1
            if timely:
                reading.append({"id": entity["id"], "type": entity["type"]} | timely)
        return reading

    async def _commit(self, plan: Plan, readings: list[list[Entity]]) -> list[Refused]:
        if not readings:
            return []
        answers = await self._commits.commit(plan.tenant, readings)
        refused = [
            Refused("refused_by_broker", f"The broker refused {entity['id']}: {refusals[entity['id']]}")
            for reading, refusals in zip(readings, answers, strict=True)
            for entity in reading
            if entity["id"] in refusals
        ]
        self._counts["readings"] += len(readings) - bool(refused)
        return refused

    def _introduce(self, plan: Plan, mapped: list[Mapped]) -> None:
        if len(plan.introduced) > MOST_INTRODUCED:
            plan.introduced.clear()
        plan.introduced.update(each.main for each in mapped)

    def _reject(self, address: Address | None, refused: Refused, payload: bytes) -> None:
        source = AGENTS[address.protocol if address else None]
        device = address.device_id if address else None
        self._rejections.add(Rejected(source, device, refused.kind, refused.reason, excerpt_of(payload)))

    def _reject_of(self, plan: Plan, refused: Refused, payload: bytes) -> None:
        rejected = Rejected(
            AGENTS[plan.protocol], plan.device_id, refused.kind, refused.reason, excerpt_of(payload), plan.tenant
        )
        self._rejections.add(rejected)
