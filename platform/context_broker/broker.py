"""The broker's parts, wired: storage, contexts, tenants; what the handlers of the API work with."""

import asyncio
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TypeVar

from context_broker.contexts import Contexts
from context_broker.hosted import HostedContexts
from context_broker.http.request import Request
from context_broker.limits import Limits
from context_broker.notifications.delivery.channels import Channels
from context_broker.notifications.delivery.outbox import Outbox
from context_broker.notifications.periodic import Periodic
from context_broker.notifications.registry import SubscriptionRegistry
from context_broker.storage.database import Database
from context_broker.storage.entity_cache import EntityCache
from context_broker.storage.expiry import Expiry
from context_broker.storage.listing import Listing
from context_broker.storage.search import Search
from context_broker.storage.tenants import DEFAULT_TENANT, Tenants
from context_broker.storage.transaction import Transaction
from context_broker.storage.writer import Writer
from context_broker.targets import Receiver, TargetGuard
from context_broker.tenancy import tenant_name

T = TypeVar("T")


class Broker:
    """Open from construction to `stop`."""

    def __init__(self, folder: Path, limits: Limits, inner: Mapping[str, Receiver] | None = None) -> None:
        self.limits = limits
        self.started = time.time()
        self.database = Database(folder)
        self.tenants = Tenants(self.database.connection)
        self.cache = EntityCache(limits.cache_bytes)
        listing = Listing(self.database.lister, limits.query_seconds)
        self.search = Search(self.database.connection, listing, self.tenants, self.cache)
        self.writer = Writer(self.database, self.tenants, self.cache)
        self.guard = TargetGuard(allow_private=limits.allow_private_targets, inner=inner)
        self.contexts = Contexts(limits, self.guard)
        self.hosted = HostedContexts(self.database.connection, self.contexts, limits.contexts_stored)
        self.expiry = Expiry(self.database.connection, self.writer)
        self.subscriptions = SubscriptionRegistry(self.database.connection, self.contexts)
        self.outbox = Outbox(self.database.connection, self.subscriptions, self.tenants, self.writer, limits)
        self.periodic = Periodic(self.subscriptions, self.search, self.outbox, limits.page_max)

    async def start(self) -> None:
        """Begin the background work."""
        await self.subscriptions.load()
        await self.outbox.start(Channels(self.guard, self.limits.mqtt_connections))
        self.periodic.start()
        self.expiry.start()

    async def stop(self) -> None:
        """End the background work, commit what waits, close the file."""
        await self.expiry.stop()
        await self.periodic.stop()
        await self.outbox.stop()
        await self.contexts.close()
        await self.writer.stop()
        await asyncio.to_thread(self.database.checkpoint, wait=True)
        self.database.close()

    def tenant(self, request: Request) -> int:
        """The tenant of a request that reads or changes what exists; `NonexistentTenant` otherwise."""
        return self.tenant_named(tenant_name(request))

    def tenant_named(self, name: str) -> int:
        """The default tenant's name is empty."""
        return self.tenants.number(name) if name else DEFAULT_TENANT

    async def read(self, request: Request) -> int:
        """The tenant of a reading request, after what has expired is gone."""
        return await self.read_of(tenant_name(request))

    async def read_of(self, name: str) -> int:
        """The same of a tenant by its name."""
        if self.expiry.is_due():
            await self.expiry.sweep()
        return self.tenant_named(name)

    async def write(self, request: Request, operation: Callable[[Transaction, int], T]) -> T:
        """Run an operation on an existing tenant; its result is on disk when this returns."""
        tenant = await self.read(request)

        def caused(transaction: Transaction) -> T:
            transaction.origins[transaction.operation] = request.header
            return operation(transaction, tenant)

        return await self.writer.write(caused)

    async def create(self, request: Request, operation: Callable[[Transaction, int], T]) -> T:
        """The same for operations that make the tenant where there is none (5.5.10)."""
        name = tenant_name(request)
        if self.expiry.is_due():
            await self.expiry.sweep()

        def caused(transaction: Transaction) -> T:
            transaction.origins[transaction.operation] = request.header
            return operation(transaction, transaction.tenants.ensure(name))

        return await self.writer.write(caused)
