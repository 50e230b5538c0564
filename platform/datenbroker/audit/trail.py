"""Reading the audit log: searching, verifying its chains, and letting old days go without breaking them."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from itertools import groupby

from datenbroker.audit.log import DAYS, HEADS, collection_of
from datenbroker.audit.record import BEGINNING, Record, digest
from document_store.store import DocumentStore

ANCHORS = "audit_anchors"
"""Where each chain goes on after its oldest records were removed by retention."""


@dataclass(frozen=True)
class Search:
    """What to look for; None matches all. Times are inclusive."""

    since: datetime | None = None
    until: datetime | None = None
    actor: str | None = None
    action: str | None = None
    object: str | None = None
    decision: str | None = None

    def matches(self, record: Record) -> bool:
        return (
            (self.since is None or record.at >= self.since)
            and (self.until is None or record.at <= self.until)
            and all(
                wanted is None or wanted == found
                for wanted, found in (
                    (self.actor, record.actor),
                    (self.action, record.action),
                    (self.object, record.object),
                    (self.decision, record.decision),
                )
            )
        )


@dataclass
class Verdict:
    """What verification found: an empty list of faults is an intact log."""

    records: int = 0
    chains: int = 0
    faults: list[str] = field(default_factory=list)
    heads: dict[str, str] = field(default_factory=dict)


class AuditTrail:
    """The records of all processes."""

    def __init__(self, store: DocumentStore) -> None:
        self._store = store

    async def newest(self, search: Search, limit: int) -> list[Record]:
        """The matching records, the newest first."""
        found: list[Record] = []
        for day in reversed(await self._days(search)):
            records = sorted(await self._of(day), key=lambda record: (record.at, *_place(record)), reverse=True)
            found += [record for record in records if search.matches(record)]
            if len(found) >= limit:
                break
        return found[:limit]

    async def all(self, search: Search) -> list[Record]:
        """The matching records in the order of time, for export."""
        found = [record for day in await self._days(search) for record in await self._of(day)]
        return sorted(filter(search.matches, found), key=lambda record: (record.at, *_place(record)))

    async def verify(self) -> Verdict:
        """Recompute every hash: changed, missing, inserted and cut off records show as faults."""
        records = [record for day in await self._days(Search()) for record in await self._of(day)]
        records.sort(key=_place)
        anchors = {anchor["_id"]: anchor for anchor in await self._store.find(ANCHORS)}
        heads = {head["_id"]: head for head in await self._store.find(HEADS)}
        verdict = Verdict(records=len(records))
        hashes: dict[str, dict[int, str]] = {}
        for chain, group in groupby(records, key=lambda record: record.chain):
            anchor = anchors.get(chain, {"sequence": 0, "hash": BEGINNING})
            links = list(group)
            verdict.faults += _faults(links, anchor["sequence"], anchor["hash"])
            hashes[chain] = {anchor["sequence"]: anchor["hash"]} | {link.sequence: link.hash for link in links}
            verdict.heads[chain] = links[-1].hash
        verdict.chains = len(hashes)
        for chain, head in heads.items():
            at_head = hashes.get(chain, {}).get(head["sequence"], anchors.get(chain, {}).get("hash"))
            if at_head != head["hash"]:
                verdict.faults.append(f"{chain}: its end, record {head['sequence']}, is missing or another one")
        verdict.faults += _forgotten_chains(records, hashes, {*anchors})
        return verdict

    async def forget_before(self, keep: timedelta, now: datetime) -> int:
        """Remove the days older than `keep`; anchors let the rest still be verified. How many records went."""
        oldest, removed = f"{now - keep:%Y-%m-%d}", 0
        for day in [day for day in await self._days(Search()) if day < oldest]:
            records = await self._of(day)
            for chain, group in groupby(sorted(records, key=_place), key=lambda record: record.chain):
                last = list(group)[-1]
                await self._store.put(ANCHORS, {"_id": chain, "sequence": last.sequence, "hash": last.hash})
            for record in records:
                await self._store.delete(collection_of(day), f"{record.chain}:{record.sequence:09}")
            await self._store.delete(DAYS, day)
            removed += len(records)
        return removed

    async def _days(self, search: Search) -> list[str]:
        first = f"{search.since.astimezone(UTC):%Y-%m-%d}" if search.since else ""
        last = f"{search.until.astimezone(UTC):%Y-%m-%d}" if search.until else "9999"
        return [day["_id"] for day in await self._store.find(DAYS) if first <= day["_id"] <= last]

    async def _of(self, day: str) -> list[Record]:
        return [Record.model_validate(document) for document in await self._store.find(collection_of(day))]


def _place(record: Record) -> tuple[str, int]:
    return record.chain, record.sequence


def _faults(links: list[Record], sequence: int, previous: str) -> Iterator[str]:
    for link in links:
        name = f"{link.chain}: record {link.sequence}"
        if digest(link) != link.hash:
            yield f"{name} was changed ({link.action} {link.object})"
        if link.sequence != sequence + 1:
            yield f"{name} follows {sequence}: records between them are missing"
        elif link.previous != previous:
            yield f"{name} does not follow the record before it: one of them was replaced"
        sequence, previous = link.sequence, link.hash


def _forgotten_chains(records: list[Record], hashes: dict[str, dict[int, str]], anchored: set[str]) -> Iterator[str]:
    """Chains that a later one named at its beginning, and that are gone, or have lost what it had seen."""
    for record in records:
        if record.action == "chain.begin":
            for chain, seen in record.detail.get("heads", {}).items():
                if seen not in hashes.get(chain, {}).values() and chain not in anchored:
                    yield f"{chain}: its record {seen[:8]}…, which {record.chain} had seen, is gone"
