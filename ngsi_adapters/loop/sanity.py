"""What no source may say, whatever its own checks: coordinates the wrong way round, numbers without measure."""

from dataclasses import dataclass
from typing import Any

LARGEST = 1e12
"""No attribute of a city is larger: such a number is a fault of the source."""
Entity = dict[str, Any]


class Impossible(ValueError):
    """The entity cannot be true; the message says why."""


@dataclass(frozen=True, slots=True)
class Box:
    """The region that a city's data are about, in degrees (WGS 84)."""

    west: float
    south: float
    east: float
    north: float

    def __contains__(self, position: object) -> bool:
        if not isinstance(position, list | tuple):
            return False
        return bool(self.west <= position[0] <= self.east and self.south <= position[1] <= self.north)


NORTH_RHINE_WESTPHALIA = Box(5.8, 50.3, 9.5, 52.6)


def mended(entity: Entity, box: Box) -> str | None:
    """Puts a point that was given as latitude, longitude right, and says so; None where nothing was mended.

    Only where the point lies outside the region and, turned round, within it. `Impossible` for other faults.
    """
    for name, attribute in entity.items():
        if isinstance(attribute, dict):
            _check(name, attribute.get("value"))
    location = entity.get("location")
    value = location.get("value") if isinstance(location, dict) else None
    if not isinstance(value, dict) or value.get("type") != "Point":
        return None
    position = value["coordinates"]
    turned = [position[1], position[0], *position[2:]]
    if position in box or turned not in box:
        return None
    entity["location"] = {**entity["location"], "value": {**value, "coordinates": turned}}
    return f"location {position}: latitude and longitude were the wrong way round; {turned} was written"


def _check(name: str, value: Any) -> None:
    if isinstance(value, int | float) and not -LARGEST <= value <= LARGEST:
        raise Impossible(f"{name}: {value!r} is no possible value")
