"""DATEX II 2, parkingFacilityTablePublication (Dortmund, Düsseldorf, Stuttgart, Wuppertal): car parks."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from xml.etree.ElementTree import Element

from data_models import OffStreetParking, Point
from ngsi_adapters.formats import datex2
from ngsi_adapters.formats.numerals import number, whole
from ngsi_adapters.formats.places import point
from ngsi_adapters.formats.utm import utm_point
from ngsi_adapters.mapping import Field, Mapped
from ngsi_adapters.reading import each
from ngsi_adapters.source import Outcome, Record, Source, entity_id

LAYOUTS = {
    "automatedParkingGarage": ["automatedParkingGarage"],
    "multiStorey": ["multiStorey"],
    "singleLevel": ["singleLevel"],
    "undergroundAndMultistorey": ["multiStorey"],
}
CATEGORIES = {
    "automatedParkingGarage": ["parkingGarage"],
    "multiStorey": ["parkingGarage"],
    "underground": ["parkingGarage", "underground"],
    "undergroundAndMultistorey": ["parkingGarage", "underground"],
}
AT_MOST = ("lessThan", "lessThanOrEqualTo")
SHOWN, POINT = "facilityLocation/locationForDisplay", "facilityLocation/pointByCoordinates/pointCoordinates"
HEIGHT = "characteristicsOfPermittedVehicles/heightCharacteristic"
CAPACITIES = ("totalParkingCapacity", "totalParkingCapacityShortTerm", "totalParkingCapacityLongTerm")


def parse(payload: bytes, fetched_at: datetime) -> Iterator[Outcome]:
    """A record for each parkingFacility."""
    root = datex2.publication(payload, "parkingFacilityTablePublication")
    return each(datex2.every(root, "parkingFacility"), _car_park, lambda element: element.get("id"))


def _car_park(facility: Element) -> Record:
    return CAR_PARK.record(entity_id("OffStreetParking", "datex2", facility.attrib["id"]), facility)


def _name(facility: Element) -> str:
    """the first language"""
    nested = datex2.text(facility, "parkingFacilityName", "values", "value")
    return nested or datex2.needed(facility, "parkingFacilityName", "value")


def _location(facility: Element) -> Point:
    """point of longitude and latitude; metres are ETRS89/UTM of zone 32 (as Stuttgart gives them)"""
    place = SHOWN if datex2.child(facility, *SHOWN.split("/")) is not None else POINT
    longitude, latitude = (
        number(datex2.needed(facility, *place.split("/"), name)) for name in ("longitude", "latitude")
    )
    if max(abs(longitude), abs(latitude)) > 1000:
        return utm_point(longitude, latitude)
    return point(longitude, latitude)


def _capacity(facility: Element) -> int | None:
    """all together, else short term + long term; 0 is unknown"""
    total, *parts = (whole(datex2.text(facility, name) or "0") for name in CAPACITIES)
    return total or sum(parts) or None


def _height(facility: Element) -> float | None:
    """of lessThan and lessThanOrEqualTo"""
    path = HEIGHT.split("/")
    if datex2.text(facility, *path, "comparisonOperator") not in AT_MOST:
        return None
    return number(datex2.needed(facility, *path, "vehicleHeight"))


def _owner(name: str) -> list[str]:
    return [name]


CAR_PARK = Mapped(
    OffStreetParking,
    (
        Field("parkingFacilityName/values/value", "name", derive=_name),
        Field((SHOWN, POINT), "location", derive=_location),
        Field(CAPACITIES, "totalSpotNumber", derive=_capacity),
        Field("parkingFacilityLayout", "layout", LAYOUTS.get),
        Field("parkingFacilityLayout", "category", CATEGORIES.get, seldom=True),
        Field(f"{HEIGHT}/vehicleHeight", "maximumAllowedHeight", derive=_height),
        Field("owner/contactName", "owner", _owner),
    ),
)
SOURCE = Source(
    uid="datex2_parking_facility_static",
    name="DATEX II parking facilities: car parks",
    licence=None,
    attribution="the publisher named in the data",
    url=None,
    every=timedelta(hours=1),
    tenant="stadt_herne",
    parse=parse,
    mapping=(CAR_PARK,),
)
