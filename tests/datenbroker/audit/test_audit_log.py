"""The audit log: what it keeps, and that nobody changes it unseen."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from datenbroker.audit.keeper import AuditKeeper
from datenbroker.audit.log import HEADS, PENDING, AuditLog, collection_of
from datenbroker.audit.record import Decision
from datenbroker.audit.trail import AuditTrail, Search
from document_store.sqlite import SqliteDocumentStore
from document_store.store import Document

pytestmark = pytest.mark.anyio

DAY = "2026-11-23"
NOW = datetime(2026, 11, 23, 9, tzinfo=UTC)


class Office:
    """Two processes that write to one store, and a clock that a test moves."""

    def __init__(self, folder: Path) -> None:
        self.now = NOW
        self.store = SqliteDocumentStore.open(folder / "documents.db")
        self.log, self.other = (AuditLog(self.store, lambda: self.now.timestamp()) for _ in range(2))
        self.trail = AuditTrail(self.store)

    async def revoke(self, *keys: str) -> None:
        for key in keys:
            await self.log.record("admin", "key.revoke", f"key:{key}", origin="203.0.113.7", detail={"why": "lost"})

    async def faults(self) -> str:
        return "; ".join((await self.trail.verify()).faults)


@pytest.fixture
async def office(tmp_path: Path) -> AsyncIterator[Office]:
    opened = Office(tmp_path)
    yield opened
    await opened.store.close()


async def test_a_record_says_who_did_what_when_from_where_and_with_which_decision(office: Office) -> None:
    await office.revoke("3f9a")
    [record, begin] = await office.trail.newest(Search(), 10)
    assert (record.actor, record.action, record.object) == ("admin", "key.revoke", "key:3f9a")
    assert (record.at, record.origin, record.decision) == (NOW, "203.0.113.7", Decision.ALLOWED)
    assert (record.detail, record.previous, begin.action) == ({"why": "lost"}, begin.hash, "chain.begin")
    assert await office.faults() == ""


@pytest.mark.parametrize("member", ["actor", "decision", "detail", "at", "hash", "previous"])
async def test_a_changed_record_shows(office: Office, member: str) -> None:
    await office.revoke("1", "2", "3")
    documents = await office.store.find(collection_of(DAY))
    forged = {"actor": "nobody", "decision": "denied", "detail": {}, "at": "2026-11-23T08:00:00Z"}
    await office.store.put(collection_of(DAY), documents[2] | {member: forged.get(member, "f" * 64)})
    assert "record 3 was changed" in await office.faults()


async def test_a_removed_record_shows_also_at_the_end_and_with_its_chain(office: Office) -> None:
    await office.revoke("1", "2")
    first, middle, last = await office.store.find(collection_of(DAY))
    await office.store.delete(collection_of(DAY), middle["_id"])
    assert "record 3 follows 1" in await office.faults()
    await office.store.put(collection_of(DAY), middle)
    await office.store.delete(collection_of(DAY), last["_id"])
    assert "its end, record 3, is missing" in await office.faults()
    await office.other.record("admin", "key.create", "key:4")
    for document in (first, middle):
        await office.store.delete(collection_of(DAY), document["_id"])
    await office.store.delete(HEADS, office.log.chain)
    assert f"which {office.other.chain} had seen, is gone" in await office.faults()


async def test_processes_write_at_once_without_disturbing_each_other(office: Office) -> None:
    written = [log.record("a", "key.create", f"key:{n}") for n in range(20) for log in (office.log, office.other)]
    await asyncio.gather(*written)
    verdict = await office.trail.verify()
    assert (verdict.records, verdict.chains, verdict.faults) == (42, 2, [])


async def test_a_flood_of_denials_becomes_one_record_with_their_number(office: Office) -> None:
    for _ in range(500):
        office.log.note("anonymous", "request.denied", "/admin/keys", "no key")
    for number in range(1_200):
        office.log.note("anonymous", "request.denied", f"/admin/{number}", "no key")
    await office.log.flush()
    await office.log.flush()
    records = await office.trail.all(Search(decision="denied"))
    assert len(records) == 1_001
    assert records[0].detail == {"reason": "no key", "times": 500}
    assert records[-1].detail == {"times": 201}


async def test_old_days_go_and_the_rest_can_still_be_verified(office: Office) -> None:
    await office.revoke("1", "2")
    office.now += timedelta(days=40)
    await office.revoke("3")
    await office.other.record("admin", "key.create", "key:4")
    assert await office.trail.forget_before(timedelta(days=30), office.now) == 3
    assert [record.object for record in await office.trail.all(Search(action="key.revoke"))] == ["key:3"]
    assert await office.faults() == ""
    [record] = [one for one in await office.store.find(collection_of("2027-01-02")) if one["action"] == "key.revoke"]
    await office.store.put(collection_of("2027-01-02"), record | {"actor": "x"})
    assert "record 4 was changed" in await office.faults()


async def test_the_keeper_removes_what_is_too_old_and_writes_what_was_noted(office: Office) -> None:
    await office.revoke("1")
    keeper = AuditKeeper(office.other, office.trail, timedelta(days=-1))
    office.now = datetime.now(UTC)
    await keeper.forget()
    await keeper.start()
    office.other.note("anonymous", "request.denied", "/admin", "no key")
    await keeper.stop()
    actions = [record.action for record in await office.trail.all(Search())]
    assert {"audit.forget", "request.denied"} <= {*actions}
    assert await office.faults() == ""


async def test_detail_that_is_too_large_is_left_out_by_name(office: Office) -> None:
    record = await office.log.record("a", "product.change", "product:p", detail={"payload": "x" * 5_000})
    assert record.detail["left_out"] == ["payload"]


async def test_many_different_reads_are_written_early_and_none_is_lost(office: Office) -> None:
    keeper = AuditKeeper(office.log, office.trail, None)
    await keeper.start()
    for number in range(3 * PENDING):
        office.log.note("reader", "data.read", f"GET /x/{number}", decision=Decision.ALLOWED)
        if number % 100 == 0:
            await asyncio.sleep(0.02)
    await keeper.stop()
    found = await office.trail.all(Search(action="data.read"))
    assert len({record.object for record in found}) == 3 * PENDING
    assert await office.faults() == ""


class StoreThatGoesAway(SqliteDocumentStore):
    """A document store that can't be reached for a while."""

    away = False

    async def put_many(self, collection: str, documents: Sequence[Document]) -> None:
        if self.away:
            raise ConnectionError("the store is away")
        await super().put_many(collection, documents)


async def test_what_could_not_be_written_is_written_later(tmp_path: Path) -> None:
    store = StoreThatGoesAway.open(tmp_path / "documents.db")
    log = AuditLog(store)
    log.note("a", "request.denied", "/admin", "no key")
    log.note("b", "request.denied", "/admin", "no key")
    store.away = True
    with pytest.raises(ConnectionError):
        await log.flush()
    store.away = False
    for _ in range(2):
        log.note("a", "request.denied", "/admin", "no key")
    await log.flush()
    records = await AuditTrail(store).all(Search(decision="denied"))
    assert [(record.actor, record.detail.get("times", 1)) for record in records] == [("a", 3), ("b", 1)]
    assert (await AuditTrail(store).verify()).faults == []
    await store.close()
