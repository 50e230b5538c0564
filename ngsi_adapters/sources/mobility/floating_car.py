"""Floating car counts by road segment (CSV or JSON): vehicles counted and their mean speed in an interval.

CSV with semicolons and decimal commas, or a JSON array of objects, both with the columns
`segment`, `richtung` (hin, zurück), `strasse`, `beginn`, `ende` (ISO 8601; German time without an offset),
`fahrzeuge`, `geschwindigkeit_kmh`, `freie_geschwindigkeit_kmh`, `laengengrad`, `breitengrad`.
"""

from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta
from typing import Any

from data_models import Point, TrafficFlowObserved
from data_models.values import date_time_text
from ngsi_adapters.formats.documents import json_document
from ngsi_adapters.formats.numerals import german_number, number
from ngsi_adapters.formats.places import german_point, point
from ngsi_adapters.formats.texts import csv_rows, whole_row
from ngsi_adapters.formats.times import moment
from ngsi_adapters.mapping import Field, Mapped
from ngsi_adapters.reading import each
from ngsi_adapters.source import Malformed, Outcome, Record, Source, entity_id

Row = Mapping[str, Any]
NEEDED = ("segment", "beginn", "ende", "fahrzeuge")
DIRECTIONS = {"hin": "forward", "zurück": "backward"}
FASTEST = 200.0
CONGESTED = 0.5
"""Part of the free speed below which traffic is congested."""
LONGEST = timedelta(days=1)


def parse(payload: bytes, fetched_at: datetime) -> Iterator[Outcome]:
    """A record for each segment and direction."""
    rows = _listed(payload) if payload.lstrip(b"\xef\xbb\xbf \r\n\t")[:1] in (b"[", b"{") else csv_rows(payload, NEEDED)
    return each(rows, lambda row: _flow(row, fetched_at), _segment)


def _listed(payload: bytes) -> list[Any]:
    rows = json_document(payload)
    if not isinstance(rows, list):
        raise Malformed(f"an array of counts is expected, not {type(rows).__name__}")
    return rows


def _segment(row: Any) -> str:
    return str(row["segment"]) if isinstance(row, dict) else str(row[0])


def _flow(cells: Any, fetched_at: datetime) -> Record:
    row = whole_row(cells) if isinstance(cells, list) else cells
    begins, ends = moment(row["beginn"], fetched_at), moment(row["ende"], fetched_at)
    if not timedelta() < ends - begins <= LONGEST:
        raise ValueError(f"from {row['beginn']} to {row['ende']} is no interval of up to a day")
    parts = [str(row["segment"]), *([row["richtung"]] if row.get("richtung") else [])]
    timed = {**row, "begins": begins, "ends": ends}
    return FLOW.record(entity_id("TrafficFlowObserved", "fcd", *parts), timed, ends)


def _number(value: str | float) -> float:
    """a number, also with a decimal comma; not negative"""
    found = german_number(value) if isinstance(value, str) else number(value)
    if found < 0:
        raise ValueError(f"{value} is negative: missing values are left empty")
    return found


def _speed(value: str | float) -> float:
    """km/h, up to 200"""
    speed = _number(value)
    if speed > FASTEST:
        raise ValueError(f"{value} km/h is no mean speed")
    return speed


def _congested(speed: str | float, free: str | float) -> bool:
    """slower than half the free speed"""
    return _speed(speed) < CONGESTED * _speed(free)


def _place(longitude: str | float, latitude: str | float) -> Point:
    """point of longitude and latitude (WGS 84), also with decimal commas"""
    if isinstance(longitude, str) and isinstance(latitude, str):
        return german_point(longitude, latitude)
    return point(longitude, latitude)


def _direction(word: str) -> str:
    """hin is forward, zurück is backward"""
    if word not in DIRECTIONS:
        raise ValueError(f"{word!r} is neither {' nor '.join(DIRECTIONS)}")
    return DIRECTIONS[word]


def _reference(segment: str) -> str:
    """id of the RoadSegment"""
    return entity_id("RoadSegment", str(segment))


FLOW = Mapped(
    TrafficFlowObserved,
    (
        Field("strasse", "name"),
        Field(("laengengrad", "breitengrad"), "location", _place),
        Field("segment", "refRoadSegment", _reference, needed=True),
        Field("richtung", "laneDirection", _direction),
        Field("ende", "dateObserved", derive=lambda row: date_time_text(row["ends"])),
        Field("beginn", "dateObservedFrom", derive=lambda row: row["begins"]),
        Field("ende", "dateObservedTo", derive=lambda row: row["ends"]),
        Field("fahrzeuge", "intensity", _number, needed=True, observed=True),
        Field("geschwindigkeit_kmh", "averageVehicleSpeed", _speed, observed=True),
        Field(("geschwindigkeit_kmh", "freie_geschwindigkeit_kmh"), "congested", _congested, observed=True),
    ),
)
SOURCE = Source(
    uid="floating_car",
    name="Floating car counts (CSV, JSON)",
    licence=None,
    attribution="the provider of the vehicles' data",
    url=None,
    every=timedelta(minutes=5),
    tenant="stadt_herne",
    parse=parse,
    mapping=(FLOW,),
)
