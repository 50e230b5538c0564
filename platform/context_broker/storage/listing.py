"""Long lists of candidates by the indexes alone, made in a thread: the event loop goes on meanwhile."""

import asyncio
import sqlite3
from array import array
from collections.abc import AsyncIterator, Sequence
from functools import lru_cache
from time import monotonic

import orjson

from context_broker.storage.narrowing import Narrowing
from ngsi_ld.errors import TooComplexQuery
from ngsi_ld.query.patterns import compile_pattern
from ngsi_ld.query.scope import in_scope

PORTIONS = (10_000, 100_000, -1)
"""Rows listed at once: most searches end within the first ones; the rest comes whole, eight bytes each."""
STEPS = 100_000
"""Instructions of SQLite between two looks at the clock."""


class Listing:
    """Runs one statement at a time, on a connection of its own."""

    def __init__(self, connection: sqlite3.Connection, seconds: float) -> None:
        self._connection, self.seconds = connection, seconds
        self._free = asyncio.Lock()
        self._deadline = 0.0
        connection.create_function("REGEXP", 2, _holds, deterministic=True)
        connection.create_function("in_scope", 2, in_scope, deterministic=True)
        connection.create_function("in_any_scope", 2, _in_any_scope, deterministic=True)
        connection.set_progress_handler(lambda: monotonic() > self._deadline, STEPS)

    async def after(self, seq: int, narrowings: Sequence[Narrowing]) -> AsyncIterator[Sequence[int]]:
        """The entities behind `seq` that every index has, in order of creation; `TooComplexQuery` after too long."""
        together = " INTERSECT ".join(f"SELECT seq FROM ({narrowing.sql})" for narrowing in narrowings)
        sql = f"SELECT DISTINCT seq FROM ({together}) WHERE seq > ? ORDER BY seq LIMIT ?"
        params = tuple(param for narrowing in narrowings for param in narrowing.params)
        for portion in PORTIONS:
            async with self._free:
                seqs = await asyncio.to_thread(self._list, sql, (*params, seq, portion))
            yield seqs
            if len(seqs) < portion or portion < 0:
                return
            seq = seqs[-1]

    def _list(self, sql: str, params: tuple[object, ...]) -> Sequence[int]:
        self._deadline = monotonic() + self.seconds
        try:
            return array("q", (seq for (seq,) in self._connection.execute(sql, params)))
        except sqlite3.OperationalError as error:
            if str(error) != "interrupted":
                raise
            raise took_too_long(self.seconds) from None


def _holds(pattern: str, text: str) -> bool:
    return compile_pattern(pattern, "idPattern").search(text) is not None


def took_too_long(seconds: float) -> TooComplexQuery:
    return TooComplexQuery(f"The query took more than {seconds:g} s: narrow it, e.g. by a type (limit query_seconds)")


@lru_cache(maxsize=256)
def _in_any_scope(scope: str, patterns: str) -> bool:
    """Cached: the entities of a tenant share few scopes."""
    return any(in_scope(scope, pattern) for pattern in orjson.loads(patterns))
