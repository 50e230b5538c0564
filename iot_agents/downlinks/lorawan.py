"""The way to LoRaWAN devices: a downlink into the queue of their network server."""

from collections import defaultdict
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from datetime import timedelta
from typing import Any

from iot_agents.codecs.codecs import Codecs
from iot_agents.codecs.result import Failed
from iot_agents.codecs.uplinks import codec_of
from iot_agents.downlinks.command import Addressee, Command, Handed, NotYet, Terms
from iot_agents.downlinks.downlink import Downlink
from iot_agents.downlinks.routes import Routes
from iot_agents.downlinks.rule import LONGEST_PAYLOAD, CommandRule
from iot_agents.networks.network import Network
from iot_agents.profile import DeviceProfile
from iot_agents.refused import Refused
from iot_agents.registry import Device, DeviceRegistry

Publish = Callable[[str, bytes], Awaitable[None]]
"""Topic and payload, with QoS 1; `ConnectionError` where no MQTT broker is there."""


class LoRaWan:
    """Devices of the registry whose profile has commands. `publish` is given by whoever has a connection."""

    def __init__(
        self,
        devices: DeviceRegistry,
        profiles: Mapping[str, DeviceProfile],
        networks: Sequence[Network],
        codecs: Codecs,
        lifetime: timedelta,
    ) -> None:
        self.publish: Publish | None = None
        self.routes: Routes | None = None
        self._devices, self._profiles, self._codecs, self._lifetime = devices, profiles, codecs, lifetime
        self._networks = {network.uid: network for network in networks if network.downlink is not None}
        self._at: dict[tuple[str, str], list[str]] = {}

    async def refresh(self) -> None:
        await self._devices.refresh()

    def takes_commands(self, device_id: str) -> bool:
        return self.of(device_id) is not None

    def addressees(self) -> Iterable[Addressee]:
        found = [addressee for device in self._devices.all() if (addressee := self._addressee(device))]
        at: defaultdict[tuple[str, str], list[str]] = defaultdict(list)
        for addressee in found:
            at[addressee.tenant, addressee.entity].append(addressee.device)
        self._at = dict(at)
        return found

    def at(self, tenant: str, entity: str) -> Sequence[Addressee]:
        """As `addressees` saw them last; where that is out of date, it looks again."""
        return self._still_at(tenant, entity) or (list(self.addressees()) and self._still_at(tenant, entity)) or []

    def of(self, device: str) -> Addressee | None:
        known = self._devices.get(device)
        return self._addressee(known) if known else None

    def named(self, name: str) -> Sequence[Addressee]:
        found = self.of(name)
        return [found] if found else []

    def name_of(self, device: str) -> str:
        return device

    def check(self, addressee: Addressee, name: str, value: Any) -> Terms:
        rule = self._rule(addressee.device, name)
        rule.check(value)
        if rule.field is None:
            rule.encoded(value)
        return Terms(rule.expires or self._lifetime, rule.repeatable)

    async def send(self, command: Command) -> Handed:
        rule, device = self._rule(command.device, command.name), self._device(command.device)
        payload, f_port = await self._encoded(rule, command)
        route = await self.routes.find(command.device) if self.routes else None
        if route is None:
            raise NotYet(f"{command.device} was not heard yet, so that the topic of its downlinks is not known")
        network = self._networks[device.network]
        assert network.downlink is not None
        downlink = Downlink(
            command.id, device.key, f_port, payload, rule.confirmed, command.created_at, command.expires_at
        )
        if self.publish is None:
            raise ConnectionError("no MQTT broker is connected")
        await self.publish(*network.downlink(route, downlink))
        return Handed(rule.confirmed)

    async def _encoded(self, rule: CommandRule, command: Command) -> tuple[bytes, int]:
        rule.check(command.value)
        if rule.field is None:
            payload, f_port = rule.encoded(command.value), rule.f_port
        else:
            payload, f_port = await self._by_codec(rule, command)
        if not 0 < len(payload) <= LONGEST_PAYLOAD:
            raise Refused("codec_error", f"{rule.name} becomes {len(payload)} bytes, allowed are {LONGEST_PAYLOAD}")
        return payload, f_port

    async def _by_codec(self, rule: CommandRule, command: Command) -> tuple[bytes, int]:
        profile = self._profiles[self._device(command.device).profile]
        try:
            codec = codec_of(profile)
        except Failed as error:
            raise Refused("no_codec", f"The profile {profile.id} cannot encode: {error}") from None
        if codec is None:
            raise Refused("no_codec", f"The profile {profile.id} has no codec that encodes {rule.name}: give it one")
        encoded = await self._codecs.encode(codec, rule.data(command.value), rule.f_port)
        if encoded.errors or encoded.payload is None:
            raise Refused("codec_error", f"The codec of {profile.id} reports: {'; '.join(encoded.errors)}"[:500])
        return encoded.payload, encoded.f_port or rule.f_port

    def _device(self, device_id: str) -> Device:
        device = self._devices.get(device_id)
        if device is None:
            raise Refused("unknown_device", f"The device {device_id} is not registered any more")
        return device

    def _rule(self, device_id: str, name: str) -> CommandRule:
        profile = self._profiles.get(self._device(device_id).profile)
        rules = {rule.name: rule for rule in profile.commands} if profile else {}
        if name not in rules:
            known = ", ".join(rules) or "none"
            raise Refused("unknown_command", f"{device_id} has no command {name}: its commands are {known}")
        return rules[name]

    def _addressee(self, device: Device) -> Addressee | None:
        profile = self._profiles.get(device.profile)
        if profile is None or not profile.commands or device.network not in self._networks:
            return None
        names = frozenset(rule.name for rule in profile.commands)
        return Addressee(device.tenant, device.id, device.entity_id, str(device.entity["type"]), names)

    def _still_at(self, tenant: str, entity: str) -> list[Addressee]:
        found = (self.of(device) for device in self._at.get((tenant, entity), ()))
        return [one for one in found if one and (one.tenant, one.entity) == (tenant, entity)]
