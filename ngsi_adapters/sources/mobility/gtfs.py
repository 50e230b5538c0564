"""GTFS Schedule (a ZIP archive of CSV files): stops and stations, and routes."""

from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from itertools import chain

from data_models import GtfsRoute, GtfsStop
from ngsi_adapters.fetching.declaration import Fetching
from ngsi_adapters.formats.numerals import whole
from ngsi_adapters.formats.places import point
from ngsi_adapters.formats.texts import Row, csv_rows, whole_row
from ngsi_adapters.mapping import Field, Mapped
from ngsi_adapters.reading import each
from ngsi_adapters.source import MEGABYTE, Documents, Malformed, Outcome, Record, Source, entity_id

STOPS, ROUTES = "stops.txt", "routes.txt"
NEEDED = {STOPS: ("stop_id", "stop_name"), ROUTES: ("route_id", "route_type")}
WHERE_PEOPLE_WAIT = ("0", "1")
"""Of `location_type`: stops and stations; entrances and nodes of paths are parts of them."""
EXTENDED = {1: "2", 2: "3", 4: "1", 5: "1", 6: "1", 7: "3", 8: "3", 9: "0", 10: "4", 12: "4", 13: "6", 14: "7"}
"""Hundreds of the extended route types (as German feeds have them) → basic types."""


def join(documents: Documents, fetched_at: datetime) -> Iterator[Outcome]:
    """A record for each stop, station and route; platforms refer to their station."""
    missing = [name for name in NEEDED if name not in documents]
    if missing:
        raise Malformed(f"the archive holds no {', '.join(missing)}")
    stops, routes = (csv_rows(documents[name], NEEDED[name], ",") for name in NEEDED)
    places = (row for row in stops if isinstance(row, list) or row.get("location_type", "0") in WHERE_PEOPLE_WAIT)
    return chain(each(places, _stop, _named("stop_id")), each(routes, _route, _named("route_id")))


def _named(column: str) -> Callable[[Row | list[str]], str | None]:
    return lambda row: row.get(column) if isinstance(row, dict) else row[0]


def _stop(cells: Row | list[str]) -> Record:
    row = whole_row(cells)
    if _is_nowhere(row):
        raise ValueError("the stop lies at 0, 0: its place is unknown")
    return STOP.record(entity_id("GtfsStop", row["stop_id"]), row)


def _is_nowhere(row: Row) -> bool:
    return float(row["stop_lon"]) == 0 and float(row["stop_lat"]) == 0


def _route(cells: Row | list[str]) -> Record:
    row = whole_row(cells)
    return ROUTE.record(entity_id("GtfsRoute", row["route_id"]), row)


def _reference(type_name: str) -> Callable[[str], str]:
    def read(identifier: str) -> str:
        return entity_id(type_name, identifier)

    read.__doc__ = f"id of the {type_name}"
    return read


def _route_type(text: str) -> str:
    """0 to 7; extended types (100 to 1700) as the basic ones"""
    number = whole(text)
    if 0 <= number <= 7:
        return str(number)
    found = EXTENDED.get(number // 100)
    if found is None:
        raise ValueError(f"{number} is no route type of GTFS")
    return found


def _name(row: Row) -> str:
    """the long name, else the short one"""
    return row.get("route_long_name") or row["route_short_name"]


STOP = Mapped(
    GtfsStop,
    (
        Field("stop_name", "name", needed=True),
        Field(("stop_lon", "stop_lat"), "location", point, needed=True),
        Field("stop_code", "code"),
        Field("stop_desc", "description"),
        Field("stop_url", "page"),
        Field("zone_id", "zoneCode"),
        Field("wheelchair_boarding", "wheelChairAccessible"),
        Field("parent_station", "hasParentStation", _reference("GtfsStop")),
    ),
)
ROUTE = Mapped(
    GtfsRoute,
    (
        Field(("route_long_name", "route_short_name"), "name", derive=_name),
        Field("route_short_name", "shortName"),
        Field("route_type", "routeType", _route_type, needed=True),
        Field("route_color", "routeColor"),
        Field("route_text_color", "routeTextColor"),
        Field("route_sort_order", "routeSortOrder", whole, seldom=True),
        Field("route_url", "page"),
        Field("agency_id", "operatedBy", _reference("GtfsAgency")),
    ),
)
SOURCE = Source(
    uid="gtfs",
    name="GTFS: stops and routes of public transport",
    licence="cc-by/4.0",
    attribution="Verkehrsverbund Rhein-Ruhr (VRR) / Straßenbahn Herne - Castrop-Rauxel (HCR)",
    url=None,
    every=timedelta(days=1),
    tenant="stadt_herne",
    join=join,
    mapping=(STOP, ROUTE),
    fetching=Fetching(members=tuple(NEEDED)),
    max_bytes=256 * MEGABYTE,
)
