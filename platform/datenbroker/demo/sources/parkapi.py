"""Herne's car parks as ParkAPI v3 gives them: static and realtime records. Places are real, figures invented."""

import csv
import json
from collections.abc import Mapping
from datetime import datetime
from typing import Any

import orjson

from datenbroker.demo import templates
from datenbroker.demo.chance import between
from datenbroker.demo.curves import rhythm

CarPark = Mapping[str, str]
"""A row of `car_parks.csv`; `busy` in 0..1 is from a residents' to a shoppers' car park, `max_height` in cm."""


def document(at: datetime) -> bytes:
    """`{"source", "static": [...], "realtime": [...]}`, JSON."""
    car_parks = list(csv.DictReader(templates.text("car_parks.csv").splitlines(), delimiter=";"))
    record = {
        "source": "herne-demo",
        "static": [_static(car_park) for car_park in car_parks],
        "realtime": [_realtime(car_park, at) for car_park in car_parks],
    }
    return orjson.dumps(record, option=orjson.OPT_INDENT_2)


def _static(car_park: CarPark) -> dict[str, Any]:
    known = {
        **{name: car_park[name] for name in ("uid", "name", "address", "type")},
        "operator_name": "Stadt Herne",
        "lat": float(car_park["latitude"]),
        "lon": float(car_park["longitude"]),
        "capacity": int(car_park["capacity"]),
        "max_height": int(car_park["max_height"]) if car_park["max_height"] else None,
        "is_covered": car_park["type"] != "OFF_STREET_PARKING_GROUND",
    }
    template: dict[str, Any] = json.loads(templates.text("parkapi_site.json"))
    return template | known


def _realtime(car_park: CarPark, at: datetime) -> dict[str, Any]:
    busy, capacity = float(car_park["busy"]), int(car_park["capacity"])
    wobble = between(-0.04, 0.04, car_park["uid"], int(at.timestamp()) // 300)
    demand = rhythm.parking_demand(at, busy) * (0.4 + 0.6 * busy)
    taken = min(1.0, max(0.0, 0.92 * demand + wobble))
    return {
        "uid": car_park["uid"],
        "realtime_data_updated_at": at.isoformat(),
        "realtime_opening_status": "OPEN",
        "realtime_capacity": capacity,
        "realtime_free_capacity": round(capacity * (1 - taken)),
        "restrictions": [],
    }
