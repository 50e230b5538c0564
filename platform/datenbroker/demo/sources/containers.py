"""The entsorgung's register of collection containers as it is exported: CSV with semicolons, German numbers and dates.

UTF-8, CRLF; levels in per cent, volumes in litres, times in local time.
"""

import csv
import io
from datetime import datetime, timedelta

from datenbroker.demo.chance import between, number
from datenbroker.demo.curves import weather
from datenbroker.demo.places import STREETS

ROWS = 40
HEADER = (
    "Behälternummer",
    "Standort",
    "Straße",
    "PLZ",
    "Ort",
    "Stadtbezirk",
    "Abfallart",
    "Volumen_Liter",
    "Bauart",
    "Füllstand_Prozent",
    "Zustand",
    "Stand",
    "Letzte_Leerung",
    "Nächste_Leerung",
    "Breitengrad",
    "Längengrad",
)
FRACTIONS = (
    ("GL", "Altglas", 3200, "Unterflur", 14),
    ("PA", "Altpapier", 1100, "Container", 7),
    ("LV", "Leichtverpackungen", 1100, "Container", 7),
    ("EK", "Elektrokleingeräte", 2000, "Container", 21),
    ("GL", "Altglas", 2500, "Container", 14),
)
"""Prefix, Abfallart, litres, Bauart, days between two collections."""

CONDITIONS = (*["in Ordnung"] * 12, "Deckel offen", "beschädigt")


def document(at: datetime) -> bytes:
    text = io.StringIO()
    rows = csv.writer(text, delimiter=";", lineterminator="\r\n")
    rows.writerow(HEADER)
    rows.writerows(_row(index, at) for index in range(ROWS))
    return text.getvalue().encode()


def _row(index: int, at: datetime) -> tuple[str, ...]:
    prefix, waste, litres, build, every = FRACTIONS[index % len(FRACTIONS)]
    place = STREETS[index * 3 % len(STREETS)]
    latitude, longitude = place.shifted(
        between(-90, 90, "container", index, "n"), between(-90, 90, "container", index, "e")
    )
    last, level = _collected(index, every, at)
    return (
        f"{prefix}-{index + 1:04d}",
        f"Depotcontainer {place.name}",
        place.name,
        place.postal_code,
        "Herne",
        place.district,
        waste,
        str(litres),
        build,
        _decimal(level, 1),
        CONDITIONS[number("container", index, "condition") % len(CONDITIONS)],
        f"{at.astimezone(weather.LOCAL):%d.%m.%Y %H:%M}",
        f"{last:%d.%m.%Y %H:%M}",
        f"{last + timedelta(days=every):%d.%m.%Y} 07:00",
        _decimal(latitude, 6),
        _decimal(longitude, 6),
    )


def _collected(index: int, every: int, at: datetime) -> tuple[datetime, float]:
    """When the container was last emptied (local time), and how full it is by now."""
    local = at.astimezone(weather.LOCAL)
    round_begins = local.toordinal() - (local.toordinal() + number("container", index)) % every
    minute = number("container", index, round_begins) % 300
    last = weather.midnight(round_begins).astimezone(weather.LOCAL) + timedelta(hours=7, minutes=minute)
    if last > local:
        last -= timedelta(days=every)
    share = (local - last) / timedelta(days=every)
    return last, min(100.0, share * between(50, 115, "container", index, "full", last.toordinal()))


def _decimal(value: float, digits: int) -> str:
    return f"{value:.{digits}f}".replace(".", ",")
