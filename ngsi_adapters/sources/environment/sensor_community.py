"""Sensor.Community (data API 1): particulate matter and climate of citizens' own sensors."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import datetime, timedelta
from typing import Any

from data_models import AirQualityObserved
from ngsi_adapters.formats.documents import json_document
from ngsi_adapters.formats.numerals import number
from ngsi_adapters.formats.places import point
from ngsi_adapters.formats.times import utc_moment
from ngsi_adapters.mapping import Field, Mapped
from ngsi_adapters.reading import each
from ngsi_adapters.source import Malformed, Outcome, Record, Source, entity_id

Row = Mapping[str, Any]
DUST = (0.0, 999.0)
"""µg/m³; an SDS011 says 999.9 or 1999.9 when it is choked."""


def parse(payload: bytes, fetched_at: datetime) -> Iterator[Outcome]:
    """A record a sensor: the newest of its readings of the last five minutes."""
    rows = json_document(payload)
    if not isinstance(rows, list):
        raise Malformed(f"an array of readings is expected, not {type(rows).__name__}")
    return each(_newest(rows), _reading, lambda row: str(row["sensor"]["id"]))


def _newest(rows: Iterable[Any]) -> list[Any]:
    found: dict[object, Any] = {}
    for place, row in enumerate(rows):
        known = isinstance(row, dict) and isinstance(row.get("sensor"), dict) and "id" in row["sensor"]
        key = row["sensor"]["id"] if known else f"row {place}"
        if key not in found or str(row.get("timestamp")) > str(found[key].get("timestamp")):
            found[key] = row
    return list(found.values())


def _reading(row: Row) -> Record:
    values = {entry["value_type"]: entry["value"] for entry in row["sensordatavalues"]}
    sensor = str(row["sensor"]["id"])
    named = {name: value for name, value in values.items() if name in MEASURED}
    if not named:
        raise LookupError(f"none of {', '.join(MEASURED)} is measured, but {', '.join(values) or 'nothing'}")
    return AIR.record(entity_id("AirQualityObserved", "sensor.community", sensor), {**row, **named}, _time(row))


def _time(row: Row) -> datetime:
    return utc_moment(row["timestamp"])


def _between(least: float, most: float, factor: float = 1.0) -> Callable[[str], float]:
    def read(text: str) -> float:
        value = number(text)
        if not least <= value <= most:
            raise ValueError(f"{value:g} is not between {least:g} and {most:g}: the sensor is faulty")
        return round(value * factor, 4)

    read.__doc__ = f"{least:g} to {most:g}" + (f", × {factor:g}" if factor != 1 else "")
    return read


def _placement(indoor: int) -> str:
    """1 is indoor"""
    return "indoor" if indoor else "outdoor"


def _name(sensor_type: str) -> str:
    return f"Sensor.Community {sensor_type}"


AIR = Mapped(
    AirQualityObserved,
    (
        Field("sensor.sensor_type.name", "name", _name),
        Field(("location.longitude", "location.latitude"), "location", point, needed=True),
        Field("timestamp", "dateObserved", utc_moment, needed=True),
        Field("location.indoor", "typeofLocation", _placement),
        Field("P1", "pm10", _between(*DUST), observed=True),
        Field("P2", "pm25", _between(*DUST), observed=True),
        Field("P0", "pm1", _between(*DUST), observed=True, seldom=True),
        Field("temperature", "temperature", _between(-40, 60), observed=True),
        Field("humidity", "relativeHumidity", _between(0, 100, 0.01), observed=True),
        Field("pressure", "pressure", _between(85_000, 110_000, 0.01), observed=True),
    ),
)
MEASURED = ("P0", "P1", "P2", "temperature", "humidity", "pressure")
SOURCE = Source(
    uid="sensor_community",
    name="Sensor.Community: citizens' air sensors within 8 km",
    licence="odbl",
    attribution="Sensor.Community (DbCL 1.0)",
    url="https://data.sensor.community/airrohr/v1/filter/area=51.54,7.22,8",
    every=timedelta(minutes=5),
    tenant="stadt_herne",
    parse=parse,
    mapping=(AIR,),
)
