"""A disk that is full, and files that a crash has damaged: no reading is lost by that, and none is held up for ever."""

import resource
import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import msgspec
import pytest

from iot_agents.ingest.duplicates import SeenFrames
from iot_agents.ingest.spool import Spool
from iot_agents.ingest.waiting import Origin, Waiting
from tests.iot_agents.ingest.conftest import AWAY, LIMITS, Way
from tests.iot_agents.ingest.waits import until

ORIGIN = Origin("chirpstack", "application/a/device/1/event/up", b'{"fill": 1}', "1", "tenant")


@contextmanager
def files_of_at_most(size: int) -> Iterator[None]:
    """What would make one larger is refused, and a write across the bound is cut off, as on a full disk."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


@contextmanager
def full_disk(*files: Path) -> Iterator[None]:
    """No file grows beyond the smallest of these."""
    with files_of_at_most(min(file.stat().st_size for file in files)):
        yield


def readings(*observed: int) -> list[Waiting]:
    return [
        Waiting("tenant", [{"id": f"urn:ngsi-ld:Bin:{one}", "type": "Bin"}], one, ORIGIN, lambda _: None)
        for one in observed
    ]


def opened(path: Path) -> Spool:
    spool = Spool(path, 1_000_000)
    spool.start()
    return spool


def observed(spool: Spool) -> list[int]:
    return [one.observed for one in spool.oldest("tenant", 100)]


@pytest.fixture
def spool(tmp_path: Path) -> Iterator[Spool]:
    spool = opened(tmp_path / "spool.db")
    yield spool
    spool.stop()


def test_a_spool_on_a_full_disk_takes_nothing_and_keeps_what_it_has(spool: Spool, tmp_path: Path) -> None:
    spool.add(readings(1, 2))
    with full_disk(tmp_path / "spool.db-wal"):
        assert spool.add(readings(3)) == 0
        assert spool.is_full
        assert observed(spool) == [1, 2]
    assert spool.add(readings(3)) == 1
    assert observed(spool) == [1, 2, 3]


def test_what_cannot_be_removed_from_it_is_not_given_again(spool: Spool, tmp_path: Path) -> None:
    spool.add(readings(1, 2, 3))
    with full_disk(tmp_path / "spool.db-wal"):
        spool.remove(spool.oldest("tenant", 2))
        assert observed(spool) == [3]
        assert spool.depth("tenant") == 1
    spool.remove(spool.oldest("tenant", 1))
    spool.stop()
    spool.start()
    assert (spool.depth("tenant"), observed(spool)) == (0, [])


@pytest.mark.parametrize("damage", [b"", b"\xff" * 700])
def test_a_spool_whose_last_write_was_cut_off_has_all_before_it(spool: Spool, tmp_path: Path, damage: bytes) -> None:
    spool.add(readings(1, 2))
    whole = (tmp_path / "spool.db-wal").stat().st_size
    spool.add(readings(3))
    after = tmp_path / "after"
    after.mkdir()
    for name in ("spool.db", "spool.db-wal"):
        shutil.copy(tmp_path / name, after)
    with (after / "spool.db-wal").open("r+b") as log:
        log.truncate(whole + 900)
        log.seek(whole + 200)
        log.write(damage)
    found = opened(after / "spool.db")
    assert observed(found) == [1, 2]
    assert found.add(readings(4)) == 1
    found.stop()


def test_a_damaged_row_is_kept_apart_and_holds_up_no_other(spool: Spool, tmp_path: Path) -> None:
    spool.add(readings(1, 2, 3))
    spool.stop()
    with sqlite3.connect(tmp_path / "spool.db") as connection:
        connection.execute("UPDATE reading SET body = x'c1ff' WHERE observed = 1")
        connection.execute("UPDATE reading SET body = substr(body, 1, 9) WHERE observed = 2")
    connection.close()
    spool.start()
    assert list(spool.keys()) == []
    assert (observed(spool), spool.depth("tenant")) == ([3], 1)
    with sqlite3.connect(tmp_path / "spool.db") as connection:
        assert connection.execute("SELECT observed FROM unreadable").fetchall() == [(1,), (2,)]
    connection.close()


def test_frames_are_known_though_they_cannot_be_written(tmp_path: Path) -> None:
    frames = SeenFrames(tmp_path)
    frames.start()
    frames.add([(1, 1)])
    with full_disk(tmp_path / "seen.new"):
        frames.add([(2, 2), (3, 3)])
        assert frames.knows(3, 3)
    frames.add([(4, 4)])
    frames.stop()
    frames.start()
    assert [frames.knows(key, key) for key in (1, 2, 3, 4)] == [True, False, False, True]
    frames.stop()


def test_a_frame_of_which_half_was_written_shifts_none_that_follows(tmp_path: Path) -> None:
    frames = SeenFrames(tmp_path)
    frames.start()
    with files_of_at_most(24):
        frames.add([(1, 1), (2, 2)])
    frames.add([(3, 3)])
    frames.stop()
    frames.start()
    assert [frames.knows(key, key) for key in (1, 2, 3)] == [True, False, True]
    frames.stop()


@pytest.mark.anyio
async def test_with_a_full_disk_readings_still_reach_a_broker_that_is_there(way: Way, tmp_path: Path) -> None:
    way.put(1, key=1)
    await until(lambda: way.settled == [1])
    with full_disk(tmp_path / "seen.new", tmp_path / "spool.db-wal"):
        way.put(2, key=2)
        await until(lambda: way.settled == [1, 2])
        assert way.knows(2, 2)


@pytest.mark.anyio
async def test_with_a_full_disk_and_no_broker_they_wait_and_are_not_done(way: Way, tmp_path: Path) -> None:
    way.broker.statuses = list(AWAY)
    with full_disk(tmp_path / "spool.db-wal"):
        way.put(1)
        await until(lambda: way.commits.counters()["retries"] > 3 * LIMITS.spool_after / LIMITS.longest_pause)
        assert way.settled == []
    way.broker.statuses = []
    await until(lambda: way.settled == [1] and way.values == [1])


@pytest.mark.anyio
async def test_another_batch_size_after_a_restart_sends_the_same_readings(way: Way) -> None:
    way.broker.statuses = list(AWAY)
    for number in range(10):
        way.put(number, f"urn:ngsi-ld:Bin:{number}")
    await until(lambda: len(way.settled) == 10)
    await way.commits.stop(0)
    way.broker.statuses = []
    await way.open(limits=msgspec.structs.replace(LIMITS, batch_entities=3))
    await until(lambda: way.values == list(range(10)))
