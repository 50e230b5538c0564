"""What is measured of a product: completeness, timeliness, the share of flagged values, and how many there are."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from pydantic import BaseModel, ConfigDict, Field

from datenbroker.catalogue.positions import positions

NO_ATTRIBUTES = frozenset({"id", "type", "scope", "@context", "createdAt", "modifiedAt", "deletedAt", "expiresAt"})
FLAG = "qualityFlag"
"""The sub-attribute by which agents say that a value is doubtful (docs/devices.md)."""
MOST_NAMES = 200
"""Attributes that are told of one by one."""


class Quality(BaseModel):
    """One measurement. Shares lie between 0 and 1, and are missing where there is nothing to measure."""

    model_config = ConfigDict(frozen=True)

    slug: str
    day: str = Field(description="In Herne's time.", examples=["2026-11-22"])
    at: datetime
    entities: int
    completeness: float | None = Field(description="Share of promised attributes that the entities have.")
    attributes: dict[str, float] = Field(description="Share of entities that have it, by promised attribute.")
    timeliness: float | None = Field(
        description="Of the entities that say when they were observed, those whose newest value is not older than "
        "twice the update interval."
    )
    dated: int = Field(description="Entities that say when they were observed.")
    newest: datetime | None = Field(description="The newest observation.")
    values: int = Field(description="Values in all entities.")
    flagged: float | None = Field(description="Share of values that the platform's quality rules doubt.")
    bbox: tuple[float, float, float, float] | None = Field(None, description="West, south, east, north in degrees.")


@dataclass
class Tally:
    """Counts entities one by one; `promised` are the attributes, those that are found where it is empty."""

    promised: Sequence[str]
    since: datetime
    entities: int = 0
    dated: int = 0
    timely: int = 0
    values: int = 0
    flagged: int = 0
    newest: datetime | None = None
    found: Counter[str] = field(default_factory=Counter)
    bbox: tuple[float, float, float, float] | None = None

    def add(self, entity: Mapping[str, Any]) -> None:
        """An entity as JSON, normalized."""
        self.entities += 1
        newest: datetime | None = None
        for name, instance in _instances(entity):
            self.values += 1
            self.flagged += FLAG in instance
            observed = _time(instance.get("observedAt"))
            if observed is not None and (newest is None or observed > newest):
                newest = observed
            if instance.get("type") == "GeoProperty" and name == "location":
                self._reach(instance.get("value"))
        self.found.update(name for name in entity if name not in NO_ATTRIBUTES)
        if newest is not None:
            self.dated += 1
            self.timely += newest >= self.since
            self.newest = max(newest, self.newest or newest)

    def quality(self, slug: str, day: str, at: datetime) -> Quality:
        names = list(self.promised or sorted(self.found))[:MOST_NAMES]
        shares = {name: round(self.found[name] / self.entities, 4) for name in names} if self.entities else {}
        return Quality(
            slug=slug,
            day=day,
            at=at,
            entities=self.entities,
            completeness=_share(sum(shares.values()), len(shares)),
            attributes=shares,
            timeliness=_share(self.timely, self.dated),
            dated=self.dated,
            newest=self.newest,
            values=self.values,
            flagged=_share(self.flagged, self.values),
            bbox=self.bbox,
        )

    def _reach(self, geometry: Any) -> None:
        if not isinstance(geometry, dict):
            return
        for longitude, latitude in positions(geometry):
            west, south, east, north = self.bbox or (longitude, latitude, longitude, latitude)
            self.bbox = min(west, longitude), min(south, latitude), max(east, longitude), max(north, latitude)


def oldest_timely(at: datetime, interval: timedelta) -> datetime:
    """What was observed before is late."""
    return at - 2 * interval


def _instances(entity: Mapping[str, Any]) -> Iterator[tuple[str, Mapping[str, Any]]]:
    for name, attribute in entity.items():
        if name in NO_ATTRIBUTES:
            continue
        several: Iterable[Any] = attribute if isinstance(attribute, list) else (attribute,)
        for instance in several:
            if isinstance(instance, Mapping):
                yield name, instance


def _time(text: Any) -> datetime | None:
    if not isinstance(text, str):
        return None
    try:
        return datetime.fromisoformat(text)
    except ValueError:
        return None


def _share(part: float, whole: int) -> float | None:
    return round(part / whole, 4) if whole else None
