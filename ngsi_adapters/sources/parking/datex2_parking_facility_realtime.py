"""DATEX II 2, parkingFacilityTableStatusPublication: the occupancy of car parks. Trends and forecasts are not taken."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import get_args
from xml.etree.ElementTree import Element

from data_models import OffStreetParking
from data_models.subjects.parking import Status
from ngsi_adapters.formats import datex2
from ngsi_adapters.formats.numerals import whole
from ngsi_adapters.formats.times import moment
from ngsi_adapters.mapping import Field, Mapped
from ngsi_adapters.reading import each
from ngsi_adapters.source import Change, Malformed, Outcome, Source, entity_id

STATUSES = frozenset(get_args(Status))
"""The statuses of DATEX II that OffStreetParking knows too, by the same words."""
FREE, OCCUPIED = "totalNumberOfVacantParkingSpaces", "totalNumberOfOccupiedParkingSpaces"
TOTALS = (
    "totalParkingCapacityOverride",
    "totalParkingCapacityShortTermOverride",
    "totalParkingCapacityLongTermOverride",
)


def parse(payload: bytes, fetched_at: datetime) -> Iterator[Outcome]:
    """The changed attributes of each car park; all others come from `datex2_parking_facility_static`."""
    root = datex2.document(payload)
    if next(datex2.every(root, "parkingFacilityTableStatusPublication"), None) is None:
        raise Malformed("there is no parkingFacilityTableStatusPublication")
    return each(_records(root), lambda record: _change(record, fetched_at), _reference)


def _records(root: Element) -> Iterator[Element]:
    """The records; a record's own status has the same name, but no children."""
    return (element for element in datex2.every(root, "parkingFacilityStatus") if len(element))


def _change(record: Element, fetched_at: datetime) -> Change:
    seen = moment(datex2.needed(record, "parkingFacilityStatusTime"), fetched_at)
    return OCCUPANCY.change(entity_id("OffStreetParking", "datex2", _reference(record)), record, seen)


def _reference(record: Element) -> str:
    reference = datex2.child(record, "parkingFacilityReference")
    if reference is None:
        raise KeyError("parkingFacilityReference")
    return reference.attrib["id"]


def _number(record: Element, name: str) -> int | None:
    text = datex2.text(record, name)
    if text is None:
        return None
    if whole(text) < 0:
        raise ValueError(f"{name} is {text}: a number of places is not negative")
    return whole(text)


def _total(record: Element) -> int | None:
    """as overridden, else free + occupied; 0 is unknown"""
    total, *parts = (_number(record, name) for name in TOTALS)
    told = total or sum(part or 0 for part in parts)
    free, occupied = _number(record, FREE), _number(record, OCCUPIED)
    if free is not None and told and free > told:
        raise ValueError(f"{free} free places are more than the {told} there are")
    both = free + occupied if free is not None and occupied is not None else 0
    return told or both or None


def _occupied(record: Element) -> int | None:
    """as told, else all - free"""
    occupied, free, total = _number(record, OCCUPIED), _number(record, FREE), _total(record)
    if occupied is None and free is not None and total is not None:
        return total - free
    return occupied


def _share(record: Element) -> float | None:
    """occupied / all"""
    occupied, total = _occupied(record), _total(record)
    return None if occupied is None or total is None else round(occupied / total, 4)


def _status(record: Element) -> list[str] | None:
    said = [(child.text or "").strip() for child in record if datex2.name_of(child) == "parkingFacilityStatus"]
    return [status for status in dict.fromkeys(said) if status in STATUSES] or None


OCCUPANCY = Mapped(
    OffStreetParking,
    (
        Field(FREE, "availableSpotNumber", whole, needed=True),
        Field((*TOTALS, FREE, OCCUPIED), "totalSpotNumber", derive=_total),
        Field((OCCUPIED, FREE), "occupiedSpotNumber", derive=_occupied),
        Field((OCCUPIED, FREE), "occupancy", derive=_share),
        Field("parkingFacilityStatus", "status", derive=_status, seldom=True),
    ),
)
SOURCE = Source(
    uid="datex2_parking_facility_realtime",
    name="DATEX II parking facilities: occupancy",
    licence=None,
    attribution="the publisher named in the data",
    url=None,
    every=timedelta(minutes=1),
    tenant="stadt_herne",
    parse=parse,
    mapping=(OCCUPANCY,),
)
