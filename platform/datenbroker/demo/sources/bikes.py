"""metropolradruhr's docking stations in Herne as GBFS 2.3: the discovery file and the two feeds that it names.

Places are real streets, stations and figures invented.
"""

from datetime import datetime
from typing import Any

import orjson

from datenbroker.demo.chance import drift, number, unit
from datenbroker.demo.curves import rhythm
from datenbroker.demo.places import STREETS, Place

PATH = "/gbfs/gbfs.json"
STATIONS = tuple(enumerate(STREETS[1::3], 1))
SECONDS_TO_LIVE = 60


def discovery(at: datetime, base: str) -> bytes:
    """Feeds are named by their whole address; `base` is the server's, with a slash at the end."""
    feeds = [{"name": name, "url": f"{base.rstrip('/')}{path}"} for name, path in FEED_PATHS.items()]
    return _feed({"de": {"feeds": feeds}}, at)


def information(at: datetime) -> bytes:
    return _feed({"stations": [_information(index, place) for index, place in STATIONS]}, at)


def status(at: datetime) -> bytes:
    return _feed({"stations": [_status(index, place, at) for index, place in STATIONS]}, at)


def _feed(data: dict[str, Any], at: datetime) -> bytes:
    return orjson.dumps({"last_updated": int(at.timestamp()), "ttl": SECONDS_TO_LIVE, "version": "2.3", "data": data})


def _information(index: int, place: Place) -> dict[str, Any]:
    latitude, longitude = place.shifted(15, -20)
    return {
        "station_id": f"her-{index:02d}",
        "name": place.name,
        "short_name": f"{7600 + index}",
        "lat": latitude,
        "lon": longitude,
        "address": f"{place.name}, {place.postal_code} Herne",
        "region_id": "130",
        "is_virtual_station": False,
        "capacity": _capacity(index),
    }


def _capacity(index: int) -> int:
    return 8 + 2 * (number("bikes", index) % 4)


def _status(index: int, place: Place, at: datetime) -> dict[str, Any]:
    """Bikes stand where people are: at the shops by day, at home by night; one in fifteen is broken for a day."""
    capacity = _capacity(index)
    broken = int(unit("bikes", index, "broken", at.toordinal()) < 1 / 15)
    share = rhythm.parking_demand(at, place.traffic) * 0.8 + 0.3 * drift(at, 1.5, "bikes", index)
    bikes = min(capacity - broken, max(0, round(capacity * share)))
    return {
        "station_id": f"her-{index:02d}",
        "num_bikes_available": bikes,
        "vehicle_types_available": [{"vehicle_type_id": "bike", "count": bikes}] if bikes else [],
        "num_bikes_disabled": broken,
        "num_docks_available": capacity - bikes - broken,
        "num_docks_disabled": 0,
        "is_installed": True,
        "is_renting": True,
        "is_returning": True,
        "last_reported": int(at.timestamp()),
    }


FEEDS = {"station_information": information, "station_status": status}
FEED_PATHS = {name: f"/gbfs/de/{name}.json" for name in FEEDS}
