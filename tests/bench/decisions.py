"""Decisions on products with ten grants and with 50,000: `python -m tests.bench.decisions`."""

import asyncio
import resource
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from random import Random

from datenbroker.audit.log import AuditLog
from datenbroker.identities.organisations import COLLECTION, Organisations
from datenbroker.identities.roles import Caller, Role, rights_of
from datenbroker.products.access import ProductRefused
from datenbroker.products.grant import Grant, GrantState
from datenbroker.products.product import Product, State
from datenbroker.products.products import Products
from datenbroker.products.records import GRANTS, PRODUCTS
from datenbroker.products.versions import Versions
from document_store.sqlite import SqliteDocumentStore

NOW = datetime.now(UTC)
DECISIONS = 200_000
RUNS = 3
ROLES = frozenset({Role.DATA_CONSUMER})


@dataclass(frozen=True)
class Size:
    """How large a Konzern is."""

    organisations: int
    products: int
    grants: int


SMALL, LARGE = Size(10, 10, 10), Size(1_000, 10_000, 50_000)


def product(number: int, size: Size) -> Product:
    text = {"de": f"Produkt {number}", "en": f"Product {number}"}
    return Product.model_validate(
        {
            "slug": f"product-{number}",
            "organisation": f"org-{number % size.organisations}",
            "title": text,
            "description": text,
            "licence": "dl-by-de/2.0",
            "theme": "TRAN",
            "update_interval": "PT1H",
            "contact": {"name": "Data", "email": "data@example.org"},
            "visibility": ("open", "konzern", "konzern", "private")[number % 4],
            "selection": {"types": ["ParkingSpot"], "attributes": ["status"], "q": 'status=="free"'},
            "state": State.AVAILABLE,
            "created": NOW,
            "modified": NOW,
            "by": "bench",
        }
    )


def grants(size: Size, chance: Random) -> Iterator[Grant]:
    for number in range(size.grants):
        yield Grant(
            id=f"g-{number}",
            product=f"product-{chance.randrange(size.products)}",
            organisation=f"org-{chance.randrange(size.organisations)}",
            purpose="Measuring decisions",
            state=GrantState.GRANTED,
            until=(NOW + timedelta(days=30)).date(),
            asked_by="bench",
            asked=NOW,
        )


async def opened(folder: Path, size: Size) -> tuple[Products, float]:
    """The products, loaded, and the seconds that loading took."""
    store = SqliteDocumentStore.open(folder / f"{size.products}.db")
    organisations = [
        {"_id": f"org-{number}", "tenant": f"org_{number}", "name": "x"} for number in range(size.organisations)
    ]
    await store.put_many(COLLECTION, organisations)
    products = [Versions(live=product(number, size)) for number in range(size.products)]
    await store.put_many(PRODUCTS, [{"_id": one.slug, **one.model_dump(mode="json")} for one in products])
    documents = [{"_id": one.id, **one.model_dump(mode="json", exclude={"id"})} for one in grants(size, Random(7))]
    await store.put_many(GRANTS, documents)
    loaded = Products(store, Organisations(store), AuditLog(store))
    start = time.perf_counter()
    await loaded.load()
    return loaded, time.perf_counter() - start


def caller(organisation: str) -> Caller:
    return Caller(f"key-{organisation}", organisation, organisation.replace("-", "_"), ROLES, rights_of(ROLES))


def microseconds(products: Products, asked: list[tuple[str, Caller | None]]) -> float:
    """Of CPU, a decision, the least of some runs; refusals cost their text too."""
    turns = DECISIONS // len(asked) // RUNS
    return min(_once(products, asked, turns) for _ in range(RUNS)) / (turns * len(asked)) * 1e6


def _once(products: Products, asked: list[tuple[str, Caller | None]], turns: int) -> float:
    start = time.process_time()
    for _ in range(turns):
        for slug, who in asked:
            try:
                products.open_for(slug, who)
            except ProductRefused:
                continue
    return time.process_time() - start


def questions(products: Products) -> dict[str, list[tuple[str, Caller | None]]]:
    """The same kinds of callers whatever the size."""
    chance = Random(1)
    of_konzern = [one.slug for one in products.visible(caller("org-0")) if one.visibility == "konzern"]
    used = [one for one in products.index.grants.values() if one.product in set(of_konzern)]
    open_ones = [one.slug for one in products.visible(None)]
    stranger = caller("org-that-was-granted-nothing")
    return {
        "granted": [((one := chance.choice(used)).product, caller(one.organisation)) for _ in range(1000)],
        "open": [(chance.choice(open_ones), None) for _ in range(1000)],
        "not granted": [(chance.choice(of_konzern), stranger) for _ in range(1000)],
        "no such product": [("absent", stranger)] * 1000,
    }


async def measured() -> None:
    with tempfile.TemporaryDirectory() as folder:
        few, _ = await opened(Path(folder), SMALL)
        many, loading = await opened(Path(folder), LARGE)
        small, large = (
            {kind: microseconds(one, asked) for kind, asked in questions(one).items()} for one in (few, many)
        )
        # as many questions about ten of the many: what is left is how far the processor must go for each
        same = {kind: microseconds(many, asked[:10] * 100) for kind, asked in questions(many).items()}
        start = time.perf_counter()
        await many.refresh()
        refreshed = time.perf_counter() - start
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    for kind, one in small.items():
        sys.stdout.write(
            f"{kind}: {one:.2f} µs with ten grants; with {LARGE.grants:,} {same[kind]:.2f} µs, always the same ten, "
            f"and {large[kind]:.2f} µs, a thousand in turn (not in the processor's caches)\n"
        )
    sys.stdout.write(
        f"loading {LARGE.products:,} products and {LARGE.grants:,} grants: {loading:.2f} s; "
        f"a look for changes: {refreshed * 1e3:.1f} ms; peak {peak:.0f} MB\n"
    )


if __name__ == "__main__":
    asyncio.run(measured())
