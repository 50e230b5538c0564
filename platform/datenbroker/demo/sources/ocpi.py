"""The Stadtwerke's charging points as an OCPI 2.2.1 `locations` response. Places are real, stations invented."""

from datetime import datetime, timedelta
from typing import Any

import orjson

from datenbroker.demo.chance import between, hours, unit
from datenbroker.demo.curves.rhythm import parking_demand
from datenbroker.demo.places import STREETS, Place

LOCATION_COUNT = 25
EVERY_FIFTH_IS_FAST = 5
BROKEN = 0.015

AC = {
    "standard": "IEC_62196_T2",
    "format": "SOCKET",
    "power_type": "AC_3_PHASE",
    "max_voltage": 230,
    "max_amperage": 32,
    "max_electric_power": 22000,
}
DC = {
    "standard": "IEC_62196_T2_COMBO",
    "format": "CABLE",
    "power_type": "DC",
    "max_voltage": 920,
    "max_amperage": 200,
    "max_electric_power": 150000,
}


def document(at: datetime) -> bytes:
    """`{"data": [...], "status_code": 1000, "timestamp"}`, JSON."""
    locations = [_location(number, _place(number), at) for number in range(1, LOCATION_COUNT + 1)]
    response = {"data": locations, "status_code": 1000, "timestamp": _moment(at)}
    return orjson.dumps(response, option=orjson.OPT_INDENT_2)


def _place(number: int) -> Place:
    """Through all the city's streets, and so through the districts."""
    return STREETS[number * 7 % len(STREETS)]


def _location(number: int, place: Place, at: datetime) -> dict[str, Any]:
    latitude, longitude = place.shifted(between(-80, 80, "ocpi", number, "n"), between(-80, 80, "ocpi", number, "e"))
    evses = [_evse(number, index, place, at) for index in range(1, 5 if number % 8 == 0 else 3)]
    return {
        "country_code": "DE",
        "party_id": "SWH",
        "id": f"LOC-HER-{number:04d}",
        "publish": True,
        "name": f"{place.name} ({place.district})",
        "address": f"{place.name} {1 + number * 3}",
        "city": "Herne",
        "postal_code": place.postal_code,
        "country": "DEU",
        "coordinates": {"latitude": f"{latitude:.6f}", "longitude": f"{longitude:.6f}"},
        "parking_type": "ON_STREET",
        "evses": evses,
        "operator": {"name": "Stadtwerke Herne"},
        "time_zone": "Europe/Berlin",
        "opening_times": {"twentyfourseven": True},
        "last_updated": max(evse["last_updated"] for evse in evses),
    }


def _evse(number: int, index: int, place: Place, at: datetime) -> dict[str, Any]:
    status, since = _status(f"{number}-{index}", place, at)
    connector = DC if number % EVERY_FIFTH_IS_FAST == 0 else AC
    return {
        "uid": str(3000 + number * 10 + index),
        "evse_id": f"DE*SWH*E{number:04d}0001*{index}",
        "status": status,
        "capabilities": ["RFID_READER", "REMOTE_START_STOP_CAPABLE"],
        "connectors": [{"id": "1", **connector, "tariff_ids": ["T1"], "last_updated": "2026-01-15T07:00:00Z"}],
        "last_updated": _moment(since),
    }


def _status(uid: str, place: Place, at: datetime) -> tuple[str, datetime]:
    """Constant for a charging session (40 to 150 minutes), with the time since when; a few are broken for a day."""
    if unit("ocpi", uid, "broken", at.toordinal()) < BROKEN:
        return "OUTOFORDER", at.replace(hour=0, minute=0, second=0, microsecond=0)
    session = between(0.7, 2.5, "ocpi", uid, "session")
    slot, share = divmod(hours(at) / session, 1)
    charging = unit("ocpi", uid, int(slot)) < 0.55 * parking_demand(at, place.traffic)
    return "CHARGING" if charging else "AVAILABLE", at - timedelta(hours=share * session)


def _moment(at: datetime) -> str:
    return f"{at:%Y-%m-%dT%H:%M:%SZ}"
