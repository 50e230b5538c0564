"""DATEX II 2 with the parking extension: the occupancy of car parks (parkingRecordStatus)."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import get_args
from xml.etree.ElementTree import Element

from data_models import OffStreetParking
from data_models.subjects.parking import Status
from ngsi_adapters import datex2
from ngsi_adapters.reading import each
from ngsi_adapters.source import Change, Malformed, Outcome, Source, entity_id

STATUSES = frozenset(get_args(Status))
"""The statuses of DATEX II that OffStreetParking knows too, by the same words."""


def parse(payload: bytes, fetched_at: datetime) -> Iterator[Outcome]:
    """The changed attributes of each car park; all others come from `datex2_parking_static`."""
    root = datex2.document(payload)
    if next(datex2.every(root, "parkingStatusPublication"), None) is None:
        raise Malformed("there is no parkingStatusPublication")
    return each(datex2.every(root, "parkingRecordStatus"), _occupancy, _reference)


def _occupancy(record: Element) -> Change:
    free = int(datex2.needed(record, "parkingOccupancy", "parkingNumberOfVacantSpaces"))
    total = datex2.whole(record, "parkingOccupancy", "parkingNumberOfSpacesOverride")
    if total is not None and free > total:
        raise ValueError(f"parkingNumberOfVacantSpaces {free} is more than parkingNumberOfSpacesOverride {total}")
    said = [datex2.text(record, "parkingSiteOpeningStatus"), datex2.text(record, "parkingSiteStatus")]
    values = {
        "availableSpotNumber": free,
        "totalSpotNumber": total,
        "occupiedSpotNumber": None if total is None else total - free,
        "occupancy": round((total - free) / total, 4) if total else None,
        "status": [status for status in dict.fromkeys(said) if status in STATUSES] or None,
    }
    moment = datex2.moment(record, "parkingStatusOriginTime")
    return Change(OffStreetParking, entity_id("OffStreetParking", "datex2", _reference(record)), values, moment)


def _reference(record: Element) -> str:
    reference = datex2.child(record, "parkingRecordReference")
    if reference is None:
        raise KeyError("parkingRecordReference")
    return reference.attrib["id"]


SOURCE = Source(
    uid="datex2_parking_realtime",
    name="DATEX II parking: occupancy",
    licence=None,
    attribution="the publisher named in the data",
    url=None,
    every=timedelta(minutes=1),
    tenant="stadt_herne",
    parse=parse,
)
