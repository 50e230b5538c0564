"""DATEX II 3, and 2 with the parking extension: the table of car parks (parkingRecord), without their occupancy."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import get_args
from xml.etree.ElementTree import Element

from data_models import OffStreetParking
from data_models.subjects.parking import Layout
from ngsi_adapters.formats import datex2
from ngsi_adapters.formats.numerals import whole
from ngsi_adapters.formats.places import point
from ngsi_adapters.mapping import Field, Mapped
from ngsi_adapters.reading import each
from ngsi_adapters.source import Outcome, Record, Source, entity_id

LAYOUTS = frozenset(get_args(Layout))
"""The layouts of DATEX II that OffStreetParking knows too, by the same words."""
COORDINATES = "parkingLocation/pointByCoordinates/pointCoordinates"


def parse(payload: bytes, fetched_at: datetime) -> Iterator[Outcome]:
    """A record for each parkingRecord."""
    root = datex2.publication(payload, "parkingTablePublication")
    return each(datex2.every(root, "parkingRecord"), _car_park, lambda element: element.get("id"))


def _car_park(record: Element) -> Record:
    return CAR_PARK.record(entity_id("OffStreetParking", "datex2", record.attrib["id"]), record)


def _layout(layout: str) -> list[str] | None:
    return [layout] if layout in LAYOUTS else None


def _places(text: str) -> int | None:
    """a whole number; 0 is unknown"""
    return whole(text) or None


CAR_PARK = Mapped(
    OffStreetParking,
    (
        Field("parkingName/values/value", "name", needed=True),
        Field((f"{COORDINATES}/longitude", f"{COORDINATES}/latitude"), "location", point, needed=True),
        Field("parkingNumberOfSpaces", "totalSpotNumber", _places),
        Field("parkingLayout", "layout", _layout),
    ),
)
SOURCE = Source(
    uid="datex2_parking_static",
    name="DATEX II parking: car parks",
    licence=None,
    attribution="the publisher named in the data",
    url=None,
    every=timedelta(hours=1),
    tenant="stadt_herne",
    parse=parse,
    mapping=(CAR_PARK,),
)
