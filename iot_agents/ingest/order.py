"""No older reading overwrites a newer value: readings may overtake each other in the network and at redelivery."""

import time
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any, NamedTuple

from iot_agents.ingest.waiting import Waiting
from ngsi_client.client import Entity, NgsiClient
from ngsi_client.errors import BrokerRefused

AHEAD = 3_600_000
"""A time further in the future (ms) is that of a wrong clock, and must not lock out the readings that follow."""

ENTITIES = 200_000
"""Entities in each of two generations: the older one goes when the younger one is full."""

STALE = 30_000
"""A reading older than that (ms) may have been overtaken by one of another agent, or of a former life of ours."""

ASK_AGAIN_AFTER = 60.0
"""Seconds; a broker that keeps no history is not asked with each reading."""

NOT_THERE = frozenset({404, 405, 501})

IDS_AT_ONCE = 50

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

    def knows(self, tenant: str, entity_id: str) -> bool:
        return (tenant, entity_id) in self._new or (tenant, entity_id) in self._old

    def remember(self, tenant: str, entity_id: str, shown: Entity) -> None:
        """What the broker has of an entity."""
        times = self._times((tenant, entity_id))
        times.setdefault(NEWEST, 0)
        for name, attribute in shown.items():
            observed = _observed(attribute)
            if observed > time.time() * 1000 + AHEAD:
                continue
            times[name] = max(times.get(name, 0), observed)
            times[NEWEST] = max(times[NEWEST], observed)

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


def _observed(attribute: Any) -> int:
    """Milliseconds since 1970; 0 where nothing is said. Of several datasets the default one is meant."""
    observed = attribute.get("observedAt") if isinstance(attribute, dict) else None
    try:
        return round(datetime.fromisoformat(observed).timestamp() * 1000) if isinstance(observed, str) else 0
    except ValueError:
        return 0


async def shown_by(client: NgsiClient, entities: Iterable[Entity]) -> dict[str, Entity]:
    """What the broker has of them, by id; an empty entity for each that it does not have or show."""
    wanted = {entity["id"]: entity["type"] for entity in entities}
    ids, shown = list(wanted), dict[str, Entity]({id_: {} for id_ in wanted})
    for start in range(0, len(ids), IDS_AT_ONCE):
        some = ids[start : start + IDS_AT_ONCE]
        types = ",".join(sorted({wanted[id_] for id_ in some}))
        try:
            found = await client.query(id=",".join(some), type=types, limit=len(some))
        except BrokerRefused:
            continue  # there is no such tenant yet; if it is another reason, the write will tell
        shown |= {entity["id"]: entity for entity in found}
    return shown


class NotInHistory(BrokerRefused):
    """A late reading that the broker's history did not take; the message says why."""


class History:
    """The broker's history, for what is older than the state that it has (5.6.11)."""

    def __init__(self, client: NgsiClient) -> None:
        self._client = client
        self._none_until = 0.0

    async def add(self, entity: Entity) -> NotInHistory | None:
        """Why it was not taken. `BrokerUnavailable` where it may be later."""
        if time.monotonic() < self._none_until:
            return NotInHistory(501, "the broker keeps no history", "")
        try:
            await self._client.add_to_history(entity)
        except BrokerRefused as refused:
            if refused.status not in NOT_THERE:
                return NotInHistory(refused.status, "the broker's history refuses it", str(refused))
            self._none_until = time.monotonic() + ASK_AGAIN_AFTER
            return NotInHistory(refused.status, "the broker keeps no history", refused.title)
        return None


class Order:
    """What becomes the state of a tenant's entities, and what is history alone. `shared`: other agents write, too."""

    def __init__(self, tenant: str, client: NgsiClient, shared: bool) -> None:
        self._tenant, self._client, self._shared = tenant, client, shared
        self._latest, self._history = LatestTimes(), History(client)

    async def parted(self, part: Sequence[Waiting]) -> tuple[list[Entity], list[int], list[Entity]]:
        """Entities, when each was observed, and what came too late; `BrokerError` where it cannot be found out."""
        await self._ask_for_times(part)
        entities: list[Entity] = []
        times: list[int] = []
        old: list[Entity] = []
        for reading in part:
            for entity in reading.entities:
                timely, late = self._latest.parted(self._tenant, entity, reading.observed)
                if timely is not None:
                    entities.append(timely)
                    times.append(reading.observed)
                if late is not None:
                    old.append(late)
        return entities, times, old

    async def tell_history(self, late: Sequence[Entity]) -> Mapping[str, NotInHistory]:
        """What the history does not take, by entity id."""
        told = {entity["id"]: await self._history.add(entity) for entity in late}
        return {id_: why for id_, why in told.items() if why is not None}

    def committed(self, entities: Sequence[Entity], times: Sequence[int]) -> None:
        for entity, observed in zip(entities, times, strict=True):
            self._latest.committed(self._tenant, entity, observed)

    async def _ask_for_times(self, part: Sequence[Waiting]) -> None:
        """Of what is old, the broker may have newer values that this process does not know of."""
        stale = time.time() * 1000 - STALE
        old = (entity for reading in part if reading.observed < stale for entity in reading.entities)
        unknown = [entity for entity in old if self._shared or not self._latest.knows(self._tenant, entity["id"])]
        if unknown:
            for id_, shown in (await shown_by(self._client, unknown)).items():
                self._latest.remember(self._tenant, id_, shown)
