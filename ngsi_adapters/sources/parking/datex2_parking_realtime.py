"""DATEX II 3, and 2 with the parking extension: the occupancy of car parks (parkingRecordStatus)."""

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
SEEN = "parkingStatusOriginTime"
VALIDITY = "parkingStatusValidity"
"""When a forecast will hold; Frankfurt publishes them among the records of now."""
FREE, OCCUPIED, TOTAL = (
    f"parkingOccupancy/{name}"
    for name in ("parkingNumberOfVacantSpaces", "parkingNumberOfOccupiedSpaces", "parkingNumberOfSpacesOverride")
)


def parse(payload: bytes, fetched_at: datetime) -> Iterator[Outcome]:
    """The changed attributes of each car park, no forecasts; all others come from `datex2_parking_static`."""
    root = datex2.publication(payload, "parkingStatusPublication")
    published = next((moment(str(time.text)) for time in datex2.every(root, "publicationTime")), fetched_at)
    records = (record for record in datex2.every(root, "parkingRecordStatus") if datex2.child(record, VALIDITY) is None)
    return each(records, lambda record: _change(record, published), _reference)


def _change(record: Element, published: datetime) -> Change:
    if _spaces(record) == (None, None, None) and _status(record) is None:
        raise LookupError("neither places nor a status are told")
    seen = datex2.moment(record, SEEN) or published
    return OCCUPANCY.change(entity_id("OffStreetParking", "datex2", _reference(record)), record, seen)


def _spaces(record: Element) -> Spaces:
    return spaces(*(datex2.whole(record, *path.split("/")) for path in (FREE, OCCUPIED, TOTAL)))


def _status(record: Element) -> list[str] | None:
    said = [datex2.text(record, "parkingSiteOpeningStatus"), datex2.text(record, "parkingSiteStatus")]
    return [status for status in dict.fromkeys(said) if status and status in STATUSES] or None


def _reference(record: Element) -> str:
    reference = datex2.child(record, "parkingRecordReference")
    if reference is None:
        raise KeyError("parkingRecordReference")
    return reference.attrib["id"]


OCCUPANCY = Mapped(
    OffStreetParking,
    (
        *fields_of(_spaces, (FREE, OCCUPIED, TOTAL)),
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
