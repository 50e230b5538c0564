"""All subscriptions: in the file for restarts, in memory for matching."""

import asyncio
import logging
import sqlite3
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import asdict
from typing import Any
from weakref import WeakValueDictionary

import orjson

from context_broker.contexts import Contexts
from context_broker.notifications.kept_contexts import KeptContexts
from context_broker.notifications.matching import Matcher
from context_broker.notifications.subscription import (
    NAMING_MEMBERS,
    OUTPUT_MEMBERS,
    Delivery,
    Subscription,
    check_document,
    read_condition,
    read_names,
    read_notification,
)
from context_broker.storage.transaction import Transaction
from ngsi_ld.errors import NgsiLdError
from ngsi_ld.jsonld.context import Context, ContextSource, core_context
from ngsi_ld.names import without_keywords

log = logging.getLogger(__name__)


class SubscriptionRegistry:
    """Subscriptions by tenant and id, in order of creation."""

    def __init__(self, connection: sqlite3.Connection, contexts: Contexts) -> None:
        self._connection = connection
        self._contexts = contexts
        self._all: defaultdict[int, dict[str, Subscription]] = defaultdict(dict)
        self._periodic: dict[tuple[int, str], Subscription] = {}
        self._kept = KeptContexts(connection, contexts)
        self._locks: WeakValueDictionary[tuple[str, str], asyncio.Lock] = WeakValueDictionary()
        self.matcher = Matcher()
        self.unreadable: list[tuple[str, str]] = []
        """Stored subscriptions whose context can't be loaded now, with the reason."""

    async def load(self) -> None:
        """Read the file's subscriptions; one that can't be read is noted and does not stop the others."""
        self._kept.load()
        rows = self._connection.execute("SELECT tenant, document FROM subscription ORDER BY seq").fetchall()
        for tenant, json in rows:
            stored = orjson.loads(json)
            key = tenant, stored["document"]["id"]
            self._kept.use(key, _sources(stored["contexts"], stored["document"]))
            try:
                subscription = await self.build(tenant, stored["document"], stored["contexts"], stored)
            except NgsiLdError as error:
                log.error("subscription %s can't be read: %s", stored["document"]["id"], error.detail)
                self.unreadable.append((stored["document"]["id"], error.detail))
                continue
            subscription.delivery = Delivery(**stored["delivery"])
            self.put(subscription)
        self._kept.remove_unused()

    async def build(
        self, tenant: int, document: dict[str, Any], sources: dict[str, ContextSource | None], meta: dict[str, Any]
    ) -> Subscription:
        """A subscription out of its document; `meta` has created_at, modified_at, context_url and checked_at."""
        if "checked_at" in meta:
            check_document(document, meta["checked_at"])
        contexts = {name: await self._resolve(sources.get(name)) for name in NAMING_MEMBERS}
        shown_source = document.get("jsonldContext", sources.get("@context"))
        shown_in = await self._resolve(shown_source)
        endpoint, view, show_changes = read_notification(document, contexts["notification"], shown_in)
        return Subscription(
            id=document["id"],
            tenant=tenant,
            document=document,
            contexts=sources,
            created_at=meta["created_at"],
            modified_at=meta["modified_at"],
            condition=read_condition(document, contexts),
            endpoint=endpoint,
            view=view,
            context_url=document.get("jsonldContext", meta["context_url"]),
            named=read_names(document, contexts),
            show_changes=show_changes,
            throttling=document.get("throttling"),
            time_interval=document.get("timeInterval"),
            expires_at=document.get("expiresAt"),
            is_active=document.get("isActive", True),
        )

    async def _resolve(self, source: ContextSource | None) -> Context:
        return core_context() if source is None else await self._contexts.resolve(source)

    def get(self, tenant: int, id_: str) -> Subscription | None:
        return self._all[tenant].get(id_) if tenant in self._all else None

    def of_tenant(self, tenant: int) -> list[Subscription]:
        return list(self._all[tenant].values()) if tenant in self._all else []

    def count(self, tenant: int) -> int:
        return len(self._all.get(tenant, ()))

    def periodic(self) -> list[Subscription]:
        return list(self._periodic.values())

    def throttled(self) -> list[Subscription]:
        return [item for owned in self._all.values() for item in owned.values() if item.throttling is not None]

    def changing(self, tenant: str, id_: str) -> asyncio.Lock:
        """Held while a subscription is created, changed or deleted: changes of one follow one another."""
        return self._locks.setdefault((tenant, id_), asyncio.Lock())

    def keep_contexts(self, transaction: Transaction, subscription: Subscription) -> None:
        """Store the documents that a subscription is read by, so that a restart does not depend on their servers."""
        key = subscription.tenant, subscription.id
        self._kept.keep(transaction, key, _sources(subscription.contexts, subscription.document))

    def erase(self, transaction: Transaction, tenant: int, id_: str) -> None:
        """Delete a subscription, what was still to be sent for it, and the contexts that nobody else is read by."""
        for table, column in (("subscription", "id"), ("outbox", "subscription")):
            transaction.connection.execute(_ERASE[table, column], (tenant, id_))
        self._kept.forget(transaction, (tenant, id_))

    def put(self, subscription: Subscription) -> None:
        """Take up a subscription, in place of the one with its id."""
        key = subscription.tenant, subscription.id
        old = self.get(*key)
        if old is not None:
            self._unfile(old)
        self._all[subscription.tenant][subscription.id] = subscription
        if subscription.time_interval is None:
            self.matcher.add(subscription)
        else:
            self._periodic[key] = subscription

    def drop(self, subscription: Subscription) -> None:
        """Forget a subscription; where another has taken its place, that one stays."""
        if self.get(subscription.tenant, subscription.id) is subscription:
            del self._all[subscription.tenant][subscription.id]
            self._unfile(subscription)

    def _unfile(self, subscription: Subscription) -> None:
        if subscription.time_interval is None:
            self.matcher.remove(subscription)
        else:
            del self._periodic[subscription.tenant, subscription.id]


def save(transaction: Transaction, subscription: Subscription) -> None:
    """Write a subscription, new or changed."""
    stored = {
        "document": subscription.document,
        "contexts": subscription.contexts,
        "created_at": subscription.created_at,
        "modified_at": subscription.modified_at,
        "context_url": subscription.context_url,
        "delivery": asdict(subscription.delivery),
    }
    transaction.connection.execute(
        "INSERT INTO subscription (tenant, id, document) VALUES (?, ?, ?)"
        " ON CONFLICT (tenant, id) DO UPDATE SET document = excluded.document",
        (subscription.tenant, subscription.id, orjson.dumps(stored)),
    )


def _sources(contexts: Mapping[str, ContextSource | None], document: Mapping[str, Any]) -> list[ContextSource | None]:
    return [*contexts.values(), document.get("jsonldContext")]


_ERASE = {
    ("subscription", "id"): "DELETE FROM subscription WHERE tenant = ? AND id = ?",
    ("outbox", "subscription"): "DELETE FROM outbox WHERE tenant = ? AND subscription = ?",
}


def client_document(payload: dict[str, Any]) -> dict[str, Any]:
    """What a client may set: without @context and the members that the broker gives out."""
    plain = without_keywords(payload)
    document = {name: value for name, value in plain.items() if name != "@context" and name not in OUTPUT_MEMBERS}
    if isinstance(entities := document.get("entities"), list):
        document["entities"] = [without_keywords(item) if isinstance(item, dict) else item for item in entities]
    notification = document.get("notification")
    if isinstance(notification, dict):
        output = ("status", "timesSent", "timesFailed", "lastNotification", "lastSuccess", "lastFailure")
        document["notification"] = {name: value for name, value in notification.items() if name not in output}
    return document
