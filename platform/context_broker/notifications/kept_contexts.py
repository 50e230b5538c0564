"""The @contexts that subscriptions are read by, kept in the file: a restart does not depend on their servers."""

import sqlite3
from collections import defaultdict
from collections.abc import Iterable

import orjson

from context_broker.contexts import Contexts
from context_broker.storage.transaction import Transaction
from ngsi_ld.jsonld.context import ContextSource, references

Key = tuple[int, str]
"""Tenant and id of a subscription."""


class KeptContexts:
    """Documents by URL, each as long as a subscription is read by it."""

    def __init__(self, connection: sqlite3.Connection, contexts: Contexts) -> None:
        self._connection = connection
        self._contexts = contexts
        self._bodies: dict[str, ContextSource] = {}
        self._users: defaultdict[str, set[Key]] = defaultdict(set)
        self._of: dict[Key, frozenset[str]] = {}

    def load(self) -> None:
        """Read the file's documents; they count as downloaded just now."""
        for url, body in self._connection.execute("SELECT url, body FROM subscription_context").fetchall():
            self._bodies[url] = self._contexts.prime(url, orjson.loads(body))

    def use(self, key: Key, sources: Iterable[ContextSource | None]) -> None:
        """Note, after `load`, which documents a stored subscription is read by."""
        urls: set[str] = set()
        missing = [url for source in sources if source is not None for url in references(source)]
        while missing:
            url = missing.pop()
            if url not in urls and url in self._bodies:
                urls.add(url)
                missing += references(self._bodies[url])
        self._settle(key, frozenset(urls))

    def remove_unused(self) -> None:
        """After all stored subscriptions: what none of them is read by goes."""
        unused = [(url,) for url in self._bodies if not self._users.get(url)]
        self._connection.executemany("DELETE FROM subscription_context WHERE url = ?", unused)
        for (url,) in unused:
            del self._bodies[url]

    def keep(self, transaction: Transaction, key: Key, sources: Iterable[ContextSource | None]) -> None:
        """Store the documents of a new or changed subscription, and forget those that it alone was read by before."""
        held: dict[str, ContextSource] = {}
        for source in sources:
            if source is not None:
                held |= self._contexts.held(source)
        fresh = {url: body for url, body in held.items() if self._bodies.get(url) is not body}
        transaction.connection.executemany(
            "INSERT INTO subscription_context (url, body) VALUES (?, ?)"
            " ON CONFLICT (url) DO UPDATE SET body = excluded.body",
            [(url, orjson.dumps(body)) for url, body in fresh.items()],
        )
        for url in held:  # at once: another operation of this transaction may be about to forget it
            self._users[url].add(key)
        transaction.after_commit.append(lambda: self._bodies.update(fresh))
        self._release(transaction, key, frozenset(held))

    def forget(self, transaction: Transaction, key: Key) -> None:
        """Remove the documents that only this subscription is read by."""
        self._release(transaction, key, frozenset())

    def _release(self, transaction: Transaction, key: Key, still: frozenset[str]) -> None:
        alone = [url for url in self._of.get(key, frozenset()) - still if self._users[url] <= {key}]
        transaction.connection.executemany("DELETE FROM subscription_context WHERE url = ?", [(url,) for url in alone])
        for url in alone:
            self._bodies.pop(url, None)
        transaction.after_commit.append(lambda: self._settle(key, still))

    def _settle(self, key: Key, urls: frozenset[str]) -> None:
        for url in self._of.pop(key, frozenset()) - urls:
            self._users[url].discard(key)
            if not self._users[url]:
                del self._users[url]
        for url in urls:
            self._users[url].add(key)
        if urls:
            self._of[key] = urls
