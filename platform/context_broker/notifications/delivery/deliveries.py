"""Sending what is due: each subscription is served by a task of its own, in order, so that one that is slow holds up
neither others nor writers; failures are tried again with growing pauses."""

import asyncio
import logging
import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field

from context_broker.limits import Limits
from context_broker.notifications.delivery.channels import Channels, headers_of
from context_broker.notifications.delivery.due import Due, Key
from context_broker.notifications.delivery.failures import DeliveryFailed
from context_broker.notifications.registry import SubscriptionRegistry
from context_broker.notifications.subscription import Subscription
from ngsi_ld.datetimes import now

FIRST_PAUSE, LONGEST_PAUSE = 0.5, 60.0
"""Seconds before the second attempt, doubled for each further one up to the longest."""
log = logging.getLogger(__name__)


@dataclass(slots=True)
class _Line:
    """What waits for one subscriber."""

    waiting: deque[Due] = field(default_factory=deque)
    task: asyncio.Task[None] | None = None
    changed: asyncio.Event = field(default_factory=asyncio.Event)


class Deliveries:
    """`read` fetches a body from the file. What is done with is told by `take_done` and `take_touched`."""

    def __init__(
        self,
        registry: SubscriptionRegistry,
        channels: Channels,
        tenant_name: Callable[[int], str],
        read: Callable[[int], bytes | None],
        limits: Limits,
    ) -> None:
        self._limits = limits
        self._registry, self._channels = registry, channels
        self._tenant_name, self._read = tenant_name, read
        self._lines: dict[Key, _Line] = {}
        self._slots = asyncio.Semaphore(limits.notifications_at_once)
        self._held = 0
        self._done: list[int] = []
        self._touched: set[Key] = set()

    def enqueue(self, key: Key, due: Due) -> None:
        line = self._lines.setdefault(key, _Line())
        if self._held + len(due.body or b"") > self._limits.notification_bytes:
            due.body = None
        self._held += len(due.body or b"")
        line.waiting.append(due)
        most = self._limits.notifications_waiting
        if len(line.waiting) > most:
            self._finish(line.waiting.popleft())
            self._count(key, DeliveryFailed(f"more than {most} notifications wait: the oldest is given up"))
        if line.task is None:
            line.task = asyncio.create_task(self._serve(key, line))

    def pending(self, key: Key) -> int:
        """How many notifications wait for a subscriber."""
        line = self._lines.get(key)
        return len(line.waiting) if line else 0

    def retry_now(self, key: Key) -> None:
        """A subscription has changed, perhaps its endpoint: end the pause before the next attempt."""
        if key in self._lines:
            self._lines[key].changed.set()

    def forget(self, key: Key) -> None:
        """A subscription is deleted: nothing more is sent for it."""
        line = self._lines.pop(key, None)
        if line is None:
            return
        for due in line.waiting:
            self._finish(due)
        if line.task is not None:
            line.task.cancel()

    def take_done(self) -> list[int]:
        """The rows of the outbox that are done with since the last call."""
        done, self._done = self._done, []
        return done

    def take_touched(self) -> set[Key]:
        """The subscriptions whose counters have changed since the last call."""
        touched, self._touched = self._touched, set()
        return touched

    async def stop(self) -> None:
        """End all attempts; what is not delivered stays in the file."""
        tasks = [line.task for line in self._lines.values() if line.task is not None]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        await self._channels.close()

    async def _serve(self, key: Key, line: _Line) -> None:
        pause = FIRST_PAUSE
        while line.waiting:
            due = line.waiting[0]
            failure = await self._attempt(key, due)
            is_over = (
                failure is None or failure.is_final or time.time() - due.created_at > self._limits.notification_seconds
            )
            if is_over and line.waiting and line.waiting[0] is due:
                self._finish(line.waiting.popleft())
            subscription = self._registry.get(*key)
            cooldown = subscription.endpoint.cooldown if subscription and failure else 0.0
            await self._rest(line, cooldown if is_over else max(pause, cooldown))
            pause = FIRST_PAUSE if is_over else min(pause * 2, LONGEST_PAUSE)
        if self._lines.get(key) is line:
            del self._lines[key]

    async def _rest(self, line: _Line, seconds: float) -> None:
        if seconds <= 0:
            return
        line.changed.clear()
        try:
            await asyncio.wait_for(line.changed.wait(), seconds)
        except TimeoutError:
            return

    async def _attempt(self, key: Key, due: Due) -> DeliveryFailed | None:
        """One attempt, counted. Nothing is sent for a subscription that is gone, paused or expired by now."""
        subscription = self._registry.get(*key)
        if subscription is None or subscription.status(now()) != "active":
            return None
        body = due.body if due.body is not None else self._read(due.id)
        if body is None:
            return None
        headers = headers_of(subscription, self._tenant_name(key[0]), due.headers)
        failure = None
        try:
            async with self._slots:
                await self._channels.send(subscription, headers, body)
        except DeliveryFailed as refused:
            failure = refused
        except Exception as error:  # a fault of ours must not end the deliveries to this subscriber
            log.exception("notifying %s failed", subscription.endpoint.uri)
            failure = DeliveryFailed(str(error))
        self._count(key, failure)
        return failure

    def _finish(self, due: Due) -> None:
        self._held -= len(due.body or b"")
        self._done.append(due.id)

    def _count(self, key: Key, failure: DeliveryFailed | None) -> None:
        subscription = self._registry.get(*key)
        if subscription is not None:
            _note(subscription, failure)
            self._touched.add(key)


def _note(subscription: Subscription, failure: DeliveryFailed | None) -> None:
    """The counters and times of 5.2.14; the log tells when a subscriber fails first and when it is back."""
    delivery, moment = subscription.delivery, now()
    if (failure is not None) != delivery.failed:
        log.warning(
            "subscription %s: %s", subscription.id, f"not delivered: {failure}" if failure else "delivered again"
        )
    delivery.times_sent += 1
    delivery.last_notification = moment
    delivery.failed = failure is not None
    if failure is None:
        delivery.last_success = moment
        return
    delivery.times_failed += 1
    delivery.last_failure = moment
