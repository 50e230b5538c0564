"""The devices' API: list, look, register, change, delete, frames, profiles."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Annotated

import msgspec
from fastapi import APIRouter, Depends, Query, status

from datenbroker.gateway.management import commands as commands_api
from datenbroker.gateway.management import models
from datenbroker.gateway.management.commands import CommandParts
from datenbroker.gateway.management.door import Reach, reach_of
from datenbroker.gateway.problems import AlreadyThere, BadRequest, Forbidden, NotFound
from datenbroker.identities.organisations import Organisations
from iot_agents.devices.frames import KEPT, DeviceState, FrameLog
from iot_agents.devices.imports import DeviceImports
from iot_agents.devices.silence import is_silent
from iot_agents.devices.wanted import Wanted, device_from
from iot_agents.profile import DeviceProfile
from iot_agents.refused import Refused
from iot_agents.registry import Device, DeviceRegistry

Reached = Annotated[Reach, Depends(reach_of)]


@dataclass(frozen=True)
class DeviceParts:
    """What the devices' API works on."""

    registry: DeviceRegistry
    frames: FrameLog
    imports: DeviceImports
    profiles: Mapping[str, DeviceProfile]
    organisations: Organisations
    networks: frozenset[str] | None = None
    commands: CommandParts | None = None

    async def reached(self, device_id: str, reach: Reach) -> Device:
        await self.registry.refresh()
        device = await self.registry.find(device_id)
        if device is None or not reach.includes(device.tenant):
            raise NotFound(f"There is no device {device_id}: see /devices.")
        return device

    def shown(self, device: Device, state: DeviceState | None) -> models.DeviceShown:
        last_seen = state.last_seen if state else None
        return models.DeviceShown(
            **{name: getattr(device, name) for name in device.__struct_fields__},
            mirror=device.mirror_id,
            last_seen=last_seen,
            silent=is_silent(last_seen, self.profiles.get(device.profile), datetime.now(UTC)),
            frames=state.frames if state else 0,
        )


@dataclass(frozen=True)
class Selection:
    """Which devices are asked for."""

    tenant: Annotated[str | None, Query(description="Only this tenant's, for those who reach several.")] = None
    profile: Annotated[str | None, Query(description="Only those of this profile.")] = None
    network: Annotated[str | None, Query(description="Only those of this network.")] = None
    text: Annotated[str | None, Query(description="Only those with this in id, name or watched entity.")] = None
    silent: Annotated[bool | None, Query(description="Only silent ones, or only those that are not.")] = None

    def takes(self, device: Device) -> bool:
        return (
            self.tenant in (None, device.tenant)
            and self.profile in (None, device.profile)
            and self.network in (None, device.network)
            and (not self.text or self.text.lower() in f"{device.id} {device.name} {device.entity_id}".lower())
        )


def router(parts: DeviceParts) -> APIRouter:
    """The routes under /devices (save its imports) and /device-profiles."""
    api = APIRouter(tags=["Devices"])
    _profile_routes(api, parts)
    _frame_routes(api, parts)
    if parts.commands is not None:
        api.include_router(commands_api.router(parts.commands, parts.reached))
    _look_routes(api, parts)
    _change_routes(api, parts)
    return api


def _profile_routes(api: APIRouter, parts: DeviceParts) -> None:
    @api.get("/device-profiles")
    async def list_profiles() -> list[models.ProfileShown]:
        """The kinds of devices that are understood."""
        return [_profile(profile) for profile in parts.profiles.values()]

    @api.get("/device-profiles/{profile_id}")
    async def get_profile(profile_id: str) -> models.ProfileShown:
        """One kind of device."""
        if profile_id not in parts.profiles:
            raise NotFound(f"There is no device profile {profile_id}: see /device-profiles.")
        return _profile(parts.profiles[profile_id])


def _frame_routes(api: APIRouter, parts: DeviceParts) -> None:
    @api.get("/devices/{device_id:path}/frames")
    async def last_frames(
        device_id: str, reach: Reached, limit: Annotated[int, Query(ge=1, le=KEPT)] = KEPT
    ) -> list[models.FrameShown]:
        """The device's last messages, the newest first, at most two seconds old: what came, what became of it, and why
        something was rejected."""
        device = await parts.reached(device_id, reach)
        frames = await parts.frames.last(device.id, limit)
        return [models.FrameShown.model_validate(frame, from_attributes=True) for frame in frames]


def _look_routes(api: APIRouter, parts: DeviceParts) -> None:
    @api.get("/devices")
    async def list_devices(
        reach: Reached,
        selection: Annotated[Selection, Depends()],
        limit: Annotated[int, Query(ge=1, le=1000)] = 100,
        offset: Annotated[int, Query(ge=0)] = 0,
    ) -> models.DevicePage:
        """The devices in the order of their ids, a page at a time."""
        await parts.registry.refresh()
        found = [device for device in parts.registry.all() if reach.includes(device.tenant) and selection.takes(device)]
        if selection.silent is not None:
            states, now = await parts.frames.states(), datetime.now(UTC)
            found = [one for one in found if _silent(parts, one, states, now) == selection.silent]
        page = found[offset : offset + limit]
        shown = [parts.shown(device, await parts.frames.state(device.id)) for device in page]
        return models.DevicePage(total=len(found), offset=offset, limit=limit, devices=shown)

    @api.get("/devices/{device_id:path}")
    async def get_device(device_id: str, reach: Reached) -> models.DeviceShown:
        """One device: what it watches, when it was last heard, and whether it is silent."""
        device = await parts.reached(device_id, reach)
        return parts.shown(device, await parts.frames.state(device.id))


def _change_routes(api: APIRouter, parts: DeviceParts) -> None:
    @api.post("/devices", status_code=status.HTTP_201_CREATED)
    async def register_device(wanted: models.DeviceWanted, reach: Reached) -> models.DeviceShown:
        """Register a device; 409 where there is one of that network and key."""
        device = await _device(parts, wanted, reach)
        await parts.registry.refresh()
        if await parts.registry.find(device.id) is not None:
            raise AlreadyThere(f"The device {device.id} is registered: change it with PUT, or have it deleted.")
        await parts.registry.register([device])
        return parts.shown(device, None)

    @api.put("/devices/{device_id:path}")
    async def change_device(device_id: str, wanted: models.DeviceWanted, reach: Reached) -> models.DeviceShown:
        """Replace what is known of a device. Network, key and tenant stay: they are its identity."""
        known = await parts.reached(device_id, reach)
        device = await _device(parts, wanted.model_copy(update={"tenant": wanted.tenant or known.tenant}), reach)
        if (device.id, device.tenant) != (known.id, known.tenant):
            raise BadRequest(f"{known.id} of {known.tenant} cannot become {device.id} of {device.tenant}.")
        await parts.registry.register([device])
        return parts.shown(device, await parts.frames.state(device.id))

    @api.delete("/devices/{device_id:path}", status_code=status.HTTP_204_NO_CONTENT)
    async def delete_device(device_id: str, reach: Reached) -> None:
        """Forget a device and its frames. What it measured stays in the context broker."""
        device = await parts.reached(device_id, reach)
        await parts.registry.delete(device.id)
        await parts.frames.forget(device.id)


async def _device(parts: DeviceParts, wanted: models.DeviceWanted, reach: Reach) -> Device:
    tenant = wanted.tenant or reach.tenant
    if tenant is None or tenant not in {one.tenant for one in await parts.organisations.all()}:
        raise BadRequest(f"No organisation has the tenant {tenant}: name one.")
    if not reach.includes(tenant):
        raise Forbidden(f"Your key reaches the devices of {reach.tenant} only, not of {tenant}.")
    described = wanted.model_dump(exclude={"tenant"})
    try:
        return device_from(msgspec.convert(described | {"tenant": tenant}, Wanted), parts.profiles, parts.networks)
    except Refused as refused:
        raise BadRequest(f"{refused.reason}.") from None


def _silent(parts: DeviceParts, device: Device, states: Mapping[str, DeviceState], now: datetime) -> bool:
    state = states.get(device.id)
    return is_silent(state.last_seen if state else None, parts.profiles.get(device.profile), now)


def _profile(profile: DeviceProfile) -> models.ProfileShown:
    return models.ProfileShown(
        id=profile.id,
        title=profile.title,
        entity_type=profile.entity_type,
        controlled_properties=list(profile.controlled_properties),
        attributes=sorted({rule.attribute for rule in profile.attributes}),
        commands=[models.CommandRuleShown.model_validate(rule, from_attributes=True) for rule in profile.commands],
        interval_seconds=profile.interval.total_seconds(),
    )
