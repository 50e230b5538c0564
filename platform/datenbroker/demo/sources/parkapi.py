"""Herne's car parks, and the streets with parking-bay sensors, as ParkAPI v3 gives them: static and realtime records.

Places are real, figures invented.
"""

import csv
import json
from collections.abc import Mapping, Sequence
from datetime import datetime
from itertools import groupby
from typing import Any

import orjson

from datenbroker.demo import templates
from datenbroker.demo.chance import between
from datenbroker.demo.city import PARKING_PROVIDER, DeviceRecord, devices
from datenbroker.demo.curves import rhythm
from datenbroker.demo.curves.reading import place_of, reading
from datenbroker.demo.places import Place

CarPark = Mapping[str, str]
"""A row of `car_parks.csv`; `busy` in 0..1 is from a residents' to a shoppers' car park, `max_height` in cm."""


def document(at: datetime) -> bytes:
    """`{"source", "static": [...], "realtime": [...]}`, JSON."""
    car_parks = list(csv.DictReader(templates.text("car_parks.csv").splitlines(), delimiter=";"))
    streets = _streets()
    record = {
        "source": PARKING_PROVIDER,
        "static": [*map(_static, car_parks), *(_static_street(place, len(bays)) for place, bays in streets.items())],
        "realtime": [
            *(_realtime(car_park, at) for car_park in car_parks),
            *(_realtime_street(place, bays, at) for place, bays in streets.items()),
        ],
    }
    return orjson.dumps(record, option=orjson.OPT_INDENT_2)


def _streets() -> dict[Place, list[DeviceRecord]]:
    """The streets with bays, and the sensors in them."""
    bays = [device for device in devices() if device["profile"] == "parking-bay"]
    return {place: list(here) for place, here in groupby(bays, key=place_of)}


def _static(car_park: CarPark) -> dict[str, Any]:
    return _site_record() | {
        **{name: car_park[name] for name in ("uid", "name", "address", "type")},
        "operator_name": "Stadt Herne",
        "lat": float(car_park["latitude"]),
        "lon": float(car_park["longitude"]),
        "capacity": int(car_park["capacity"]),
        "max_height": int(car_park["max_height"]) if car_park["max_height"] else None,
        "is_covered": car_park["type"] != "OFF_STREET_PARKING_GROUND",
    }


def _static_street(place: Place, capacity: int) -> dict[str, Any]:
    return _site_record() | {
        "uid": place.slug,
        "name": f"{place.name} ({place.district})",
        "address": f"{place.name}, {place.postal_code} Herne",
        "type": "ON_STREET",
        "operator_name": "Stadt Herne",
        "lat": place.latitude,
        "lon": place.longitude,
        "capacity": capacity,
        "is_covered": False,
    }


def _site_record() -> dict[str, Any]:
    """A static record with all members of the format."""
    record: dict[str, Any] = json.loads(templates.text("parkapi_site.json"))
    return record


def _realtime(car_park: CarPark, at: datetime) -> dict[str, Any]:
    busy, capacity = float(car_park["busy"]), int(car_park["capacity"])
    wobble = between(-0.04, 0.04, car_park["uid"], int(at.timestamp()) // 300)
    demand = rhythm.parking_demand(at, busy) * (0.4 + 0.6 * busy)
    taken = min(1.0, max(0.0, 0.92 * demand + wobble))
    return _free(car_park["uid"], capacity, round(capacity * (1 - taken)), at)


def _realtime_street(place: Place, bays: Sequence[DeviceRecord], at: datetime) -> dict[str, Any]:
    """As the street's sensors say."""
    return _free(place.slug, len(bays), sum(not reading(bay, at)["occupied"] for bay in bays), at)


def _free(uid: str, capacity: int, free: int, at: datetime) -> dict[str, Any]:
    return {
        "uid": uid,
        "realtime_data_updated_at": at.isoformat(),
        "realtime_opening_status": "OPEN",
        "realtime_capacity": capacity,
        "realtime_free_capacity": free,
        "restrictions": [],
    }
