"""All sources in one tuple; tables in the README, the documentation and the CLI are made from it."""

from collections.abc import Collection, Mapping
from dataclasses import replace
from importlib import import_module
from pathlib import Path
from typing import NamedTuple

from ngsi_adapters.declared.declare import ENDINGS, declared
from ngsi_adapters.source import Source

MODULES: tuple[str, ...] = (
    "energy.mastr_units",
    "energy.mscons_load_profile",
    "energy.ocpi",
    "energy.ocpi_sessions",
    "energy.smard_price",
    "energy.sml_meter",
    "energy.sunspec_inverter",
    "energy.wmbus_heat",
    "environment.dwd_mosmix",
    "environment.dwd_observations",
    "environment.dwd_warnings",
    "environment.lanuv_air",
    "environment.pegelonline",
    "environment.sensor_community",
    "environment.sensorthings",
    "environment.trees",
    "environment.uba_air",
    "mobility.datex2_road_works",
    "mobility.datex2_traffic",
    "mobility.floating_car",
    "mobility.gbfs",
    "mobility.gtfs",
    "mobility.gtfs_alerts",
    "mobility.gtfs_realtime",
    "parking.apds",
    "parking.datex2_parking_facility_realtime",
    "parking.datex2_parking_facility_static",
    "parking.datex2_parking_realtime",
    "parking.datex2_parking_static",
    "parking.parkapi",
    "parking.parking_occupancy",
    "waste.bulky_waste_orders",
    "waste.waste_alerts",
    "waste.waste_calendar",
    "waste.waste_collections",
    "waste.waste_containers",
    "waste.waste_weighings",
)
"""Each source by its module in `ngsi_adapters.sources`, in alphabetical order; its `SOURCE` is the declaration."""


def _declared(module: str) -> Source:
    source: Source = import_module(f"ngsi_adapters.sources.{module}").SOURCE
    return source


LIVE = "live"
"""In place of an address: the one that the source declares."""
SOURCES: tuple[Source, ...] = tuple(map(_declared, MODULES))


class SourceRow(NamedTuple):
    """One line of a table of sources, as text."""

    uid: str
    name: str
    tenant: str
    every: str
    licence: str
    attribution: str
    url: str


def source_of(uid: str) -> Source:
    """The source of that uid; `KeyError` with the known ones where there is none."""
    found = next((source for source in SOURCES if source.uid == uid), None)
    if found is None:
        raise KeyError(f"there is no source {uid}; there are {', '.join(source.uid for source in SOURCES)}")
    return found


def sources_with_urls(urls: Mapping[str, str], named: Collection[str] = ()) -> tuple[Source, ...]:
    """All sources, those named in `urls` with that URL or file path; `KeyError` where a uid is unknown.

    An unknown uid whose address is a YAML file is a source that this file declares; `InvalidDeclaration`.

    A source's own address counts only where `urls` says "live" or it is one of `named`: nothing is fetched from
    elsewhere that nobody has asked for.
    """
    unknown = urls.keys() - {source.uid for source in SOURCES}
    files = {uid: Path(urls[uid]) for uid in sorted(unknown) if urls[uid].endswith(ENDINGS)}
    if unknown - files.keys():
        known = ", ".join(source.uid for source in SOURCES)
        raise KeyError(f"there is no source {', '.join(sorted(unknown - files.keys()))}; there are {known}")
    own = {source.uid: source.url for source in SOURCES if source.uid in named or urls.get(source.uid) == LIVE}
    told = {uid: url for uid, url in urls.items() if url != LIVE}
    of_operator = tuple(declared(uid, path) for uid, path in files.items())
    return tuple(replace(source, url=told.get(source.uid, own.get(source.uid))) for source in SOURCES) + of_operator


def listing(sources: tuple[Source, ...] = SOURCES) -> tuple[SourceRow, ...]:
    """The rows of a table of sources."""
    return tuple(
        SourceRow(
            source.uid,
            source.name,
            source.tenant,
            _span(source.every.total_seconds()),
            source.licence or "as agreed",
            source.attribution,
            source.url or "to be set",
        )
        for source in sources
    )


def _span(seconds: float) -> str:
    for unit, length in (("d", 86400), ("h", 3600), ("min", 60)):
        if seconds % length == 0:
            return f"{seconds / length:.0f} {unit}"
    return f"{seconds:g} s"
