"""Gauges as PEGELONLINE's REST-API 2 gives them: the canal at Herne's two locks, and the Ruhr at Hattingen.

Places are real; numbers and levels are invented.
"""

from datetime import datetime, timedelta
from typing import Any, NamedTuple

import orjson

from datenbroker.demo.chance import drift
from datenbroker.demo.curves import weather

CANAL, RIVER = "RHEIN-HERNE-KANAL", "RUHR"
MINUTES = 15
LOW, HIGH = 160.0, 260.0
"""Mean low and mean high water of the Ruhr there, cm."""


class Gauge(NamedTuple):
    """`level` is what the gauge shows on average: m above sea level on the canal, cm on the river."""

    number: int
    name: str
    water: str
    km: float
    latitude: float
    longitude: float
    level: float


GAUGES = (
    Gauge(1, "WANNE-EICKEL UW", CANAL, 31.1, 51.5474, 7.1612, 35.85),
    Gauge(2, "WANNE-EICKEL OW", CANAL, 31.4, 51.5480, 7.1646, 44.2),
    Gauge(3, "HERNE-OST UW", CANAL, 37.2, 51.5588, 7.2571, 44.2),
    Gauge(4, "HERNE-OST OW", CANAL, 37.6, 51.5600, 7.2610, 56.55),
    Gauge(5, "HATTINGEN", RIVER, 56.1, 51.3961, 7.1741, 172.0),
)


def document(at: datetime) -> bytes:
    """An array of stations with their time series and current measurements, JSON."""
    minute = at.minute - at.minute % MINUTES
    measured = at.replace(minute=minute, second=0, microsecond=0)
    return orjson.dumps([_station(gauge, measured) for gauge in GAUGES])


def _station(gauge: Gauge, at: datetime) -> dict[str, Any]:
    return {
        "uuid": f"d3a24ae5-4f0f-4f6c-9b9e-{gauge.number:012d}",
        "number": f"{gauge.number:08d}",
        "shortname": gauge.name,
        "longname": gauge.name,
        "km": gauge.km,
        "agency": "WSA WESTDEUTSCHE KANÄLE" if gauge.water == CANAL else "STANDORT DUISBURG",
        "longitude": gauge.longitude,
        "latitude": gauge.latitude,
        "water": {"shortname": "RHK" if gauge.water == CANAL else "RUHR", "longname": gauge.water},
        "timeseries": _canal(gauge, at) if gauge.water == CANAL else _river(gauge, at),
    }


def _canal(gauge: Gauge, at: datetime) -> list[dict[str, Any]]:
    """Held at its level, but for the waves of the lock."""
    level = round(gauge.level + 0.04 * drift(at, 3, "gauge", gauge.number), 2)
    return [_level("m+NHN", at, level, "unknown")]


def _river(gauge: Gauge, at: datetime) -> list[dict[str, Any]]:
    """Rises with the rain of the last days, and the discharge with the level."""
    level = round(gauge.level + 4 * weather.wetness(at, 2.5) + 3 * drift(at, 9, "gauge", gauge.number))
    state = "low" if level < LOW else "high" if level > HIGH else "normal"
    flow = _series("Q", "ABFLUSS_ROHDATEN", "m³/s", at - timedelta(minutes=MINUTES), round(20 + 0.006 * level**1.7, 1))
    return [_level("cm", at, float(level), state), flow]


def _level(unit: str, at: datetime, value: float, state: str) -> dict[str, Any]:
    series = _series("W", "WASSERSTAND ROHDATEN", unit, at, value)
    series["currentMeasurement"] |= {"stateMnwMhw": state, "stateNswHsw": "unknown"}
    return series


def _series(short: str, long: str, unit: str, at: datetime, value: float) -> dict[str, Any]:
    measurement = {"timestamp": at.astimezone(weather.LOCAL).isoformat(), "value": value}
    return {
        "shortname": short,
        "longname": long,
        "unit": unit,
        "equidistance": MINUTES,
        "currentMeasurement": measurement,
    }
