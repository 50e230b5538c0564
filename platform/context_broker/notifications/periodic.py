"""Subscriptions with timeInterval: all matching entities, every interval (CIM 009, 5.8.6).

One notification carries as many entities as a page may (limit page_max); the rest follows at once in further ones.
"""

import asyncio
import logging
import time
from contextlib import suppress

from context_broker.notifications.delivery.outbox import Outbox
from context_broker.notifications.notification import build_notification, current_data
from context_broker.notifications.registry import SubscriptionRegistry
from context_broker.notifications.subscription import Subscription
from context_broker.storage.search import Page, Search
from context_broker.storage.selection import Selection
from ngsi_ld.datetimes import now
from ngsi_ld.model.kinds import EntityDocument

TICK = 0.2
log = logging.getLogger(__name__)


class Periodic:
    """Wakes several times a second and notifies the subscriptions that are due, the first time after one interval."""

    def __init__(self, registry: SubscriptionRegistry, search: Search, outbox: Outbox, most: int) -> None:
        """`most`: entities in one notification."""
        self._registry = registry
        self._search = search
        self._outbox = outbox
        self._most = most
        self._due: dict[tuple[int, str], float] = {}
        self._task: asyncio.Task[None] | None = None

    def start(self) -> None:
        self._task = asyncio.create_task(self._run())

    async def stop(self) -> None:
        if self._task is not None:
            self._task.cancel()
            with suppress(asyncio.CancelledError):
                await self._task

    async def _run(self) -> None:
        while True:
            await asyncio.sleep(TICK)
            clock = time.monotonic()
            subscriptions = self._registry.periodic()
            known = {(item.tenant, item.id): item for item in subscriptions}
            self._due = {key: due for key, due in self._due.items() if key in known}
            for key, subscription in known.items():
                interval = subscription.time_interval or 0.0
                if clock < self._due.setdefault(key, clock + interval):
                    continue
                self._due[key] = max(self._due[key] + interval, clock)
                try:
                    await self._notify(subscription)
                except Exception:  # a full disk, a tenant just removed: the others are still to be notified
                    log.exception("the periodic notification of %s failed", subscription.id)

    async def _notify(self, subscription: Subscription) -> None:
        moment = now()
        if subscription.status(moment) != "active":
            return
        condition = subscription.condition
        selection = Selection(
            q=condition.q, geo=condition.geo, scopes=condition.scopes, alternatives=condition.selectors
        )
        found = await self._search.find(subscription.tenant, selection, Page())

        def find(id_: str) -> EntityDocument | None:
            stored = self._search.get(subscription.tenant, id_)
            return stored.document if stored else None

        for start in range(0, len(found.entities), self._most):
            page = [stored.document for stored in found.entities[start : start + self._most]]
            data = current_data(subscription.view, page, find)
            if data:
                await self._outbox.send(subscription, build_notification(subscription, data, moment))
