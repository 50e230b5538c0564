"""Which types and attributes a product has, for the answers of /types and /attributes (CIM 009, 5.7.5-5.7.10).

Worked out from the selection itself, never from the broker's own lists, which tell of all that the owner has.
"""

import asyncio
from collections import Counter
from dataclasses import dataclass, field
from time import monotonic
from weakref import WeakKeyDictionary

from context_broker.api.discovery import Discovery
from context_broker.http.request import Request
from context_broker.reading.inventory import Inventory, Use
from context_broker.storage.search import Page
from context_broker.storage.selection import Selection
from datenbroker.gateway.products.source import Source
from datenbroker.gateway.products.visit import Visit
from datenbroker.lens.lens import Lens
from datenbroker.lens.narrowing import everything, narrow_selection
from ngsi_ld.errors import TooComplexQuery
from ngsi_ld.model.kinds import EntityDocument, attributes_of

LARGE = 1000
"""Entities beyond which what was counted is kept: many may ask, and each time all would be read."""
TURN = 100
"""Entities between which others get their turn."""
KEPT_SECONDS = 30.0
KEPT_TIMES = 20.0
"""So many times longer than it took to count, at least: counting takes no more than a twentieth of the time."""


@dataclass
class Counted:
    """How often types and attributes occur, and which attributes of which kinds types have."""

    types: Counter[str] = field(default_factory=Counter)
    attributes: Counter[str] = field(default_factory=Counter)
    uses: set[Use] = field(default_factory=set)

    def count(self, entity: EntityDocument) -> None:
        attributes = list(attributes_of(entity))
        self.types.update(entity["type"])
        self.attributes.update(attributes)
        self.uses.update(
            Use(type_, attribute, instance["type"])
            for attribute in attributes
            for instance in entity[attribute]
            for type_ in entity["type"]
        )


@dataclass
class _Counting:
    """Under way, or done and good until `ends`; it comes to nothing where it takes too long."""

    task: asyncio.Task[Counted | None]
    ends: float = float("inf")


_countings: WeakKeyDictionary[Lens, _Counting] = WeakKeyDictionary()


async def counted(source: Source, seconds: float) -> Counted:
    """Entity by entity, once for all who ask meanwhile; `TooComplexQuery` after so many seconds."""
    known = _countings.get(source.lens)
    if known is None or known.ends < monotonic():
        known = _countings[source.lens] = _Counting(asyncio.create_task(_count(source, seconds)))
    found = await asyncio.shield(known.task)
    if found is None:
        raise TooComplexQuery(
            f"the product has more entities than can be counted within {seconds:g} s (limit query_seconds): ask for"
            " the names without details"
        )
    return found


async def _count(source: Source, seconds: float) -> Counted | None:
    began, seen, found = monotonic(), 0, Counted()
    try:
        async with asyncio.timeout(seconds):
            async for entity in source.all(everything(source.lens), most=None):
                if seen % TURN == 0:
                    await asyncio.sleep(0)
                found.count(entity)
                seen += 1
        return found
    except TimeoutError:
        return None
    finally:
        counting = _countings.get(source.lens)
        if counting is not None and counting.task is asyncio.current_task():
            took = monotonic() - began
            counting.ends = monotonic() + (max(KEPT_SECONDS, KEPT_TIMES * took) if seen > LARGE else 0.0)


@dataclass(frozen=True, slots=True)
class _Selected:
    """Names alone are asked for one by one, whatever the number of entities."""

    source: Source
    seconds: float

    async def types(self) -> list[str]:
        lens = self.source.lens
        return [iri for iri in sorted(lens.types) if await self._any(Selection(types=(frozenset({iri}),)))]

    async def attributes(self) -> list[str]:
        shown = self.source.lens.attributes
        if shown is None:
            return sorted((await self._counted()).attributes)
        return [iri for iri in sorted(shown - {"scope"}) if await self._any(Selection(attributes=frozenset({iri})))]

    async def uses(self) -> set[Use]:
        return (await self._counted()).uses

    async def entities_of(self, type_: str) -> int:
        return (await self._counted()).types[type_] if type_ in self.source.lens.types else 0

    async def entities_with(self, attribute: str) -> int:
        return (await self._counted()).attributes[attribute] if self.source.lens.shows(attribute) else 0

    async def _any(self, asked: Selection) -> bool:
        hits = await self.source.find(narrow_selection(asked, self.source.lens), Page(1))
        return bool(hits.entities)

    async def _counted(self) -> Counted:
        return await counted(self.source, self.seconds)


async def _selected(visit: Visit, request: Request) -> Inventory:
    return _Selected(visit.source, request.limits.query_seconds)


DISCOVERY = Discovery(_selected)
