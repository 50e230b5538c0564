"""Notifications that are due: put into the file by the commit that causes them, taken out when delivered."""

import asyncio
import logging
import math
import sqlite3
import time
from collections import deque
from collections.abc import Callable, Hashable
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial

import orjson

from context_broker.events import EntityEvent
from context_broker.limits import Limits
from context_broker.notifications.delivery.channels import Channels
from context_broker.notifications.delivery.deliveries import Deliveries
from context_broker.notifications.delivery.due import Due, Key
from context_broker.notifications.endpoint import REQUEST_HEADER
from context_broker.notifications.notification import build_notification, entity_data
from context_broker.notifications.registry import SubscriptionRegistry, save
from context_broker.notifications.subscription import Subscription
from context_broker.storage.tenants import Tenants
from context_broker.storage.transaction import HeaderOf, Transaction
from context_broker.storage.writer import Writer
from ngsi_ld.datetimes import now, parse_datetime
from ngsi_ld.model.kinds import EntityDocument

SAVE_INTERVAL = 1.0
HANDED_AT_ONCE = 100
"""Notifications that begin to be delivered in one turn of the event loop: answers to clients come in between."""
_NOTHING = b"[]"
_ORPHANS = """
    DELETE FROM outbox WHERE NOT EXISTS (
        SELECT 1 FROM subscription WHERE subscription.tenant = outbox.tenant AND subscription.id = outbox.subscription)
"""
log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class _Ready:
    """A notification, and what receiverInfo copies of the request that triggered it."""

    key: Key
    body: bytes
    headers: list[tuple[str, str]]


class Outbox:
    """Matches events inside the commit, and hands over to the deliveries after it."""

    def __init__(
        self,
        connection: sqlite3.Connection,
        registry: SubscriptionRegistry,
        tenants: Tenants,
        writer: Writer,
        limits: Limits,
    ) -> None:
        self._limits = limits
        self._connection = connection
        self._registry = registry
        self._tenants = tenants
        self._writer = writer
        self._deliveries: Deliveries | None = None
        self._saving: asyncio.Task[None] | None = None
        self._last_due: dict[Key, float] = {}
        self._coming: deque[tuple[Key, Due]] = deque()
        self._handing: asyncio.Task[None] | None = None
        writer.observers.append(self._observe)

    async def start(self, channels: Channels) -> None:
        """Deliver what a former process left, then what comes."""
        self._deliveries = Deliveries(self._registry, channels, self._tenants.name, self._read, self._limits)
        await self._writer.write(lambda transaction: transaction.connection.execute(_ORPHANS))
        self._resume(self._deliveries)
        self._last_due = {_key(item): _clock_at(item.delivery.last_notification) for item in self._registry.throttled()}
        self._saving = asyncio.create_task(self._save_regularly())

    async def stop(self) -> None:
        """End deliveries; what is not yet delivered stays in the file."""
        if self._saving is None or self._deliveries is None:
            return
        for task in (self._saving, self._handing):
            if task is not None:
                task.cancel()
                with suppress(asyncio.CancelledError):
                    await task
        await self._deliveries.stop()
        await self._save()

    def _resume(self, deliveries: Deliveries) -> None:
        rows = self._connection.execute("SELECT id, tenant, subscription, headers, created_at FROM outbox ORDER BY id")
        for id_, tenant, subscription, headers, created_at in rows.fetchall():
            if self._registry.get(tenant, subscription) is not None:
                copied = [(name, value) for name, value in orjson.loads(headers)]
                deliveries.enqueue((tenant, subscription), Due(id_, created_at, None, copied))

    def _read(self, id_: int) -> bytes | None:
        row = self._connection.execute("SELECT notification FROM outbox WHERE id = ?", (id_,)).fetchone()
        return row[0] if row else None

    def _observe(self, transaction: Transaction) -> Callable[[], None] | None:
        if not transaction.events or not self._registry.matcher:
            return None
        try:
            ready = self._ready(transaction)
        except Exception:  # a fault in a notification must not undo the write that it tells of
            log.exception("the notifications of a commit are lost")
            return None
        due = [(item.key, self._insert(transaction, item.key, item.body, item.headers)) for item in ready]
        return partial(self._announce, due) if due else None

    def _ready(self, transaction: Transaction) -> list[_Ready]:
        moment, clock = now(), time.monotonic()
        told: set[Key] = set()
        shown: dict[Hashable, bytes] = {}
        ready = []
        for operation, subscription, events in self._matches(transaction):
            key = _key(subscription)
            if subscription.status(moment) != "active" or self._is_throttled(subscription, clock, key in told):
                continue
            looks = (subscription.shape, *map(id, events))
            if looks not in shown:
                find = partial(_find, transaction, subscription.tenant)
                shown[looks] = orjson.dumps(entity_data(subscription, events, moment, find))
            if (data := shown[looks]) != _NOTHING:
                told.add(key)
                headers = _copied(subscription, transaction.origins.get(operation))
                ready.append(_Ready(key, build_notification(subscription, data, moment), headers))
        return ready

    def _matches(self, transaction: Transaction) -> list[tuple[int, Subscription, list[EntityEvent]]]:
        """What each operation tells each subscription: its entities in one notification, an entity once."""
        groups: dict[tuple[int, Key], tuple[Subscription, dict[str, EntityEvent]]] = {}
        for event in transaction.events:
            find = partial(_find, transaction, event.tenant)
            for subscription in self._registry.matcher.matching(event, find):
                group = groups.setdefault((event.operation, _key(subscription)), (subscription, {}))
                group[1][event.entity["id"]] = event
        return [(operation, item, list(events.values())) for (operation, _), (item, events) in groups.items()]

    def _is_throttled(self, subscription: Subscription, clock: float, told: bool) -> bool:
        """What falls between two notifications that are closer than `throttling` is dropped (7.4)."""
        last = self._last_due.get(_key(subscription))
        soon = last is not None and clock - last < (subscription.throttling or 0)
        return subscription.throttling is not None and (told or soon)

    def _insert(self, transaction: Transaction, key: Key, body: bytes, headers: list[tuple[str, str]]) -> Due:
        created_at = time.time()
        cursor = transaction.connection.execute(
            "INSERT INTO outbox (tenant, subscription, notification, headers, created_at) VALUES (?, ?, ?, ?, ?)",
            (*key, body, orjson.dumps(headers), created_at),
        )
        assert cursor.lastrowid is not None
        return Due(cursor.lastrowid, created_at, body, headers)

    async def send(self, subscription: Subscription, body: bytes) -> None:
        """Queue a notification that no write caused (a periodic one)."""
        key = _key(subscription)
        self._announce([(key, await self._writer.write(lambda transaction: self._insert(transaction, key, body, [])))])

    def _announce(self, due: list[tuple[Key, Due]]) -> None:
        """After the commit: a few are handed over at once, of many the rest after the answer to who caused them."""
        self._last_due |= dict.fromkeys((key for key, _ in due), time.monotonic())
        if self._deliveries is None:
            return
        self._coming += due
        if self._handing is None:
            self._hand_over(self._deliveries)
        if self._coming and self._handing is None:
            self._handing = asyncio.create_task(self._hand_over_all(self._deliveries))

    def _hand_over(self, deliveries: Deliveries) -> None:
        for _ in range(min(HANDED_AT_ONCE, len(self._coming))):
            deliveries.enqueue(*self._coming.popleft())

    async def _hand_over_all(self, deliveries: Deliveries) -> None:
        while self._coming:
            await asyncio.sleep(0)
            self._hand_over(deliveries)
        self._handing = None

    def retry_now(self, subscription: Subscription) -> None:
        """A subscription has changed: what waits for it is tried at once."""
        if self._deliveries is not None:
            self._deliveries.retry_now(_key(subscription))

    def forget(self, subscription: Subscription) -> None:
        """A subscription is deleted: nothing more is sent for it."""
        key = _key(subscription)
        self._last_due.pop(key, None)
        self._coming = deque(item for item in self._coming if item[0] != key)
        if self._deliveries is not None:
            self._deliveries.forget(key)

    async def _save_regularly(self) -> None:
        while True:
            await asyncio.sleep(SAVE_INTERVAL)
            try:
                await self._save()
            except Exception:  # a full disk: what was delivered may be delivered again, but goes on
                log.exception("the outbox can't be written")

    async def _save(self) -> None:
        """Take what is done out of the file and write the counters, in one transaction."""
        if self._deliveries is None:
            return
        done, touched = self._deliveries.take_done(), self._deliveries.take_touched()
        if not done and not touched:
            return

        def operation(transaction: Transaction) -> None:
            transaction.connection.executemany("DELETE FROM outbox WHERE id = ?", [(id_,) for id_ in done])
            for key in touched:
                subscription = self._registry.get(*key)
                if subscription is not None:
                    save(transaction, subscription)

        await asyncio.shield(self._writer.write(operation))


def _copied(subscription: Subscription, header_of: HeaderOf | None) -> list[tuple[str, str]]:
    """The headers that receiverInfo copies of the triggering request; those that it lacks are left out."""
    wanted = [name for name, value in subscription.endpoint.receiver_info if value == REQUEST_HEADER]
    if header_of is None or not wanted:
        return []
    found = [(name, header_of(name.lower().encode("latin-1"))) for name in wanted]
    return [(name, value) for name, value in found if value is not None]


def _clock_at(moment: str | None) -> float:
    """The monotonic clock at a moment of the past: throttling goes on after a restart."""
    at = parse_datetime(moment or "")
    return -math.inf if at is None else time.monotonic() - (datetime.now(UTC) - at).total_seconds()


def _find(transaction: Transaction, tenant: int, id_: str) -> EntityDocument | None:
    stored = transaction.get(tenant, id_)
    return stored.document if stored else None


def _key(subscription: Subscription) -> Key:
    return subscription.tenant, subscription.id
