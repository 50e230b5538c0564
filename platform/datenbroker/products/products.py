"""The products of all organisations: who may see and use them, and every change of them."""

import asyncio
import contextlib
import time
from collections.abc import AsyncIterator, Callable

from datenbroker.audit.log import AuditLog
from datenbroker.audit.record import Decision
from datenbroker.identities.organisations import Organisations
from datenbroker.identities.roles import Caller, Right
from datenbroker.process.repeated import Repeated
from datenbroker.products import life_cycle
from datenbroker.products.access import Access, NoSuchProduct, NotGranted, ProductRetired
from datenbroker.products.index import Index, Served
from datenbroker.products.life_cycle import NotAllowed, NotPossible, Step
from datenbroker.products.product import Product, ProductWanted, Visibility
from datenbroker.products.records import Overtaken, Records
from datenbroker.products.versions import Versions
from document_store.store import DocumentStore

REFRESH_SECONDS = 2.0
"""After so long a change made by another process is in force here; one made here is at once."""


class AlreadyThere(NotPossible):
    """The name is taken, or there is one of it already."""


class Products:
    """Decisions come from memory; changes go to the document store first.

    One that is not started (a command) has loaded once and does not hear of others' changes.
    """

    default_context: str | None = None
    """The @context that a product gets which names none; it is kept with the product."""

    def __init__(
        self,
        store: DocumentStore,
        organisations: Organisations,
        audit: AuditLog,
        clock: Callable[[], float] = time.time,
        most: int = 1000,
    ) -> None:
        self.records, self.index, self.clock = Records(store), Index(), clock
        self.audit, self._organisations, self._most = audit, organisations, most
        self.changing = asyncio.Lock()
        """Held by who reads, decides and writes."""
        failure = "The products could not be read anew; those known go on being served"
        self._refreshing = Repeated(self.refresh, REFRESH_SECONDS, failure)

    async def load(self) -> None:
        """Everything from the document store."""
        await self.records.begin()
        await self._load_tenants()
        self.index.replace(await self.records.products(), await self.records.grants())

    async def start(self) -> None:
        await self.load()
        self._refreshing.start()

    async def stop(self) -> None:
        await self._refreshing.stop()

    async def refresh(self) -> None:
        """What other processes have changed."""
        async with self.changing:  # or what is changed here meanwhile would be replaced by what was read before
            await self._load_tenants()
            changes = await self.records.changed()
            if changes is None:
                await self.load()
                return
            for kind, name in changes:
                if kind == "product":
                    self.index.put_product(name, await self.records.product(name))
                elif grant := await self.records.grant(name):
                    self.index.put_grant(grant)

    def open_for(self, slug: str, caller: Caller | None) -> Access:
        """The way into a product; `NoSuchProduct`, `ProductRetired` or `NotGranted` where there is none."""
        served = self.index.served(slug)
        tenant = None if served is None else self.index.tenants.get(served.product.organisation)
        if served is None or tenant is None or not self._may_know(served, caller):
            raise NoSuchProduct(slug)
        product = served.product
        if served.retired:
            raise ProductRetired(
                f"The product {slug} was retired on {product.modified:%Y-%m-%d}. "
                f"Ask {product.contact.name} <{product.contact.email}> what takes its place."
            )
        tenant = product.tenant(tenant)
        if product.visibility is Visibility.OPEN and served.available:
            return Access(product, tenant, served.selection, None, caller)
        assert caller is not None
        _require_reading(caller, slug)
        if _is_own(product, caller):
            return Access(product, tenant, served.selection, None, caller)
        held = self.index.granted(slug, caller.organisation or "", self.clock())
        if held is None:
            raise NotGranted(self._how_to_ask(product, caller))
        return Access(product, tenant, served.selection, held[1], caller, held[0])

    def _may_know(self, served: Served, caller: Caller | None) -> bool:
        product = served.product
        if product.visibility is Visibility.OPEN and (served.available or served.retired):
            return True
        if sees_all(product, caller):
            return True
        if caller is None or not (served.available or served.retired) or caller.organisation is None:
            return False
        return product.visibility is Visibility.KONZERN

    def _how_to_ask(self, product: Product, caller: Caller) -> str:
        known = [grant.at(self.clock()) for grant in self.index.asked(product.slug, caller.organisation or "")]
        if not known:
            return f"{product.slug} must be asked for: POST /products/{product.slug}/grants with a purpose and a date."
        last = max(known, key=lambda grant: grant.asked)
        reason = f" ({last.reason})" if last.reason else ""
        return f"Your grant {last.id} of {product.slug} is {last.state}{reason}: ask {product.contact.email}, or again."

    def visible(self, caller: Caller | None) -> list[Product]:
        """What a caller may find, by slug: the released version, of own products the draft where there is none."""
        return [
            served.product
            for slug in sorted(self.index.products)
            if (served := self.index.served(slug)) and self._is_listed(served, caller)
        ]

    def _is_listed(self, served: Served, caller: Caller | None) -> bool:
        if served.product.organisation not in self.index.tenants or not self._may_know(served, caller):
            return False
        return not served.retired or (caller is not None and _is_own(served.product, caller))

    def versions(self, slug: str, caller: Caller | None) -> Versions:
        """What a caller may know of one; others than its owner see only what was released."""
        served = self.index.served(slug)
        if served is None or served.product.organisation not in self.index.tenants:
            raise NoSuchProduct(slug)
        if not self._may_know(served, caller):
            raise NoSuchProduct(slug)
        return self.index.products[slug] if sees_all(served.product, caller) else Versions(live=served.product)

    async def create(self, wanted: ProductWanted, organisation: str, caller: Caller) -> Versions:
        """A draft; `NotAllowed`, `NotPossible`, `AlreadyThere`."""
        async with self.changing:
            await self._load_tenants()
            if not life_cycle.may_offer(caller, organisation):
                raise NotAllowed(f"{caller.name} may not describe products of {organisation}: its data-provider may.")
            if organisation not in self.index.tenants:
                raise NotPossible(f"There is no organisation {organisation}: create it first.")
            if await self.records.product(wanted.slug):
                raise AlreadyThere(f"The slug {wanted.slug} is taken: choose another.")
            if self._count(organisation) >= self._most:
                raise NotPossible(f"{organisation} has {self._most} products, which is the bound (--product-limit).")
            self._require_free_tenant(wanted)
            named = self._with_context(wanted)
            return await self._put(life_cycle.created(named, organisation, caller.name), caller, "create", None)

    async def change(self, wanted: ProductWanted, caller: Caller) -> Versions:
        """See `life_cycle.changed`; `NoSuchProduct`, `NotAllowed`, `NotPossible`."""
        async with self.changing:
            versions = await self._own(wanted.slug, caller)
            self._require_free_tenant(wanted)
            changed = life_cycle.changed(versions, self._with_context(wanted), caller.name)
            return await self._put(changed, caller, "change", versions)

    async def step(self, slug: str, step: Step, caller: Caller) -> Versions:
        async with self.changing:
            versions = await self._own(slug, caller)
            return await self._put(life_cycle.stepped(versions, step, caller), caller, step, versions)

    async def discard(self, slug: str, caller: Caller) -> None:
        """Drops the draft, and with it the product where nothing of it was ever released."""
        async with self.changing:
            versions = await self._own(slug, caller)
            left = life_cycle.discarded(versions)
            if left is not None:
                await self._put(left, caller, "discard", versions)
                return
            await self.audit.record(caller.name, "product.discard", f"product:{slug}")
            async with self._or_noted(caller, "product.discard", slug):
                await self.records.delete_product(versions)
            self.index.put_product(slug, None)

    async def _own(self, slug: str, caller: Caller) -> Versions:
        """As it is kept, of a caller that may change it; `NoSuchProduct` where it may not even know of it."""
        self.index.put_product(slug, await self.records.product(slug))
        versions = self.versions(slug, caller)
        if not life_cycle.may_offer(caller, versions.organisation):
            raise NotAllowed(f"{caller.name} may not change {slug}: data-provider or data-steward of its owner may.")
        return versions

    async def _put(self, versions: Versions, caller: Caller, deed: str, before: Versions | None) -> Versions:
        detail = {"version": versions.latest.version, "state": versions.latest.state}
        # logged first: what cannot be logged is not done
        await self.audit.record(caller.name, f"product.{deed}", f"product:{versions.slug}", detail=detail)
        async with self._or_noted(caller, f"product.{deed}", versions.slug):
            put = await self.records.put_product(versions, before)
        self.index.put_product(put.slug, put)
        return put

    @contextlib.asynccontextmanager
    async def _or_noted(self, caller: Caller, deed: str, slug: str) -> AsyncIterator[None]:
        try:
            yield
        except Overtaken:
            await self.note_overtaken(caller, deed, f"product:{slug}")
            raise

    async def note_overtaken(self, caller: Caller, deed: str, thing: str) -> None:
        """What was logged as done was not: another process had changed the same thing meanwhile."""
        await self.audit.record(caller.name, deed, thing, Decision.DENIED, detail={"reason": "overtaken"})

    def _with_context(self, wanted: ProductWanted) -> ProductWanted:
        if self.default_context is None or wanted.selection.context is not None:
            return wanted
        selection = wanted.selection.model_copy(update={"context": self.default_context})
        return wanted.model_copy(update={"selection": selection})

    def _count(self, organisation: str) -> int:
        return sum(served.organisation == organisation for served in self.index.products.values())

    def _require_free_tenant(self, wanted: ProductWanted) -> None:
        if wanted.aggregation is None:
            return
        tenant = Product.model_construct(**dict(wanted)).tenant("")
        if tenant in self.index.tenants.values():
            raise AlreadyThere(f"An organisation has the tenant {tenant}: choose another slug for the aggregates.")

    async def _load_tenants(self) -> None:
        self.index.tenants = await self._organisations.tenants()


def sees_all(product: Product, caller: Caller | None) -> bool:
    """Whether a caller may know everything of a product: its drafts, its condition, and who worked on it."""
    return caller is not None and (_is_own(product, caller) or _is_auditor(caller))


def _is_own(product: Product, caller: Caller) -> bool:
    return caller.organisation == product.organisation or Right.ADMINISTER in caller.rights


def _is_auditor(caller: Caller) -> bool:
    """Whether it may see what every organisation has decided: an auditor of the platform, not of an organisation."""
    return Right.INSPECT in caller.rights and caller.organisation is None


def _require_reading(caller: Caller, slug: str) -> None:
    if Right.READ not in caller.rights:
        raise NotGranted(f"{caller} may not read {slug}: use a key that may read.")
    if not caller.may_use(slug):
        raise NotGranted(f"{caller} may use other products only, not {slug}: ask for a key without that limit.")
