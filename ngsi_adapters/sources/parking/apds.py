"""APDS 4 (ISO/TS 5206-1, Alliance for Parking Data Standards): places with supply and demand, an array or one alone."""

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
from ngsi_adapters.source import Change, Malformed, Outcome, Record, Source, entity_id

Row = Mapping[str, Any]
POSITION, POSITIONS = "indicativePointLocation", "indicativePlacePointLocation"
DEMAND, SUPPLY = "demandTable.demandType", "supply.supplyQuantity"
REFERENCE, TRAITS, PARTS = "hierarchyElementReference", "characteristics", "parts"


def parse(payload: bytes, fetched_at: datetime) -> Iterator[Outcome]:
    """A record for each element of the hierarchy that is a place; its parts count with it."""
    document = json_document(payload)
    rows = [document] if isinstance(document, dict) and "id" in document else document
    if not isinstance(rows, list):
        raise Malformed("an array of places is expected, or one place with its id")
    parts: dict[str, list[Row]] = {}
    for row in rows:
        if isinstance(row, dict) and (parent := value_at(row, "parent.id") or value_at(row, "parentId.id")):
            parts.setdefault(str(parent), []).append(row)
    places = (row for row in rows if not isinstance(row, dict) or row.get("type", "place") == "place")
    return each(
        places, lambda row: _place({**row, PARTS: parts.get(str(row["id"]), [])}, fetched_at), lambda row: row.get("id")
    )


def _place(row: Row, fetched_at: datetime) -> Record | Change:
    place = ON_STREET if "onStreet" in {str(traits.get("structureType")) for traits in _traits(row)} else OFF_STREET
    demand = _demand(row)
    seen_at = moment(demand["recordDateTime"], fetched_at) if demand else None
    if seen_at is not None and seen_at > fetched_at + timedelta(minutes=5):
        raise ValueError(f"the demand of {demand['recordDateTime']} is yet to come: forecasts are not taken")
    identity = entity_id(place.model.__name__, "apds", str(row["id"]))
    if POSITION in row or POSITIONS in row:
        return place.record(identity, row, seen_at)
    return NEWS.change(identity, row, seen_at)


def _traits(row: Row) -> list[Row]:
    told = row.get(TRAITS) or []
    return [told] if isinstance(told, Mapping) else told


def _name(row: Row) -> str:
    """in German, else in the first language"""
    names = row["name"]
    return str(next((each["string"] for each in names if each["language"].startswith("de")), names[0]["string"]))


def _location(row: Row) -> Point:
    """GeoJSON, else coordinates"""
    if row.get(POSITION):
        return point(*row[POSITION]["coordinates"][:2])
    for place in row[POSITIONS]:
        if geometry := place.get("geoJson"):
            return point(*geometry["coordinates"][:2])
        at = value_at(place, "pointCoordinates.pointCoordinates")
        if at:
            return point(at["longitude"], at["latitude"])
    raise KeyError(POSITIONS)


def _newest(row: Row) -> Row:
    tables = (row.get(REFERENCE) or {}).get("demandTable") or []
    reports = [each for table in tables for each in table.get("demandType") or []]
    actual = [report for report in reports if report.get("occupancyCalculation") != "expected"]
    return max(actual, key=lambda report: moment(report["recordDateTime"]), default={})


def _demand(row: Row) -> Row:
    """The newest report of actual occupancy; without one of its own that of all parts together."""
    reports = [_newest(part) for part in row[PARTS] if _supply(part)]
    if own := _newest(row):
        return own
    if not reports or any(report.get("count") is None for report in reports):
        return {}
    oldest = min((report["recordDateTime"] for report in reports), key=moment)
    return {"count": sum(whole(report["count"]) for report in reports), "recordDateTime": oldest}


def _supply(row: Row) -> int | None:
    supplies = (row.get(REFERENCE) or {}).get("supply") or []
    return sum(whole(supply["supplyQuantity"]) for supply in supplies) or None


def _total(row: Row) -> int | None:
    """the sum, else as the characteristics tell, else of all parts"""
    told = next((whole(traits["spacesTotal"]) for traits in _traits(row) if traits.get("spacesTotal")), None)
    return _supply(row) or told or sum(_supply(part) or 0 for part in row[PARTS]) or None


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
    Field((POSITION, POSITIONS), "location", derive=_location),
)
NUMBERS = (
    Field((f"{REFERENCE}.{SUPPLY}", f"{TRAITS}.spacesTotal"), "totalSpotNumber", derive=_total),
    Field(f"{REFERENCE}.{DEMAND}.count", "occupiedSpotNumber", derive=_occupied, observed=True),
    Field(f"{REFERENCE}.{DEMAND}.count", "availableSpotNumber", derive=_free, observed=True),
)
SHARE = Field(f"{REFERENCE}.{DEMAND}.percentage", "occupancy", derive=_share, observed=True)
OFF_STREET = Mapped(OffStreetParking, (*PLACE, *NUMBERS, SHARE))
ON_STREET = Mapped(OnStreetParking, (*PLACE, *NUMBERS))
NEWS = Mapped(OffStreetParking, (*NUMBERS, SHARE))
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
