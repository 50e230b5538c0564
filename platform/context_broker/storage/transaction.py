"""One group of writes that commit together: entities in, entities out, and the events that follow from them."""

import sqlite3
from collections.abc import Callable
from datetime import MAXYEAR, timedelta
from typing import Any

import orjson

from context_broker.events import EntityEvent, EntityTrigger
from context_broker.storage.entity_cache import EntityCache, Stored
from context_broker.storage.entity_index import EMPTY, IndexEntry, IndexWriter, entry_of
from context_broker.storage.tenants import Tenants
from ngsi_ld.datetimes import parse_datetime, render
from ngsi_ld.model.fragments import Change
from ngsi_ld.model.kinds import EntityDocument

HeaderOf = Callable[[bytes], str | None]
"""The value of a request's header by its lower-case name."""


class Transaction:
    """Reads its own writes; the cache learns of them only when they are committed."""

    def __init__(self, connection: sqlite3.Connection, tenants: Tenants, cache: EntityCache) -> None:
        self.connection = connection
        self.tenants = tenants
        self.events: list[EntityEvent] = []
        self.after_commit: list[Callable[[], None]] = []
        """What becomes true in memory only once the commit has made it so."""
        self.expiry_changed = False
        self.operation = 0
        """Counted up by the writer: which of its operations an event belongs to."""
        self.origins: dict[int, HeaderOf] = {}
        """The headers of the request behind an operation, for those that a request caused."""
        self._cache = cache
        self._index = IndexWriter(connection)
        self._written: dict[tuple[int, str], Stored | None] = {}
        self._dropped: set[int] = set()

    def mark(self) -> int:
        """Grows with each statement that changed a row: tells whether something was written since."""
        return self.connection.total_changes

    def get(self, tenant: int, id_: str) -> Stored | None:
        """The entity as this transaction sees it."""
        key = tenant, id_
        if key in self._written:
            return self._written[key]
        return self._cache.by_id(tenant, id_) or load(self.connection, tenant, id_)

    def create(self, tenant: int, entity: EntityDocument) -> None:
        """Insert an entity whose id is free in the tenant."""
        json = orjson.dumps(entity)
        cursor = self.connection.execute(
            "INSERT INTO entity (tenant, id, document, expires_at) VALUES (?, ?, ?, ?)",
            (tenant, entity["id"], json, self._expiry(entity, json)),
        )
        assert cursor.lastrowid is not None
        stored = Stored(cursor.lastrowid, entity["id"], json, entity)
        self._put(tenant, stored, EMPTY)
        self._record(tenant, "entityCreated", None, entity, [])

    def replace(self, tenant: int, old: Stored, entity: EntityDocument, changes: list[Change]) -> None:
        """Write the new state of an entity."""
        json = orjson.dumps(entity)
        expiry = self._expiry(entity, json)
        self.connection.execute("UPDATE entity SET document = ?, expires_at = ? WHERE seq = ?", (json, expiry, old.seq))
        self._put(tenant, Stored(old.seq, old.id, json, entity), self._entry(tenant, old))
        self._record(tenant, "entityUpdated", old.document, entity, changes)

    def delete(self, tenant: int, old: Stored) -> None:
        """Delete an entity and its index rows."""
        self.connection.execute("DELETE FROM entity WHERE seq = ?", (old.seq,))
        self._index.change(tenant, old.seq, self._entry(tenant, old), EMPTY)
        self._written[tenant, old.id] = None
        self._dropped.add(old.seq)
        self._record(tenant, "entityDeleted", old.document, None, [])

    def flush(self) -> None:
        """Write what was added up, before the commit."""
        self._index.flush()

    def publish(self) -> None:
        """After the commit: what was written becomes what is read."""
        for seq in self._dropped:
            self._cache.drop(seq)
        for (tenant, _), stored in self._written.items():
            if stored is not None:
                self._cache.put(tenant, stored)
        for action in self.after_commit:
            action()

    def _expiry(self, entity: EntityDocument, json: bytes) -> str | None:
        expiry = earliest_expiry(entity, json)
        self.expiry_changed |= expiry is not None
        return expiry

    def _put(self, tenant: int, stored: Stored, before: IndexEntry) -> None:
        stored.index = entry_of(stored.document, self.tenants.numbering(tenant))
        self._index.change(tenant, stored.seq, before, stored.index)
        self._written[tenant, stored.id] = stored

    def _entry(self, tenant: int, stored: Stored) -> IndexEntry:
        if stored.index is None:
            stored.index = entry_of(stored.document, self.tenants.numbering(tenant))
        return stored.index

    def _record(
        self,
        tenant: int,
        trigger: EntityTrigger,
        before: EntityDocument | None,
        after: EntityDocument | None,
        changes: list[Change],
    ) -> None:
        self.events.append(EntityEvent(tenant, trigger, before, after, changes, self.operation))


def load(connection: sqlite3.Connection, tenant: int, id_: str) -> Stored | None:
    """The committed state, from the file."""
    row = connection.execute("SELECT seq, document FROM entity WHERE tenant = ? AND id = ?", (tenant, id_)).fetchone()
    return None if row is None else Stored(row[0], id_, row[1])


def earliest_expiry(entity: EntityDocument, json: bytes) -> str | None:
    """The first moment at which something of the entity expires (4.22), None where nothing does."""
    if b'"expiresAt"' not in json:
        return None
    moments: list[str] = []
    _collect_expiry(entity, moments)
    return min(moments, default=None)


def _collect_expiry(node: Any, moments: list[str]) -> None:
    moment = parse_datetime(node.get("expiresAt", ""))
    if moment is not None:  # rounded up to the millisecond: never before the time itself has come
        moments.append(render(moment + timedelta(microseconds=999 if moment.year < MAXYEAR else 0)))
    for member, value in node.items():
        if ":" in member and isinstance(value, list):
            for instance in value:
                _collect_expiry(instance, moments)
