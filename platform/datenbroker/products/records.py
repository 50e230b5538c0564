"""Products and grants in the document store, and which of them other processes have changed."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any, Literal
from uuid import uuid4

from datenbroker.products.grant import Grant
from datenbroker.products.life_cycle import NotPossible
from datenbroker.products.versions import Versions
from document_store.store import Document, DocumentStore

PRODUCTS, GRANTS, CHANGES = "products", "product_grants", "product_changes"

Kind = Literal["product", "grant"]

KEPT_CHANGES = 200
"""Changes that a process tells of; who has missed more reads everything anew."""

FORGOTTEN_AFTER = timedelta(days=1)


class Overtaken(NotPossible):
    """Another process has written the same product or grant since it was read."""


@dataclass
class _Told:
    """How much of what the others tell this process has heard."""

    writer: str = field(default_factory=lambda: uuid4().hex)
    count: int = 0
    recent: list[tuple[int, Kind, str]] = field(default_factory=list)
    heard: dict[str, int] = field(default_factory=dict)


class Records:
    """Each process tells of its changes in a document of its own, so that no two write the same one."""

    def __init__(self, store: DocumentStore) -> None:
        self._store, self._told = store, _Told()

    async def product(self, slug: str) -> Versions | None:
        document = await self._store.get(PRODUCTS, slug)
        return None if document is None else _versions(document)

    async def products(self) -> list[Versions]:
        return [_versions(document) async for document in _unhurried(await self._store.find(PRODUCTS))]

    async def put_product(self, versions: Versions, before: Versions | None) -> Versions:
        """As it is kept from then on; `Overtaken` where the store has another than `before` (None: any)."""
        document = {"_id": versions.slug, **versions.model_dump(mode="json")}
        revision = await self._swap(PRODUCTS, document, before)
        await self._tell("product", versions.slug)
        return versions.model_copy(update={"revision": revision})

    async def delete_product(self, before: Versions) -> None:
        """`Overtaken` where the store has another than `before`."""
        if not await self._store.delete(PRODUCTS, before.slug, _expected(before)):
            raise _overtaken(before.slug)
        await self._tell("product", before.slug)

    async def grant(self, grant_id: str) -> Grant | None:
        document = await self._store.get(GRANTS, grant_id)
        return None if document is None else _grant(document)

    async def grants(self) -> list[Grant]:
        return [_grant(document) async for document in _unhurried(await self._store.find(GRANTS))]

    async def put_grant(self, grant: Grant, before: Grant | None) -> Grant:
        """As `put_product`."""
        document = {"_id": grant.id, **grant.model_dump(mode="json", exclude={"id"})}
        revision = await self._swap(GRANTS, document, before)
        await self._tell("grant", grant.id)
        return grant.model_copy(update={"revision": revision})

    async def _swap(self, collection: str, document: Document, before: Versions | Grant | None) -> int:
        """The new revision."""
        expected = None if before is None else _expected(before)
        revision = before.revision + 1 if before else 1
        if not await self._store.swap(collection, document | {"revision": revision}, expected):
            raise _overtaken(document["_id"])
        return revision

    async def changed(self) -> Sequence[tuple[Kind, str]] | None:
        """What other processes have changed since it was asked last; None where it is more than they tell."""
        found: list[tuple[Kind, str]] = []
        whole = True
        for told in await self._store.find(CHANGES):
            count, heard = told["count"], self._told.heard.get(told["_id"], 0)
            self._told.heard[told["_id"]] = count
            if told["_id"] == self._told.writer or count == heard:
                continue
            missed = [(kind, name) for number, kind, name in told["recent"] if number > heard]
            whole = whole and len(missed) == count - heard
            found += missed
        return found if whole else None

    async def begin(self) -> None:
        """Counts what is told so far as heard, to be called before everything is read; forgets what is of yesterday."""
        oldest = (datetime.now(UTC) - FORGOTTEN_AFTER).isoformat()
        for told in await self._store.find(CHANGES):
            self._told.heard[told["_id"]] = told["count"]
            if told["at"] < oldest:
                await self._store.delete(CHANGES, told["_id"])

    async def _tell(self, kind: Kind, name: str) -> None:
        told = self._told
        told.count += 1
        told.recent = [*told.recent, (told.count, kind, name)][-KEPT_CHANGES:]
        at = datetime.now(UTC).isoformat()
        await self._store.put(CHANGES, {"_id": told.writer, "count": told.count, "recent": told.recent, "at": at})


def _expected(before: Versions | Grant) -> dict[str, Any]:
    """What an earlier release has written has no revision: there its being there has to do."""
    return {"revision": before.revision} if before.revision else {}


def _overtaken(name: str) -> Overtaken:
    return Overtaken(f"{name} was changed by somebody else at the same moment: look at it again.")


async def _unhurried(documents: list[Document]) -> AsyncIterator[Document]:
    """Lets others work in between: reading 50,000 takes seconds."""
    for number, document in enumerate(documents):
        if number % 100 == 0:
            await asyncio.sleep(0)
        yield document


def _versions(document: Document) -> Versions:
    return Versions.model_validate({name: document[name] for name in Versions.model_fields if name in document})


def _grant(document: Document) -> Grant:
    return Grant.model_validate({**document, "id": document["_id"]})
