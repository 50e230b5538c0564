"""The job behind aggregated products: a snapshot of each once a period, in a tenant of its own, which is served."""

import asyncio
import logging
import time
from collections.abc import AsyncIterator, Callable
from dataclasses import replace
from datetime import UTC, datetime
from hashlib import blake2b
from typing import Any, Protocol
from urllib.parse import quote
from uuid import uuid4

import orjson

from datenbroker.identities.organisations import AGGREGATES
from datenbroker.process.repeated import Repeated
from datenbroker.products.aggregation.figures import Contribution, Figures, Members, Rules, contribution, figures
from datenbroker.products.product import Aggregation, Product, State, duration
from datenbroker.products.products import Products
from datenbroker.products.selection import Selection
from document_store.store import Document, DocumentStore
from ngsi_client.client import Entity, NgsiClient
from ngsi_ld.jsonld.context import Context
from ngsi_ld.model.kinds import EntityDocument

logger = logging.getLogger(__name__)

SNAPSHOTS = "product_snapshots"
"""For each product: its last period, and who was in each group when it was shown last."""

LOOK_SECONDS = 10.0
CLAIM_SECONDS = 0.2
"""After so long a process looks whether another one has claimed the same period; then that one takes the snapshot."""

HELD_PERIODS = 24
"""A group that has been held back for so long is shown again with the members it has now."""


class Reading(Protocol):
    """How entities of a tenant are read: narrowed to the selection, page by page."""

    async def context(self, selection: Selection) -> Context: ...
    def entities(self, tenant: str, selection: Selection, context: Context) -> AsyncIterator[EntityDocument]: ...


class Snapshots:
    """A part of the process: takes what is due, every few seconds."""

    def __init__(
        self,
        products: Products,
        reading: Reading,
        client: NgsiClient,
        store: DocumentStore,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self._products, self._reading, self._client, self._store, self._clock = products, reading, client, store, clock
        self._process = uuid4().hex
        failure = "Aggregated products could not be brought up to date"
        self._looking = Repeated(self.take_due, LOOK_SECONDS, failure, first=0)

    async def start(self) -> None:
        self._looking.start()

    async def stop(self) -> None:
        await self._looking.stop()

    async def take_due(self) -> None:
        """A snapshot of each aggregated product that has none of this period; one that fails harms no other."""
        for versions in list(self._products.index.products.values()):
            product = versions.shown
            if product.aggregation is not None and product.state is not State.RETIRED:
                try:
                    await self._take_if_due(product, product.aggregation)
                except Exception:
                    logger.exception("The snapshot of the product %s failed: it is tried again", product.slug)
        await self._forget_gone()

    async def _take_if_due(self, product: Product, aggregation: Aggregation) -> None:
        length = duration(aggregation.period).total_seconds()
        now = self._clock()
        period, meaning = int(now // length), _meaning(product)
        kept = await self._store.get(SNAPSHOTS, product.slug) or {}
        if kept.get("period") == period and kept.get("meaning") == meaning:
            return
        tenant = self._products.index.tenants.get(product.organisation)
        if tenant is None or not await self._claimed(product.slug, kept):
            return
        if kept.get("meaning") != meaning:
            await self._clear(product)
            kept = {}
        context = await self._reading.context(product.selection)
        rules = Rules.of(aggregation, context)
        found = await self._contributions(product, tenant, rules, context, now - length)
        if not found and "period" not in kept:
            return  # nothing was ever shown: what comes within the period may still be
        shown, held = figures(found, aggregation, _members(kept, period))
        await self._write(product, rules, context, shown)
        groups = [{"group": one.group, "period": period, "members": sorted(one.members)} for one in shown]
        names = {one.group for one in shown}
        groups += [
            group
            for group in kept.get("groups", ())
            if group["group"] not in names and period - group["period"] <= HELD_PERIODS
        ]
        document = {"_id": product.slug, "period": period, "meaning": meaning, "groups": groups}
        await self._store.put(SNAPSHOTS, document)
        logger.info("Snapshot of %s: %d groups shown, %d held back", product.slug, len(shown), len(held))

    async def _claimed(self, slug: str, kept: Document) -> bool:
        """Whether this process takes the snapshot: two of one period could be subtracted from one another."""
        await self._store.put(SNAPSHOTS, {**kept, "_id": slug, "by": self._process})
        await asyncio.sleep(CLAIM_SECONDS)
        claimed = await self._store.get(SNAPSHOTS, slug)
        return claimed is not None and claimed.get("by") == self._process

    async def _contributions(
        self, product: Product, tenant: str, rules: Rules, context: Context, since: float
    ) -> list[Contribution]:
        """Of each entity that is selected; its attributes are read no further than the figures need them."""
        attributes = [measure.attribute for measure in rules.aggregation.measures]
        if rules.aggregation.group_by not in (None, "type"):
            attributes.append(rules.aggregation.group_by or "")
        selection = product.selection.model_copy(update={"attributes": tuple(attributes)})
        start = datetime.fromtimestamp(since, UTC)
        found: dict[str, Contribution] = {}
        async for entity in self._reading.entities(tenant, selection, context):
            if one := contribution(entity, rules, start):
                member = blake2b(one.entity.encode(), digest_size=8).hexdigest()
                found[member] = replace(one, entity=member)  # 200,000 ids are more than a document of MongoDB holds
        return list(found.values())

    async def _write(self, product: Product, rules: Rules, context: Context, shown: list[Figures]) -> None:
        """What was shown before and is not any more is deleted."""
        client = self._client.for_tenant(product.tenant(""))
        at = datetime.fromtimestamp(self._clock(), UTC).isoformat(timespec="seconds").replace("+00:00", "Z")
        entities = [_entity(product.slug, rules, context, one, at) for one in shown]
        if refused := await client.upsert(entities):
            raise RuntimeError(f"the broker refused aggregates: {next(iter(refused.values()))}")
        names = {entity["id"] for entity in entities}
        for gone in await self._present(client) - names:
            await client.delete(gone)

    async def _clear(self, product: Product) -> None:
        await self._empty(product.tenant(""))

    async def _empty(self, tenant: str) -> None:
        client = self._client.for_tenant(tenant)
        await client.ensure_tenant()
        for id_ in await self._present(client):
            await client.delete(id_)

    async def _present(self, client: NgsiClient) -> set[str]:
        found: set[str] = set()
        while page := await client.query(local="true", limit=1000, offset=len(found)):
            found |= {entity["id"] for entity in page}
        return found

    async def _forget_gone(self) -> None:
        """A slug that is free again must not bring another's aggregates with it."""
        for document in await self._store.find(SNAPSHOTS):
            slug = document["_id"]
            if slug not in self._products.index.products and await self._products.records.product(slug) is None:
                await self._empty(AGGREGATES + slug.replace("-", "_"))
                await self._store.delete(SNAPSHOTS, slug)


def _meaning(product: Product) -> str:
    """Changes with what is aggregated: then the earlier snapshots go."""
    told = product.model_dump(mode="json", include={"organisation", "selection", "aggregation"})
    return blake2b(orjson.dumps(told, option=orjson.OPT_SORT_KEYS), digest_size=16).hexdigest()


def _members(kept: Document, period: int) -> dict[str, Members]:
    return {
        group["group"]: frozenset(group["members"])
        for group in kept.get("groups", ())
        if period - group["period"] <= HELD_PERIODS
    }


def _entity(slug: str, rules: Rules, context: Context, one: Figures, at: str) -> Entity:
    aggregation = rules.aggregation

    def said(value: Any) -> dict[str, Any]:
        return {"type": "Property", "value": value, "observedAt": at}

    entity: Entity = {
        "id": f"urn:ngsi-ld:Aggregate:{slug}:{quote(one.group, safe='')}",
        "type": context.expand(aggregation.type),
        context.expand("group"): said(one.group),
        context.expand("entities"): said(len(one.members)),
        context.expand("period"): said(aggregation.period),
    }
    for iri, value, unit in zip(rules.measures, one.values, one.units, strict=True):
        entity[iri] = said(value) | ({"unitCode": unit} if unit else {})
    return entity
