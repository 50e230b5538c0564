"""Readings that wait on disk while the broker is away: bounded, durable, given back in the order of observation."""

import logging
import sqlite3
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path

import msgspec

from iot_agents.ingest.waiting import Origin, Refusals, Waiting
from ngsi_client.client import Entity

logger = logging.getLogger(__name__)

SCHEMA = """
CREATE TABLE IF NOT EXISTS reading (
    id INTEGER PRIMARY KEY,
    tenant TEXT NOT NULL,
    observed INTEGER NOT NULL,
    at REAL NOT NULL,
    body BLOB NOT NULL
);
CREATE INDEX IF NOT EXISTS reading_order ON reading (tenant, observed, id);
CREATE TABLE IF NOT EXISTS unreadable AS SELECT * FROM reading WHERE false;
"""

ROW_BYTES = 100
"""What a row needs beside its body, indexes counted in."""

EMPTY_ENOUGH = 16 * 1024 * 1024
"""A file of that size is made small again once nothing is in it."""


class _Body(msgspec.Struct, array_like=True):
    entities: list[Entity]
    origin: Origin
    key: int | None


class Spooled(Waiting):
    """A reading on disk, in the row `row` of `size` bytes. Whoever brought it was told when it was spooled."""

    __slots__ = ("row", "size")

    def __init__(self, tenant: str, row: int, observed: int, body: bytes) -> None:
        found = _decode(body)
        super().__init__(tenant, found.entities, observed, found.origin, _nobody_waits)
        self.key, self.row, self.size = found.key, row, len(body) + ROW_BYTES


_encode = msgspec.msgpack.Encoder().encode
_decode = msgspec.msgpack.Decoder(_Body).decode


class Spool:
    """One SQLite file of one process, of `most_bytes` at most; writes are synced before they return."""

    def __init__(self, path: Path, most_bytes: int) -> None:
        self._path, self._most_bytes = path, most_bytes
        self._depths: Counter[str] = Counter()
        self._bytes = 0
        self._done: set[int] = set()
        self._found_no_room = False
        self._connection: sqlite3.Connection | None = None

    def start(self) -> None:
        """`sqlite3.Error` where the file cannot be opened."""
        connection = self._connection = sqlite3.connect(self._path, isolation_level=None)
        connection.execute("PRAGMA journal_mode=WAL")
        connection.execute("PRAGMA synchronous=FULL")
        connection.executescript(SCHEMA)
        rows = connection.execute("SELECT tenant, count(*), sum(length(body)) FROM reading GROUP BY tenant")
        for tenant, count, size in rows:
            self._depths[tenant] = count
            self._bytes += size + count * ROW_BYTES

    def stop(self) -> None:
        if self._connection is not None:
            self._connection.close()
            self._connection = None

    @property
    def is_full(self) -> bool:
        """Whether a reading found no room, and none has left since."""
        return self._found_no_room and self._depths.total() > 0

    def depth(self, tenant: str) -> int:
        return self._depths[tenant]

    def tenants(self) -> list[str]:
        """Of whom readings wait."""
        return [tenant for tenant, depth in self._depths.items() if depth]

    def keys(self) -> Iterator[tuple[int, int]]:
        """Key and time of the frames that wait."""
        for tenant, row, observed, body in self._db.execute("SELECT tenant, id, observed, body FROM reading"):
            reading = self._read(tenant, row, observed, body)
            if reading is not None and reading.key is not None:
                yield reading.key, observed

    def figures(self) -> dict[str, float]:
        """`depth` (readings), `bytes`, and `oldest_seconds`: how long the first one waits."""
        depth = self._depths.total()
        oldest = self._db.execute("SELECT min(at) FROM reading").fetchone()[0] if depth and self._connection else None
        waited = max(0.0, time.time() - oldest) if oldest else 0.0
        return {"depth": depth, "bytes": self._bytes, "oldest_seconds": round(waited, 1)}

    def add(self, readings: Sequence[Waiting]) -> int:
        """How many of them, from the first one on, are on disk now; the others found no room."""
        rows, size, now = [], self._bytes, time.time()
        for reading in readings:
            body = _encode(_Body(list(reading.entities), reading.origin, reading.key))
            size += len(body) + ROW_BYTES
            if size > self._most_bytes:
                self._found_no_room = True
                break
            rows.append((reading.tenant, reading.observed, now, body))
        try:
            self._write("INSERT INTO reading (tenant, observed, at, body) VALUES (?, ?, ?, ?)", rows)
        except sqlite3.Error as error:
            logger.error("The spool %s takes nothing, readings wait in the MQTT broker: %s", self._path, error)
            self._found_no_room = True
            return 0
        for tenant, _, _, body in rows:
            self._depths[tenant] += 1
            self._bytes += len(body) + ROW_BYTES
        return len(rows)

    def oldest(self, tenant: str, count: int) -> list[Spooled]:
        """What was observed first."""
        rows = self._db.execute(
            "SELECT id, observed, body FROM reading WHERE tenant = ? ORDER BY observed, id LIMIT ?",
            (tenant, count + len(self._done)),
        ).fetchall()
        read = (self._read(tenant, *row) for row in rows if row[0] not in self._done)
        return [reading for reading in read if reading is not None]

    def remove(self, readings: Sequence[Spooled]) -> None:
        """Once they are committed, or refused for good; where the disk is full they are passed over until it is not."""
        for reading in readings:
            self._depths[reading.tenant] -= 1
            self._bytes -= reading.size
            self._done.add(reading.row)
        try:
            self._write("DELETE FROM reading WHERE id = ?", [(row,) for row in self._done])
            self._done.clear()
            self._found_no_room = False
            if not self._depths.total():
                self._shrink()
        except sqlite3.Error as error:
            logger.error("Nothing can be removed from the spool %s, make room on its disk: %s", self._path, error)

    def _read(self, tenant: str, row: int, observed: int, body: bytes) -> Spooled | None:
        """None where it is damaged: it must not hold up the others, and is kept apart."""
        try:
            return Spooled(tenant, row, observed, body)
        except (msgspec.DecodeError, UnicodeDecodeError) as error:
            logger.error("Row %d of the spool %s is kept in its table `unreadable`: %s", row, self._path, error)
        self._write("INSERT INTO unreadable SELECT * FROM reading WHERE id = ?", [(row,)])
        self._write("DELETE FROM reading WHERE id = ?", [(row,)])
        self._depths[tenant] -= 1
        self._bytes -= len(body) + ROW_BYTES
        return None

    def _write(self, statement: str, rows: Sequence[tuple[object, ...]]) -> None:
        if rows:
            with self._db:
                self._db.execute("BEGIN IMMEDIATE")
                self._db.executemany(statement, rows)

    def _shrink(self) -> None:
        if self._path.stat().st_size > EMPTY_ENOUGH:
            self._db.execute("VACUUM")
            self._db.execute("PRAGMA wal_checkpoint(TRUNCATE)")

    @property
    def _db(self) -> sqlite3.Connection:
        assert self._connection is not None
        return self._connection


def _nobody_waits(refusals: Refusals | None) -> None:
    pass
