"""DWD: MOSMIX forecast for a point (KML in a KMZ), read by dwdparse: one WeatherForecast for each hour to come."""

from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta
from typing import Any
from xml.etree.ElementTree import Element

from dwdparse.parsers import MOSMIXParser

from data_models import WeatherForecast
from ngsi_adapters.fetching.declaration import Fetching
from ngsi_adapters.formats.documents import every, xml_root
from ngsi_adapters.formats.numerals import celsius, number
from ngsi_adapters.formats.places import point
from ngsi_adapters.formats.times import utc_moment
from ngsi_adapters.mapping import Field, Mapped
from ngsi_adapters.reading import each
from ngsi_adapters.source import Malformed, Outcome, Record, Source, entity_id

Row = Mapping[str, Any]
NAMESPACES = {
    "kml": "http://www.opengis.net/kml/2.2",
    "dwd": "https://opendata.dwd.de/weather/lib/pointforecast_dwd_extension_V1_0.xsd",
}
MOST_HOURS = 72
HOUR = timedelta(hours=1)


def parse(payload: bytes, fetched_at: datetime) -> Iterator[Outcome]:
    """A record an hour for three days; their ids count the hours from the forecast's issue, so that they stay few."""
    root = xml_root(payload)
    issued = next((element.text for element in every(root, "IssueTime")), None)
    steps = next(every(root, "ForecastTimeSteps"), None)
    if issued is None or steps is None:
        raise Malformed("no MOSMIX forecast: IssueTime or ForecastTimeSteps is missing")
    issue = utc_moment(issued)
    rows = [row | {"issued": issue, "fetched": fetched_at} for row in _hours(root, steps, issued)]
    near = (row for row in rows if issue < row["timestamp"] <= issue + MOST_HOURS * HOUR)
    return each(near, _forecast, lambda row: f"{row['wmo_station_id']} {row['timestamp'].isoformat()}")


def _hours(root: Element, steps: Element, issued: str) -> Iterator[dict[str, Any]]:
    parser = MOSMIXParser()
    times = parser.parse_timestamps(steps, NAMESPACES)
    for place in every(root, "Placemark"):
        try:
            yield from parser.parse_station(place, NAMESPACES, times, f"MOSMIX:{issued}")
        except (ValueError, AttributeError, KeyError) as error:
            raise Malformed(f"a station's forecast cannot be read: {error}") from None


def _forecast(row: Row) -> Record:
    ahead = round((row["timestamp"] - row["issued"]) / HOUR)
    identity = entity_id("WeatherForecast", "DWD", row["wmo_station_id"], f"{ahead:03}")
    return FORECAST.record(identity, row, row["issued"])


def _titled(name: str) -> str:
    """ESSEN → Essen"""
    return name.title()


def _hundredth(value: float) -> float:
    """value / 100"""
    return round(number(value) / 100, 4)


def _hour_before(timestamp: datetime) -> datetime:
    """the hour's beginning"""
    return timestamp - HOUR


FORECAST = Mapped(
    WeatherForecast,
    (
        Field("station_name", "name", _titled),
        Field(("lon", "lat"), "location", point, needed=True),
        Field("issued", "dateIssued", needed=True),
        Field("timestamp", "validFrom", _hour_before, needed=True),
        Field("timestamp", "validTo", needed=True),
        Field("temperature", "temperature", celsius, observed=True),
        Field("pressure_msl", "atmosphericPressure", _hundredth, observed=True),
        Field("wind_direction", "windDirection", number, observed=True),
        Field("wind_speed", "windSpeed", number, observed=True),
        Field("wind_gust_speed", "gustSpeed", number, observed=True),
        Field("precipitation", "precipitation", number, observed=True),
        Field("precipitation_probability", "precipitationProbability", _hundredth, observed=True),
        Field("visibility", "visibility", number, observed=True),
        Field("condition", "weatherType", observed=True),
    ),
)
SOURCE = Source(
    uid="dwd_mosmix",
    name="DWD: forecast for Essen-Bredeney (MOSMIX_L)",
    licence="cc-by/4.0",
    attribution="Deutscher Wetterdienst",
    url="https://opendata.dwd.de/weather/local_forecasts/mos/MOSMIX_L/single_stations/10410/kml/"
    "MOSMIX_L_LATEST_10410.kmz",
    every=timedelta(hours=1),
    tenant="stadt_herne",
    parse=parse,
    mapping=(FORECAST,),
    fetching=Fetching(members=("*.kml",)),
)
