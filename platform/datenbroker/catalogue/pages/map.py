"""A map as SVG without any tile server: positions in a frame with a graticule and a scale."""

import math
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from datenbroker.catalogue.positions import positions

WIDTH, HEIGHT, MARGIN = 480.0, 330.0, 34.0
METRES_A_DEGREE = 111_320.0
SMALLEST_METRES = 600.0
"""A map of one place shows so much of its surroundings."""
MOST_POINTS = 2_000


class Line(NamedTuple):
    """A line of the graticule, and its degrees as text."""

    at: float
    label: str


class Mark(NamedTuple):
    """A place: a point, or the path of a line or an area."""

    label: str
    x: float
    y: float
    path: str


class Drawing(NamedTuple):
    """Everything that the template draws, in units of the view box."""

    marks: list[Mark]
    meridians: list[Line]
    parallels: list[Line]
    bar: float
    bar_label: str
    west: float
    south: float
    east: float
    north: float
    width: float = WIDTH
    height: float = HEIGHT
    margin: float = MARGIN

    @property
    def osm(self) -> str:
        latitude, longitude = (self.south + self.north) / 2, (self.west + self.east) / 2
        zoom = max(1, min(18, int(math.log2(360 / max(self.east - self.west, 1e-6)))))
        return f"https://www.openstreetmap.org/#map={zoom}/{latitude:.5f}/{longitude:.5f}"


class _Frame:
    """Where a position lies in the view box: equirectangular, true to scale at the middle."""

    def __init__(self, found: Sequence[tuple[float, float]]) -> None:
        longitudes, latitudes = [one[0] for one in found], [one[1] for one in found]
        self.x0, self.y0 = (min(longitudes) + max(longitudes)) / 2, (min(latitudes) + max(latitudes)) / 2
        self.flat = max(0.05, math.cos(math.radians(self.y0)))
        inner = WIDTH - 2 * MARGIN, HEIGHT - 2 * MARGIN
        wide = max((max(longitudes) - min(longitudes)) * self.flat * 1.15, SMALLEST_METRES / METRES_A_DEGREE)
        high = max((max(latitudes) - min(latitudes)) * 1.15, SMALLEST_METRES / METRES_A_DEGREE)
        self.scale = min(inner[0] / wide, inner[1] / high)
        half_x, half_y = inner[0] / self.scale / self.flat / 2, inner[1] / self.scale / 2
        self.west, self.east = self.x0 - half_x, self.x0 + half_x
        self.south, self.north = self.y0 - half_y, self.y0 + half_y

    def x(self, longitude: float) -> float:
        return round(WIDTH / 2 + (longitude - self.x0) * self.flat * self.scale, 1)

    def y(self, latitude: float) -> float:
        return round(HEIGHT / 2 - (latitude - self.y0) * self.scale, 1)


def drawing(entities: Sequence[Mapping[str, Any]]) -> Drawing | None:
    """The places of entities (normalized NGSI-LD); None where none has one."""
    placed = [(_label(entity), geometry) for entity in entities for geometry in _geometries(entity)]
    found = [one for _, geometry in placed for one in positions(geometry)][:MOST_POINTS]
    if not found:
        return None
    frame = _Frame(found)
    marks = [mark for label, geometry in placed if (mark := _mark(frame, label, geometry))]
    metres = _nice((WIDTH - 2 * MARGIN) / frame.scale * METRES_A_DEGREE / 3)
    return Drawing(
        marks=marks,
        meridians=[Line(frame.x(at), text) for at, text in _steps(frame.west, frame.east)],
        parallels=[Line(frame.y(at), text) for at, text in _steps(frame.south, frame.north)],
        bar=round(metres / METRES_A_DEGREE * frame.scale, 1),
        bar_label=f"{metres / 1000:g} km" if metres >= 1000 else f"{metres:g} m",
        west=frame.west,
        south=frame.south,
        east=frame.east,
        north=frame.north,
    )


def _mark(frame: _Frame, label: str, geometry: Mapping[str, Any]) -> Mark | None:
    found = list(positions(geometry))[:MOST_POINTS]
    if not found:
        return None
    x, y = frame.x(found[0][0]), frame.y(found[0][1])
    if geometry.get("type") in ("Point", "MultiPoint") or len(found) == 1:
        return Mark(label, x, y, "")
    path = "M" + " L".join(f"{frame.x(longitude)} {frame.y(latitude)}" for longitude, latitude in found)
    return Mark(label, x, y, path + (" Z" if "Polygon" in str(geometry.get("type")) else ""))


def _geometries(entity: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    """Of `location`, else of the first attribute that is a geometry."""
    ordered = sorted(entity.items(), key=lambda one: one[0] != "location")
    for _, attribute in ordered:
        if isinstance(attribute, dict) and attribute.get("type") == "GeoProperty":
            value = attribute.get("value")
            if isinstance(value, dict):
                yield value
                return


def _label(entity: Mapping[str, Any]) -> str:
    name = entity.get("name")
    value = name.get("value") if isinstance(name, dict) else None
    return str(value if isinstance(value, str) and value else entity.get("id", ""))[:120]


def _steps(low: float, high: float) -> Iterator[tuple[float, str]]:
    step = _nice((high - low) / 4)
    digits = max(0, -math.floor(math.log10(step)))
    number = math.ceil(low / step)
    while number * step <= high:
        yield number * step, f"{number * step:.{digits}f}°"
        number += 1


def _nice(length: float) -> float:
    """The largest of 1, 2 and 5 times a power of ten that is not longer."""
    power = 10.0 ** math.floor(math.log10(length))
    return next(factor * power for factor in (5, 2, 1) if factor * power <= length)
