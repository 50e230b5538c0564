"""GeoJSON geometries as NGSI-LD admits them (CIM 009, 4.7; RFC 7946): all but GeometryCollection."""

from collections.abc import Callable, Mapping
from typing import Any

import orjson

from ngsi_ld.errors import BadRequestData

GEOMETRIES = frozenset({"Point", "MultiPoint", "LineString", "MultiLineString", "Polygon", "MultiPolygon"})

OVERFLOWING_DEGREES = 1_000_000
"""No limit to be set: beyond it the arithmetic of geometries overflows. Somewhat outside the world is the client's."""


def check_geometry(value: object, what: str) -> dict[str, Any]:
    """The geometry, also when given as a JSON string (4.7.2); otherwise `BadRequestData`."""
    if isinstance(value, str):
        value = _parsed(value, what)
    if not isinstance(value, dict) or not _is_type(value.get("type")):
        raise BadRequestData(f"{what} is no GeoJSON geometry: its type must be one of {', '.join(sorted(GEOMETRIES))}")
    _CHECKS[value["type"]](value.get("coordinates"), what)
    return value


def count_points(geometry: Mapping[str, Any]) -> int:
    """How many positions a checked geometry has."""
    level = geometry["coordinates"]
    for _ in range(_NESTED[geometry["type"]]):
        level = [part for parts in level for part in parts]
    return 1 if geometry["type"] == "Point" else len(level)


def is_geometry(value: object) -> bool:
    """Whether a value looks like a geometry (type and coordinates), valid or not."""
    return isinstance(value, dict) and _is_type(value.get("type")) and "coordinates" in value


def _is_type(name: object) -> bool:
    return isinstance(name, str) and name in GEOMETRIES


def _parsed(text: str, what: str) -> object:
    """The geometry in a string, without foreign members, whose depth nobody has checked."""
    try:
        value = orjson.loads(text)
    except orjson.JSONDecodeError:
        raise BadRequestData(f"{what} is neither a GeoJSON geometry nor a string that holds one") from None
    return {key: value.get(key) for key in ("type", "coordinates")} if isinstance(value, dict) else value


def _position(value: object, what: str) -> None:
    if not isinstance(value, list) or not 2 <= len(value) <= 4:
        raise BadRequestData(f"{what}: a position is an array of longitude, latitude and optionally altitude")
    if not all(isinstance(number, int | float) and not isinstance(number, bool) for number in value):
        raise BadRequestData(f"{what}: a position consists of numbers")
    if max(abs(value[0]), abs(value[1])) > OVERFLOWING_DEGREES:
        raise BadRequestData(f"{what}: longitude and latitude are degrees, not {max(value[:2], key=abs):.3g}")


def _line(value: object, what: str) -> None:
    if len(_array(value, _position, what)) < 2:
        raise BadRequestData(f"{what}: a line has at least two positions")


def _ring(value: object, what: str) -> None:
    positions = _array(value, _position, what)
    if len(positions) < 4 or positions[0] != positions[-1]:
        raise BadRequestData(f"{what}: a ring has at least four positions and ends where it begins")


def _polygon(value: object, what: str) -> None:
    if not _array(value, _ring, what):
        raise BadRequestData(f"{what}: a polygon has at least one ring")


def _array(value: object, check: Callable[[object, str], None], what: str) -> list[Any]:
    if not isinstance(value, list):
        raise BadRequestData(f"{what}: its coordinates are not nested as its type demands")
    for item in value:
        check(item, what)
    return value


def _many(check: Callable[[object, str], None]) -> Callable[[object, str], None]:
    def check_all(value: object, what: str) -> None:
        if not _array(value, check, what):
            raise BadRequestData(f"{what}: its coordinates are empty")

    return check_all


_CHECKS: dict[str, Callable[[object, str], None]] = {
    "Point": _position,
    "MultiPoint": _many(_position),
    "LineString": _line,
    "MultiLineString": _many(_line),
    "Polygon": _polygon,
    "MultiPolygon": _many(_polygon),
}
_NESTED = {"Point": 0, "MultiPoint": 0, "LineString": 0, "MultiLineString": 1, "Polygon": 1, "MultiPolygon": 2}
"""How many arrays stand around the array of positions."""
