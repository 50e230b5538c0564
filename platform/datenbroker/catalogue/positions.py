"""The positions of a GeoJSON geometry, whatever its type."""

from collections.abc import Iterator
from typing import Any


def positions(geometry: Any) -> Iterator[tuple[float, float]]:
    """Longitude and latitude in degrees; none of what is no geometry, or lies outside the world."""
    if isinstance(geometry, dict):
        yield from _within(geometry.get("coordinates"))


def _within(level: Any) -> Iterator[tuple[float, float]]:
    if not isinstance(level, list):
        return
    if len(level) >= 2 and all(_is_number(number) for number in level[:2]):
        if abs(level[0]) <= 180 and abs(level[1]) <= 90:
            yield float(level[0]), float(level[1])
        return
    for part in level:
        yield from _within(part)


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)
