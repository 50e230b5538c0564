"""Air data API 3 of the Umweltbundesamt: hourly values and index of the stations in and around Herne."""

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

from data_models import AirQualityObserved
from ngsi_adapters.fetching.declaration import Fetching
from ngsi_adapters.formats.documents import json_object
from ngsi_adapters.formats.numerals import number, whole
from ngsi_adapters.formats.places import point
from ngsi_adapters.mapping import Field, Mapped
from ngsi_adapters.reading import each
from ngsi_adapters.source import Documents, Malformed, Outcome, Record, Source, entity_id

Row = Mapping[str, Any]
CET = timezone(timedelta(hours=1))
"""The API's times are CET all the year round."""
WEST, SOUTH, EAST, NORTH = 7.0, 51.42, 7.45, 51.66
"""The area whose stations are read: the answer holds all of Germany."""
COMPONENTS = {1: "pm10", 2: "co", 3: "o3", 4: "so2", 5: "no2", 9: "pm25"}
LEVELS = ("very good", "good", "moderate", "poor", "very poor")
"""Of the Umweltbundesamt's index, 0 to 4."""
ID, CODE, NAME, CITY, LONGITUDE, LATITUDE = 0, 1, 2, 3, 7, 8
"""Places in a station's list."""


def join(documents: Documents, fetched_at: datetime) -> Iterator[Outcome]:
    """A record a station: the newest hour that has values."""
    hours, stations = (_data(documents[name]) for name in ("main", "stations"))
    near = [station for station in stations.values() if _is_near(station) and hours.get(str(station[ID]))]
    return each(near, lambda station: _observed(station, hours[str(station[ID])]), lambda station: station[CODE])


def _data(payload: bytes) -> dict[str, Any]:
    data = json_object(payload).get("data")
    if data == []:  # PHP writes an empty object so
        return {}
    if not isinstance(data, dict):
        raise Malformed(f"the member 'data' has to be an object, not {type(data).__name__}")
    return data


def _is_near(station: list[Any]) -> bool:
    try:
        return WEST <= float(station[LONGITUDE]) <= EAST and SOUTH <= float(station[LATITUDE]) <= NORTH
    except (TypeError, ValueError):
        return False  # mobile and closed stations have no place


def _observed(station: list[Any], hours: Mapping[str, list[Any]]) -> Record:
    measured = [hour for hour in hours.values() if any(part[1] is not None for part in hour[3:])]
    if not measured:
        raise LookupError("the station has no values in these hours")
    end, index, _, *parts = max(measured, key=lambda hour: str(hour[0]))
    row = {str(component): value for component, value, *_ in parts}
    row |= {"end": end, "index": index, "name": station[NAME], "city": station[CITY]}
    row |= {"longitude": station[LONGITUDE], "latitude": station[LATITUDE]}
    return AIR.record(entity_id("AirQualityObserved", station[CODE]), row, _moment(end))


def _moment(text: str) -> datetime:
    """end of the hour, CET all the year round; 24:00:00 is the next day's beginning"""
    day, _, clock = text.partition(" ")
    hour, minute, second = map(int, clock.split(":"))
    passed = timedelta(hours=hour, minutes=minute, seconds=second)
    return (datetime.fromisoformat(day).replace(tzinfo=CET) + passed).astimezone(UTC)


def _concentration(value: float) -> float:
    """a number that is not negative"""
    found = number(value)
    if found < 0:
        raise ValueError(f"{found:g} is no concentration: missing values are written as -999 or so")
    return found


def _level(index: int) -> str:
    """0 very good to 4 very poor"""
    return LEVELS[whole(index)]


AIR = Mapped(
    AirQualityObserved,
    (
        Field("name", "name"),
        Field("city", "areaServed"),
        Field(("longitude", "latitude"), "location", point, needed=True),
        Field("end", "dateObserved", _moment, needed=True),
        Field("index", "airQualityIndex", whole, observed=True),
        Field("index", "airQualityLevel", _level, observed=True),
        *(
            Field(str(number_), name, _concentration, observed=True, seldom=name in ("co", "so2"))
            for number_, name in COMPONENTS.items()
        ),
    ),
    fixed={"typeofLocation": "outdoor"},
)
SOURCE = Source(
    uid="uba_air",
    name="Umweltbundesamt: air quality in and around Herne",
    licence="dl-by-de/2.0",
    attribution="Umweltbundesamt mit Daten der Messnetze der Länder und des Bundes",
    url="https://luftdaten.umweltbundesamt.de/api/air-data/v3/airquality/json",
    every=timedelta(hours=1),
    tenant="stadt_herne",
    join=join,
    mapping=(AIR,),
    fetching=Fetching(
        query={"date_from": "{yesterday}", "date_to": "{today}", "time_from": "1", "time_to": "24", "lang": "de"},
        parts={"stations": "../stations/json"},
    ),
)
