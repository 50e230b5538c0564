"""What each sensor measures at a time: plausible, seeded, and a pure function of the device and the time.

The fields are the decoded payload's, in its units, as the device profiles in `iot_agents` read them.
"""

from collections.abc import Callable, Mapping
from datetime import datetime
from math import log10
from typing import Any

from datenbroker.demo.chance import between, drift, hours, number, unit
from datenbroker.demo.curves import energy, rhythm, weather
from datenbroker.demo.places import STREETS, WATERS, Place

Device = Mapping[str, Any]
"""A device record as `datenbroker.demo.city.devices` makes it."""

Reading = dict[str, float | bool]

NOISE_PERIOD = 300
"""Seconds over which a noise station averages."""

PLACES = {place.name: place for place in (*STREETS, *WATERS)}


def reading(device: Device, at: datetime) -> Reading:
    """The decoded payload's fields of the device at that time (unrounded)."""
    return CURVES[device["profile"]](device, at)


def place_of(device: Device) -> Place:
    return PLACES[device["entity"]["address"]["value"]["streetAddress"]]


def battery(device: Device, at: datetime) -> float:
    """Volts of a lithium cell of 3.6 V: it loses some 40 mV a year, and a little in the cold."""
    age = hours(at) / 8766 + between(0, 4, device["_id"], "age")
    return 3.62 - 0.04 * age - 0.004 * max(0.0, 8 - weather.temperature(at))


def parking_bay(device: Device, at: datetime) -> Reading:
    """A bay is taken or free for a while (12 to 45 minutes, longer at night), as the street's demand says."""
    uid = device["_id"]
    stay = between(0.2, 0.75, uid, "stay") * (3 if weather.local_hour(at) < 6 else 1)
    slot = int(hours(at) / stay)
    occupied = unit(uid, "bay", slot) < rhythm.parking_demand(at, place_of(device).traffic)
    return {"occupied": occupied, "battery": battery(device, at)}


def bin_level(device: Device, at: datetime) -> Reading:
    """Fills by day and is emptied in the morning of every first, second, third or seventh day."""
    uid = device["_id"]
    every = (1, 2, 3, 7)[number(uid, "round") % 4]
    emptied_at = between(6, 12, uid, "emptied at")
    since = (weather.day_number(at) + number(uid, "offset")) % every + _waste_until(weather.local_hour(at))
    since -= _waste_until(emptied_at)
    cycle = (weather.day_number(at) + number(uid, "offset")) // every
    if since < 0:
        since, cycle = since + every, cycle - 1
    full = between(45, 112, uid, "full", cycle)
    warmth = weather.temperature(at) + 1.5 + 7 * weather.sunlight(at)
    return {"fill": min(100.0, full * since / every), "temperature": warmth, "battery": battery(device, at)}


def _waste_until(hour: float) -> float:
    """The share of a day's waste that is thrown in before `hour`."""
    return min(1.0, max(0.0, (hour - 6) / 16))


def air_quality(device: Device, at: datetime) -> Reading:
    uid, season = device["_id"], weather.season(at)
    rush = rhythm.traffic(at) * place_of(device).traffic
    no2 = max(2.0, 9 + 34 * rush * (1 - 0.2 * season) + 5 * drift(at, 4, uid, "no2"))
    pm10 = 13 + 9 * rush - 4 * season + 6 * drift(at, 48, "dust") + 2 * drift(at, 3, uid, "dust")
    pm10 = max(3.0, pm10 * (0.6 if weather.rain(at) else 1.0))
    o3 = max(3.0, 34 + 20 * season + 60 * weather.sunlight(at) - 0.7 * no2 + 8 * drift(at, 6, "o3"))
    fine = 0.62 - 0.06 * season + 0.05 * drift(at, 24, uid, "fine")
    air = {"temperature": weather.temperature(at), "humidity": weather.humidity(at)}
    return {"pm10": pm10, "pm2_5": pm10 * fine, "no2": no2, "o3": o3, **air}


def noise(device: Device, at: datetime) -> Reading:
    """A tenth of the traffic is ten decibels less; LAmax is the loudest vehicle of the period."""
    period = int(at.timestamp()) // NOISE_PERIOD
    passing = rhythm.traffic(at) * place_of(device).traffic
    laeq = 38 + 10 * log10(1 + 900 * passing) + between(-1.2, 1.2, device["_id"], "laeq", period)
    lamax = laeq + between(7, 19, device["_id"], "lamax", period)
    return {"laeq": laeq, "lamax": lamax, "period": float(NOISE_PERIOD)}


def soil_moisture(device: Device, at: datetime) -> Reading:
    """Dries in 3 days in July and in 9 in January; the soil's temperature follows the last days' mean."""
    uid = device["_id"]
    water = weather.wetness(at, 6 - 3 * weather.season(at)) * between(0.7, 1.25, uid, "soil")
    today = weather.day_number(at)
    warmth = sum(weather.mean_temperature(today - age) for age in range(5)) / 5
    moisture = 7 + 36 * water / (water + 22)
    return {
        "moisture": moisture + 0.4 * drift(at, 12, uid, "probe"),
        "temperature": warmth + between(-0.6, 0.6, uid, "depth"),
        "battery": battery(device, at),
    }


def water_level(device: Device, at: datetime) -> Reading:
    """Centimetres: a brook swells within hours of rain, the canal is held at four metres."""
    uid, name = device["_id"], place_of(device).name
    if name.startswith("Rhein-Herne-Kanal"):
        level = 400 + 3 * drift(at, 5, uid, "lock")
    else:
        level = between(28, 70, uid, "bed") + 3.5 * weather.wetness(at, 0.7) + 2 * drift(at, 9, uid, "flow")
    return {"level": level, "battery": battery(device, at)}


def heat_meter(device: Device, at: datetime) -> Reading:
    return energy.heat(device["_id"], at)


def electricity_meter(device: Device, at: datetime) -> Reading:
    return energy.electricity(device["_id"], at, business=device["tenant"] in ("hcr", "herne_digital"))


def pv_plant(device: Device, at: datetime) -> Reading:
    return energy.photovoltaic(device["_id"], at)


CURVES: Mapping[str, Callable[[Device, datetime], Reading]] = {
    "parking-bay": parking_bay,
    "bin-level": bin_level,
    "air-quality": air_quality,
    "noise": noise,
    "soil-moisture": soil_moisture,
    "water-level": water_level,
    "heat-meter": heat_meter,
    "electricity-meter": electricity_meter,
    "pv-plant": pv_plant,
}
