"""OCPI 2.2.1 locations (EV Roaming Foundation): one EVChargingStation a location."""

from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta
from operator import itemgetter
from typing import Any

from data_models import EVChargingStation
from ngsi_adapters.fetching.declaration import Fetching
from ngsi_adapters.formats.documents import json_list, json_object
from ngsi_adapters.formats.places import point
from ngsi_adapters.formats.times import utc_moment
from ngsi_adapters.mapping import Field, Mapped
from ngsi_adapters.reading import each
from ngsi_adapters.source import Malformed, Outcome, Record, Source, entity_id

Row = Mapping[str, Any]
STANDARDS = {
    "CHAdeMO": "CHADEMO",
    "J-1772": "IEC_62196_T1",
    "CCS/SAE": "IEC_62196_T1_COMBO IEC_62196_T2_COMBO",
    "Type2": "IEC_62196_T2",
    "Type3": "IEC_62196_T3A IEC_62196_T3C",
    "Caravan_Mains_Socket": "IEC_60309_2_single_16",
    "Wall_Euro": "DOMESTIC_C DOMESTIC_E DOMESTIC_F",
    "Tesla": "TESLA_R TESLA_S",
}
SOCKETS = {standard: socket for socket, standards in STANDARDS.items() for standard in standards.split()}
"""ConnectorType (OCPI 2.2.1, 8.4.5) → socketType of the data model; all others are `Other`."""
ABSENT, BROKEN = frozenset({"PLANNED", "REMOVED"}), frozenset({"INOPERATIVE", "OUTOFORDER"})
STATUSES = ABSENT | BROKEN | {"AVAILABLE", "BLOCKED", "CHARGING", "RESERVED", "UNKNOWN"}


def parse(payload: bytes, fetched_at: datetime) -> Iterator[Outcome]:
    """A record for each location that its operator publishes."""
    document = json_object(payload)
    if document.get("status_code") not in range(1000, 2000):
        raise Malformed(f"OCPI status {document.get('status_code')}: {document.get('status_message', 'no message')}")
    rows = json_list(document, "data")
    return each(
        (row for row in rows if not isinstance(row, dict) or row.get("publish", True)), _station, itemgetter("id")
    )


def _station(location: Row) -> Record:
    moments = [location["last_updated"], *(evse["last_updated"] for evse in _points(location))]
    identity = entity_id("EVChargingStation", location["country_code"], location["party_id"], location["id"])
    return STATION.record(identity, location, max(map(utc_moment, moments)))


def _points(location: Row) -> list[Row]:
    points = [evse for evse in location.get("evses") or [] if _status(evse) not in ABSENT]
    if not points:
        raise ValueError("the location has no charging point in service or temporarily out of it")
    return points


def _count(location: Row) -> int:
    """number of charging points"""
    return len(_points(location))


def _connectors(location: Row) -> list[Row]:
    return [connector for evse in _points(location) for connector in evse["connectors"]]


def _socket_count(location: Row) -> int | None:
    """number of connectors"""
    return len(_connectors(location)) or None


def _sockets(location: Row) -> list[str]:
    return list(dict.fromkeys(SOCKETS.get(connector["standard"], "Other") for connector in _connectors(location)))


def _voltage(location: Row) -> float | None:
    """the highest"""
    return max((connector["max_voltage"] for connector in _connectors(location)), default=None)


def _available(location: Row) -> int | None:
    """how many are AVAILABLE"""
    statuses = list(map(_status, _points(location)))
    return None if set(statuses) == {"UNKNOWN"} else statuses.count("AVAILABLE")


def _aggregated(location: Row) -> str | None:
    """of all charging points together"""
    known = [status for status in map(_status, _points(location)) if status != "UNKNOWN"]
    if not known:
        return None
    if all(status in BROKEN for status in known):
        return "outOfService"
    if any(status in BROKEN for status in known):
        return "withIncidence"
    return "working" if "AVAILABLE" in known else "full"


def _status(evse: Row) -> str:
    status: str = evse["status"]
    if status not in STATUSES:
        raise ValueError(f"{status!r} is no status of an EVSE in OCPI 2.2.1")
    return status


def _address(location: Row) -> dict[str, str | None]:
    return {
        "streetAddress": location["address"],
        "postalCode": location.get("postal_code"),
        "addressLocality": location["city"],
        "addressCountry": location["country"],
    }


STATION = Mapped(
    EVChargingStation,
    (
        Field(("name", "address"), "name", derive=lambda location: location.get("name") or location["address"]),
        Field(("coordinates.longitude", "coordinates.latitude"), "location", point, needed=True),
        Field(("address", "postal_code", "city", "country"), "address", derive=_address),
        Field("operator.name", "operator"),
        Field("evses", "capacity", derive=_count),
        Field("evses.connectors", "socketNumber", derive=_socket_count),
        Field("evses.connectors.standard", "socketType", derive=_sockets),
        Field("evses.connectors.max_voltage", "voltage", derive=_voltage),
        Field("opening_times.twentyfourseven", "openingHours", {True: "24/7"}.get),
        Field("evses.status", "availableCapacity", derive=_available, observed=True),
        Field("evses.status", "status", derive=_aggregated, observed=True),
    ),
    fixed={"allowedVehicleType": ["car"]},
)
SOURCE = Source(
    uid="ocpi",
    name="OCPI 2.2.1: charging points",
    licence=None,
    attribution="the operators named in the data",
    url=None,
    every=timedelta(minutes=1),
    tenant="stadtwerke",
    parse=parse,
    mapping=(STATION,),
    fetching=Fetching(
        token=("Authorization", "Token {token}"),
        query={"date_from": "{since}"},
    ),
)
