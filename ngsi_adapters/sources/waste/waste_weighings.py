"""Reports of tours and of the weighbridge (CSV): what each lorry brought in, from which tour."""

from collections.abc import Iterator
from datetime import datetime, timedelta

from data_models import WasteObserved
from ngsi_adapters.fetching.declaration import Fetching
from ngsi_adapters.formats.numerals import german_number
from ngsi_adapters.formats.texts import Row, csv_rows, whole_row
from ngsi_adapters.formats.times import german_time
from ngsi_adapters.mapping import Field, Mapped
from ngsi_adapters.reading import each
from ngsi_adapters.source import Outcome, Record, Source, entity_id

NEEDED = ("Wiegeschein", "Datum", "Brutto_kg", "Tara_kg")
TOLERANCE = 1.0
"""Kilograms that the net weight may differ by, from rounding."""


def parse(payload: bytes, fetched_at: datetime) -> Iterator[Outcome]:
    """A record a weighing."""
    return each(csv_rows(payload, NEEDED), lambda row: _weighing(whole_row(row), fetched_at), _number)


def _number(row: Row | list[str]) -> str | None:
    return row.get("Wiegeschein") if isinstance(row, dict) else row[0]


def _weighing(row: Row, fetched_at: datetime) -> Record:
    moment = german_time(row["Datum"], fetched_at)
    if moment > fetched_at + timedelta(days=1):
        raise ValueError(f"weighed on {row['Datum']}, which is yet to come")
    return WEIGHING.record(entity_id("WasteObserved", "weighing", row["Wiegeschein"]), row, moment)


def _kilograms(text: str) -> float:
    """1.100,5 kg → 1100.5"""
    weight = german_number(text)
    if not 0 <= weight <= 60_000:
        raise ValueError(f"{text} kg is no weight of a lorry")
    return weight


def _net(row: Row) -> float:
    """gross - tare, which a told net weight has to agree with"""
    net = _kilograms(row["Brutto_kg"]) - _kilograms(row["Tara_kg"])
    if net < 0:
        raise ValueError(f"the lorry weighs {row['Brutto_kg']} kg full and {row['Tara_kg']} kg empty")
    if "Netto_kg" in row and abs(_kilograms(row["Netto_kg"]) - net) > TOLERANCE:
        raise ValueError(f"{row['Netto_kg']} kg net is not {row['Brutto_kg']} - {row['Tara_kg']}")
    return round(net, 3)


def _lorry(plate: str) -> str:
    """urn:ngsi-ld:Vehicle:…"""
    return entity_id("Vehicle", plate)


WEIGHING = Mapped(
    WasteObserved,
    (
        Field("Wiegeschein", "name", needed=True),
        Field("Tour", "description", lambda tour: f"Tour {tour}"),
        Field("Abfallart", "annotations", lambda kind: [kind]),
        Field("Datum", "dateObserved", german_time, needed=True),
        Field(("Brutto_kg", "Tara_kg", "Netto_kg"), "weight", derive=_net, observed=True),
        Field("Brutto_kg", "grossWeight", _kilograms, needed=True, observed=True),
        Field("Tara_kg", "tareWeight", _kilograms, needed=True, observed=True),
        Field("Kennzeichen", "refGarbageTruck", _lorry),
    ),
)
SOURCE = Source(
    uid="waste_weighings",
    name="Tours and weighings (CSV)",
    licence=None,
    attribution="the waste utility",
    url=None,
    every=timedelta(hours=1),
    tenant="entsorgung",
    parse=parse,
    mapping=(WEIGHING,),
    fetching=Fetching(folder=("*.csv", "*.CSV")),
)
