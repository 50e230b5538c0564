"""All sources in one tuple; tables in the README and the CLI are made from it."""

from collections.abc import Mapping
from dataclasses import replace
from typing import NamedTuple

from ngsi_adapters.source import Source
from ngsi_adapters.sources import (
    datex2_parking_realtime,
    datex2_parking_static,
    ocpi,
    parkapi,
    sml_meter,
    waste_containers,
)

SOURCES: tuple[Source, ...] = (
    datex2_parking_static.SOURCE,
    datex2_parking_realtime.SOURCE,
    ocpi.SOURCE,
    parkapi.SOURCE,
    sml_meter.SOURCE,
    waste_containers.SOURCE,
)


class SourceRow(NamedTuple):
    """One line of a table of sources, as text."""

    uid: str
    name: str
    tenant: str
    every: str
    licence: str
    attribution: str
    url: str


def sources_with_urls(urls: Mapping[str, str]) -> tuple[Source, ...]:
    """All sources, those named in `urls` with that URL or file path; `KeyError` where a uid is unknown."""
    unknown = urls.keys() - {source.uid for source in SOURCES}
    if unknown:
        known = ", ".join(source.uid for source in SOURCES)
        raise KeyError(f"there is no source {', '.join(sorted(unknown))}; there are {known}")
    return tuple(replace(source, url=urls.get(source.uid, source.url)) for source in SOURCES)


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
