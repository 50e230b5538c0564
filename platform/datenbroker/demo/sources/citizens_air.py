"""Citizens' air sensors as the data API of Sensor.Community gives them: dust (SDS011) and climate (BME280).

Places are real streets; ids and figures are invented.
"""

from datetime import datetime, timedelta
from typing import Any

import orjson

from datenbroker.demo.chance import between, drift, number
from datenbroker.demo.curves import rhythm, weather
from datenbroker.demo.places import STREETS, Place

HOMES = STREETS[2::5]
EVERY = 145
"""Seconds between two readings of a sensor."""
FIRST_LOCATION, FIRST_SENSOR = 71200, 84300
DUST = {"id": 14, "name": "SDS011", "manufacturer": "Nova Fitness"}
CLIMATE = {"id": 17, "name": "BME280", "manufacturer": "Bosch"}
PINS = {"SDS011": "1", "BME280": "11"}
METRES_PER_PASCAL = 0.0832


def document(at: datetime) -> bytes:
    """An array of readings, two sensors in each home, JSON; numbers are texts and times UTC without an offset."""
    return orjson.dumps([row for home in range(len(HOMES)) for row in _home(home, at)])


def _home(home: int, at: datetime) -> list[dict[str, Any]]:
    place = HOMES[home]
    age = (int(at.timestamp()) + number("citizen", home)) % EVERY
    read = at - timedelta(seconds=age)
    return [
        _reading(home, DUST, _dust(home, place, read), read),
        _reading(home, CLIMATE, _climate(home, read), read),
    ]


def _dust(home: int, place: Place, at: datetime) -> dict[str, float]:
    """P1 is PM10 and P2 is PM2.5, µg/m³."""
    rush = rhythm.traffic(at) * place.traffic
    dust = 12 + 9 * rush - 4 * weather.season(at) + 6 * drift(at, 48, "dust") + 3 * drift(at, 2, "citizen", home)
    dust = max(2.0, dust * (0.6 if weather.rain(at) else 1.0))
    return {"P1": dust, "P2": dust * between(0.5, 0.65, "citizen", home, "fine")}


def _climate(home: int, at: datetime) -> dict[str, float]:
    """°C, per cent and Pa."""
    sea_level = 101_400 + 1_400 * drift(at, 60, "pressure")
    height = 58 + between(0, 45, "citizen", home, "height")
    return {
        "temperature": weather.temperature(at) + between(-0.8, 0.8, "citizen", home, "wall"),
        "humidity": weather.humidity(at),
        "pressure": sea_level - height / METRES_PER_PASCAL,
        "pressure_at_sealevel": sea_level,
    }


def _reading(home: int, kind: dict[str, Any], values: dict[str, float], at: datetime) -> dict[str, Any]:
    sensor = FIRST_SENSOR + 2 * home + (kind is CLIMATE)
    reading = number("citizen", sensor, int(at.timestamp())) % 10**10
    return {
        "id": reading,
        "sampling_rate": None,
        "timestamp": f"{at:%Y-%m-%d %H:%M:%S}",
        "location": _location(home),
        "sensor": {"id": sensor, "pin": PINS[kind["name"]], "sensor_type": kind},
        "sensordatavalues": [
            {"id": reading + place, "value": f"{value:.2f}", "value_type": name}
            for place, (name, value) in enumerate(values.items(), 1)
        ],
    }


def _location(home: int) -> dict[str, Any]:
    """Coarse to three digits, as for a home that does not show its exact place."""
    return {
        "id": FIRST_LOCATION + home,
        "latitude": f"{HOMES[home].latitude:.3f}",
        "longitude": f"{HOMES[home].longitude:.3f}",
        "altitude": f"{58 + between(0, 45, 'citizen', home, 'height'):.1f}",
        "country": "DE",
        "exact_location": 0,
        "indoor": 0,
    }
