"""Finding entities: the narrowest index leads, the documents decide (CIM 009, 5.7.2).

A selective index gives a short list of candidates; where none is selective, entities are read in order of creation
until the page is full. Long searches hand the event loop back between chunks.
"""

import asyncio
import sqlite3
from collections.abc import AsyncIterator, Callable, Iterable
from dataclasses import dataclass, replace

from context_broker.storage.entity_cache import EntityCache, Stored
from context_broker.storage.narrowing import (
    Narrowing,
    narrow_attributes,
    narrow_geo,
    narrow_q,
    narrow_scopes,
    narrow_types,
)
from context_broker.storage.tenants import Tenants
from context_broker.storage.transaction import load
from ngsi_ld.model.kinds import EntityDocument
from ngsi_ld.query.geo import GeoQuery
from ngsi_ld.query.patterns import Pattern
from ngsi_ld.query.q import Query
from ngsi_ld.query.q_evaluation import FindEntity, matches
from ngsi_ld.query.scope import matches_scope_query
from ngsi_ld.query.types import TypeSelection, matches_types

SELECTIVE = 10_000
"""Rows up to which an index is read whole as a list of candidates."""
CHUNK = 250
"""Documents read before the event loop gets its turn."""


@dataclass(frozen=True, slots=True)
class Selection:
    """The conditions of a query (5.7.2.4); all that are given must hold. None or empty: no condition."""

    ids: tuple[str, ...] = ()
    id_pattern: Pattern | None = None
    types: TypeSelection | None = None
    attributes: frozenset[str] | None = None
    q: Query | None = None
    geo: GeoQuery | None = None
    scopes: tuple[tuple[str, ...], ...] | None = None
    alternatives: tuple["Selection", ...] = ()
    """Entity selectors of a POST query: one of them must hold (5.2.23)."""

    def narrowed(self) -> "Selection":
        """The same, with the types of its alternatives where all name some: an index can lead then."""
        types = tuple(part for item in self.alternatives for part in item.types or ())
        complete = bool(self.alternatives) and all(item.types is not None for item in self.alternatives)
        return replace(self, types=types) if complete and self.types is None else self

    def holds(self, entity: EntityDocument, find: FindEntity) -> bool:
        """Whether the entity satisfies every condition, exactly."""
        return (
            (not self.ids or entity["id"] in self.ids)
            and (self.types is None or matches_types(self.types, entity["type"]))
            and (self.id_pattern is None or self.id_pattern.search(entity["id"]) is not None)
            and (self.attributes is None or not self.attributes.isdisjoint(entity))
            and (self.scopes is None or matches_scope_query(self.scopes, entity.get("scope", ())))
            and (self.q is None or matches(self.q, entity, find))
            and (self.geo is None or self.geo.matches(entity))
            and (not self.alternatives or any(item.holds(entity, find) for item in self.alternatives))
        )


@dataclass(frozen=True, slots=True)
class Page:
    """Which part of the result is wanted, and whether its size is. `limit` None: all of it."""

    limit: int | None = None
    offset: int = 0
    count: bool = False


@dataclass(frozen=True, slots=True)
class Found:
    """The entities of the page, whether more follow, and how many match in all where that was asked."""

    entities: list[Stored]
    more: bool = False
    total: int | None = None


class Search:
    """Reads committed entities."""

    def __init__(self, connection: sqlite3.Connection, tenants: Tenants, cache: EntityCache) -> None:
        self._connection = connection
        self._tenants = tenants
        self._cache = cache

    def get(self, tenant: int, id_: str) -> Stored | None:
        """One entity by its id."""
        stored = self._cache.by_id(tenant, id_)
        if stored is None:
            stored = load(self._connection, tenant, id_)
            if stored is not None:
                self._cache.put(tenant, stored)
        return stored

    async def find(self, tenant: int, selection: Selection, page: Page) -> Found:
        """One page of what matches, in order of creation."""
        narrowings = self._narrowings(tenant, selection)
        if len(narrowings) == 1 and narrowings[0].exact and self._is_exact(selection):
            return self._exact_page(tenant, narrowings[0], page)
        find = self._finder(tenant)
        found: list[Stored] = []
        total = 0
        async for stored in self._candidates(tenant, selection, narrowings):
            if not selection.holds(stored.document, find):
                continue
            total += 1
            if page.limit is not None and total > page.offset + page.limit:
                if not page.count:
                    break
            elif total > page.offset:
                found.append(stored)
        more = page.limit is not None and total > page.offset + page.limit
        return Found(found, more, total if page.count else None)

    def _finder(self, tenant: int) -> Callable[[str], EntityDocument | None]:
        def find(id_: str) -> EntityDocument | None:
            stored = self.get(tenant, id_)
            return stored.document if stored else None

        return find

    def _narrowings(self, tenant: int, selection: Selection) -> list[Narrowing]:
        def known(iri: str) -> int | None:
            return self._tenants.known_name(tenant, iri)

        possible = (
            narrow_types(selection.types, known) if selection.types is not None else None,
            narrow_attributes(selection.attributes, known) if selection.attributes is not None else None,
            narrow_scopes(tenant, selection.scopes) if selection.scopes is not None else None,
            narrow_geo(selection.geo, known) if selection.geo is not None else None,
            narrow_q(selection.q, known) if selection.q is not None else None,
        )
        return [narrowing for narrowing in possible if narrowing is not None]

    def _is_exact(self, selection: Selection) -> bool:
        """Whether the types are the only condition: not every other one shows among the narrowings."""
        return selection.types is not None and selection == Selection(types=selection.types)

    def _exact_page(self, tenant: int, narrowing: Narrowing, page: Page) -> Found:
        """The type index alone: no document is read but those of the page."""
        limit = -1 if page.limit is None else page.limit + 1
        rows = self._connection.execute(
            f"SELECT DISTINCT seq FROM ({narrowing.sql}) ORDER BY seq LIMIT ? OFFSET ?",
            (*narrowing.params, limit, page.offset),
        ).fetchall()
        more = page.limit is not None and len(rows) > page.limit
        entities = [self._by_seq(tenant, seq) for (seq,) in (rows[:-1] if more else rows)]
        total = None
        if page.count:
            sql = f"SELECT count(DISTINCT seq) FROM ({narrowing.sql})"
            total = self._connection.execute(sql, narrowing.params).fetchone()[0]
        return Found(entities, more, total)

    async def _candidates(
        self, tenant: int, selection: Selection, narrowings: list[Narrowing]
    ) -> AsyncIterator[Stored]:
        if selection.ids:
            for stored in sorted(self._by_ids(tenant, selection.ids), key=lambda stored: stored.seq):
                yield stored
            return
        seqs, driver = self._shortlist(narrowings)
        chunks = self._listed(sorted(seqs)) if seqs is not None else self._in_order(tenant, driver)
        for chunk in chunks:
            for stored in chunk:
                yield stored
            await asyncio.sleep(0)

    def _shortlist(self, narrowings: list[Narrowing]) -> tuple[set[int] | None, Narrowing | None]:
        """The candidates by all selective indexes together; where none is selective, the one to walk along.

        The exact one, of types, comes last: a list by values or places is usually shorter, and then it is not needed.
        """
        seqs: set[int] | None = None
        for narrowing in sorted(narrowings, key=lambda narrowing: narrowing.exact):
            if seqs is not None and (narrowing.exact or len(seqs) <= CHUNK):
                break
            rows = self._connection.execute(
                f"SELECT seq FROM ({narrowing.sql}) LIMIT ?", (*narrowing.params, SELECTIVE + 1)
            ).fetchall()
            if len(rows) <= SELECTIVE:
                listed = {seq for (seq,) in rows}
                seqs = listed if seqs is None else seqs & listed
        driver = next((narrowing for narrowing in narrowings if narrowing.exact), None)
        return seqs, driver

    def _listed(self, seqs: list[int]) -> Iterable[list[Stored]]:
        for start in range(0, len(seqs), CHUNK):
            yield [stored for seq in seqs[start : start + CHUNK] if (stored := self._peek(seq))]

    def _in_order(self, tenant: int, driver: Narrowing | None) -> Iterable[list[Stored]]:
        source, params = (
            (driver.sql, driver.params) if driver else ("SELECT seq FROM entity WHERE tenant = ?", (tenant,))
        )
        sql = f"SELECT DISTINCT seq FROM ({source}) WHERE seq > ? ORDER BY seq LIMIT ?"
        last, more = 0, True
        while more:
            rows = self._connection.execute(sql, (*params, last, CHUNK)).fetchall()
            yield [stored for (seq,) in rows if (stored := self._peek(seq))]
            more = len(rows) == CHUNK
            last = rows[-1][0] if rows else last

    def _by_ids(self, tenant: int, ids: tuple[str, ...]) -> Iterable[Stored]:
        return (stored for id_ in dict.fromkeys(ids) if (stored := self.get(tenant, id_)))

    def _by_seq(self, tenant: int, seq: int) -> Stored:
        stored = self._peek(seq)
        assert stored is not None
        if self._cache.by_seq(seq) is None:
            self._cache.put(tenant, stored)
        return stored

    def _peek(self, seq: int) -> Stored | None:
        """An entity without making it one of the hot ones; None where it is gone."""
        stored = self._cache.by_seq(seq)
        if stored is not None:
            return stored
        row = self._connection.execute("SELECT id, document FROM entity WHERE seq = ?", (seq,)).fetchone()
        return Stored(seq, row[0], row[1]) if row else None
