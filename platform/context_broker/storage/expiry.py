"""Transient entities and attributes (CIM 009, 4.22): what has expired goes before anything is read."""

import asyncio
import sqlite3
from contextlib import suppress
from typing import Any

from context_broker.storage.entity_cache import Stored
from context_broker.storage.transaction import Transaction
from context_broker.storage.writer import Writer
from ngsi_ld.datetimes import now, parse_datetime
from ngsi_ld.model.fragments import Change
from ngsi_ld.model.kinds import ENTITY_MEMBERS, EntityDocument

INTERVAL = 1.0
CHUNK = 500


class Expiry:
    """Knows the next moment at which something expires, and removes it then."""

    def __init__(self, connection: sqlite3.Connection, writer: Writer) -> None:
        self._connection = connection
        self._writer = writer
        self._next = self._earliest()
        self._task: asyncio.Task[None] | None = None
        writer.observers.append(self._observe)

    def start(self) -> None:
        self._task = asyncio.create_task(self._run())

    async def stop(self) -> None:
        if self._task is not None:
            self._task.cancel()
            with suppress(asyncio.CancelledError):
                await self._task

    def is_due(self) -> bool:
        """Whether something has expired that is still stored."""
        return self._next is not None and self._next <= now()

    async def sweep(self) -> None:
        """Remove all that has expired."""
        while self.is_due():
            await self._writer.write(self._remove_expired)

    async def _run(self) -> None:
        while True:
            await asyncio.sleep(INTERVAL)
            await self.sweep()

    def _observe(self, transaction: Transaction) -> None:
        if transaction.expiry_changed:
            self._next = self._earliest()

    def _earliest(self) -> str | None:
        row = self._connection.execute("SELECT min(expires_at) FROM entity WHERE expires_at IS NOT NULL").fetchone()
        earliest: str | None = row[0]
        return earliest

    def _remove_expired(self, transaction: Transaction) -> None:
        moment = now()
        rows = self._connection.execute(
            "SELECT tenant, id FROM entity WHERE expires_at <= ? ORDER BY expires_at LIMIT ?", (moment, CHUNK)
        ).fetchall()
        for tenant, id_ in rows:
            stored = transaction.get(tenant, id_)
            if stored is not None:
                _expire(transaction, tenant, stored, moment)
        self._next = self._earliest()


def _expire(transaction: Transaction, tenant: int, stored: Stored, moment: str) -> None:
    entity = stored.document
    if is_past(entity, moment):
        transaction.delete(tenant, stored)
        return
    changes: list[Change] = []
    kept: EntityDocument = {}
    for name, value in entity.items():
        if name in ENTITY_MEMBERS:
            kept[name] = value
            continue
        gone = [instance for instance in value if is_past(instance, moment)]
        changes += [Change("attributeDeleted", name, instance.get("datasetId"), instance) for instance in gone]
        if remaining := [_without_past(instance, moment) for instance in value if instance not in gone]:
            kept[name] = remaining
    transaction.replace(tenant, stored, kept | {"modifiedAt": moment}, changes)


def _without_past(instance: dict[str, Any], moment: str) -> dict[str, Any]:
    """The instance without sub-attributes that have expired."""
    kept: dict[str, Any] = {}
    for member, value in instance.items():
        if ":" in member and isinstance(value, list):
            value = [_without_past(item, moment) for item in value if not is_past(item, moment)]
            if not value:
                continue
        kept[member] = value
    return kept


def is_past(node: dict[str, Any], moment: str) -> bool:
    """Whether an entity's or instance's own expiresAt has come."""
    expires_at = node.get("expiresAt")
    if not isinstance(expires_at, str):
        return False
    due, at = parse_datetime(expires_at), parse_datetime(moment)
    return due is not None and at is not None and due <= at
