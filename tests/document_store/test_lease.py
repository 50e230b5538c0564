"""Only one of several processes runs a source."""

import asyncio
import os
import signal
import sys
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from document_store.lease import HOLDERS, LeaseLost, Leases
from document_store.sqlite import SqliteDocumentStore

pytestmark = pytest.mark.anyio
HOLDER = """
import asyncio, pathlib, sys
from document_store.sqlite import SqliteDocumentStore
from document_store.lease import Leases

async def hold() -> None:
    leases = Leases(SqliteDocumentStore.open(pathlib.Path(sys.argv[1])), 0.8)
    await leases.start()
    print(await leases.take("parkapi"), flush=True)
    await asyncio.sleep(60)

asyncio.run(hold())
"""


class Clock:
    """A clock that a test sets."""

    now = 100.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
async def store(tmp_path: Path) -> AsyncIterator[SqliteDocumentStore]:
    opened = SqliteDocumentStore.open(tmp_path / "s.sqlite")
    yield opened
    await opened.close()


async def test_of_many_that_want_a_source_one_gets_it(store: SqliteDocumentStore) -> None:
    contenders = [Leases(store) for _ in range(8)]
    assert sorted(await asyncio.gather(*(one.take("parkapi") for one in contenders))) == [False] * 7 + [True]


async def test_who_stops_gives_the_source_back_at_once(store: SqliteDocumentStore) -> None:
    first, second = Leases(store), Leases(store)
    await first.start()
    assert await first.take("parkapi")
    assert not await second.take("parkapi")
    await first.stop()
    assert await second.take("parkapi")


async def test_who_is_silent_loses_the_source_and_knows_it_before_others_take_it(store: SqliteDocumentStore) -> None:
    clock = Clock()
    first, second = Leases(store, 10, clock), Leases(store, 10, clock)
    await first.take("parkapi")
    assert not await second.take("parkapi")
    clock.now += 8
    with pytest.raises(LeaseLost, match="not run by this process"):
        first.require("parkapi")
    assert not await second.take("parkapi"), "it has been silent for eight of ten seconds"
    clock.now += 3
    assert await second.take("parkapi")


async def test_who_was_stopped_and_woken_finds_another_in_its_place(store: SqliteDocumentStore) -> None:
    clock = Clock()
    first, second = Leases(store, 10, clock), Leases(store, 10, clock)
    await first.take("parkapi")
    await second.take("parkapi")
    clock.now += 11
    assert await second.take("parkapi")
    await first.beat()
    with pytest.raises(LeaseLost, match="another process"):
        await first.confirm("parkapi")
    assert not await first.take("parkapi")


async def test_a_source_of_a_killed_process_is_taken_over_within_seconds(
    store: SqliteDocumentStore, tmp_path: Path
) -> None:
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-c", HOLDER, str(tmp_path / "s.sqlite"), stdout=asyncio.subprocess.PIPE
    )
    assert process.stdout is not None
    assert await process.stdout.readline() == b"True\n"
    leases = Leases(store, 0.8)
    await leases.start()
    assert not await leases.take("parkapi")
    os.kill(process.pid, signal.SIGKILL)
    await process.wait()
    async with asyncio.timeout(5):
        while not await leases.take("parkapi"):  # noqa: ASYNC110  what changes is in another process
            await asyncio.sleep(0.05)
    await leases.stop()


async def test_a_process_that_is_gone_for_long_is_forgotten(store: SqliteDocumentStore) -> None:
    clock = Clock()
    gone, here = Leases(store, 1, clock), Leases(store, 1, clock)
    await gone.beat()
    await here.beat()
    clock.now += 200
    await here.beat()
    assert [holder["_id"] for holder in await store.find(HOLDERS)] == [here.holder]
