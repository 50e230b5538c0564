"""Every subscription through products: made, shown and changed by their makers, and ended when the right to it ends."""

import asyncio
import logging
import secrets
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import orjson
from starlette.types import ASGIApp

from context_broker.contexts import Contexts
from context_broker.notifications.subscription import Delivery, Subscription
from datenbroker.following.makers import Makers
from datenbroker.following.record import COLLECTION, Record, owner_of, state_of, subscription_of
from datenbroker.following.watched import watched_document
from datenbroker.gateway.problems import BrokerBroken, GatewayProblem
from datenbroker.gateway.products.source import Source
from datenbroker.identities.roles import Caller
from datenbroker.lens.lens import Lens
from datenbroker.process.repeated import Repeated
from datenbroker.products.access import Access, ProductRefused
from datenbroker.products.products import Products
from document_store.store import DocumentStore
from ngsi_ld.errors import AlreadyExists, NotImplementedYet, ResourceNotFound, TooManyResults

log = logging.getLogger(__name__)

SUBSCRIPTIONS = "/ngsi-ld/v1/subscriptions"
SWEEP_SECONDS = 2.0
"""So long after its grant or product a subscription is gone; nothing is relayed for it from that moment on."""


@dataclass
class Book:
    """`relay` is where the broker reaches this gateway, None where it can't; `most` is how many one maker may have."""

    store: DocumentStore
    products: Products
    broker: ASGIApp
    contexts: Callable[[], Contexts]
    lens_of: Callable[[Access], Any]
    relay: str | None = None
    most: int = 100
    makers: Makers | None = None
    changing: asyncio.Lock = field(default_factory=asyncio.Lock)

    def __post_init__(self) -> None:
        failure = "The subscriptions to products could not be looked through"
        self._sweeping = Repeated(self.sweep, SWEEP_SECONDS, failure, first=0)

    async def start(self) -> None:
        """Whatever ended while nobody was here ends now."""
        self._sweeping.start()

    async def stop(self) -> None:
        await self._sweeping.stop()

    async def of(self, caller: Caller, slug: str) -> list[Record]:
        """Those that a caller has made of a product, in the order of making."""
        documents = await self.store.find(COLLECTION, {"owner": owner_of(caller, slug)})
        records = [Record.read(document) for document in documents]
        return sorted((record for record in records if not record.ended), key=lambda it: (it.created_at, it.key))

    async def one(self, caller: Caller, slug: str, id_: str) -> Record | None:
        return next((record for record in await self.of(caller, slug) if record.id == id_), None)

    async def create(self, record: Record, subscription: Subscription, access: Access) -> None:
        """Kept first: what the broker knows is known here too, whatever happens in between."""
        if self.relay is None:
            raise NotImplementedYet("this platform's context broker can't notify through a product")
        async with self.changing:
            own = await self.of(record.caller, record.slug)
            if any(known.id == record.id for known in own):
                raise AlreadyExists(f"Subscription {record.id} exists already")
            if len(own) >= self.most:
                raise TooManyResults(f"you have {self.most} subscriptions to this product, no more fit")
            await self.store.put(COLLECTION, record.stored())
            try:
                await self._watch(record, subscription, access)
            except Exception:
                await self.end(record)
                raise

    async def change(self, record: Record, subscription: Subscription, access: Access) -> None:
        """Where the broker fails in between, the next sweep puts the old subscription in order."""
        async with self.changing:
            old = await self.store.get(COLLECTION, record.key)
            if old is None or old["ended"]:
                raise ResourceNotFound(f"Subscription {record.id} does not exist")
            await self.store.put(COLLECTION, {**old, "state": ""})
            await self._forget(record)
            await self._watch(record, subscription, access)

    async def end(self, record: Record) -> None:
        """Nothing is relayed from now on; the broker forgets it now or, if it is down, later."""
        await self.store.put(COLLECTION, record.having(ended=True).stored())
        try:
            await self._forget(record)
        except (GatewayProblem, OSError) as problem:
            log.warning("A subscription is ended at the broker later: %s", problem)
            return
        await self.store.delete(COLLECTION, record.key)

    async def delivery(self, record: Record) -> Delivery:
        """What the broker has counted."""
        reply = await self._source(record.tenant).ask("GET", f"{SUBSCRIPTIONS}/{record.key}", {})
        if reply.status != 200:
            return Delivery()
        counted = orjson.loads(reply.body).get("notification", {})
        return Delivery(
            counted.get("timesSent", 0),
            counted.get("timesFailed", 0),
            counted.get("lastNotification"),
            counted.get("lastSuccess"),
            counted.get("lastFailure"),
            counted.get("status") == "failed",
        )

    async def sweep(self) -> None:
        """Ends what has lost its right, and brings in line what its product has changed under."""
        for document in await self.store.find(COLLECTION):
            record = Record.read(document)
            try:
                async with self.changing:
                    await self._put_in_order(record)
            except Exception:
                log.exception("A subscription to %s could not be put in order; it is tried again", record.slug)

    async def _put_in_order(self, seen: Record) -> None:
        document = await self.store.get(COLLECTION, seen.key)
        if document is None:
            return
        found = Record.read(document)
        record = found if self.makers is None or found.ended else await self.makers.now(found)
        access = None if record is None else self.access(record)
        if record is None or access is None:
            await self.end(found)
            return
        if record.maker != found.maker:
            await self.store.put(COLLECTION, record.stored())
        if record.state != state_of(access):
            await self._forget(record)
            await self._watch(record, await subscription_of(record, self.contexts()), access)

    def access(self, record: Record) -> Access | None:
        """The right by which it lives, None where there is none any more."""
        if record.ended:
            return None
        try:
            access = self.products.open_for(record.slug, record.caller)
        except ProductRefused:
            return None
        return access if access.product.subscriptions else None

    async def _watch(self, record: Record, subscription: Subscription, access: Access) -> None:
        lens: Lens = await self.lens_of(access)
        relay = f"{self.relay}/{record.key}/{record.secret}"
        watched = watched_document(subscription, lens, relay, access.ends)
        terms: dict[str, str] = {}
        if watched is not None:
            document, terms = watched
            reply = await self._source(access.tenant).ask(
                "POST", SUBSCRIPTIONS, {}, {"id": record.key, **document}, ld_json="@context" in document
            )
            if reply.status != 201:
                log.error("The broker refused a narrowed subscription: %s %s", reply.status, reply.body[:500])
                raise BrokerBroken("The context broker did not take the subscription: try again later.")
        made = record.having(state=state_of(access), terms=terms, tenant=access.tenant)
        await self.store.put(COLLECTION, made.stored())

    async def _forget(self, record: Record) -> None:
        reply = await self._source(record.tenant).ask("DELETE", f"{SUBSCRIPTIONS}/{record.key}", {})
        if reply.status not in (204, 404):
            raise BrokerBroken(f"The context broker answered {reply.status} to the end of a subscription.")

    def _source(self, tenant: str) -> Source:
        return Source(self.broker, tenant, Lens(frozenset()))


def new_key() -> str:
    """An id at the broker that nobody can guess."""
    return f"urn:ngsi-ld:Subscription:{secrets.token_hex(16)}"
