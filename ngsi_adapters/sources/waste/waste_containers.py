"""A waste utility's register of containers as CSV, as German offices export it.

Semicolons, decimal commas, local times; UTF-8 (with or without byte order mark) or Windows-1252.
"""

from collections.abc import Callable, Iterator
from datetime import datetime, timedelta

from data_models import WasteContainer
from ngsi_adapters.formats.numerals import german_number, german_percent
from ngsi_adapters.formats.places import german_point
from ngsi_adapters.formats.texts import Row, csv_rows, whole_row
from ngsi_adapters.formats.times import german_time
from ngsi_adapters.mapping import Field, Mapped
from ngsi_adapters.reading import each_alone
from ngsi_adapters.source import Record, Source, Unread, entity_id

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


def parse(payload: bytes, fetched_at: datetime) -> Iterator[Unread]:
    """A record a line; the names of the columns are those of the first line, in any order."""
    return each_alone(csv_rows(payload, REQUIRED), lambda row: _container(whole_row(row), fetched_at), _number)


def _container(row: Row, fetched_at: datetime) -> Record:
    seen_at = german_time(row["Stand"], fetched_at) if "Stand" in row else fetched_at
    return CONTAINER.record(entity_id("WasteContainer", row["Behälternummer"]), row, seen_at)


def _number(row: Row | list[str]) -> str | None:
    return row.get("Behälternummer") if isinstance(row, dict) else row[0]


def _one_of(table: dict[str, str]) -> Callable[[str], str]:
    def read(word: str) -> str:
        if word.lower() not in table:
            raise ValueError(f"{word!r} is none of {', '.join(table)}")
        return table[word.lower()]

    read.__doc__ = f"one of {', '.join(table)}"
    return read


def _construction(word: str) -> list[str]:
    return [_one_of(CONSTRUCTIONS)(word)]


def _address(row: Row) -> dict[str, str | None]:
    return {
        "streetAddress": row.get("Straße"),
        "streetNr": row.get("Hausnummer"),
        "postalCode": row.get("PLZ"),
        "addressLocality": row.get("Ort"),
        "addressCountry": "DEU",
        "district": row.get("Stadtbezirk"),
    }


CONTAINER = Mapped(
    WasteContainer,
    (
        Field("Standort", "name"),
        Field("Behälternummer", "serialNumber", needed=True),
        Field(("Längengrad", "Breitengrad"), "location", german_point, needed=True),
        Field(("Straße", "Hausnummer", "PLZ", "Ort", "Stadtbezirk"), "address", derive=_address),
        Field("Abfallart", "storedWasteKind", _one_of(KINDS), needed=True),
        Field("AVV-Schlüssel", "storedWasteCode"),
        Field("Bauart", "category", _construction),
        Field("Volumen_Liter", "binCapacity", german_number),
        Field("Füllstand_Prozent", "fillingLevel", german_percent, observed=True),
        Field("Zustand", "status", _one_of(CONDITIONS), observed=True),
        Field("Letzte_Leerung", "dateLastEmptying", german_time),
        Field("Nächste_Leerung", "nextActuationDeadline", german_time),
    ),
    fixed={"storedWasteOrigin": "household"},
)
SOURCE = Source(
    uid="waste_containers",
    name="Register of waste containers (CSV)",
    licence=None,
    attribution="the waste utility",
    url=None,
    every=timedelta(minutes=15),
    tenant="entsorgung",
    parse=parse,
    mapping=(CONTAINER,),
)
