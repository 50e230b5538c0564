"""How full sites and groups of parking spots are, counted from the spots that the broker knows. Nothing is forecast.

A site that has more spots than are known one by one is passed over: the sum would be too small.
"""

from collections import defaultdict
from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from data_models import OffStreetParking, OnStreetParking, ParkingGroup, ParkingSpot
from ngsi_adapters.formats.entities import entities_in, observed_at, of_type
from ngsi_adapters.mapping import Field, Mapped
from ngsi_adapters.reading import each
from ngsi_adapters.source import Change, Outcome, Source

STATUSES = ("free", "occupied", "closed", "unknown")


class Spots(NamedTuple):
    """The spots of a site or group, counted by their status."""

    id: str
    site: str
    counts: Mapping[str, int]
    seen_at: datetime | None

    @property
    def total(self) -> int:
        return sum(self.counts.values())


def parse(payload: bytes, fetched_at: datetime) -> Iterator[Outcome]:
    """A change for each site and group of which every spot is known."""
    entities = entities_in(payload)
    times = {entity["id"]: observed_at(entity, "status") for entity in entities}
    spots = list(of_type(entities, ParkingSpot))
    told = {
        site["id"]: site.get("totalSpotNumber")
        for model in (OffStreetParking, OnStreetParking, ParkingGroup)
        for site in of_type(entities, model)
    }
    counted = [found for name in KINDS for found in _counted(spots, times, name)]
    whole = [found for found in counted if told.get(found.id) in (None, found.total)]
    return each(whole, _change, lambda found: found.id)


def _counted(spots: list[dict[str, Any]], times: Mapping[str, datetime | None], name: str) -> Iterator[Spots]:
    members: dict[str, list[dict[str, Any]]] = defaultdict(list)
    for spot in spots:
        if isinstance(spot.get(name), str):
            members[spot[name]].append(spot)
    for identity, those in members.items():
        counts = dict.fromkeys(STATUSES, 0)
        for spot in those:
            status = str(spot.get("status"))
            counts[status if status in STATUSES else "unknown"] += 1
        moments = [moment for spot in those if (moment := times.get(spot["id"])) is not None]
        yield Spots(identity, str(those[0].get("refParkingSite")), counts, max(moments, default=None))


def _change(found: Spots) -> Change:
    kind = next((kind for kind in KINDS["refParkingSite"] if f":{kind.model.__name__}:" in found.id), GROUP)
    return kind.change(found.id, {**found._asdict(), "total": found.total, **found.counts}, found.seen_at)


def _share(row: Mapping[str, Any]) -> float | None:
    """occupied / (free + occupied)"""
    known = row["free"] + row["occupied"]
    return round(row["occupied"] / known, 4) if known else None


COUNTS = (
    Field("status", "totalSpotNumber", derive=lambda row: row["total"]),
    Field("status", "availableSpotNumber", derive=lambda row: row["free"]),
)
OCCUPIED = Field("status", "occupiedSpotNumber", derive=lambda row: row["occupied"])
OFF_STREET = Mapped(OffStreetParking, (*COUNTS, OCCUPIED, Field("status", "occupancy", derive=_share)))
ON_STREET = Mapped(OnStreetParking, (*COUNTS, OCCUPIED))
GROUP = Mapped(ParkingGroup, (*COUNTS, Field("refParkingSite", "refParkingSite", derive=lambda row: row["site"])))
KINDS = {"refParkingSite": (OFF_STREET, ON_STREET), "refParkingGroup": (GROUP,)}

SOURCE = Source(
    uid="parking_occupancy",
    name="Occupancy of sites and groups, from their spots",
    licence=None,
    attribution="the city's own spots",
    url="broker:ParkingSpot,ParkingGroup,OffStreetParking,OnStreetParking",
    every=timedelta(minutes=1),
    tenant="stadt_herne",
    parse=parse,
    mapping=(OFF_STREET, ON_STREET, GROUP),
)
