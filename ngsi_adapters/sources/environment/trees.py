"""Tree register (GeoJSON or CSV, as offices of green spaces export it), with the sensors of the soil's moisture.

A tree names its sensor (`bodensensor`), or the nearest one of the register within 30 m is taken: a feature, or a line,
with `sensor_id` and no `baumnummer`. Sensors' own values come as GreenspaceRecord by the IoT agents.
"""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from itertools import chain
from typing import Any

from data_models import FlowerBed, Point
from ngsi_adapters.formats.documents import json_list, json_object
from ngsi_adapters.formats.numerals import german_number, number, whole
from ngsi_adapters.formats.places import german_point, metres_between, point
from ngsi_adapters.formats.texts import csv_rows, whole_row
from ngsi_adapters.mapping import Field, Mapped
from ngsi_adapters.reading import each, refused
from ngsi_adapters.source import Outcome, Record, Source, entity_id

Row = Mapping[str, Any]
NEEDED = ("baumnummer", "laengengrad", "breitengrad")
NEAR = 30.0
"""Metres from a tree to a sensor whose soil is the tree's."""
ELSEWHERE = {
    "baumnummer": "baumid gisid",
    "art_botanisch": "art_bot art_latein",
    "art_deutsch": "art_dtsch",
    "hoehe_m": "baumhoehe",
    "kronendurchmesser_m": "kronedurch kronendurchmesser",
    "stammumfang_cm": "stammumfg stammumfang",
}
SYNONYMS = {name: ours for ours, names in ELSEWHERE.items() for name in names.split()}
"""Names in the open registers of Berlin, Hamburg and Vienna (there in capitals), of the same units → ours."""
YES, NO = ("ja", "true", "1"), ("nein", "false", "0")


def parse(payload: bytes, fetched_at: datetime) -> Iterator[Outcome]:
    """A record a tree."""
    is_json = payload.lstrip(b"\xef\xbb\xbf \r\n\t")[:1] == b"{"
    rows: list[Any] = list(_features(payload) if is_json else csv_rows(payload, NEEDED))
    sensors, wrong = _sensors([row for row in rows if _is_sensor(row)])
    trees = (row for row in rows if not _is_sensor(row))
    return chain(wrong, each(trees, lambda row: _tree(_whole(row), sensors), _number))


def _features(payload: bytes) -> Iterator[Any]:
    for feature in json_list(json_object(payload), "features"):
        if not isinstance(feature, dict) or not isinstance(feature.get("properties"), dict):
            yield feature
            continue
        told = {name.lower(): value for name, value in feature["properties"].items()}
        yield {SYNONYMS.get(name, name): value for name, value in told.items()} | {"geometry": feature.get("geometry")}


def _whole(row: Any) -> Row:
    return whole_row(row) if isinstance(row, list) else row


def _is_sensor(row: Any) -> bool:
    return isinstance(row, dict) and bool(row.get("sensor_id")) and not row.get("baumnummer")


def _number(row: Any) -> str | None:
    return str(row["baumnummer"]) if isinstance(row, dict) else row[0] if isinstance(row, list) else None


def _sensors(rows: Sequence[Row]) -> tuple[dict[str, Point], list[Outcome]]:
    found: dict[str, Point] = {}
    wrong: list[Outcome] = []
    for row in rows:
        try:
            found[str(row["sensor_id"])] = _place(row)
        except (ValueError, KeyError, TypeError) as error:
            wrong.append(refused(row, error, lambda row: str(row["sensor_id"])))
    return found, wrong


def _tree(row: Row, sensors: Mapping[str, Point]) -> Record:
    place = _place(row)
    near = [(metres_between(place, sensor), name) for name, sensor in sensors.items()]
    nearest = min(((far, name) for far, name in near if far <= NEAR), default=(0.0, None))[1]
    linked = {**row, "place": place, "sensor": row.get("bodensensor") or nearest}
    return TREE.record(entity_id("FlowerBed", "tree", str(row["baumnummer"])), linked)


def _place(row: Row) -> Point:
    """GeoJSON's point, or longitude and latitude with decimal commas"""
    geometry = row.get("geometry")
    if geometry is None:
        return german_point(row["laengengrad"], row["breitengrad"])
    if geometry.get("type") == "MultiPoint" and len(geometry["coordinates"]) == 1:
        return point(*geometry["coordinates"][0][:2])
    if geometry.get("type") != "Point":
        raise ValueError(f"a tree is a Point, not a {geometry.get('type')}")
    return point(*geometry["coordinates"][:2])


def _measure(value: str | float) -> float | None:
    """a number, also with a decimal comma; 0 is unknown"""
    return (german_number(value) if isinstance(value, str) else number(value)) or None


def _metres_of(centimetres: str | float) -> float | None:
    """centimetres / 100; 0 is unknown"""
    found = _measure(centimetres)
    return None if found is None else round(found / 100, 3)


def _year(value: str | int) -> int | None:
    """a year; 0 is unknown"""
    return whole(value) or None


def _yes(value: str | bool) -> bool:
    """ja, nein"""
    if str(value).lower() not in YES + NO:
        raise ValueError(f"{value!r} is neither ja nor nein")
    return str(value).lower() in YES


TREE = Mapped(
    FlowerBed,
    (
        Field("baumnummer", "treeNumber", str, needed=True),
        Field("geometry", "location", derive=lambda row: row["place"]),
        Field("art_botanisch", "taxon", lambda name: [name]),
        Field("art_deutsch", "treeSpecies"),
        Field("pflanzjahr", "plantingYear", _year),
        Field("hoehe_m", "treeHeight", _measure),
        Field("kronendurchmesser_m", "crownDiameter", _measure),
        Field("stammumfang_cm", "trunkCircumference", _metres_of),
        Field("vitalitaet", "vitality", whole),
        Field("naturdenkmal", "protected", _yes),
        Field("sensor", "refRecord", lambda name: [entity_id("GreenspaceRecord", str(name))]),
    ),
    fixed={"category": ["urbanTreeSpot"]},
)
SOURCE = Source(
    uid="trees",
    name="Tree register (GeoJSON, CSV)",
    licence="dl-zero-de/2.0",
    attribution="Stadt Herne, Stadtgrün",
    url=None,
    every=timedelta(days=1),
    tenant="stadt_herne",
    parse=parse,
    mapping=(TREE,),
)
