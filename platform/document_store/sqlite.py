"""Documents in one SQLite file: for a single process, without a server."""

import sqlite3
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Self

import orjson

from document_store.store import Document

SCHEMA = """
CREATE TABLE IF NOT EXISTS document (
    collection TEXT NOT NULL,
    id TEXT NOT NULL,
    body BLOB NOT NULL,
    PRIMARY KEY (collection, id)
) WITHOUT ROWID;
"""


class SqliteDocumentStore:
    """One file, WAL, each write synced before it returns. Calls take microseconds and run on the event loop."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection

    @classmethod
    def open(cls, path: Path) -> Self:
        """Open or make the file; `sqlite3.OperationalError` where that is impossible."""
        path.parent.mkdir(parents=True, exist_ok=True)
        connection = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
        connection.execute("PRAGMA journal_mode=WAL")
        connection.execute("PRAGMA synchronous=FULL")
        connection.execute("PRAGMA busy_timeout=5000")
        connection.executescript(SCHEMA)
        return cls(connection)

    async def get(self, collection: str, id: str) -> Document | None:  # noqa: A002
        row = self._connection.execute(
            "SELECT body FROM document WHERE collection = ? AND id = ?", (collection, id)
        ).fetchone()
        return None if row is None else _load(row[0])

    async def put(self, collection: str, document: Document) -> None:
        await self.put_many(collection, [document])

    async def put_many(self, collection: str, documents: Sequence[Document]) -> None:
        rows = [(collection, document["_id"], orjson.dumps(document)) for document in documents]
        with self._connection:
            self._connection.execute("BEGIN IMMEDIATE")
            self._connection.executemany("INSERT OR REPLACE INTO document VALUES (?, ?, ?)", rows)

    async def swap(self, collection: str, document: Document, expected: Mapping[str, Any] | None) -> bool:
        with self._connection:
            self._connection.execute("BEGIN IMMEDIATE")
            known = await self.get(collection, document["_id"])
            if not _is_expected(known, expected):
                return False
            row = (collection, document["_id"], orjson.dumps(document))
            self._connection.execute("INSERT OR REPLACE INTO document VALUES (?, ?, ?)", row)
        return True

    async def delete(self, collection: str, id: str, expected: Mapping[str, Any] | None = None) -> bool:  # noqa: A002
        with self._connection:
            if expected is not None:
                self._connection.execute("BEGIN IMMEDIATE")
                if not _is_expected(await self.get(collection, id), expected):
                    return False
            cursor = self._connection.execute("DELETE FROM document WHERE collection = ? AND id = ?", (collection, id))
        return cursor.rowcount > 0

    async def find(self, collection: str, equal: Mapping[str, Any] | None = None) -> list[Document]:
        rows = self._connection.execute("SELECT body FROM document WHERE collection = ? ORDER BY id", (collection,))
        wanted = (equal or {}).items()
        documents = (_load(body) for (body,) in rows)
        return [document for document in documents if all(document.get(key) == value for key, value in wanted)]

    async def close(self) -> None:
        self._connection.close()


def _is_expected(known: Document | None, expected: Mapping[str, Any] | None) -> bool:
    if known is None or expected is None:
        return known is None and expected is None
    return all(key in known and known[key] == value for key, value in expected.items())


def _load(body: bytes) -> Document:
    document: Document = orjson.loads(body)
    return document
