"""Import of a device list: what can be used is registered under one import's id, by which it is undone."""

import asyncio
import secrets
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

import msgspec

from document_store.store import DocumentStore
from iot_agents.devices.listing import Line, wanted_from
from iot_agents.devices.wanted import device_from
from iot_agents.profile import DeviceProfile
from iot_agents.refused import Refused
from iot_agents.registry import Device, DeviceRegistry

IMPORTS = "device_imports"
BEFORE = "devices_before_import"
SLICE = 500
"""Devices in one transaction."""
PAUSE_AFTER = 100
"""Lines after which readings and requests have their turn."""


class RejectedRow(msgspec.Struct, frozen=True):
    """A line of the list that is no device, and why."""

    line: int
    kind: str
    reason: str


class ImportReport(msgspec.Struct, frozen=True):
    """What an import would do, or has done; `id` is empty where it was only tried."""

    id: str
    rows: int
    created: int
    replaced: int
    unchanged: int
    rejected: list[RejectedRow]


class Undone(msgspec.Struct, frozen=True):
    """`kept` devices were changed since, and stay."""

    deleted: int
    restored: int
    kept: int


class Rules(msgspec.Struct, frozen=True):
    """`given` fills empty cells, `tenants` is the tenant of each organisation that the list may name."""

    tenants: Mapping[str, str]
    profiles: Mapping[str, DeviceProfile]
    given: Mapping[str, str] = {}
    networks: frozenset[str] | None = None


class DeviceImports:
    """Imports into a registry, which must be loaded."""

    def __init__(self, store: DocumentStore, registry: DeviceRegistry) -> None:
        self._store, self._registry = store, registry

    async def tried(self, lines: Sequence[Line], rules: Rules) -> ImportReport:
        """What `run` would report; nothing is changed."""
        report, _ = await self._plan(lines, rules, "", lambda _: None)
        return report

    async def run(
        self, lines: Sequence[Line], rules: Rules, file: str, progress: Callable[[int], None] = lambda _: None
    ) -> ImportReport:
        """Registers what is good; `progress` is told how many more lines are done, each line twice (read, written)."""
        import_id = f"{datetime.now(UTC):%Y%m%d-%H%M%S}-{secrets.token_hex(3)}"
        report, devices = await self._plan(lines, rules, import_id, progress)
        if not devices:
            progress(len(lines))
            return msgspec.structs.replace(report, id="")
        known = [(device, self._registry.get(device.id)) for device in devices]
        before = [
            {"_id": f"{import_id}#{device.id}", "import": import_id, "device": msgspec.to_builtins(old)}
            for device, old in known
            if old is not None
        ]
        summary = {"file": file, "tenants": sorted({device.tenant for device in devices})}
        counts = {"created": report.created, "replaced": report.replaced, "rejected": len(report.rejected)}
        at = datetime.now(UTC).isoformat(timespec="seconds")
        await self._store.put(IMPORTS, {"_id": import_id, "at": at, **summary, **counts})
        for part in _slices(before):
            await self._store.put_many(BEFORE, part)
        for part in _slices(devices):
            await self._registry.register(part)
            progress(len(part))
        progress(len(lines) - len(devices))
        return report

    async def all(self) -> list[dict[str, Any]]:
        """The imports, the newest first: `_id`, `at`, `file`, `tenants` and counts."""
        return list(reversed(await self._store.find(IMPORTS)))

    async def get(self, import_id: str) -> dict[str, Any] | None:
        return await self._store.get(IMPORTS, import_id)

    async def undo(self, import_id: str) -> Undone:
        """As it was before, save for devices that were changed since. `KeyError` where there is no such import."""
        if await self.get(import_id) is None:
            raise KeyError(import_id)
        before = {found["device"]["_id"]: found for found in await self._store.find(BEFORE, {"import": import_id})}
        untouched = [device for device in self._registry.all() if device.imported == import_id]
        restored = [before[device.id]["device"] for device in untouched if device.id in before]
        added = [device.id for device in untouched if device.id not in before]
        await self._registry.register(restored)
        await self._registry.delete_many(added)
        for found in before.values():
            await self._store.delete(BEFORE, found["_id"])
        summary = await self.get(import_id) or {}
        await self._store.delete(IMPORTS, import_id)
        touched = int(summary.get("created", 0)) + int(summary.get("replaced", 0)) - len(untouched)
        return Undone(deleted=len(added), restored=len(restored), kept=max(0, touched))

    async def _plan(
        self, lines: Sequence[Line], rules: Rules, import_id: str, progress: Callable[[int], None]
    ) -> tuple[ImportReport, list[Device]]:
        seen: dict[str, int] = {}
        changed: list[Device] = []
        rejected: list[RejectedRow] = []
        created = 0
        for line in lines:
            try:
                device = self._device(line, rules, import_id, seen)
            except Refused as refused:
                rejected.append(RejectedRow(line.number, refused.kind, refused.reason))
            else:
                old = self._registry.get(device.id)
                created += old is None
                if old is None or msgspec.structs.replace(old, imported=import_id) != device:
                    changed.append(device)
            progress(1)
            if len(seen) % PAUSE_AFTER == 0:
                await asyncio.sleep(0)
        unchanged = len(lines) - len(rejected) - len(changed)
        report = ImportReport(import_id, len(lines), created, len(changed) - created, unchanged, rejected)
        return report, changed

    def _device(self, line: Line, rules: Rules, import_id: str, seen: dict[str, int]) -> Device:
        device = device_from(wanted_from(line.cells, rules.given, rules.tenants), rules.profiles, rules.networks)
        if device.id in seen:
            raise Refused("twice", f"{device.id} is in line {seen[device.id]} already")
        seen[device.id] = line.number
        old = self._registry.get(device.id)
        if old is not None and old.tenant != device.tenant:
            raise Refused("other_tenant", f"{device.id} is registered for another tenant: have it deleted there first")
        return msgspec.structs.replace(device, imported=import_id)


def _slices(items: Sequence[Any]) -> Iterator[Sequence[Any]]:
    starts: Iterable[int] = range(0, len(items), SLICE)
    return (items[start : start + SLICE] for start in starts)
