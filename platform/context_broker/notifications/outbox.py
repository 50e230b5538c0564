"""Notifications that are due: put into the file by the commit that causes them, taken out when delivered or given up.

Each subscription is served by a task of its own, in order; so a slow subscriber holds up neither others nor writers.
"""

import asyncio
import time
from collections import defaultdict, deque
from contextlib import suppress
from dataclasses import dataclass

from context_broker.events import EntityEvent
from context_broker.notifications.channels import Channels
from context_broker.notifications.failures import DeliveryFailed
from context_broker.notifications.notification import build_notification, entity_data
from context_broker.notifications.registry import SubscriptionRegistry, save
from context_broker.notifications.subscription import Subscription
from context_broker.storage.tenants import Tenants
from context_broker.storage.transaction import Transaction
from context_broker.storage.writer import Writer
from ngsi_ld.datetimes import now
from ngsi_ld.model.kinds import EntityDocument

ATTEMPTS = 5
FIRST_PAUSE = 0.5
"""Seconds before the second attempt; doubled for each further one."""
PENDING_LIMIT = 10_000
"""Notifications that may wait for one subscriber; the oldest beyond it are given up and counted as failed."""
SAVE_INTERVAL = 1.0
Key = tuple[int, str]


@dataclass(slots=True)
class _Due:
    id: int
    body: bytes


class Outbox:
    """Matches events inside the commit, and delivers after it."""

    def __init__(self, registry: SubscriptionRegistry, tenants: Tenants, writer: Writer) -> None:
        self._registry = registry
        self._tenants = tenants
        self._writer = writer
        self._channels: Channels | None = None
        self._waiting: defaultdict[Key, deque[_Due]] = defaultdict(deque)
        self._tasks: dict[Key, asyncio.Task[None]] = {}
        self._done: list[int] = []
        self._touched: set[Key] = set()
        self._saving: asyncio.Task[None] | None = None
        self._last_sent: dict[Key, float] = {}
        writer.observers.append(self._observe)

    async def start(self, channels: Channels) -> None:
        """Deliver what a former process left, then what comes."""
        self._channels = channels
        await self._writer.write(self._resume)
        self._saving = asyncio.create_task(self._save_regularly())

    async def stop(self) -> None:
        """End deliveries; what is not yet delivered stays in the file."""
        tasks = [task for task in (*self._tasks.values(), self._saving) if task is not None]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        await self._save()
        if self._channels is not None:
            await self._channels.close()

    def _resume(self, transaction: Transaction) -> None:
        rows = transaction.connection.execute("SELECT id, tenant, subscription, notification FROM outbox ORDER BY id")
        for id_, tenant, subscription, body in rows.fetchall():
            if self._registry.get(tenant, subscription) is None:
                self._done.append(id_)
            else:
                self._enqueue((tenant, subscription), _Due(id_, body))

    def _observe(self, transaction: Transaction) -> "_Announce | None":
        if not transaction.events:
            return None
        due = [
            (subscription, self._insert(transaction, subscription, body))
            for subscription, body in self._notifications(transaction)
        ]
        return _Announce(self, due) if due else None

    def _notifications(self, transaction: Transaction) -> list[tuple[Subscription, bytes]]:
        moment, clock = now(), time.monotonic()
        groups: dict[tuple[int, Key], tuple[Subscription, dict[str, EntityEvent]]] = {}
        for event in transaction.events:

            def find(id_: str, tenant: int = event.tenant) -> EntityDocument | None:
                stored = transaction.get(tenant, id_)
                return stored.document if stored else None

            for subscription in self._registry.matcher.matching(event, find):
                group = groups.setdefault((event.operation, _key(subscription)), (subscription, {}))
                group[1][event.entity["id"]] = event
        ready = []
        for subscription, events in groups.values():
            if subscription.status(moment) != "active" or self._is_throttled(subscription, clock):
                continue
            shown = [entity_data(subscription, event, moment) for event in events.values()]
            data = [item for item in shown if item is not None]
            if data:
                self._last_sent[_key(subscription)] = clock
                ready.append((subscription, build_notification(subscription, data, moment)))
        return ready

    def _is_throttled(self, subscription: Subscription, clock: float) -> bool:
        last = self._last_sent.get(_key(subscription))
        return subscription.throttling is not None and last is not None and clock - last < subscription.throttling

    def _insert(self, transaction: Transaction, subscription: Subscription, body: bytes) -> _Due:
        cursor = transaction.connection.execute(
            "INSERT INTO outbox (tenant, subscription, notification, created_at) VALUES (?, ?, ?, ?)",
            (subscription.tenant, subscription.id, body, time.time()),
        )
        assert cursor.lastrowid is not None
        return _Due(cursor.lastrowid, body)

    async def send(self, subscription: Subscription, body: bytes) -> None:
        """Queue a notification that no write caused (a periodic one)."""
        due = await self._writer.write(lambda transaction: self._insert(transaction, subscription, body))
        self._enqueue(_key(subscription), due)

    def announce(self, due: list[tuple[Subscription, _Due]]) -> None:
        """After the commit: hand what is due to the deliveries."""
        for subscription, item in due:
            self._enqueue(_key(subscription), item)

    def _enqueue(self, key: Key, due: _Due) -> None:
        waiting = self._waiting[key]
        waiting.append(due)
        if len(waiting) > PENDING_LIMIT:
            self._done.append(waiting.popleft().id)
            self._count_failure(key)
        if key not in self._tasks and self._channels is not None:
            task = asyncio.create_task(self._deliver(key, self._channels))
            self._tasks[key] = task
            task.add_done_callback(lambda _: self._tasks.pop(key, None))

    async def _deliver(self, key: Key, channels: Channels) -> None:
        waiting = self._waiting[key]
        while waiting:
            due = waiting[0]
            await self._attempt(key, due, channels)
            if waiting and waiting[0] is due:
                waiting.popleft()
            self._done.append(due.id)

    async def _attempt(self, key: Key, due: _Due, channels: Channels) -> None:
        pause = FIRST_PAUSE
        for attempt in range(ATTEMPTS):
            subscription = self._registry.get(*key)
            if subscription is None:
                return
            try:
                await channels.send(subscription, self._tenant_name(key[0]), due.body)
            except DeliveryFailed as failure:
                self._count(subscription, failed=True)
                if failure.is_final or attempt == ATTEMPTS - 1:
                    return
                await asyncio.sleep(max(pause, subscription.endpoint.cooldown))
                pause *= 2
            else:
                self._count(subscription, failed=False)
                return

    def _tenant_name(self, number: int) -> str:
        return next((name for name, known in self._tenants.all().items() if known == number), "")

    def _count(self, subscription: Subscription, *, failed: bool) -> None:
        delivery, moment = subscription.delivery, now()
        delivery.times_sent += 1
        delivery.last_notification = moment
        delivery.failed = failed
        if failed:
            delivery.times_failed += 1
            delivery.last_failure = moment
        else:
            delivery.last_success = moment
        self._touched.add(_key(subscription))

    def _count_failure(self, key: Key) -> None:
        subscription = self._registry.get(*key)
        if subscription is not None:
            self._count(subscription, failed=True)

    async def _save_regularly(self) -> None:
        while True:
            await asyncio.sleep(SAVE_INTERVAL)
            await self._save()

    async def _save(self) -> None:
        """Take what is done out of the file and write the counters, in one transaction."""
        if not self._done and not self._touched:
            return
        done, self._done = self._done, []
        touched, self._touched = self._touched, set()

        def operation(transaction: Transaction) -> None:
            transaction.connection.executemany("DELETE FROM outbox WHERE id = ?", [(id_,) for id_ in done])
            for key in touched:
                subscription = self._registry.get(*key)
                if subscription is not None:
                    save(transaction, subscription)

        with suppress(asyncio.CancelledError):
            await self._writer.write(operation)

    def forget(self, subscription: Subscription) -> None:
        """A subscription is deleted: nothing more is sent for it."""
        key = _key(subscription)
        self._waiting.pop(key, None)
        self._last_sent.pop(key, None)
        task = self._tasks.pop(key, None)
        if task is not None:
            task.cancel()


@dataclass(frozen=True, slots=True)
class _Announce:
    outbox: Outbox
    due: list[tuple[Subscription, _Due]]

    def __call__(self) -> None:
        self.outbox.announce(self.due)


def _key(subscription: Subscription) -> Key:
    return subscription.tenant, subscription.id
