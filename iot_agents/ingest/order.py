"""No older reading overwrites a newer value: readings may overtake each other in the network and at redelivery."""

import time
from typing import NamedTuple

from ngsi_client.client import Entity

AHEAD = 3_600_000
"""A time further in the future (ms) is that of a wrong clock, and must not lock out the readings that follow."""

ENTITIES = 200_000
"""Entities in each of two generations: the older one goes when the younger one is full."""

Times = dict[str, int]
NEWEST = ""
"""The newest of an entity's times; no attribute has this name."""


class Parted(NamedTuple):
    """The attributes that may become the entity's state, and those for its history alone; None where there are none."""

    timely: Entity | None
    late: Entity | None


class LatestTimes:
    """When each attribute of each entity was last observed (ms since 1970), in the memory of this process."""

    def __init__(self, entities: int = ENTITIES) -> None:
        self._entities = entities
        self._new: dict[tuple[str, str], Times] = {}
        self._old: dict[tuple[str, str], Times] = {}

    def parted(self, tenant: str, entity: Entity, observed: int) -> Parted:
        """By whether something newer is known of an attribute; what has no time of observation is never late."""
        key = (tenant, entity["id"])
        times = self._new.get(key) or self._old.get(key)
        late: Entity = {}
        if times is None or times[NEWEST] <= observed:
            return Parted(entity, None)
        for name, attribute in entity.items():
            if times.get(name, 0) > observed and isinstance(attribute, dict) and "observedAt" in attribute:
                late[name] = attribute
        if not late:
            return Parted(entity, None)
        head: Entity = {"id": entity["id"], "type": entity["type"]}
        timely = {name: attribute for name, attribute in entity.items() if name not in late}
        return Parted(timely if len(timely) > len(head) else None, head | late)

    def committed(self, tenant: str, entity: Entity, observed: int) -> None:
        """That is what is known now."""
        if observed > time.time() * 1000 + AHEAD:
            return
        times = self._times((tenant, entity["id"]))
        newest = max(observed, times.get(NEWEST, observed))
        times.update(dict.fromkeys(entity, observed))
        times[NEWEST] = newest

    def _times(self, key: tuple[str, str]) -> Times:
        times = self._new.get(key)
        if times is None:
            if len(self._new) >= self._entities:
                self._old, self._new = self._new, {}
            times = self._new[key] = self._old.get(key) or {}
        return times
