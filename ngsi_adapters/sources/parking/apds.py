"""APDS 4 (ISO/TS 5206-1, Alliance for Parking Data Standards): places with their supply and demand, in JSON."""

from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta
from typing import Any

from data_models import OffStreetParking, OnStreetParking, Point
from ngsi_adapters.formats.documents import json_document
from ngsi_adapters.formats.numerals import number, whole
from ngsi_adapters.formats.places import point
from ngsi_adapters.formats.times import moment
from ngsi_adapters.mapping import Field, Mapped, value_at
from ngsi_adapters.reading import each
from ngsi_adapters.source import Malformed, Outcome, Record, Source, entity_id

Row = Mapping[str, Any]
POSITIONS, DEMAND, SUPPLY = "indicativePlacePointLocation", "demandTable.demandType", "supply.supplyQuantity"
REFERENCE = "hierarchyElementReference"


def parse(payload: bytes, fetched_at: datetime) -> Iterator[Outcome]:
    """A record for each element of the hierarchy that is a place; its parts count with it."""
    document = json_document(payload)
    rows = document.get("data") if isinstance(document, dict) else document
    if not isinstance(rows, list):
        raise Malformed("an array of places is expected, alone or as the member 'data'")
    places = (row for row in rows if not isinstance(row, dict) or row.get("type", "place") == "place")
    return each(places, lambda row: _place(row, fetched_at), lambda row: row.get("id"))


def _place(row: Row, fetched_at: datetime) -> Record:
    kinds = {str(each.get("structureType")) for each in row.get("characteristics") or []}
    place = ON_STREET if "onStreet" in kinds else OFF_STREET
    demand = _demand(row)
    seen_at = moment(demand["recordDateTime"], fetched_at) if demand else None
    if seen_at is not None and seen_at > fetched_at + timedelta(minutes=5):
        raise ValueError(f"the demand of {demand['recordDateTime']} is yet to come: forecasts are not taken")
    return place.record(entity_id(place.model.__name__, "apds", str(row["id"])), row, seen_at)


def _name(row: Row) -> str:
    """in German, else in the first language"""
    names = row["name"]
    found: str = next((each["string"] for each in names if each["language"].startswith("de")), names[0]["string"])
    return found


def _location(row: Row) -> Point:
    """GeoJSON, else coordinates"""
    for place in row[POSITIONS]:
        if geometry := place.get("geoJson"):
            return point(*geometry["coordinates"][:2])
        at = value_at(place, "pointCoordinates.pointCoordinates")
        if at:
            return point(at["longitude"], at["latitude"])
    raise KeyError(POSITIONS)


def _demand(row: Row) -> Row:
    """The newest report of actual occupancy."""
    tables = (row.get(REFERENCE) or {}).get("demandTable") or []
    reports = [report for table in tables for report in table.get("demandType") or []]
    newest: Row = max(reports, key=lambda report: moment(report["recordDateTime"]), default={})
    return newest


def _total(row: Row) -> int | None:
    """the sum"""
    supplies = (row.get(REFERENCE) or {}).get("supply") or []
    return sum(whole(supply["supplyQuantity"]) for supply in supplies) or None


def _occupied(row: Row) -> int | None:
    """count, else percentage of all"""
    demand, total = _demand(row), _total(row)
    if demand.get("count") is not None:
        return whole(demand["count"])
    if demand.get("percentage") is None or total is None:
        return None
    return round(number(demand["percentage"]) / 100 * total)


def _free(row: Row) -> int | None:
    """all - occupied, which may be more where cars stand in between"""
    occupied, total = _occupied(row), _total(row)
    return None if occupied is None or total is None else max(total - occupied, 0)


def _share(row: Row) -> float | None:
    """percentage / 100, else occupied / all"""
    demand, total, occupied = _demand(row), _total(row), _occupied(row)
    if demand.get("percentage") is not None:
        return round(number(demand["percentage"]) / 100, 4)
    return round(min(occupied / total, 1), 4) if occupied is not None and total else None


PLACE = (
    Field("name", "name", derive=_name),
    Field(POSITIONS, "location", derive=_location),
    Field(f"{REFERENCE}.{SUPPLY}", "totalSpotNumber", derive=_total),
    Field(f"{REFERENCE}.{DEMAND}.count", "occupiedSpotNumber", derive=_occupied, observed=True),
    Field(f"{REFERENCE}.{DEMAND}.count", "availableSpotNumber", derive=_free, observed=True),
)
SHARE = Field(f"{REFERENCE}.{DEMAND}.percentage", "occupancy", derive=_share, observed=True)
OFF_STREET, ON_STREET = Mapped(OffStreetParking, (*PLACE, SHARE)), Mapped(OnStreetParking, PLACE)
SOURCE = Source(
    uid="apds",
    name="APDS: parking places and their occupancy",
    licence=None,
    attribution="the operators named in the data",
    url=None,
    every=timedelta(minutes=1),
    tenant="stadt_herne",
    parse=parse,
    mapping=(OFF_STREET, ON_STREET),
)
