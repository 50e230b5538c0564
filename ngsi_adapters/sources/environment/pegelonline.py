"""PEGELONLINE (REST-API 2, WSV): water level and discharge of gauges on federal waterways."""

from collections.abc import Callable, Iterator, Mapping
from datetime import datetime, timedelta
from itertools import chain
from operator import itemgetter
from typing import Any

from data_models import FloodMonitoring, WaterObserved
from ngsi_adapters.formats.documents import json_document
from ngsi_adapters.formats.numerals import number
from ngsi_adapters.formats.places import point
from ngsi_adapters.formats.times import moment
from ngsi_adapters.mapping import Field, Mapped
from ngsi_adapters.reading import each
from ngsi_adapters.source import Malformed, Outcome, Record, Source, entity_id

Row = Mapping[str, Any]
LEVEL, FLOW = "W", "Q"
IN_METRES = {"cm": 0.01, "m": 1.0, "m+NN": 1.0, "m+NHN": 1.0}
"""Unit → factor. Canals are measured in metres above sea level, rivers in centimetres above the gauge's zero."""
STATES = ("low", "normal", "high")
"""Of `stateMnwMhw`; beside them there are unknown, commented and out-dated."""
MISSING = -777
"""What PEGELONLINE writes where a gauge is out of order, and everything below."""


def parse(payload: bytes, fetched_at: datetime) -> Iterator[Outcome]:
    """A WaterObserved for each gauge with a level or a discharge, and its FloodMonitoring where it has a level."""
    rows = json_document(payload)
    if not isinstance(rows, list):
        raise Malformed(f"an array of stations is expected, not {type(rows).__name__}")
    gauges = [row for row in rows if not isinstance(row, dict) or _measures(row)]
    levels = [row for row in gauges if isinstance(row, dict) and _series(row, LEVEL)]
    return chain(each(gauges, _water, itemgetter("uuid")), each(levels, _flood, itemgetter("uuid")))


def _measures(row: Row) -> bool:
    return any(_series(row, name) for name in (LEVEL, FLOW))


def _series(row: Row, name: str) -> Row | None:
    found = (series for series in row.get("timeseries") or [] if series.get("shortname") == name)
    return next((series for series in found if series.get("currentMeasurement")), None)


def _water(row: Row) -> Record:
    return WATER.record(entity_id("WaterObserved", "pegelonline", row["uuid"]), row, _measured_at(row))


def _flood(row: Row) -> Record:
    return FLOOD.record(entity_id("FloodMonitoring", "pegelonline", row["uuid"]), row, _measured_at(row))


def _measured_at(row: Row) -> datetime:
    """the newest measurement"""
    found = [series for name in (LEVEL, FLOW) if (series := _series(row, name))]
    return max(moment(series["currentMeasurement"]["timestamp"]) for series in found)


def _value(name: str, factors: Mapping[str, float]) -> Callable[[Row], float | None]:
    def read(row: Row) -> float | None:
        series = _series(row, name)
        if series is None:
            return None
        if series["unit"] not in factors:
            raise ValueError(f"it is in {series['unit']}, not in {' or '.join(factors)}")
        value = number(series["currentMeasurement"]["value"])
        if value <= MISSING:
            raise ValueError(f"{value:g} means that the gauge is out of order")
        return round(value * factors[series["unit"]], 4)

    read.__doc__ = f"{name}, from {' or '.join(factors)}"
    return read


def _state(row: Row) -> str | None:
    """between mean low and mean high water: low, normal, high"""
    series = _series(row, LEVEL)
    state: str | None = series["currentMeasurement"].get("stateMnwMhw") if series else None
    return state if state in STATES else None


def _titled(name: str) -> str:
    """RHEIN-HERNE-KANAL → Rhein-Herne-Kanal"""
    return name.title()


VALUE = "timeseries.currentMeasurement.value"
PLACE: tuple[Field, ...] = (
    Field(("longitude", "latitude"), "location", point, needed=True),
    Field("longname", "name", _titled),
)
WATER = Mapped(
    WaterObserved,
    (
        *PLACE,
        Field("water.longname", "areaServed", _titled),
        Field("timeseries.currentMeasurement.timestamp", "dateObserved", derive=_measured_at),
        Field(VALUE, "waterLevel", derive=_value(LEVEL, IN_METRES), observed=True),
        Field(VALUE, "flow", derive=_value(FLOW, {"m³/s": 1.0}), observed=True),
    ),
)
FLOOD = Mapped(
    FloodMonitoring,
    (
        *PLACE,
        Field("number", "stationID", needed=True),
        Field("timeseries.currentMeasurement.timestamp", "observationDateTime", derive=_measured_at),
        Field(VALUE, "currentLevel", derive=_value(LEVEL, IN_METRES), observed=True),
        Field("timeseries.currentMeasurement.stateMnwMhw", "floodLevelStatus", derive=_state, observed=True),
    ),
)
SOURCE = Source(
    uid="pegelonline",
    name="PEGELONLINE: water levels within 30 km",
    licence="dl-zero-de/2.0",
    attribution="Wasserstraßen- und Schifffahrtsverwaltung des Bundes (WSV), ungeprüfte Rohdaten",
    url="https://www.pegelonline.wsv.de/webservices/rest-api/v2/stations.json"
    "?latitude=51.54&longitude=7.22&radius=30&includeTimeseries=true&includeCurrentMeasurement=true",
    every=timedelta(minutes=15),
    tenant="stadt_herne",
    parse=parse,
    mapping=(WATER, FLOOD),
)
