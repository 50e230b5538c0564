"""Which of FIWARE's devices take commands: by entity, by id, and by the name that people use."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import timedelta
from typing import Any

from document_store.store import Document
from iot_agents.devices.topic_owners import iota_id
from iot_agents.downlinks.command import Addressee, Terms
from iot_agents.fiware.errors import CommandNotFound
from iot_agents.fiware.ngsi import entity_id
from iot_agents.fiware.plan import Plan, merged
from iot_agents.fiware.registry import Registry
from iot_agents.refused import Refused

PREFIX = "iota:"
"""How the ids of FIWARE's devices begin among those who take commands."""

LIFETIME = timedelta(days=1)


class CommandTakers:
    """A `Directory` over the registry, as it is provisioned now."""

    def __init__(self, registry: Registry, lifetime: timedelta = LIFETIME) -> None:
        self._registry, self._lifetime = registry, lifetime
        self._known: dict[str, tuple[Addressee, Document]] = {}
        self._at: dict[tuple[str, str], list[Addressee]] = {}
        self._names: dict[str, str] = {}
        self._named: dict[str, list[str]] = {}
        self._seen = -1

    async def refresh(self) -> None:
        await self._registry.refresh()

    def addressees(self) -> Iterable[Addressee]:
        self._look()
        return [addressee for addressee, _ in self._known.values()]

    def at(self, tenant: str, entity: str) -> Sequence[Addressee]:
        self._look()
        return self._at.get((tenant, entity), [])

    def of(self, device: str) -> Addressee | None:
        self._look()
        known = self._known.get(device)
        return known[0] if known else None

    def named(self, name: str) -> Sequence[Addressee]:
        """By `iota:<API key>/<device id>`, as in `Owner`; the same pair may stand in several services."""
        self._look()
        whole = self.of(name)
        return [whole] if whole else [self._known[device][0] for device in self._named.get(name, ())]

    def name_of(self, device: str) -> str:
        self._look()
        return self._names.get(device, device)

    def check(self, addressee: Addressee, name: str, value: Any) -> Terms:
        """A command whose provisioning says `"repeatable": false` is never sent twice."""
        plan = self._plan(addressee.device)
        if plan is None or name not in plan.commands:
            known = ", ".join(sorted(addressee.commands)) or "none"
            raise Refused("unknown_command", f"{CommandNotFound(name, addressee.device)}: its commands are {known}")
        return Terms(self._lifetime, plan.commands[name].get("repeatable") is not False)

    def _plan(self, device: str) -> Plan | None:
        self._look()
        if device not in self._known:
            return None
        _, document = self._known[device]
        return Plan(document, self._registry.group_of_device(document))

    def _look(self) -> None:
        if self._seen == self._registry.changes:
            return
        self._seen, self._known, self._names = self._registry.changes, {}, {}
        at: defaultdict[tuple[str, str], list[Addressee]] = defaultdict(list)
        for device in self._registry.all_devices():
            group = self._registry.group_of_device(device) or {}
            names = [str(each["name"]) for each in merged("commands", device, group)]
            if names:
                addressee = _addressee(device, names)
                self._known[addressee.device] = addressee, device
                self._names[addressee.device] = _name_of(device, group)
                at[addressee.tenant, addressee.entity].append(addressee)
        self._at = dict(at)
        named: defaultdict[str, list[str]] = defaultdict(list)
        for id_, name in self._names.items():
            named[name].append(id_)
        self._named = dict(named)


def _name_of(device: Document, group: Mapping[str, Any]) -> str:
    return iota_id(device.get("apikey") or group.get("apikey") or "", device["device_id"])


def _addressee(device: Document, names: Iterable[str]) -> Addressee:
    entity = entity_id(device["entity_name"], device["entity_type"])
    return Addressee(device["service"], PREFIX + device["_id"], entity, device["entity_type"], frozenset(names))
