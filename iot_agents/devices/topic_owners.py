"""Whose an MQTT topic is: the device that publishes under it, or is commanded by it, and its tenant."""

from collections.abc import Sequence
from typing import Literal, NamedTuple

from document_store.store import Document
from iot_agents.fiware.registry import Registry
from iot_agents.fiware.topics import Address, Protocol, address_of
from iot_agents.networks.network import Network
from iot_agents.registry import DeviceRegistry

TO_DEVICES = {"/cmd": "/cmdexe", "/configuration/values": "/configuration/commands"}
"""The ends of the topics on which a device of FIWARE's agents is spoken to, and of those on which it answers."""

KEPT = 100_000

Direction = Literal["publish", "receive"]


class Owner(NamedTuple):
    """`device` is the registry's id, of a device of FIWARE's agents `iota:<API key>/<device id>`."""

    tenant: str
    device: str


def iota_id(apikey: str, device_id: str) -> str:
    return f"iota:{apikey}/{device_id}"


class TopicOwners:
    """Asks the registries, which learn within seconds of what other processes register.

    A device of a network owns its topics both ways: who brings its readings may be its network server. A device of
    FIWARE's agents publishes measures and results under its API key, and receives its commands.
    """

    def __init__(self, devices: DeviceRegistry, networks: Sequence[Network], fiware: Registry | None = None) -> None:
        self._devices, self._networks, self._fiware = devices, networks, fiware
        self._kept: dict[tuple[Protocol | None, str, str], tuple[int, Document | None, str]] = {}

    async def owner_of(self, topic: str, direction: Direction) -> Owner | None:
        """None where the topic is nobody's."""
        if self._fiware is not None and (found := fiware_address(topic)):
            address, spoken_to = found
            if spoken_to is (direction == "publish"):
                return None
            tenant = await self._tenant_of_address(self._fiware, address)
            return Owner(tenant, iota_id(address.apikey, address.device_id)) if tenant is not None else None
        for network in self._networks:
            if topic.startswith(network.prefix):
                device = await self._devices.find(f"{network.uid}:{network.owner_of(topic)}")
                return Owner(device.tenant, device.id) if device else None
        return None

    async def _tenant_of_address(self, registry: Registry, address: Address) -> str | None:
        key = (address.protocol, address.apikey, address.device_id)
        kept = self._kept.get(key)
        if kept and kept[0] == registry.group_changes and (kept[1] is None or registry.is_current(kept[1])):
            return kept[2]
        device, group = registry.find(*key)
        if device is None and group is None and await registry.look_again():
            device, group = registry.find(*key)
        found = device or group
        if found is None:
            return None
        if len(self._kept) >= KEPT:
            self._kept.clear()
        tenant = str(found["service"])
        self._kept[key] = (registry.group_changes, device, tenant)
        return tenant


def fiware_address(topic: str) -> tuple[Address, bool] | None:
    """The device that a topic of FIWARE's agents names, and whether it is one on which the device is spoken to."""
    for end, answered in TO_DEVICES.items():
        if topic.endswith(end):
            address = address_of(topic.removesuffix(end) + answered)
            return (address, True) if address else None
    address = address_of(topic)
    return (address, False) if address else None
