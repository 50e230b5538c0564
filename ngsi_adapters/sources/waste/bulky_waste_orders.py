"""Orders to collect bulky waste (CSV or JSON with the same names), as street and day.

Who ordered it stays in the utility's own system: names, telephone and house numbers are not read.
"""

from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta
from typing import Any

from data_models import WasteObserved
from ngsi_adapters.formats.documents import json_document
from ngsi_adapters.formats.texts import csv_rows, whole_row
from ngsi_adapters.formats.times import german_time
from ngsi_adapters.mapping import Field, Mapped
from ngsi_adapters.reading import each
from ngsi_adapters.source import Malformed, Outcome, Record, Source, entity_id

Row = Mapping[str, Any]
NEEDED = ("Auftragsnummer", "Abholtermin", "Straße")
STATUSES = ("eingegangen", "geplant", "erledigt", "storniert")


def parse(payload: bytes, fetched_at: datetime) -> Iterator[Outcome]:
    """A record an order."""
    rows = _objects(payload) if payload.lstrip()[:1] in (b"[", b"{") else csv_rows(payload, NEEDED)
    return each(rows, _order, _number)


def _objects(payload: bytes) -> list[Any]:
    document = json_document(payload)
    if not isinstance(document, list):
        raise Malformed("a JSON array of orders is expected")
    return document


def _number(row: Any) -> str | None:
    return row.get("Auftragsnummer") if isinstance(row, Mapping) else row[0]


def _order(row: Any) -> Record:
    whole = whole_row(row)
    return ORDER.record(entity_id("WasteObserved", "bulky", whole["Auftragsnummer"]), whole)


def _address(row: Row) -> dict[str, str | None]:
    """without the number of the house"""
    if not str(row.get("Straße") or "").strip():
        raise KeyError("Straße")
    told = {"streetAddress": row["Straße"], "postalCode": row.get("PLZ"), "addressLocality": row.get("Ort")}
    return told | {"addressCountry": "DEU"}


def _description(row: Row) -> str:
    """what, and how far it is"""
    status = str(row.get("Status", "geplant")).lower()
    if status not in STATUSES:
        raise ValueError(f"{row['Status']!r} is none of {', '.join(STATUSES)}")
    return f"{row.get('Gegenstände', 'Sperrmüll')} ({status})"


def _service_order(number: str) -> str:
    """urn:ngsi-ld:ServiceOrder:…"""
    return entity_id("ServiceOrder", number)


ORDER = Mapped(
    WasteObserved,
    (
        Field("Abholtermin", "dateObserved", german_time, needed=True),
        Field(("Straße", "PLZ", "Ort"), "address", derive=_address),
        Field(("Gegenstände", "Status"), "description", derive=_description),
        Field("Auftragsnummer", "refServiceOrderId", _service_order, needed=True),
    ),
    fixed={"name": "Sperrmüll", "annotations": ["Sperrmüll"]},
)
SOURCE = Source(
    uid="bulky_waste_orders",
    name="Orders for bulky waste, without persons",
    licence=None,
    attribution="the waste utility",
    url=None,
    every=timedelta(hours=1),
    tenant="entsorgung",
    parse=parse,
    mapping=(ORDER,),
)
