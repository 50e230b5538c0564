"""How a source is doing: kept in the document store, so that an operator still sees it after a restart."""

from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field, fields
from datetime import datetime
from typing import Any

from data_models.values import date_time_text
from document_store.store import DocumentStore
from ngsi_adapters.fetching.failures import shown
from ngsi_adapters.fetching.visit import addresses
from ngsi_adapters.source import Source
from ngsi_client.rejected import Rejected

COLLECTION = "sources"
LAST_REJECTS = 20
MOST_MISSING = 1000
OPEN_AFTER = 5
"""Failures in a row after which the circuit is open: one try at a time, in long intervals."""


@dataclass(slots=True)
class SourceState:
    """Figures of one source. `records` and `rejects` count the last payload that was read, the totals all of them.

    written: entities of the last run of which something was written. missing: id → since when the source does not name
    it any more. cursor: what is newer is asked for. marks: files of a folder that were read.
    """

    uid: str
    last_attempt: str | None = None
    last_success: str | None = None
    last_change: str | None = None
    last_error: str | None = None
    warning: str | None = None
    failures: int = 0
    records: int = 0
    rejects: int = 0
    written: int = 0
    mended: int = 0
    records_total: int = 0
    rejects_total: int = 0
    runs: int = field(default=0)
    seconds: float = 0.0
    holder: str | None = None
    next_run: str | None = None
    known: int = 0
    stale: int = 0
    missing: dict[str, str] = field(default_factory=dict)
    last_rejects: list[dict[str, Any]] = field(default_factory=list)
    cursor: str | None = None
    whole_at: str | None = None
    refreshed_at: str | None = None
    marks: dict[str, str] = field(default_factory=dict)
    mirror: dict[str, Any] = field(default_factory=dict)
    declared: dict[str, Any] = field(default_factory=dict)

    @property
    def circuit(self) -> str:
        """closed, or open after several failures in a row."""
        return "open" if self.failures >= OPEN_AFTER else "closed"

    def attempted(self, at: datetime) -> None:
        self.last_attempt = date_time_text(at)
        self.runs += 1

    def failed(self, reason: str) -> None:
        self.failures += 1
        self.last_error = reason

    def unchanged(self, at: datetime) -> None:
        self.failures, self.last_error, self.written = 0, None, 0
        self.last_success = date_time_text(at)

    def succeeded(self, at: datetime, records: int, rejects: int) -> None:
        self.unchanged(at)
        self.last_change = date_time_text(at)
        self.records, self.rejects = records, rejects
        self.records_total += records
        self.rejects_total += rejects

    def remember(self, rejects: Iterable[Rejected]) -> None:
        """The last rejects of the last run that had some."""
        shown_rejects = [
            {"at": date_time_text(one.at), "record": one.record_id, "kind": one.kind, "reason": one.reason}
            | {"excerpt": one.excerpt}
            for one in rejects
        ]
        self.last_rejects = shown_rejects[-LAST_REJECTS:]


def declaration_of(source: Source) -> Mapping[str, Any]:
    """What is told of a source where its code is not at hand; the address without anything secret."""
    return {
        "name": source.name,
        "licence": source.licence,
        "attribution": source.attribution,
        "tenant": source.tenant,
        "every_seconds": source.every.total_seconds(),
        "url": " ".join(map(shown, addresses(source))) or None,
    }


async def load(store: DocumentStore, uid: str) -> SourceState:
    document = await store.get(COLLECTION, uid)
    names = {one.name for one in fields(SourceState)}
    known: dict[str, Any] = {name: value for name, value in (document or {}).items() if name in names}
    return SourceState(**{"uid": uid} | known)


async def save(store: DocumentStore, state: SourceState) -> None:
    await store.put(COLLECTION, {"_id": state.uid, **asdict(state)})
