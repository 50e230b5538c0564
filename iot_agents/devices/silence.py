"""Which devices are silent: longer than their profile lets expect."""

from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime, timedelta
from typing import NamedTuple

from iot_agents.devices.frames import DeviceState
from iot_agents.profile import DeviceProfile
from iot_agents.registry import Device

DEFAULT_INTERVAL = timedelta(days=1)


class Silent(NamedTuple):
    """`last_seen` is None for a device that was never heard."""

    device: Device
    last_seen: datetime | None


def silent_devices(
    devices: Iterable[Device],
    states: Mapping[str, DeviceState],
    profiles: Mapping[str, DeviceProfile],
    now: datetime,
) -> Iterator[Silent]:
    for device in devices:
        state = states.get(device.id)
        last_seen = state.last_seen if state else None
        if is_silent(last_seen, profiles.get(device.profile), now):
            yield Silent(device, last_seen)


def is_silent(last_seen: datetime | None, profile: DeviceProfile | None, now: datetime) -> bool:
    interval = profile.interval if profile else DEFAULT_INTERVAL
    return last_seen is None or now - last_seen > interval
