"""GBFS 2.0 to 3.0 (MobilityData): docking stations of a bicycle hire, static and real time, by the discovery file."""

from collections.abc import Callable, Iterator, Mapping
from datetime import datetime, timedelta
from typing import Any

from data_models import BikeHireDockingStation
from ngsi_adapters.fetching.declaration import Fetching
from ngsi_adapters.formats.documents import json_list, json_object
from ngsi_adapters.formats.numerals import whole
from ngsi_adapters.formats.places import point
from ngsi_adapters.formats.times import unix_moment, utc_moment
from ngsi_adapters.mapping import Field, Mapped
from ngsi_adapters.reading import each, unmatched
from ngsi_adapters.source import Documents, Malformed, Outcome, Record, Source, entity_id

Row = Mapping[str, Any]
FEEDS = ("station_information", "station_status")
LANGUAGES = ("de", "en")
VERSIONS = ("2.", "3.")


def feeds(payload: bytes) -> Mapping[str, str]:
    """The addresses of the two feeds; up to version 2.3 they are told for each language."""
    document = json_object(payload)
    data = document.get("data")
    if not isinstance(data, dict) or not data:
        raise Malformed("no GBFS discovery file: the member 'data' is missing")
    in_language = next((data[language] for language in LANGUAGES if language in data), None)
    listed = data if "feeds" in data else in_language or next(iter(data.values()))
    found = {feed["name"]: feed["url"] for feed in json_list(listed, "feeds")}
    missing = [name for name in FEEDS if name not in found]
    if missing:
        raise Malformed(f"the discovery file names no feed {', '.join(missing)}; it names {', '.join(found)}")
    return {name: found[name] for name in FEEDS}


def join(documents: Documents, fetched_at: datetime) -> Iterator[Outcome]:
    """A record for each station that has both information and status."""
    information, status = (_stations(documents[name]) for name in FEEDS)
    statuses = {row["station_id"]: row for row in status if isinstance(row, dict) and "station_id" in row}
    for row in information:
        if isinstance(row, dict) and row.get("station_id") not in statuses:
            yield unmatched(row, f"the station has no status: {row.get('station_id')}", _identity)
        else:
            yield from each([row], lambda row: _station(row, statuses[row["station_id"]]), _identity)


def _stations(payload: bytes) -> list[Any]:
    document = json_object(payload)
    version = str(document.get("version", "2.0"))
    if not version.startswith(VERSIONS):
        raise Malformed(f"GBFS {version} is not known; known are 2 and 3")
    return json_list(document.get("data") or {}, "stations")


def _identity(row: Row) -> str:
    return str(row["station_id"])


def _station(information: Row, status: Row) -> Record:
    row = {**information, **status}
    return STATION.record(entity_id("BikeHireDockingStation", "gbfs", _identity(row)), row, _reported(row))


def _reported(row: Row) -> datetime:
    """seconds since 1970 (2.x) or ISO 8601 (3.0)"""
    told = row["last_reported"]
    moment = utc_moment(told) if isinstance(told, str) else unix_moment(told)
    if moment.year < 2015:
        raise ValueError(f"{told} is no time of a report")
    return moment


def _translated(told: str | list[dict[str, str]]) -> str:
    """text (2.x), or the German, else the English one of several (3.0)"""
    if isinstance(told, str):
        return told
    texts = {entry["language"].partition("-")[0]: entry["text"] for entry in told}
    return next((texts[language] for language in LANGUAGES if language in texts), "") or next(iter(texts.values()))


def _either(*names: str) -> Callable[[Row], int | None]:
    def read(row: Row) -> int | None:
        value = next((row[name] for name in names if row.get(name) is not None), None)
        return None if value is None else whole(value)

    read.__doc__ = f"a whole number ({' or '.join(names)})"
    return read


BIKES = _either("num_bikes_available", "num_vehicles_available")


def _state(row: Row) -> str:
    """out of service, else as many as there are"""
    if not (row.get("is_installed", True) and row.get("is_renting", True)):
        return "outOfService"
    if BIKES(row) == 0:
        return "empty"
    return "full" if row.get("num_docks_available") == 0 else "working"


STATION = Mapped(
    BikeHireDockingStation,
    (
        Field("name", "name", _translated, needed=True),
        Field(("lon", "lat"), "location", point, needed=True),
        Field("short_name", "stationCode", _translated),
        Field("address", "address", lambda street: {"streetAddress": street}),
        Field("capacity", "totalSlotNumber", whole),
        Field("last_reported", "observationDateTime", derive=_reported),
        Field("num_bikes_available, num_vehicles_available", "availableBikeNumber", derive=BIKES, observed=True),
        Field("num_docks_available", "freeSlotNumber", whole, observed=True),
        Field("num_docks_disabled", "outOfServiceSlotNumber", whole, observed=True),
        Field("is_installed, is_renting", "status", derive=_state, observed=True),
    ),
)
SOURCE = Source(
    uid="gbfs",
    name="GBFS: metropolradruhr's docking stations",
    licence=None,
    attribution="nextbike GmbH (metropolradruhr)",
    url="https://gbfs.nextbike.net/maps/gbfs/v2/nextbike_mr/gbfs.json",
    every=timedelta(minutes=1),
    tenant="stadt_herne",
    join=join,
    mapping=(STATION,),
    fetching=Fetching(follow=feeds),
)
