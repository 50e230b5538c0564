"""The devices: in memory for each reading, in the document store for good."""

import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

import msgspec

from document_store.changes import Changes
from document_store.store import DocumentStore

COLLECTION = "devices"
CHANGES = "device_changes"
DELETED = "deleted_devices"
"""What is still to be removed of deleted devices: `tenant` and `mirror` (the id of its entity), `at`, `tries`."""
FORGET_MISSES_AFTER = 5.0
"""Seconds: so soon does a device that another process registered become known here."""
KEPT_MISSES = 10_000


class Device(msgspec.Struct, frozen=True):
    """A registered device.

    `id` is `<network>:<key>` (ChirpStack: devEui, lower case; The Things Stack: `<application id>/<device id>`),
    `profile` names the device profile, `entity` is what the device watches: normalized NGSI-LD with id, type and all
    attributes that the device does not measure; `imported` is the id of the import that brought it.
    """

    id: str = msgspec.field(name="_id")
    network: str
    key: str
    tenant: str
    profile: str
    entity: dict[str, Any]
    name: str = ""
    firmware: str = ""
    imported: str = ""

    @property
    def entity_id(self) -> str:
        """What the device watches."""
        return str(self.entity["id"])

    @property
    def mirror_id(self) -> str:
        """The `Device` entity which shows the device itself in the broker."""
        return f"urn:ngsi-ld:Device:{self.id.replace('/', ':')}"

    def __post_init__(self) -> None:
        if self.id != f"{self.network}:{self.key}":
            raise ValueError(f"The device {self.id} must be named {self.network}:{self.key}, after its network and key")
        if not isinstance(self.entity.get("id"), str) or not isinstance(self.entity.get("type"), str):
            raise ValueError(f"The entity of the device {self.id} needs an id and a type")


class DeviceRegistry:
    """The registered devices; `load` before the first use, and again when another process has changed them."""

    def __init__(self, store: DocumentStore) -> None:
        self._store = store
        self._devices: dict[str, Device] = {}
        self._missed: dict[str, float] = {}
        self._changes = Changes(store, CHANGES, COLLECTION)

    async def load(self) -> None:
        """A device that did not change stays the same object."""
        mark = await self._changes.mark()
        documents = await self._store.find(COLLECTION)
        loaded = (msgspec.convert(document, Device) for document in documents)
        old = self._devices
        self._devices = {new.id: old[new.id] if old.get(new.id) == new else new for new in loaded}
        self._changes.read(mark)
        self._missed.clear()

    async def refresh(self) -> None:
        """Load again where another process has changed something."""
        if await self._changes.are_new():
            await self.load()

    async def register(self, devices: Iterable[Device | Mapping[str, Any]]) -> None:
        """Create or replace devices (records as in `Device`); `msgspec.ValidationError` where one is no device."""
        records = [device if isinstance(device, Device) else msgspec.convert(device, Device) for device in devices]
        if not records:
            return
        await self._store.put_many(COLLECTION, [msgspec.to_builtins(device) for device in records])
        await self._not_deleted(records)
        self._devices |= {device.id: device for device in records}
        self._missed.clear()
        await self._changes.made()

    async def delete(self, device_id: str) -> bool:
        """Whether there was such a device."""
        return await self.delete_many([device_id]) == 1

    async def delete_many(self, device_ids: Sequence[str]) -> int:
        """How many of them there were."""
        # noted first: else a crash in between would leave the entity for ever
        found = [device for device in map(self._devices.get, device_ids) if device]
        await self._store.put_many(DELETED, [_deletion_of(device) for device in found])
        deleted = 0
        for device_id in device_ids:
            self._devices.pop(device_id, None)
            deleted += await self._store.delete(COLLECTION, device_id)
        if deleted:
            await self._changes.made()
        return deleted

    async def _not_deleted(self, devices: Iterable[Device]) -> None:
        noted = {found["_id"] for found in await self._store.find(DELETED)}
        for device in devices:
            if device.id in noted:
                await self._store.delete(DELETED, device.id)

    def get(self, device_id: str) -> Device | None:
        return self._devices.get(device_id)

    async def find(self, device_id: str) -> Device | None:
        """Like `get`, and looks into the store for a device that was not known, at most every five seconds."""
        device = self._devices.get(device_id)
        now = time.monotonic()
        if device is not None or now - self._missed.get(device_id, -FORGET_MISSES_AFTER) < FORGET_MISSES_AFTER:
            return device
        document = await self._store.get(COLLECTION, device_id)
        if document is not None:
            device = self._devices[device_id] = msgspec.convert(document, Device)
            return device
        if len(self._missed) >= KEPT_MISSES:
            self._missed.clear()
        self._missed[device_id] = now
        return None

    def all(self) -> Iterator[Device]:
        """In the order of their ids."""
        return iter(sorted(self._devices.values(), key=lambda device: device.id))

    def __len__(self) -> int:
        return len(self._devices)


def _deletion_of(device: Device) -> dict[str, Any]:
    return {"_id": device.id, "tenant": device.tenant, "mirror": device.mirror_id, "at": time.time(), "tries": 0}
