"""Entities as rows: a column for each attribute, and for what an attribute says beside its value."""

from collections.abc import Iterable, Iterator
from typing import Any

import orjson
import shapely

from ngsi_ld.query.geo import plane_shape

Cell = str | int | float | bool | None
Row = dict[str, Cell]
Entity = dict[str, Any]

NO_ATTRIBUTES = frozenset({"id", "type", "scope", "@context", "createdAt", "modifiedAt", "expiresAt"})
VALUES = ("value", "object", "languageMap", "vocab", "json", "valueList", "objectList")
"""Where an instance has what it says, by its type."""

BESIDE = ("observedAt", "unitCode")
LONGITUDE, LATITUDE = "longitude", "latitude"


def row_of(entity: Entity) -> Row:
    """`<attribute>`, and `.observedAt`, `.unitCode`, of a point `.longitude` and `.latitude` (degrees, WGS 84).

    Geometries are WKT, whatever else is no single value JSON; so are several instances (`datasetId`), as an array.
    """
    row: Row = {"id": entity["id"], "type": _joined(entity["type"])}
    if "scope" in entity:
        row["scope"] = _joined(entity["scope"])
    for name, said in entity.items():
        if name in NO_ATTRIBUTES:
            continue
        if isinstance(said, list):
            row[name] = orjson.dumps([_value(instance) for instance in said]).decode()
        else:
            row |= _cells(name, said)
    return row


def columns_of(rows: Iterable[Row], attributes: Iterable[str] = ()) -> list[str]:
    """Every column that the rows have, and a column for each of the attributes; id and type first."""
    found = {"id": None, "type": None}
    for row in rows:
        found |= dict.fromkeys(row)
    found |= dict.fromkeys(name for name in attributes if name not in NO_ATTRIBUTES)
    head = [name for name in ("id", "type", "scope") if name in found]
    return head + sorted((name for name in found if name not in head), key=lambda name: name.split(".", 1))


def entities_of(body: bytes) -> Iterator[Entity]:
    yield from orjson.loads(body)


def _cells(name: str, instance: Any) -> Row:
    if not isinstance(instance, dict):
        return {name: _cell(instance)}
    row: Row = {name: _cell(_value(instance))}
    for member in BESIDE:
        if isinstance(instance.get(member), str):
            row[f"{name}.{member}"] = instance[member]
    if instance.get("type") == "GeoProperty":
        row |= _place(name, instance["value"])
    return row


def _place(name: str, geometry: Any) -> Row:
    try:
        row: Row = {name: plane_shape(geometry).wkt}
    except (shapely.errors.ShapelyError, ValueError, KeyError, TypeError, IndexError):
        return {}
    if geometry["type"] == "Point":
        row |= {f"{name}.{LONGITUDE}": geometry["coordinates"][0], f"{name}.{LATITUDE}": geometry["coordinates"][1]}
    return row


def _value(instance: Any) -> Any:
    if not isinstance(instance, dict):
        return instance
    value = next((instance[member] for member in VALUES if member in instance), None)
    return value["@value"] if isinstance(value, dict) and value.keys() == {"@type", "@value"} else value


def _cell(value: Any) -> Cell:
    if value is None or isinstance(value, str | int | float | bool):
        return value
    return orjson.dumps(value).decode()


def _joined(names: str | list[str]) -> str:
    return names if isinstance(names, str) else ",".join(names)
