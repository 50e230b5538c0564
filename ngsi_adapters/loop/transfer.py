"""One run of a source: documents → outcomes → what is new of them → the broker."""

import asyncio
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from hashlib import blake2b
from itertools import islice

from data_models.values import date_time_text
from document_store.lease import Leases
from ngsi_adapters.fetching.archives import PIECE
from ngsi_adapters.fetching.visit import Document
from ngsi_adapters.loop.known import Entity, Known
from ngsi_adapters.loop.rows import Rows, Seen
from ngsi_adapters.loop.sanity import Box, Impossible, mended
from ngsi_adapters.reading import MALFORMED, Same, recognised
from ngsi_adapters.source import Outcome, Source, Unread, opened
from ngsi_client.client import NgsiClient
from ngsi_client.errors import BrokerRefused
from ngsi_client.rejected import Rejected, Rejections

BATCH = 250
"""Outcomes that are parsed, compared and written at once: an embedded broker holds the loop for some 15 ms by that, and
of twice as many the memory shows."""

BATCH_REFUSED = frozenset({400, 413, 422})


@dataclass(slots=True)
class Batch:
    """Up to 250 outcomes: what is new of them, the digests to keep once that is written, and the rejects."""

    entities: list[Entity] = field(default_factory=list)
    digests: dict[str, bytes] = field(default_factory=dict)
    rejects: list[Rejected] = field(default_factory=list)
    records: int = 0
    newest: datetime | None = None
    notes: list[Rejected] = field(default_factory=list)


@dataclass(slots=True)
class Result:
    """What came of a run so far. `seen` are the entities that the source named, `malformed` why a document is none."""

    records: int = 0
    written: int = 0
    rejects: list[Rejected] = field(default_factory=list)
    reject_count: int = 0
    refused: int = 0
    mended: int = 0
    newest: datetime | None = None
    seen: set[str] = field(default_factory=set)
    malformed: str | None = None
    documents: int = 0
    unchanged: int = 0


@dataclass(slots=True)
class Transfer:
    """Writes documents of one source; of the rejects all are counted and the last ones kept."""

    source: Source
    known: Known
    client: NgsiClient
    rejections: Rejections
    leases: Leases
    box: Box
    rows: Rows = field(default_factory=Rows)
    result: Result = field(default_factory=Result)

    def __post_init__(self) -> None:
        self.result.seen = Seen(self.rows, self.known)

    async def document(self, document: Document, before: bytes | None) -> bytes:
        """Writes what is new in a document, unless its digest is the one `before`; returns its digest."""
        digest = await asyncio.to_thread(digest_of, document)
        self.result.documents += 1
        if digest == before:
            self.result.unchanged += 1
            return digest
        batches = self._batches(document)
        # parsing is work for the processor: in a thread, one batch ahead of the broker, which waits for its disk
        coming = asyncio.ensure_future(asyncio.to_thread(next, batches, None))
        try:
            while (batch := await asyncio.shield(coming)) is not None:
                coming = asyncio.ensure_future(asyncio.to_thread(next, batches, None))
                await self._write(batch)
        finally:
            await asyncio.wait([coming])
            self.rows.end()
        return digest

    def _batches(self, document: Document) -> Iterator[Batch]:
        outcomes = recognised(self.source, document.payload, document.at, self.result.seen, self._recognise)
        fetched_at = date_time_text(document.at)
        while some := list(islice(outcomes, BATCH)):
            yield self._batch(some, fetched_at)

    def _recognise(self, unread: Unread) -> Outcome | Same:
        return self.rows.recognise(unread, self.known)

    def _batch(self, outcomes: Iterable[Outcome | Same], fetched_at: str) -> Batch:
        batch = Batch()
        for outcome in outcomes:
            if isinstance(outcome, Same):
                batch.records += 1
                continue
            if isinstance(outcome, Rejected):
                batch.rejects.append(outcome)
                continue
            entity = outcome.to_entity()
            try:
                note = mended(entity, self.box)
            except Impossible as error:
                self.result.seen.discard(outcome.entity_id)
                batch.rejects.append(self._rejected(outcome.entity_id, "impossible", str(error)))
                continue
            if note is not None:
                self.rows.forget(outcome.entity_id)
                batch.notes.append(self._rejected(outcome.entity_id, "mended", note))
            batch.records += 1
            new, digests = self.known.news(entity, fetched_at)
            batch.digests[outcome.entity_id] = digests
            if new is not None:
                batch.entities.append(new)
            if outcome.observed_at is not None and (batch.newest is None or outcome.observed_at > batch.newest):
                batch.newest = outcome.observed_at
        return batch

    async def _write(self, batch: Batch) -> None:
        refused = await self._upsert(batch.entities) if batch.entities else {}
        for entity_id, error in refused.items():
            batch.digests.pop(entity_id, None)
            batch.rejects.append(self._rejected(entity_id, "refused_by_broker", str(error)))
        for entity_id, digests in batch.digests.items():
            self.rows.keep(entity_id, digests, self.known)
        self._count(batch, len(refused))

    async def _upsert(self, entities: list[Entity]) -> dict[str, BrokerRefused]:
        """The refused ones; where the broker refuses a batch as a whole, its halves are tried: one may be to blame."""
        self.leases.require(self.source.uid)
        try:
            return await self.client.upsert(entities)
        except BrokerRefused as error:
            if error.status not in BATCH_REFUSED:
                raise
            if len(entities) == 1:
                return {entities[0]["id"]: error}
        middle = len(entities) // 2
        return await self._upsert(entities[:middle]) | await self._upsert(entities[middle:])

    def _count(self, batch: Batch, refused: int) -> None:
        result = self.result
        result.records += batch.records - refused
        result.written += len(batch.entities) - refused
        result.refused += refused
        result.mended += len(batch.notes)
        result.reject_count += len(batch.rejects)
        result.rejects = (result.rejects + batch.rejects + batch.notes)[-100:]
        if batch.newest is not None and (result.newest is None or batch.newest > result.newest):
            result.newest = batch.newest
        for rejected in (*batch.rejects, *batch.notes):
            self.rejections.add(rejected)
            if rejected.kind == MALFORMED and rejected.record_id is None:
                result.malformed = rejected.reason

    def _rejected(self, entity_id: str, kind: str, reason: str) -> Rejected:
        return Rejected(self.source.uid, entity_id, kind, reason, tenant=self.source.tenant, at=datetime.now(UTC))


def digest_of(document: Document) -> bytes:
    """Of the payload, or of all documents that a source joins."""
    digest, payload = blake2b(digest_size=16), document.payload
    for name, content in payload.items() if isinstance(payload, Mapping) else [("", payload)]:
        file, size = opened(content), 0
        while piece := file.read(PIECE):
            digest.update(piece)
            size += len(piece)
        digest.update(f" {size} {name} ".encode())
    return digest.digest()
