"""DWD: the last hours' weather at a station (POI, `10410-BEOB.csv`), read by dwdparse: UTC, SI units."""

import csv
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from typing import Any

from dwdparse.parsers import CurrentObservationsParser

from data_models import WeatherObserved
from ngsi_adapters.formats.numerals import celsius
from ngsi_adapters.formats.places import point
from ngsi_adapters.formats.texts import text_of
from ngsi_adapters.mapping import Field, Mapped
from ngsi_adapters.reading import each
from ngsi_adapters.source import Malformed, Outcome, Record, Source, entity_id

STATIONS = {
    "10400": ("Düsseldorf", 6.7686, 51.2960),
    "10410": ("Essen-Bredeney", 6.9677, 51.4041),
    "10416": ("Dortmund-Wickede", 7.6122, 51.5183),
    "10315": ("Münster/Osnabrück", 7.6969, 52.1344),
}
"""WMO number → name, longitude, latitude: the file itself does not tell them (DWD's list of stations)."""
UNITS = {
    "dry_bulb_temperature_at_2_meter_above_ground": "Grad C",
    "pressure_reduced_to_mean_sea_level": "hPa",
    "precipitation_amount_last_hour": "mm",
    "mean_wind_speed_during last_10_min_at_10_meters_above_ground": "km/h",
    "horizontal_visibility": "km",
}
"""The units that dwdparse reckons with, as the second line has to say."""


def parse(payload: bytes, fetched_at: datetime) -> Iterator[Outcome]:
    """One record: the newest line that has a temperature."""
    lines = csv.DictReader(text_of(payload).splitlines(), delimiter=";")
    heading, columns = next(lines, None), set(lines.fieldnames or ())
    parser = CurrentObservationsParser()
    missing = {parser.DATE_COLUMN, parser.HOUR_COLUMN, *parser.ELEMENTS} - columns
    if missing or heading is None:
        raise Malformed(f"no DWD observations: the first line names no column {', '.join(sorted(missing))[:200]}")
    wrong = next(
        (f"{name} in {heading[name]}, not in {unit}" for name, unit in UNITS.items() if heading[name] != unit), ""
    )
    if wrong:
        raise Malformed(f"another unit than known: {wrong}")
    station = str(heading[parser.DATE_COLUMN]).rstrip("_")
    if station not in STATIONS:
        raise Malformed(f"the place of the station {station} is not known; known are {', '.join(STATIONS)}")
    next(lines, None)  # the German names of the columns
    return each(_newest(list(lines)), lambda row: _observed(station, parser.parse_row(row)), lambda row: station)


def _newest(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    named = [row for row in rows if row.get("dry_bulb_temperature_at_2_meter_above_ground") not in ("---", "", None)]
    return named[:1]


def _observed(station: str, record: dict[str, Any]) -> Record:
    name, longitude, latitude = STATIONS[station]
    row = record | {"station": name, "longitude": longitude, "latitude": latitude}
    return WEATHER.record(entity_id("WeatherObserved", "DWD", station), row, record["timestamp"])


def _hectopascal(pascal: float) -> float:
    """Pa / 100, reduced to sea level"""
    if not 85_000 <= pascal <= 110_000:
        raise ValueError(f"{pascal:g} Pa is no pressure at sea level")
    return round(pascal / 100, 2)


def _times(factor: float, what: str) -> Callable[[float], float]:
    def read(value: float) -> float:
        return round(value * factor, 4)

    read.__doc__ = what
    return read


FIELDS = (
    Field("temperature", "temperature", celsius, observed=True),
    Field("dew_point", "dewPoint", celsius, observed=True),
    Field("relative_humidity", "relativeHumidity", _times(0.01, "% / 100"), observed=True),
    Field("pressure_msl", "atmosphericPressure", _hectopascal, observed=True),
    Field("precipitation", "precipitation", _times(1, "of the last hour"), observed=True),
    Field("wind_direction", "windDirection", observed=True),
    Field("wind_speed", "windSpeed", _times(1, "mean of ten minutes"), observed=True),
    Field("wind_gust_speed", "gustSpeed", _times(1, "highest of the last hour"), observed=True),
    Field("visibility", "visibility", _times(1, "metres"), observed=True),
    Field("solar", "solarRadiation", _times(1 / 3600, "J/m² of the last hour / 3600"), observed=True),
    Field("condition", "weatherType", observed=True),
)
WEATHER = Mapped(
    WeatherObserved,
    (
        Field("station", "name"),
        Field(("longitude", "latitude"), "location", point, needed=True),
        Field("timestamp", "dateObserved", needed=True),
        *FIELDS,
    ),
)
SOURCE = Source(
    uid="dwd_observations",
    name="DWD: weather at Essen-Bredeney",
    licence="cc-by/4.0",
    attribution="Deutscher Wetterdienst",
    url="https://opendata.dwd.de/weather/weather_reports/poi/10410-BEOB.csv",
    every=timedelta(minutes=30),
    tenant="stadt_herne",
    parse=parse,
    mapping=(WEATHER,),
)
