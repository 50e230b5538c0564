"""A waste utility's register of containers as CSV, as German offices export it.

Semicolons, decimal commas, local times; UTF-8 (with or without byte order mark) or Windows-1252.
"""

import csv
import io
from collections.abc import Iterator
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from data_models import Point, WasteContainer
from ngsi_adapters.reading import each
from ngsi_adapters.source import Malformed, Outcome, Record, Source, entity_id

Row = dict[str, str]
REQUIRED = ("Behälternummer", "Abfallart", "Breitengrad", "Längengrad")
KINDS = {
    "altglas": "glass",
    "altmetall": "metal",
    "altöl": "oil",
    "altpapier": "paper",
    "alttextilien": "other",
    "batterien": "batteries",
    "bioabfall": "organic",
    "elektrokleingeräte": "electronics",
    "leichtverpackungen": "plastic",
    "restabfall": "other",
    "schadstoffe": "hazardous",
}
CONSTRUCTIONS = {"container": "ground", "papierkorb": "fixed", "umleerbehälter": "portable", "unterflur": "underground"}
CONDITIONS = {
    "beschädigt": "vandalized",
    "deckel offen": "lidOpen",
    "in ordnung": "ok",
    "umgekippt": "dropped",
    "versetzt": "moved",
}


def parse(payload: bytes, fetched_at: datetime) -> Iterator[Outcome]:
    """A record a line; the names of the columns are those of the first line, in any order."""
    try:
        lines = [line for line in csv.reader(io.StringIO(_text(payload), newline=""), delimiter=";") if any(line)]
    except csv.Error as error:
        raise Malformed(f"not a CSV file: {error}") from None
    header = [name.strip() for name in lines[0]] if lines else []
    missing = [name for name in REQUIRED if name not in header]
    if missing:
        raise Malformed(f"the first line names no column {', '.join(missing)}; it names {', '.join(header)[:200]}")
    number = header.index("Behälternummer")
    return each(lines[1:], lambda cells: _container(_row(header, cells), fetched_at), lambda cells: cells[number])


def _text(payload: bytes) -> str:
    try:
        return payload.decode("utf-8-sig")
    except UnicodeDecodeError:
        return payload.decode("cp1252", "replace")


def _row(header: list[str], cells: list[str]) -> Row:
    if len(cells) != len(header):
        raise ValueError(f"the line has {len(cells)} columns, not {len(header)}: is it cut off?")
    return {name: cell.strip() for name, cell in zip(header, cells, strict=True) if cell.strip()}


def _container(row: Row, fetched_at: datetime) -> Record:
    entity = WasteContainer(
        id=entity_id("WasteContainer", row["Behälternummer"]),
        name=row.get("Standort"),
        serialNumber=row["Behälternummer"],
        location=Point.at(_number(row["Längengrad"]), _number(row["Breitengrad"])),
        address=_address(row),
        storedWasteKind=_one_of(KINDS, "Abfallart", row),
        storedWasteOrigin="household",
        storedWasteCode=row.get("AVV-Schlüssel"),
        category=[_one_of(CONSTRUCTIONS, "Bauart", row)] if "Bauart" in row else None,
        binCapacity=_number(row["Volumen_Liter"]) if "Volumen_Liter" in row else None,
        fillingLevel=round(_number(row["Füllstand_Prozent"]) / 100, 6) if "Füllstand_Prozent" in row else None,
        status=_one_of(CONDITIONS, "Zustand", row) if "Zustand" in row else None,
        dateLastEmptying=_moment(row.get("Letzte_Leerung")),
        nextActuationDeadline=_moment(row.get("Nächste_Leerung")),
    )
    return Record(entity, _moment(row.get("Stand")) or fetched_at, ("fillingLevel", "status"))


def _address(row: Row) -> dict[str, str | None]:
    return {
        "streetAddress": row.get("Straße"),
        "streetNr": row.get("Hausnummer"),
        "postalCode": row.get("PLZ"),
        "addressLocality": row.get("Ort"),
        "addressCountry": "DEU",
        "district": row.get("Stadtbezirk"),
    }


def _one_of(table: dict[str, str], column: str, row: Row) -> str:
    try:
        return table[row[column].lower()]
    except KeyError:
        raise ValueError(f"{column}: {row.get(column)!r} is none of {', '.join(table)}") from None


def _number(text: str) -> float:
    """1.100,5 → 1100.5"""
    try:
        return float(text.replace(".", "").replace(",", "."))
    except ValueError:
        raise ValueError(f"{text!r} is not a number as in 1.100,5") from None


def _moment(text: str | None) -> datetime | None:
    """21.11.2026 06:45, in German time."""
    if text is None:
        return None
    return datetime.strptime(text, "%d.%m.%Y %H:%M").replace(tzinfo=ZoneInfo("Europe/Berlin"))


SOURCE = Source(
    uid="waste_containers",
    name="Register of waste containers (CSV)",
    licence=None,
    attribution="the waste utility",
    url=None,
    every=timedelta(minutes=15),
    tenant="entsorgung",
    parse=parse,
)
