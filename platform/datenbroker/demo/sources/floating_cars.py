"""Floating car counts of the busier streets in the last whole quarter of an hour: CSV with semicolons, both directions.

Streets are real, figures invented.
"""

import csv
import io
from datetime import datetime, timedelta

from datenbroker.demo.chance import between, drift
from datenbroker.demo.curves import rhythm, weather
from datenbroker.demo.places import STREETS, Place

INTERVAL = timedelta(minutes=15)
BUSY = 0.6
HEADER = (
    "segment",
    "richtung",
    "strasse",
    "beginn",
    "ende",
    "fahrzeuge",
    "geschwindigkeit_kmh",
    "freie_geschwindigkeit_kmh",
    "laengengrad",
    "breitengrad",
)
SEGMENTS = tuple((f"HER-{index:04d}", place) for index, place in enumerate(STREETS, 1) if place.traffic >= BUSY)


def document(at: datetime) -> bytes:
    """UTF-8, CRLF, decimal commas; times in local time with their offset from UTC."""
    ends = at.replace(minute=at.minute - at.minute % 15, second=0, microsecond=0)
    text = io.StringIO()
    rows = csv.writer(text, delimiter=";", lineterminator="\r\n")
    rows.writerow(HEADER)
    rows.writerows(
        _row(segment, place, direction, ends) for segment, place in SEGMENTS for direction in ("hin", "zurück")
    )
    return text.getvalue().encode()


def _row(segment: str, place: Place, direction: str, ends: datetime) -> tuple[str, ...]:
    load = _load(segment, place, direction, ends)
    free = 50 if place.traffic > 0.7 else 30
    speed = free * (1 - 0.75 * load**2) * between(0.94, 1.0, "fcd", segment, direction, ends.isoformat())
    begins = ends - INTERVAL
    return (
        segment,
        direction,
        place.name,
        begins.astimezone(weather.LOCAL).isoformat(timespec="minutes"),
        ends.astimezone(weather.LOCAL).isoformat(timespec="minutes"),
        str(round(140 * load)),
        f"{speed:.1f}".replace(".", ","),
        str(free),
        f"{place.longitude:.5f}".replace(".", ","),
        f"{place.latitude:.5f}".replace(".", ","),
    )


def _load(segment: str, place: Place, direction: str, at: datetime) -> float:
    """0 (empty) to 1 (full): into town in the morning, out of it in the evening."""
    tide = 0.15 if (weather.local_hour(at) < 12) == (direction == "hin") else -0.1
    wobble = 0.12 * drift(at, 0.75, "fcd", segment, direction)
    return min(1.0, max(0.01, rhythm.traffic(at) * place.traffic * (1 + tide) + wobble))
