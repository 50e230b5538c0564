"""ParkAPI v3 (github.com/ParkenDD): car parks and single spots, static and realtime rows joined by `uid`.

The format is the normalised output of parkapi-sources: `{"source", "static": […], "realtime": […]}`.
"""

from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta
from operator import itemgetter
from typing import Any

from data_models import OffStreetParking, OnStreetParking, ParkingSpot
from ngsi_adapters.formats.documents import json_list, json_object
from ngsi_adapters.formats.numerals import metres
from ngsi_adapters.formats.occupancy import free_of, occupied_of, places_of, share_of
from ngsi_adapters.formats.places import point
from ngsi_adapters.mapping import Field, Mapped
from ngsi_adapters.reading import each, refused, unmatched
from ngsi_adapters.source import Malformed, Outcome, Record, Source, entity_id
from ngsi_client.rejected import Rejected

Row = Mapping[str, Any]
CATEGORIES: Mapping[Any, list[str]] = {
    "CAR_PARK": ["parkingGarage"],
    "UNDERGROUND": ["parkingGarage", "underground"],
    "OFF_STREET_PARKING_GROUND": ["parkingLot"],
}
FEES: Mapping[Any, list[str]] = {True: ["feeCharged"], False: ["free"]}
VEHICLES: Mapping[Any, list[str]] = {"CAR": ["car"], "BIKE": ["bicycle"], "MOTORCYCLE": ["motorcycle"]}
SPOT_STATUS, SITE_STATUS = {"AVAILABLE": "free", "TAKEN": "occupied"}, {"OPEN": "open", "CLOSED": "closed"}
PLACES = ("realtime_free_capacity", "realtime_capacity")


def parse(payload: bytes, fetched_at: datetime) -> Iterator[Outcome]:
    """A record for each static row, with what is known of its occupancy."""
    document = json_object(payload)
    provider = document.get("source")
    if not isinstance(provider, str) or not provider:
        raise Malformed("the member 'source' has to name the provider")
    static = json_list(document, "static")
    realtime = {row["uid"]: row for row in json_list(document, "realtime") if isinstance(row, dict) and "uid" in row}
    for row in static:
        yield from _static(provider, row, realtime.pop(row.get("uid"), {}) if isinstance(row, dict) else {})
    for row in document.get("errors") or ():
        yield refused(row, ValueError(str(row.get("message"))), itemgetter("uid"))
    for row in realtime.values():
        yield unmatched(row, "a realtime row without a static row of the same uid", itemgetter("uid"))


def _static(provider: str, row: Row, live: Row) -> Iterator[Outcome]:
    """The row with its realtime values; without them where those are wrong, so that the place is not lost."""
    build = _site if "capacity" in row else _spot
    try:
        yield build(provider, row, live)
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        alone = list(each([row], lambda static: build(provider, static, {}), itemgetter("uid")))
        if live and not isinstance(alone[0], Rejected):
            yield refused(live, error, itemgetter("uid"))
        yield from alone


def _site(provider: str, row: Row, live: Row) -> Record:
    site = STREET if row["type"] == "ON_STREET" else OFF_STREET
    return site.record(entity_id(site.model.__name__, provider, row["uid"]), _joined(row, live), _moment(live))


def _joined(row: Row, live: Row) -> Row:
    known = {name: value for name, value in live.items() if value is not None}
    return {"realtime_capacity": row["capacity"], **row, **known}


def _spot(provider: str, row: Row, live: Row) -> Record:
    site = row.get("parking_site_uid")
    # A spot outside any site still needs one in the data model: the provider's spots on the street taken together.
    parent = entity_id("OffStreetParking", provider, site) if site else entity_id("OnStreetParking", provider)
    return SPOT.record(entity_id("ParkingSpot", provider, row["uid"]), {**row, **live, "parent": parent}, _moment(live))


def _site_status(row: Row) -> list[str] | None:
    status = SITE_STATUS.get(row.get("realtime_opening_status", ""))
    if status is None:
        return None
    return [status, "full"] if status == "open" and row.get("realtime_free_capacity") == 0 else [status]


def _category(row: Row) -> list[str] | None:
    return [*CATEGORIES.get(row["type"], ()), *FEES.get(row.get("has_fee"), ())] or None


def _spot_category(row: Row) -> list[str]:
    """within a site offStreet, else onStreet"""
    return ["offStreet" if row.get("parking_site_uid") else "onStreet"]


def _address(street: str) -> dict[str, str]:
    return {"streetAddress": street}


def _moment(live: Row) -> datetime | None:
    moment = live.get("realtime_data_updated_at")
    return datetime.fromisoformat(moment) if moment else None


PLACE = (
    Field(("lon", "lat"), "location", point, needed=True),
    Field("address", "address", _address),
)
SITE = (
    Field("name", "name", needed=True),
    *PLACE,
    Field("description", "description"),
    Field(("type", "has_fee"), "category", derive=_category),
    Field("purpose", "allowedVehicleType", VEHICLES.get),
    Field("realtime_capacity", "totalSpotNumber", places_of),
    Field(PLACES, "availableSpotNumber", free_of, observed=True),
    Field(PLACES, "occupiedSpotNumber", occupied_of, observed=True),
)
OFF_STREET = Mapped(
    OffStreetParking,
    (
        *SITE,
        Field(PLACES, "occupancy", share_of, observed=True),
        Field("realtime_opening_status", "status", derive=_site_status, observed=True),
        Field("opening_hours", "openingHours"),
        Field("max_height", "maximumAllowedHeight", metres),
        Field("max_width", "maximumAllowedWidth", metres),
    ),
)
STREET = Mapped(OnStreetParking, SITE)
SPOT = Mapped(
    ParkingSpot,
    (
        Field("name", "name"),
        *PLACE,
        Field("parking_site_uid", "category", derive=_spot_category),
        Field("parent", "refParkingSite"),
        Field("realtime_status", "status", SPOT_STATUS.get, observed=True),
    ),
    fixed={"status": "unknown"},
)
SOURCE = Source(
    uid="parkapi",
    name="ParkAPI v3: car parks and parking spots",
    licence=None,
    attribution="the operators named in the data",
    url=None,
    every=timedelta(minutes=1),
    tenant="stadt_herne",
    parse=parse,
    mapping=(OFF_STREET, STREET, SPOT),
)
