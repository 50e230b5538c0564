"""ParkAPI v3 (github.com/ParkenDD): car parks and single spots, static and realtime rows joined by `uid`.

The format is the normalised output of parkapi-sources: `{"source", "static": […], "realtime": […]}`.
"""

from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta
from typing import Any

from data_models import OffStreetParking, OnStreetParking, ParkingSpot, Point
from ngsi_adapters.reading import each, json_list, json_object, refused, unmatched
from ngsi_adapters.source import Malformed, Outcome, Record, Source, entity_id
from ngsi_client.rejected import Rejected

Row = Mapping[str, Any]
CATEGORIES: Mapping[Any, list[str]] = {
    "CAR_PARK": ["parkingGarage"],
    "UNDERGROUND": ["parkingGarage", "underground"],
    "OFF_STREET_PARKING_GROUND": ["parkingLot"],
}
FEES: Mapping[Any, list[str]] = {True: ["feeCharged"], False: ["free"]}
VEHICLES: Mapping[Any, list[str]] = {"CAR": ["car"], "BIKE": ["bicycle"]}
SPOT_STATUS = {"AVAILABLE": "free", "TAKEN": "occupied"}
SITE_STATUS = {"OPEN": "open", "CLOSED": "closed"}
OBSERVED = ("availableSpotNumber", "occupiedSpotNumber", "occupancy", "status")
ERRORS = (ValueError, KeyError, TypeError, AttributeError)


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
    for row in realtime.values():
        yield unmatched(row, "a realtime row without a static row of the same uid", _uid)


def _static(provider: str, row: Row, live: Row) -> Iterator[Outcome]:
    """The row with its realtime values; without them where those are wrong, so that the place is not lost."""
    build = _site if "capacity" in row else _spot
    try:
        yield build(provider, row, live)
    except ERRORS as error:
        alone = list(each([row], lambda static: build(provider, static, {}), _uid))
        if live and not isinstance(alone[0], Rejected):
            yield refused(live, error, _uid)
        yield from alone


def _site(provider: str, row: Row, live: Row) -> Record:
    model = OnStreetParking if row["type"] == "ON_STREET" else OffStreetParking
    values = {
        "name": row["name"],
        "location": _point(row),
        "address": {"streetAddress": row["address"]} if row.get("address") else None,
        "description": row.get("description"),
        "category": [*CATEGORIES.get(row["type"], ()), *FEES.get(row.get("has_fee"), ())] or None,
        "allowedVehicleType": VEHICLES.get(row.get("purpose")),
        "openingHours": row.get("opening_hours"),
        **_metres(row),
        **_occupancy(row, live),
    }
    known = {name: value for name, value in values.items() if name in model.model_fields}
    entity = model(id=entity_id(model.__name__, provider, row["uid"]), **known)
    return Record(entity, _moment(live), [name for name in OBSERVED if name in known])


def _occupancy(row: Row, live: Row) -> dict[str, Any]:
    free, total = live.get("realtime_free_capacity"), live.get("realtime_capacity") or row["capacity"]
    values = {"totalSpotNumber": total, "status": _site_status(live, free)}
    if free is None or total < 1:
        return values
    if free > total:
        raise ValueError(f"realtime_free_capacity {free} is more than the capacity {total}")
    occupied = total - free
    return values | {
        "availableSpotNumber": free,
        "occupiedSpotNumber": occupied,
        "occupancy": round(occupied / total, 4),
    }


def _site_status(live: Row, free: int | None) -> list[str] | None:
    status = SITE_STATUS.get(live.get("realtime_opening_status", ""))
    if status is None:
        return None
    return [status, "full"] if status == "open" and free == 0 else [status]


def _spot(provider: str, row: Row, live: Row) -> Record:
    site = row.get("parking_site_uid")
    # A spot outside any site still needs one in the data model: the provider's spots on the street taken together.
    parent = entity_id("OffStreetParking", provider, site) if site else entity_id("OnStreetParking", provider)
    entity = ParkingSpot(
        id=entity_id("ParkingSpot", provider, row["uid"]),
        name=row["name"],
        location=_point(row),
        address={"streetAddress": row["address"]} if row.get("address") else None,
        category=["offStreet" if site else "onStreet"],
        refParkingSite=parent,
        status=SPOT_STATUS.get(live.get("realtime_status", ""), "unknown"),
    )
    return Record(entity, _moment(live), ("status",))


def _metres(row: Row) -> dict[str, float]:
    """ParkAPI gives clearances in centimetres."""
    names = {"max_height": "maximumAllowedHeight", "max_width": "maximumAllowedWidth"}
    return {name: row[field] / 100 for field, name in names.items() if row.get(field)}


def _point(row: Row) -> Point:
    return Point.at(float(row["lon"]), float(row["lat"]))


def _moment(live: Row) -> datetime | None:
    moment = live.get("realtime_data_updated_at")
    return datetime.fromisoformat(moment) if moment else None


def _uid(row: Row) -> str | None:
    return row.get("uid")


SOURCE = Source(
    uid="parkapi",
    name="ParkAPI v3: car parks and parking spots",
    licence=None,
    attribution="the operators named in the data",
    url=None,
    every=timedelta(minutes=1),
    tenant="stadt_herne",
    parse=parse,
)
