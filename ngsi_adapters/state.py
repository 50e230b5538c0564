"""How a source is doing: kept in the document store, so that an operator still sees it after a restart."""

from dataclasses import asdict, dataclass, field
from datetime import datetime
from typing import Any

from data_models.values import date_time_text
from document_store.store import DocumentStore

COLLECTION = "sources"


@dataclass(slots=True)
class SourceState:
    """Figures of one source. `records` and `rejects` count the last payload that was read, the totals all of them."""

    uid: str
    last_attempt: str | None = None
    last_success: str | None = None
    last_change: str | None = None
    last_error: str | None = None
    failures: int = 0
    records: int = 0
    rejects: int = 0
    records_total: int = 0
    rejects_total: int = 0
    runs: int = field(default=0)

    def attempted(self, at: datetime) -> None:
        self.last_attempt = date_time_text(at)
        self.runs += 1

    def failed(self, reason: str) -> None:
        self.failures += 1
        self.last_error = reason

    def unchanged(self, at: datetime) -> None:
        self.failures, self.last_error = 0, None
        self.last_success = date_time_text(at)

    def succeeded(self, at: datetime, records: int, rejects: int) -> None:
        self.unchanged(at)
        self.last_change = date_time_text(at)
        self.records, self.rejects = records, rejects
        self.records_total += records
        self.rejects_total += rejects


async def load(store: DocumentStore, uid: str) -> SourceState:
    document = await store.get(COLLECTION, uid)
    known: dict[str, Any] = {name: value for name, value in (document or {}).items() if name in SourceState.__slots__}
    return SourceState(**{"uid": uid} | known)


async def save(store: DocumentStore, state: SourceState) -> None:
    await store.put(COLLECTION, {"_id": state.uid, **asdict(state)})
