"""The context broker of this process, asked for a part of a tenant without HTTP."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from time import monotonic
from typing import overload

from context_broker.broker import Broker
from context_broker.storage.entity_cache import Stored
from context_broker.storage.search import Found, Page, cut
from datenbroker.lens.lens import Lens
from datenbroker.lens.narrowing import Narrowed
from ngsi_ld.errors import NonexistentTenant
from ngsi_ld.model.kinds import EntityDocument

ALIKE_SECONDS = 0.002


class Shown(Sequence[EntityDocument]):
    """Entities as the product shows them, made when they are looked at: what is `kept` may be ready to send."""

    def __init__(self, kept: list[Stored], lens: Lens) -> None:
        self.kept, self._lens = kept, lens

    def __len__(self) -> int:
        return len(self.kept)

    @overload
    def __getitem__(self, place: int) -> EntityDocument: ...
    @overload
    def __getitem__(self, place: slice) -> list[EntityDocument]: ...
    def __getitem__(self, place: int | slice) -> EntityDocument | list[EntityDocument]:
        if isinstance(place, slice):
            return [self._lens.shown(stored.document) for stored in self.kept[place]]
        return self._lens.shown(self.kept[place].document)


async def _evenly(began: float) -> None:
    """Lets the same time pass since then, whether an entity is hidden or there is none: looking takes microseconds."""
    await asyncio.sleep(max(0.0, began + ALIKE_SECONDS - monotonic()))


@dataclass(frozen=True, slots=True)
class Embedded:
    """One product's way to the entities of its owner's tenant."""

    broker: Broker
    tenant: str
    lens: Lens

    async def found(self, narrowed: Narrowed, page: Page) -> Found:
        """A page of what is asked for, as it is kept: to be shown through the lens only."""
        try:
            tenant = await self.broker.read_of(self.tenant)
        except NonexistentTenant:  # it begins with its first entity
            return cut([], page)
        began = monotonic()
        found = await self._found(tenant, narrowed, page)
        if not found.more and len(found.entities) < len(narrowed.selection.ids):
            await _evenly(began)
        return found

    async def _found(self, tenant: int, narrowed: Narrowed, page: Page) -> Found:
        search, ordering = self.broker.search, narrowed.sorting or narrowed.ordering
        if ordering is None:
            return await search.find(tenant, narrowed.selection, page)
        everything = await search.find(tenant, narrowed.selection, Page())
        return cut(ordering.sort(everything.entities, lambda stored: self.lens.shown(stored.document)), page)

    async def one(self, id_: str) -> Stored | None:
        """An entity as it is kept, if it belongs to the selection."""
        try:
            tenant = await self.broker.read_of(self.tenant)
        except NonexistentTenant:
            return None
        began = monotonic()
        stored = self.broker.search.get(tenant, id_)
        if stored is not None and self.lens.holds(stored.document):
            return stored
        await _evenly(began)
        return None

    def fits(self, stored: Stored) -> bool:
        """Whether all of its types are shown: then what it looks like is the broker's own rendering's."""
        return self.lens.types.issuperset(stored.document["type"])
