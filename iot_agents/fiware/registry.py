"""Config groups and devices as they were provisioned: in memory for each measure, in the document store for good.

Documents keep the members and names of the provisioning API, with `service` and `service_path` beside them.
"""

import time
from collections.abc import Iterator, Mapping
from contextlib import suppress
from typing import Any

from document_store.changes import Changes
from document_store.store import Document, DocumentStore
from iot_agents.fiware.errors import DeviceNotFound, DuplicateDevice, DuplicateGroup, GroupNotFound, MismatchedService
from iot_agents.fiware.topics import RESOURCES, Protocol

GROUPS, DEVICES, CHANGES = "fiware_groups", "fiware_devices", "fiware_changes"

LOOK_AGAIN_AFTER = 5.0
"""Seconds: so soon does what another process provisioned become known here, once a device asks for it."""


class Registry:
    """`load` before the first use. `group_changes`, and `changes` of devices too, count up for those who keep what they
    derived of a group or a device."""

    def __init__(self, store: DocumentStore) -> None:
        self._store = store
        self._groups: dict[str, Document] = {}
        self._devices: dict[str, Document] = {}
        self._changed = Changes(store, CHANGES, DEVICES)
        self._looked = 0.0
        self.group_changes = self.changes = 0

    async def load(self) -> None:
        """A group or device that did not change stays the same object."""
        mark = await self._changed.mark()
        groups, devices = await self._store.find(GROUPS), await self._store.find(DEVICES)
        known = self._groups
        self._groups, self._devices = _kept(known, groups), _kept(self._devices, devices)
        self._changed.read(mark)
        self._looked = time.monotonic()
        self.group_changes += self._groups != known
        self.changes += 1

    async def refresh(self) -> None:
        """Load again where another process has provisioned something."""
        if await self._changed.are_new():
            await self.load()

    async def look_again(self) -> bool:
        """Whether the store was read anew, which happens at most every five seconds."""
        if time.monotonic() - self._looked < LOOK_AGAIN_AFTER:
            return False
        await self.load()
        return True

    def __len__(self) -> int:
        return len(self._devices)

    def groups(self, service: str, path: str | None = None) -> list[Document]:
        """Those of a service, and of one path of it."""
        found = (group for group in self._groups.values() if group["service"] == service)
        return [group for group in found if path in (None, group["service_path"])]

    def group_of(self, apikey: str, protocol: Protocol | None) -> Document | None:
        """The group with the key, the one of the protocol's resource where there are several."""
        found = [group for group in self._groups.values() if group["apikey"] == apikey]
        if len(found) > 1 and protocol:
            found.sort(key=lambda group: group["resource"] != RESOURCES[protocol])
        return found[0] if found else None

    def group_of_device(self, device: Mapping[str, Any]) -> Document | None:
        """As iotagent-node-lib finds it: by type and key, then by type, then by key, within the path."""
        inside = self.groups(device["service"], device["service_path"])
        apikey, entity_type = device.get("apikey"), device.get("entity_type")
        by_key = [group for group in inside if apikey and group["apikey"] == apikey]
        by_type = [group for group in inside if entity_type and group.get("entity_type") == entity_type]
        both = [group for group in by_key if group in by_type]
        candidates = both or by_key if apikey else by_type
        return candidates[0] if candidates else None

    async def create_groups(self, groups: list[Document]) -> None:
        """`DuplicateGroup` where a pair of resource and key is taken; then none is created."""
        ids = [_group_id(group["resource"], group["apikey"]) for group in groups]
        for number, (id_, group) in enumerate(zip(ids, groups, strict=True)):
            if id_ in self._groups or id_ in ids[:number]:
                raise DuplicateGroup(group["resource"], group["apikey"])
        await self._put(GROUPS, [{"_id": id_} | group for id_, group in zip(ids, groups, strict=True)])

    async def change_group(self, scope: tuple[str, str], key: tuple[str, str], change: Mapping[str, Any]) -> Document:
        """`scope` is service and path, `key` resource and API key; gives the changed group."""
        group = self._group(scope, key)
        changed = group | dict(change)
        if (changed["resource"], changed["apikey"]) != key:
            raise DuplicateGroup(changed["resource"], changed["apikey"])
        await self._put(GROUPS, [changed])
        return changed

    async def delete_group(self, scope: tuple[str, str], key: tuple[str, str]) -> None:
        group = self._group(scope, key)
        await self._store.delete(GROUPS, group["_id"])
        self._groups.pop(group["_id"], None)
        self.group_changes += 1
        self.changes += 1
        await self._changed.made()

    def _group(self, scope: tuple[str, str], key: tuple[str, str]) -> Document:
        group = self._groups.get(_group_id(*key))
        if group is None:
            raise GroupNotFound(f"resource [{key[0]}] and API key [{key[1]}]")
        if (group["service"], group["service_path"]) != scope:
            raise MismatchedService
        return group

    def all_devices(self) -> Iterator[Document]:
        """Of all services."""
        return iter(list(self._devices.values()))

    def devices(self, service: str, path: str) -> list[Document]:
        """Those of a path in the order of their ids; of all paths for `/*`."""
        found = (device for device in self._devices.values() if device["service"] == service)
        inside = [device for device in found if path in ("/*", device["service_path"])]
        return sorted(inside, key=lambda device: str(device["_id"]))

    def device(self, scope: tuple[str, str], device_id: str, apikey: str | None = None) -> Document:
        """The device with the key, or where none is given any of that id; `DeviceNotFound`."""
        if apikey is not None:
            found = self._devices.get(_device_id(scope, apikey, device_id))
            found = found or self._devices.get(_device_id(scope, None, device_id))
        else:
            found = next((device for device in self._in(scope) if device["device_id"] == device_id), None)
        if found is None:
            raise DeviceNotFound(device_id)
        return found

    def is_current(self, device: Document) -> bool:
        """Whether the document is what the registry holds now."""
        return self._devices.get(device["_id"]) is device

    def find(self, protocol: Protocol | None, apikey: str, device_id: str) -> tuple[Document | None, Document | None]:
        """Device and group that a measure means. A device without a group is found by any key if it has none itself."""
        group = self.group_of(apikey, protocol)
        if group is not None:
            scope = (group["service"], group["service_path"])
            with suppress(DeviceNotFound):
                return self.device(scope, device_id, apikey), group
            return None, group
        found = [
            device
            for device in self._devices.values()
            if device["device_id"] == device_id and device.get("apikey") in (apikey, None)
        ]
        found.sort(key=lambda device: device.get("apikey") is None)
        return (found[0] if found else None), None

    async def create_devices(self, devices: list[Document]) -> None:
        """`DuplicateDevice` where one exists; then none is created."""
        ids = [_device_id((d["service"], d["service_path"]), d.get("apikey"), d["device_id"]) for d in devices]
        seen: set[str] = set()
        for id_, device in zip(ids, devices, strict=True):
            if id_ in self._devices or id_ in seen:
                raise DuplicateDevice(device["device_id"])
            seen.add(id_)
        await self._put(DEVICES, [{"_id": id_} | d for id_, d in zip(ids, devices, strict=True)])

    async def change_device(self, device: Document, change: Mapping[str, Any]) -> Document:
        changed = device | dict(change)
        await self._put(DEVICES, [changed])
        return changed

    async def delete_device(self, device: Document) -> None:
        await self._store.delete(DEVICES, device["_id"])
        self._devices.pop(device["_id"], None)
        self.changes += 1
        await self._changed.made()

    def _in(self, scope: tuple[str, str]) -> Iterator[Document]:
        return (device for device in self._devices.values() if (device["service"], device["service_path"]) == scope)

    async def _put(self, collection: str, documents: list[Document]) -> None:
        """In memory at once, so that two measures of a new device do not provision it twice."""
        before = {document["_id"]: self._memory(collection).get(document["_id"]) for document in documents}
        self._remember(collection, documents)
        try:
            await self._store.put_many(collection, documents)
        except BaseException:
            for id_, old in before.items():
                self._memory(collection).pop(id_, None)
                if old is not None:
                    self._memory(collection)[id_] = old
            self.changes += 1
            raise
        self._remember(collection, documents)  # what other processes changed may have been read meanwhile
        await self._changed.made()

    def _remember(self, collection: str, documents: list[Document]) -> None:
        self._memory(collection).update({document["_id"]: document for document in documents})
        self.group_changes += collection == GROUPS
        self.changes += 1

    def _memory(self, collection: str) -> dict[str, Document]:
        return self._groups if collection == GROUPS else self._devices


def _kept(known: Mapping[str, Document], found: list[Document]) -> dict[str, Document]:
    return {new["_id"]: known[new["_id"]] if known.get(new["_id"]) == new else new for new in found}


def _group_id(resource: str, apikey: str) -> str:
    return f"{apikey} {resource}"


def _device_id(scope: tuple[str, str], apikey: str | None, device_id: str) -> str:
    return f"{scope[0]} {scope[1]} {apikey or ''} {device_id}"
