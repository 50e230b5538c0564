"""LUQS of North Rhine-Westphalia (LANUK, formerly LANUV): hourly air data of the stations around Herne (CSV).

`OpenKontiLUQS_aktuelle-messwerte-24h.csv`: two lines of comment, a column for each station and pollutant
(`VHER NO2 1H Mittelwert [µg/m³]`), a line an hour, in CET all the year round; Windows-1252.
"""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta, timezone

from data_models import AirQualityObserved
from ngsi_adapters.formats.numerals import german_number
from ngsi_adapters.formats.places import point
from ngsi_adapters.formats.texts import Row, csv_rows, text_of
from ngsi_adapters.mapping import Field, Mapped
from ngsi_adapters.reading import each
from ngsi_adapters.source import Malformed, Outcome, Record, Source, entity_id

CET = timezone(timedelta(hours=1))
STATIONS = {
    "VHER": ("Herne, Recklinghauser Straße", 7.15013, 51.54313),
    "GELS": ("Gelsenkirchen-Bismarck, Trinenkamp", 7.10172, 51.53363),
    "VGES": ("Gelsenkirchen, Kurt-Schumacher-Straße", 7.08454, 51.52787),
    "VDOM": ("Dortmund, Brackeler Straße", 7.48356, 51.52355),
}
"""Code → name, longitude, latitude (LUQS's table of stations)."""
POLLUTANTS = {"NO": "no", "NO2": "no2", "O3": "o3", "SO2": "so2", "PM10F": "pm10"}
NONE = ("--", "-", "")
MICROGRAMS = "[µg/m³]"
Station = tuple[str, dict[str, str], str]
"""Code, {pollutant: cell}, time."""


def parse(payload: bytes, fetched_at: datetime) -> Iterator[Outcome]:
    """A record a station: its newest hour with values."""
    lines = text_of(payload).splitlines()
    start = next((place for place, line in enumerate(lines) if line.lstrip('"').startswith("Datum")), None)
    if start is None:
        raise Malformed("no line begins with Datum")
    table = csv_rows("\n".join(lines[start:]).encode(), ("Datum", "Zeit"))
    hours = [row for row in table if isinstance(row, dict)]  # a line that is cut off is the hour not yet written
    found = (_newest(code, hours) for code in STATIONS)
    return each((station for station in found if station), _observed, lambda station: station[0])


def _newest(code: str, hours: list[Row]) -> Station | None:
    for row in reversed(hours):
        cells = {column: cell for column, cell in row.items() if column.startswith(f"{code} ")}
        values = {column: cell for column, cell in cells.items() if cell not in NONE and _pollutant(column)}
        if values:
            return code, values, f"{row['Datum']} {row['Zeit']}"
    return None


def _pollutant(column: str) -> str | None:
    _, _, rest = column.partition(" ")
    return POLLUTANTS.get(rest.partition(" ")[0])


def _observed(station: Station) -> Record:
    code, cells, time = station
    wrong = next((column for column in cells if not column.endswith(MICROGRAMS)), None)
    if wrong:
        raise ValueError(f"the column {wrong!r} is not in {MICROGRAMS}")
    name, longitude, latitude = STATIONS[code]
    hourly_last = sorted(cells, key=lambda column: " 1H " in column)  # ozone is told as a mean of eight hours, too
    row = {_pollutant(column): cells[column] for column in hourly_last}
    known = {"name": name, "longitude": longitude, "latitude": latitude, "Datum, Zeit": time}
    return AIR.record(entity_id("AirQualityObserved", "LUQS", code), row | known, _moment(time))


def _moment(text: str) -> datetime:
    """22.11.2026 10:00, CET all the year round; 24:00 is the next day's beginning"""
    day, _, clock = text.partition(" ")
    date, month, year = map(int, day.split("."))
    hour, _, minute = clock.partition(":")
    return (datetime(year, month, date, tzinfo=CET) + timedelta(hours=int(hour), minutes=int(minute))).astimezone(UTC)


def _concentration(cell: str) -> float | None:
    """26,3 → 26.3; below the limit of detection (<7) there is no value"""
    if cell.startswith("<"):
        return None
    value = german_number(cell)
    if value < 0:
        raise ValueError(f"{cell} is no concentration")
    return value


def _day_mean(cell: str) -> float | None:
    """the mean of the last 24 hours"""
    return _concentration(cell)


AIR = Mapped(
    AirQualityObserved,
    (
        Field("name", "name"),
        Field(("longitude", "latitude"), "location", point, needed=True),
        Field("Datum, Zeit", "dateObserved", _moment, needed=True),
        *(
            Field(name, name, _day_mean if name == "pm10" else _concentration, observed=True, seldom=name == "so2")
            for name in dict.fromkeys(POLLUTANTS.values())
        ),
    ),
    fixed={"typeofLocation": "outdoor"},
)
SOURCE = Source(
    uid="lanuv_air",
    name="LUQS: air quality at stations in and around Herne",
    licence="dl-zero-de/2.0",
    attribution="Landesamt für Natur, Umwelt und Klima Nordrhein-Westfalen (vorläufige Daten)",
    url="https://www.opengeodata.nrw.de/produkte/umwelt_klima/luftqualitaet/luqs/aktuelle_luftqualitaet/"
    "OpenKontiLUQS_aktuelle-messwerte-24h.csv",
    every=timedelta(hours=1),
    tenant="stadt_herne",
    parse=parse,
    mapping=(AIR,),
)
