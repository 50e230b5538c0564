"""How entities to be aggregated are read: narrowed as a product's endpoint narrows."""

from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from starlette.types import ASGIApp

from datenbroker.gateway.products.source import Source
from datenbroker.lens.lens import lens_of
from datenbroker.lens.narrowing import everything
from datenbroker.products.selection import Selection
from ngsi_ld.jsonld.context import Context, core_context
from ngsi_ld.model.kinds import EntityDocument

if TYPE_CHECKING:
    from context_broker.contexts import Contexts


@dataclass(frozen=True)
class NarrowedReading:
    """`datenbroker.products.aggregation.snapshots.Reading`, by the same narrowing as a product's endpoint.

    `most` entities are aggregated of one product; `TooComplexQuery` beyond.
    """

    broker: ASGIApp
    contexts: "Callable[[], Contexts]"
    most: int

    async def context(self, selection: Selection) -> Context:
        if selection.context is None:
            return core_context()
        return await self.contexts().resolve(selection.context)

    async def entities(self, tenant: str, selection: Selection, context: Context) -> AsyncIterator[EntityDocument]:
        lens = lens_of(selection, context)
        async for entity in Source(self.broker, tenant, lens).all(everything(lens), most=self.most):
            yield entity
