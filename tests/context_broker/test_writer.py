"""The writer: one commit for many, nothing of what fails, all of what was answered; the cache tells the truth."""

import asyncio
from pathlib import Path
from typing import Any

import pytest

from context_broker.broker import Broker
from context_broker.limits import Limits
from context_broker.storage.tenants import DEFAULT_TENANT
from context_broker.storage.transaction import Transaction, load
from ngsi_ld.errors import BadRequestData
from ngsi_ld.jsonld.context import core_context
from ngsi_ld.model.entity import read_entity, stamp
from ngsi_ld.model.kinds import EntityDocument

pytestmark = pytest.mark.anyio
MOMENT = "2031-02-03T10:00:00.000Z"


def entity(name: str, **attributes: Any) -> EntityDocument:
    return stamp(read_entity({"id": f"urn:x:{name}", "type": "T", **attributes}, core_context()), MOMENT)


def creating(name: str, **attributes: Any) -> Any:
    return lambda transaction: transaction.create(DEFAULT_TENANT, entity(name, **attributes))


def stored_ids(broker: Broker) -> list[str]:
    rows = broker.database.connection.execute("SELECT id FROM entity ORDER BY seq").fetchall()
    return [id_.removeprefix("urn:x:") for (id_,) in rows]


async def test_concurrent_writes_share_a_commit(broker: Broker) -> None:
    before = broker.writer.commits
    await asyncio.gather(*(broker.writer.write(creating(str(number), p=number)) for number in range(50)))
    assert broker.writer.commits == before + 1
    assert len(stored_ids(broker)) == 50


async def test_a_write_that_fails_halfway_is_undone_alone(broker: Broker) -> None:
    def halfway(transaction: Transaction) -> None:
        transaction.create(DEFAULT_TENANT, entity("half", half=1))
        transaction.tenants.ensure("half")
        raise BadRequestData("halfway")

    writes = [creating("a", p=1), halfway, creating("b", p=2)]
    done = await asyncio.gather(*map(broker.writer.write, writes), return_exceptions=True)
    assert isinstance(done[1], BadRequestData)
    assert stored_ids(broker) == ["a", "b"]
    assert "half" not in broker.tenants.all()
    assert broker.search.get(DEFAULT_TENANT, "urn:x:half") is None
    assert broker.tenants.known_name(DEFAULT_TENANT, core_context().expand("half")) is None


async def test_a_write_that_fails_before_it_writes_leaves_the_others(broker: Broker) -> None:
    def refused(_: Transaction) -> None:
        raise BadRequestData("no")

    before = broker.writer.commits
    done = await asyncio.gather(
        *map(broker.writer.write, [creating("a"), refused, creating("b")]), return_exceptions=True
    )
    assert [type(outcome) for outcome in done] == [type(None), BadRequestData, type(None)]
    assert (stored_ids(broker), broker.writer.commits) == (["a", "b"], before + 1)


async def test_a_write_that_is_given_up_before_its_turn_is_not_done(broker: Broker) -> None:
    given_up = asyncio.ensure_future(broker.writer.write(creating("a")))
    await asyncio.sleep(0)
    given_up.cancel()
    await asyncio.gather(broker.writer.write(creating("b")), given_up, return_exceptions=True)
    assert stored_ids(broker) == ["b"]


async def test_a_transaction_reads_its_own_writes_and_others_do_not(broker: Broker) -> None:
    def create_and_read(transaction: Transaction) -> tuple[bool, bool]:
        transaction.create(DEFAULT_TENANT, entity("a"))
        seen = transaction.get(DEFAULT_TENANT, "urn:x:a") is not None
        return seen, broker.cache.by_id(DEFAULT_TENANT, "urn:x:a") is not None

    assert await broker.writer.write(create_and_read) == (True, False)
    assert broker.cache.by_id(DEFAULT_TENANT, "urn:x:a") is not None


@pytest.mark.parametrize("capacity", [0, 400, 10_000_000])
async def test_what_the_cache_holds_is_what_is_stored(tmp_path: Path, capacity: int) -> None:
    broker = Broker(tmp_path, Limits(cache_bytes=capacity))
    for number in range(60):
        name = f"urn:x:{number % 7}"

        def change(transaction: Transaction, name: str = name, number: int = number) -> None:
            old = transaction.get(DEFAULT_TENANT, name)
            if old is None:
                transaction.create(DEFAULT_TENANT, entity(name[6:], p=number))
            elif number % 5 == 0:
                transaction.delete(DEFAULT_TENANT, old)
            else:
                transaction.replace(DEFAULT_TENANT, old, entity(name[6:], p=number), [])

        await broker.writer.write(change)
        for each in (f"urn:x:{place}" for place in range(7)):
            seen, kept = broker.search.get(DEFAULT_TENANT, each), load(broker.database.connection, DEFAULT_TENANT, each)
            assert (seen and seen.document) == (kept and kept.document)
    await broker.stop()


async def test_tenants_share_a_file_and_nothing_else(broker: Broker) -> None:
    def fill(transaction: Transaction) -> int:
        other = transaction.tenants.ensure("other")
        transaction.create(DEFAULT_TENANT, entity("a", p=1))
        transaction.create(other, entity("a", q=2))
        return other

    other = await broker.writer.write(fill)
    mine, theirs = (broker.search.get(tenant, "urn:x:a") for tenant in (DEFAULT_TENANT, other))
    assert mine is not None
    assert theirs is not None
    assert mine.document != theirs.document
    assert broker.tenants.known_name(other, core_context().expand("p")) is None


async def test_a_restart_keeps_everything(tmp_path: Path) -> None:
    first = Broker(tmp_path, Limits())
    await first.writer.write(creating("a", p=1, expiresAt="2131-02-03T10:00:00Z"))
    first.hosted.add({"p": "https://a.example/p"})
    await first.stop()
    second = Broker(tmp_path, Limits())
    found = second.search.get(DEFAULT_TENANT, "urn:x:a")
    assert found is not None
    assert found.document == entity("a", p=1, expiresAt="2131-02-03T10:00:00Z")
    assert [hosted.body for hosted in second.hosted.all()] == [{"p": "https://a.example/p"}]
    await second.stop()


async def test_stopping_commits_what_waits(tmp_path: Path) -> None:
    broker = Broker(tmp_path, Limits())
    waiting = [asyncio.ensure_future(broker.writer.write(creating(str(number)))) for number in range(300)]
    await asyncio.sleep(0)
    await broker.stop()
    await asyncio.gather(*waiting)
    again = Broker(tmp_path, Limits())
    assert len(stored_ids(again)) == 300
    await again.stop()
