"""Two processes' views on the products of three organisations, with a clock that a test moves, and callers."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import date
from pathlib import Path
from typing import Any

from datenbroker.audit.log import AuditLog
from datenbroker.audit.trail import AuditTrail, Search
from datenbroker.identities.organisations import Organisation, Organisations
from datenbroker.identities.roles import Caller, Role, rights_of
from datenbroker.products.grant import Grant, GrantState
from datenbroker.products.grants import Decision, Grants, GrantWanted
from datenbroker.products.life_cycle import Step
from datenbroker.products.product import ProductWanted
from datenbroker.products.products import Products
from document_store.sqlite import SqliteDocumentStore

ENERGY, WASTE, BUSES = "stadtwerke-herne", "entsorgung-herne", "hcr"
TENANTS = {ENERGY: "stadtwerke", WASTE: "entsorgung", BUSES: "hcr"}


def caller(role: Role, organisation: str | None, name: str = "") -> Caller:
    roles = frozenset({role})
    tenant = TENANTS.get(organisation or "")
    return Caller(name or f"{role}-{organisation}", organisation, tenant, roles, rights_of(roles))


PROVIDER, STEWARD = caller(Role.DATA_PROVIDER, ENERGY), caller(Role.DATA_STEWARD, ENERGY)
CONSUMER, OTHER = caller(Role.DATA_CONSUMER, WASTE), caller(Role.DATA_CONSUMER, BUSES)
ADMIN, AUDITOR = caller(Role.PLATFORM_ADMIN, None), caller(Role.AUDITOR, None)


def described(slug: str = "charging", **changes: Any) -> dict[str, Any]:
    """A product of the energy supplier, as its owner writes it."""
    return {
        "slug": slug,
        "title": {"de": "Ladepunkte", "en": "Charging points"},
        "description": {"de": "Öffentliche Ladepunkte in Herne", "en": "Public charging points in Herne"},
        "licence": "dl-by-de/2.0",
        "theme": "TRAN",
        "update_interval": "PT15M",
        "contact": {"name": "Netzleitstelle", "email": "daten@stadtwerke.example"},
        "visibility": "konzern",
        "selection": {"types": ["EVChargingStation"], "attributes": ["status", "location"]},
    } | changes


def wanted(slug: str = "charging", **changes: Any) -> ProductWanted:
    return ProductWanted.model_validate(described(slug, **changes))


class Council:
    """`products` and `grants` of one process, `elsewhere` those of another one on the same store."""

    def __init__(self, path: Path) -> None:
        self.now = 1_795_400_000.0
        """2026-11-22."""
        self.store, self.other = SqliteDocumentStore.open(path), SqliteDocumentStore.open(path)
        self.audit = AuditLog(self.store)
        self.organisations = Organisations(self.store)
        self.products = Products(self.store, self.organisations, self.audit, lambda: self.now, most=5)
        self.elsewhere = Products(self.other, Organisations(self.other), AuditLog(self.other), lambda: self.now)
        self.grants = Grants(self.products)

    async def publish(self, slug: str = "charging", **changes: Any) -> None:
        await self.products.create(wanted(slug, **changes), ENERGY, PROVIDER)
        await self.release(slug)

    async def release(self, slug: str = "charging") -> None:
        await self.products.step(slug, Step.READY, PROVIDER)
        await self.products.step(slug, Step.RELEASE, STEWARD)

    async def granted(self, until: date = date(2026, 12, 31), slug: str = "charging") -> Grant:
        asked = await self.grants.ask(slug, GrantWanted(purpose="Planning routes", until=until), CONSUMER)
        return await self.grants.decide(asked.id, Decision(decision=GrantState.GRANTED), STEWARD)

    async def logged(self) -> list[str]:
        records = await AuditTrail(self.store).all(Search())
        return [f"{record.actor} {record.action} {record.object}" for record in records]


@asynccontextmanager
async def council(folder: Path) -> AsyncIterator[Council]:
    opened = Council(folder / "documents.db")
    for id_, tenant in TENANTS.items():
        await opened.organisations.put(Organisation(id=id_, tenant=tenant, name=id_))
    await opened.products.load()
    await opened.elsewhere.load()
    yield opened
    await opened.store.close()
    await opened.other.close()
