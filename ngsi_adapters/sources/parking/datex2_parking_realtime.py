"""DATEX II 2 with the parking extension: the occupancy of car parks (parkingRecordStatus)."""

from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from typing import TypeVar, get_args
from xml.etree.ElementTree import Element

from data_models import OffStreetParking
from data_models.subjects.parking import Status
from ngsi_adapters.formats import datex2
from ngsi_adapters.formats.numerals import whole
from ngsi_adapters.formats.occupancy import occupied_of, share_of
from ngsi_adapters.mapping import Field, Mapped
from ngsi_adapters.reading import each
from ngsi_adapters.source import Change, Malformed, Outcome, Source, entity_id

T = TypeVar("T")
STATUSES = frozenset(get_args(Status))
"""The statuses of DATEX II that OffStreetParking knows too, by the same words."""


def parse(payload: bytes, fetched_at: datetime) -> Iterator[Outcome]:
    """The changed attributes of each car park; all others come from `datex2_parking_static`."""
    root = datex2.document(payload)
    if next(datex2.every(root, "parkingStatusPublication"), None) is None:
        raise Malformed("there is no parkingStatusPublication")
    return each(datex2.every(root, "parkingRecordStatus"), _change, _reference)


def _change(record: Element) -> Change:
    moment = datex2.moment(record, "parkingStatusOriginTime")
    return OCCUPANCY.change(entity_id("OffStreetParking", "datex2", _reference(record)), record, moment)


def _numbers(read: Callable[[int, int], T]) -> Callable[[str, str], T]:
    def of_texts(free: str, total: str) -> T:
        return read(whole(free), whole(total))

    of_texts.__doc__ = read.__doc__
    return of_texts


def _status(record: Element) -> list[str] | None:
    said = [datex2.text(record, "parkingSiteOpeningStatus"), datex2.text(record, "parkingSiteStatus")]
    return [status for status in dict.fromkeys(said) if status and status in STATUSES] or None


def _reference(record: Element) -> str:
    reference = datex2.child(record, "parkingRecordReference")
    if reference is None:
        raise KeyError("parkingRecordReference")
    return reference.attrib["id"]


FREE, TOTAL = "parkingOccupancy/parkingNumberOfVacantSpaces", "parkingOccupancy/parkingNumberOfSpacesOverride"
OCCUPANCY = Mapped(
    OffStreetParking,
    (
        Field(FREE, "availableSpotNumber", whole, needed=True),
        Field(TOTAL, "totalSpotNumber", whole),
        Field((FREE, TOTAL), "occupiedSpotNumber", _numbers(occupied_of)),
        Field((FREE, TOTAL), "occupancy", _numbers(share_of)),
        Field(("parkingSiteOpeningStatus", "parkingSiteStatus"), "status", derive=_status),
    ),
)

SOURCE = Source(
    uid="datex2_parking_realtime",
    name="DATEX II parking: occupancy",
    licence=None,
    attribution="the publisher named in the data",
    url=None,
    every=timedelta(minutes=1),
    tenant="stadt_herne",
    parse=parse,
    mapping=(OCCUPANCY,),
)
