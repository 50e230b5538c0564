"""Measurements in the document store: the newest of each product, and those of 90 days."""

from collections.abc import Collection
from datetime import datetime, timedelta

from datenbroker.catalogue.quality.measurement import Quality
from document_store.store import Document, DocumentStore

NEWEST, DAYS, ASKED = "product_quality", "product_quality_days", "product_quality_asked"
KEPT = timedelta(days=90)


class QualityRecords:
    """Also which products are to be measured out of turn, whichever process does it."""

    def __init__(self, store: DocumentStore) -> None:
        self._store = store

    async def put(self, quality: Quality) -> None:
        """In the place of an earlier one of the same day; what is older than 90 days goes."""
        oldest = (quality.at - KEPT).date().isoformat()
        kept = [one for one in await self.of(quality.slug) if one.day != quality.day and one.day >= oldest]
        days = [one.model_dump(mode="json") for one in sorted([*kept, quality], key=lambda one: one.day)]
        await self._store.put(DAYS, {"_id": quality.slug, "days": days})
        await self._store.put(NEWEST, {"_id": quality.slug, **quality.model_dump(mode="json")})

    async def of(self, slug: str, since: datetime | None = None) -> list[Quality]:
        """Of one product, the oldest first."""
        document = await self._store.get(DAYS, slug)
        found = [_quality(day) for day in document["days"]] if document else []
        return [one for one in found if since is None or one.at >= since]

    async def newest(self, slug: str) -> Quality | None:
        document = await self._store.get(NEWEST, slug)
        return None if document is None else _quality(document)

    async def forget_others(self, slugs: Collection[str]) -> None:
        """A slug that is free again must not bring another's figures with it."""
        for collection in (NEWEST, DAYS, ASKED):
            for document in await self._store.find(collection):
                if document["_id"] not in slugs:
                    await self._store.delete(collection, document["_id"])

    async def ask(self, slug: str) -> None:
        await self._store.put(ASKED, {"_id": slug})

    async def asked(self) -> set[str]:
        return {document["_id"] for document in await self._store.find(ASKED)}

    async def answered(self, slug: str) -> None:
        await self._store.delete(ASKED, slug)


def _quality(document: Document) -> Quality:
    return Quality.model_validate({name: document.get(name) for name in Quality.model_fields})
