"""Geo-queries (CIM 009, 4.10): parsing and exact evaluation, on the plane of longitude and latitude by OGC simple
features, and for `near` by great-circle distance in metres."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from math import asin, cos, pi, radians, sin, sqrt
from typing import Any

import orjson
import shapely
from shapely.geometry import shape
from shapely.geometry.base import BaseGeometry
from shapely.ops import nearest_points

from ngsi_ld.bounds import Bounds, current, exceeded
from ngsi_ld.errors import BadRequestData
from ngsi_ld.jsonld.context import Context
from ngsi_ld.model.geometry import GEOMETRIES, check_geometry, count_points
from ngsi_ld.model.kinds import EntityDocument
from ngsi_ld.names import check_name

EARTH_RADIUS = 6_371_008.8
"""Mean radius in metres (IUGG)."""
RELATIONS = frozenset({"within", "contains", "intersects", "equals", "disjoint", "overlaps"})


@dataclass(frozen=True, slots=True)
class GeoQuery:
    """`relation` is `near` or one of `RELATIONS`; the distances, in metres, belong to `near`."""

    relation: str
    reference: BaseGeometry
    attribute: str
    min_distance: float | None = None
    max_distance: float | None = None

    def matches(self, entity: EntityDocument) -> bool:
        """Whether any instance of the GeoProperty stands in the relation to the reference geometry."""
        instances = entity.get(self.attribute, ())
        return any(self.holds(item["value"]) for item in instances if item["type"] == "GeoProperty")

    def holds(self, geometry: Mapping[str, Any]) -> bool:
        """For one GeoJSON geometry; a geometry that no engine understands stands in no relation."""
        try:
            subject = plane_shape(geometry)
            if self.relation == "near":
                return self._is_near(subject)
            return bool(getattr(subject, self.relation)(self.reference))
        except (shapely.errors.ShapelyError, ValueError, IndexError):
            return False

    def _is_near(self, subject: BaseGeometry) -> bool:
        metres = distance(subject, self.reference)
        if self.max_distance is not None and metres > self.max_distance:
            return False
        return self.min_distance is None or metres >= self.min_distance

    def bounds(self) -> tuple[float, float, float, float] | None:
        """The box (west, south, east, north) outside which nothing matches; None where everything may."""
        if self.relation == "disjoint" or (self.relation == "near" and self.max_distance is None):
            return None
        west, south, east, north = self.reference.bounds
        if self.max_distance is None:
            return west, south, east, north
        latitude = self.max_distance / EARTH_RADIUS * 180 / pi * 1.01
        widest = max(abs(south - latitude), abs(north + latitude))
        if widest >= 89:
            return None
        longitude = latitude / cos(radians(widest))
        if west - longitude < -180 or east + longitude > 180:
            return None
        return west - longitude, south - latitude, east + longitude, north + latitude


def plane_shape(geometry: Mapping[str, Any]) -> BaseGeometry:
    """The geometry of the engine, without altitudes: positions may differ in how many numbers they have."""
    return shape({"type": geometry["type"], "coordinates": _on_plane(geometry["coordinates"])})


def _on_plane(coordinates: list[Any]) -> list[Any]:
    if coordinates and isinstance(coordinates[0], list):
        return [_on_plane(part) for part in coordinates]
    return coordinates[:2]


def distance(one: BaseGeometry, other: BaseGeometry) -> float:
    """Great-circle metres between the nearest points (0 where the geometries meet)."""
    near, far = nearest_points(one, other)
    return haversine(near.x, near.y, far.x, far.y)


def haversine(lon1: float, lat1: float, lon2: float, lat2: float) -> float:
    """Metres between two positions in degrees."""
    step_lat, step_lon = radians(lat2 - lat1), radians(lon2 - lon1)
    a = sin(step_lat / 2) ** 2 + cos(radians(lat1)) * cos(radians(lat2)) * sin(step_lon / 2) ** 2
    return 2 * EARTH_RADIUS * asin(min(1.0, sqrt(max(0.0, a))))


def parse_geo_query(members: Mapping[str, Any], context: Context) -> GeoQuery | None:
    """From `georel`, `geometry`, `coordinates`, `geoproperty`; None where there is no geo-query.

    All of the first three or none; otherwise, and where a value is malformed, `BadRequestData`.
    """
    present = [name for name in ("georel", "geometry", "coordinates") if members.get(name) is not None]
    if not present:
        return None
    if len(present) < 3:
        raise BadRequestData(f"a geo-query needs georel, geometry and coordinates; given: {', '.join(present)}")
    coordinates = members["coordinates"]
    text = coordinates if isinstance(coordinates, str) else orjson.dumps(coordinates).decode()
    geoproperty = members.get("geoproperty") or "location"
    for name in ("georel", "geometry"):
        if not isinstance(members[name], str):
            raise BadRequestData(f"{name} must be a string")
    if not isinstance(geoproperty, str):
        raise BadRequestData("geoproperty must be a string")
    attribute = context.expand(check_name(geoproperty, "geoproperty"))
    return _parse(members["georel"], members["geometry"], text, attribute, current())


@lru_cache(maxsize=256)
def _parse(georel: str, geometry: str, coordinates: str, attribute: str, bounds: Bounds) -> GeoQuery:
    if geometry not in GEOMETRIES:
        raise BadRequestData(f"geometry {geometry!r:.40} is none of {', '.join(sorted(GEOMETRIES))}")
    try:
        nested = orjson.loads(coordinates)
    except orjson.JSONDecodeError:
        raise BadRequestData("coordinates is no JSON array, as in [7.22,51.54]") from None
    checked = query_geometry({"type": geometry, "coordinates": nested}, "the geo-query's geometry")
    try:
        reference = plane_shape(checked)
    except (shapely.errors.ShapelyError, ValueError) as error:
        raise BadRequestData(f"the geo-query's geometry: {error}") from None
    relation, *modifiers = georel.split(";")
    if relation == "near":
        return GeoQuery("near", reference, attribute, **_distances(modifiers))
    if relation not in RELATIONS or modifiers:
        raise BadRequestData(f"georel {georel!r:.60} is none of near;maxDistance==…, {', '.join(sorted(RELATIONS))}")
    return GeoQuery(relation, reference, attribute)


def query_geometry(geometry: object, what: str) -> dict[str, Any]:
    """A geometry that entities are compared with; `BadRequestData` or `TooComplexQuery`."""
    checked = check_geometry(geometry, what)
    if (points := count_points(checked)) > current().query_points:
        raise exceeded("query_points", f"{what} has {points} positions")
    return checked


def _distances(modifiers: list[str]) -> dict[str, float]:
    names = {"maxDistance": "max_distance", "minDistance": "min_distance"}
    distances: dict[str, float] = {}
    for modifier in modifiers:
        name, _, value = modifier.partition("==")
        try:
            metres = float(value)
        except ValueError:
            metres = -1.0
        if name not in names or not 0 < metres < float("inf"):
            raise BadRequestData("near takes maxDistance==metres or minDistance==metres, as in near;maxDistance==500")
        distances[names[name]] = metres
    if not distances:
        raise BadRequestData("near needs maxDistance==metres or minDistance==metres")
    return distances
