"""DATEX II 2, parkingFacilityTableStatusPublication: the occupancy of car parks. Trends and forecasts are not taken."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import get_args
from xml.etree.ElementTree import Element

from data_models import OffStreetParking
from data_models.subjects.parking import Status
from ngsi_adapters.formats import datex2
from ngsi_adapters.formats.occupancy import Spaces, fields_of, spaces
from ngsi_adapters.formats.times import moment
from ngsi_adapters.mapping import Field, Mapped
from ngsi_adapters.reading import each
from ngsi_adapters.source import Change, Outcome, Source, entity_id

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
    root = datex2.publication(payload, "parkingFacilityTableStatusPublication")
    return each(_records(root), lambda record: _change(record, fetched_at), _reference)


def _records(root: Element) -> Iterator[Element]:
    """The records; a record's own status has the same name, but no children."""
    return (element for element in datex2.every(root, "parkingFacilityStatus") if len(element))


def _change(record: Element, fetched_at: datetime) -> Change:
    if _spaces(record) == (None, None, None) and _status(record) is None:
        raise LookupError("neither places nor a status are told")
    seen = moment(datex2.needed(record, "parkingFacilityStatusTime"), fetched_at)
    return OCCUPANCY.change(entity_id("OffStreetParking", "datex2", _reference(record)), record, seen)


def _reference(record: Element) -> str:
    reference = datex2.child(record, "parkingFacilityReference")
    if reference is None:
        raise KeyError("parkingFacilityReference")
    return reference.attrib["id"]


def _spaces(record: Element) -> Spaces:
    free, occupied, total, *parts = (datex2.whole(record, name) for name in (FREE, OCCUPIED, *TOTALS))
    return spaces(free, occupied, total or sum(part or 0 for part in parts))


def _status(record: Element) -> list[str] | None:
    said = [(child.text or "").strip() for child in record if datex2.name_of(child) == "parkingFacilityStatus"]
    return [status for status in dict.fromkeys(said) if status in STATUSES] or None


OCCUPANCY = Mapped(
    OffStreetParking,
    (
        *fields_of(_spaces, (FREE, OCCUPIED, *TOTALS)),
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
