"""OCPI 2.2.1 locations (EV Roaming Foundation): one EVChargingStation a location."""

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from data_models import EVChargingStation, Point
from ngsi_adapters.reading import each, json_list, json_object
from ngsi_adapters.source import Malformed, Outcome, Record, Source, entity_id

Row = Mapping[str, Any]
SOCKETS = {
    "CHADEMO": "CHAdeMO",
    "IEC_62196_T1": "J-1772",
    "IEC_62196_T1_COMBO": "CCS/SAE",
    "IEC_62196_T2": "Type2",
    "IEC_62196_T2_COMBO": "CCS/SAE",
    "IEC_62196_T3A": "Type3",
    "IEC_62196_T3C": "Type3",
    "IEC_60309_2_single_16": "Caravan_Mains_Socket",
    "DOMESTIC_C": "Wall_Euro",
    "DOMESTIC_E": "Wall_Euro",
    "DOMESTIC_F": "Wall_Euro",
    "TESLA_R": "Tesla",
    "TESLA_S": "Tesla",
}
"""ConnectorType (OCPI 2.2.1, 8.4.5) → socketType of the data model; all others are `Other`."""
STATUSES = frozenset(
    ["AVAILABLE", "BLOCKED", "CHARGING", "INOPERATIVE", "OUTOFORDER", "PLANNED", "REMOVED", "RESERVED", "UNKNOWN"]
)
ABSENT = frozenset({"PLANNED", "REMOVED"})
BROKEN = frozenset({"INOPERATIVE", "OUTOFORDER"})
SUCCESS = range(1000, 2000)


def parse(payload: bytes, fetched_at: datetime) -> Iterator[Outcome]:
    """A record for each location that its operator publishes."""
    document = json_object(payload)
    if document.get("status_code") not in SUCCESS:
        raise Malformed(f"OCPI status {document.get('status_code')}: {document.get('status_message', 'no message')}")
    rows = json_list(document, "data")
    return each((row for row in rows if not isinstance(row, dict) or row.get("publish", True)), _station, _identity)


def _station(location: Row) -> Record:
    points = [evse for evse in location.get("evses") or [] if _status(evse) not in ABSENT]
    if not points:
        raise ValueError("the location has no charging point in service or temporarily out of it")
    connectors = [connector for evse in points for connector in evse["connectors"]]
    statuses = [_status(evse) for evse in points]
    entity = EVChargingStation(
        id=entity_id("EVChargingStation", location["country_code"], location["party_id"], location["id"]),
        name=location.get("name") or location["address"],
        location=_point(location["coordinates"]),
        address=_address(location),
        operator=(location.get("operator") or {}).get("name"),
        allowedVehicleType=["car"],
        capacity=len(points),
        socketNumber=len(connectors) or None,
        socketType=list(dict.fromkeys(SOCKETS.get(connector["standard"], "Other") for connector in connectors)),
        voltage=max((connector["max_voltage"] for connector in connectors), default=None),
        openingHours="24/7" if (location.get("opening_times") or {}).get("twentyfourseven") else None,
        availableCapacity=None if set(statuses) == {"UNKNOWN"} else statuses.count("AVAILABLE"),
        status=_aggregated(statuses),
    )
    moments = [location["last_updated"], *(evse["last_updated"] for evse in points)]
    return Record(entity, max(map(_moment, moments)), ("availableCapacity", "status"))


def _aggregated(statuses: list[str]) -> str | None:
    known = [status for status in statuses if status != "UNKNOWN"]
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


def _point(coordinates: Row) -> Point:
    """OCPI writes coordinates as strings of decimal degrees."""
    return Point.at(float(coordinates["longitude"]), float(coordinates["latitude"]))


def _address(location: Row) -> dict[str, str | None]:
    return {
        "streetAddress": location["address"],
        "postalCode": location.get("postal_code"),
        "addressLocality": location["city"],
        "addressCountry": location["country"],
    }


def _moment(text: str) -> datetime:
    """OCPI times are UTC, with or without `Z` (2.2.1, 17.4)."""
    moment = datetime.fromisoformat(text)
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def _identity(location: Row) -> str | None:
    return location.get("id")


SOURCE = Source(
    uid="ocpi",
    name="OCPI 2.2.1: charging points",
    licence=None,
    attribution="the operators named in the data",
    url=None,
    every=timedelta(minutes=1),
    tenant="stadtwerke",
    parse=parse,
)
