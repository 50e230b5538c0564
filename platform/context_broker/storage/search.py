"""Finding entities: the narrowest index leads, the documents decide (CIM 009, 5.7.2).

A selective index gives a short list of candidates. Where none is selective, a page is probably full after a few
entities, read in order of creation; where it is not, the indexes together list the candidates (`Listing`), so that no
document is read that they exclude. Long searches hand the event loop back between chunks.
"""

import asyncio
import sqlite3
from collections.abc import AsyncIterator, Callable, Iterable, Sequence
from dataclasses import dataclass
from time import monotonic

from context_broker.storage.entity_cache import EntityCache, Stored
from context_broker.storage.listing import Listing, took_too_long
from context_broker.storage.narrowing import Narrowing, narrow
from context_broker.storage.selection import Selection
from context_broker.storage.tenants import Tenants
from context_broker.storage.transaction import load
from ngsi_ld.model.kinds import EntityDocument

SELECTIVE = 10_000
"""Rows up to which an index is read whole as a list of candidates."""
CHUNK = 250
"""Documents read before the event loop gets its turn."""
TRIED = 1_000
"""Entities read in order of creation before the candidates are listed: dense results fill a page with fewer."""


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


def cut(entities: list[Stored], page: Page) -> Found:
    """A page of what has been found whole."""
    end = page.offset + (page.limit or 0)
    return Found(entities[page.offset : end], end < len(entities), len(entities) if page.count else None)


class Search:
    """Reads committed entities."""

    def __init__(self, connection: sqlite3.Connection, listing: Listing, tenants: Tenants, cache: EntityCache) -> None:
        self._connection = connection
        self._listing = listing
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
        narrowings = narrow(selection, tenant, lambda iri: self._tenants.known_name(tenant, iri))
        if len(narrowings) == 1 and narrowings[0].exact and self._is_exact(selection):
            return self._exact_page(tenant, narrowings[0], page)
        find = self._finder(tenant)
        found: list[Stored] = []
        total = 0
        candidates = self._candidates(tenant, selection, narrowings, all_wanted=page.count or page.limit is None)
        async for stored in candidates:
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
        self, tenant: int, selection: Selection, narrowings: list[Narrowing], *, all_wanted: bool
    ) -> AsyncIterator[Stored]:
        if selection.ids:
            for stored in sorted(self._by_ids(tenant, selection.ids), key=lambda stored: stored.seq):
                yield stored
            return
        seqs = self._shortlist(narrowings)
        chunks = self._in_order(tenant, narrowings, all_wanted) if seqs is None else _chunks(sorted(seqs))
        deadline = monotonic() + self._listing.seconds
        async for chunk in chunks:
            for seq in chunk:
                if candidate := self._peek(seq):
                    yield candidate
            if monotonic() > deadline:
                raise took_too_long(self._listing.seconds)
            await asyncio.sleep(0)

    def _shortlist(self, narrowings: list[Narrowing]) -> set[int] | None:
        """The candidates by all selective indexes together; None where none is selective.

        The exact one, of types, comes last: a list by values or places is usually shorter, and then it is not needed.
        """
        seqs: set[int] | None = None
        for narrowing in sorted(narrowings, key=lambda narrowing: narrowing.exact):
            if narrowing.costly or (seqs is not None and (narrowing.exact or len(seqs) <= CHUNK)):
                continue
            rows = self._connection.execute(
                f"SELECT seq FROM ({narrowing.sql}) LIMIT ?", (*narrowing.params, SELECTIVE + 1)
            ).fetchall()
            if len(rows) <= SELECTIVE:
                listed = {seq for (seq,) in rows}
                seqs = listed if seqs is None else seqs & listed
        return seqs

    async def _in_order(
        self, tenant: int, narrowings: list[Narrowing], all_wanted: bool
    ) -> AsyncIterator[Sequence[int]]:
        """All candidates in order of creation: the first of the type as they come, then those that all indexes list."""
        types = next((narrowing for narrowing in narrowings if narrowing.exact), None)
        source, params = (types.sql, types.params) if types else ("SELECT seq FROM entity WHERE tenant = ?", (tenant,))
        sql = f"SELECT DISTINCT seq FROM ({source}) WHERE seq > ? ORDER BY seq LIMIT ?"
        can_list = any(narrowing is not types for narrowing in narrowings)
        last, tried, more = 0, 0, True
        while more and not (can_list and (all_wanted or tried >= TRIED)):
            rows = self._connection.execute(sql, (*params, last, CHUNK)).fetchall()
            yield [seq for (seq,) in rows]
            more, tried = len(rows) == CHUNK, tried + len(rows)
            last = rows[-1][0] if rows else last
        if more:
            async for seqs in self._listing.after(last, narrowings):
                async for chunk in _chunks(seqs):
                    yield chunk

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


async def _chunks(seqs: Sequence[int]) -> AsyncIterator[Sequence[int]]:
    for start in range(0, len(seqs), CHUNK):
        yield seqs[start : start + CHUNK]
