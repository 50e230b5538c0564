from collections.abc import Iterator
from pathlib import Path

import pytest

from iot_agents.ingest.spool import ROW_BYTES, Spool
from iot_agents.ingest.waiting import Origin, Waiting

ORIGIN = Origin("chirpstack", "application/a/device/1/event/up", b'{"fill": 1}', "1", "tenant")
PLENTY = 1_000_000


def reading(observed: int, tenant: str = "tenant") -> Waiting:
    waiting = Waiting(tenant, [{"id": f"urn:ngsi-ld:Bin:{observed}", "type": "Bin"}], observed, ORIGIN, lambda _: None)
    waiting.key = observed * 7
    return waiting


def opened(folder: Path, most_bytes: int = PLENTY) -> Spool:
    spool = Spool(folder / "spool.db", most_bytes)
    spool.start()
    return spool


@pytest.fixture
def spool(tmp_path: Path) -> Iterator[Spool]:
    spool = opened(tmp_path)
    yield spool
    spool.stop()


def test_readings_come_back_in_the_order_of_observation(spool: Spool) -> None:
    spool.add([reading(30), reading(10)])
    spool.add([reading(20), reading(5, "other")])
    assert [one.observed for one in spool.oldest("tenant", 10)] == [10, 20, 30]
    assert [one.observed for one in spool.oldest("tenant", 2)] == [10, 20]


def test_a_reading_comes_back_whole(spool: Spool) -> None:
    spool.add([reading(10)])
    (back,) = spool.oldest("tenant", 1)
    assert back.entities == [{"id": "urn:ngsi-ld:Bin:10", "type": "Bin"}]
    assert (back.origin, back.key, back.tenant) == (ORIGIN, 70, "tenant")


def test_readings_are_there_after_a_restart(tmp_path: Path) -> None:
    first = opened(tmp_path)
    first.add([reading(10), reading(20)])
    first.stop()
    second = opened(tmp_path)
    assert second.depth("tenant") == 2
    assert second.tenants() == ["tenant"]
    assert sorted(second.keys()) == [(70, 10), (140, 20)]
    second.stop()


def test_a_full_spool_takes_no_more_and_drops_nothing(tmp_path: Path) -> None:
    first = opened(tmp_path)
    first.add([reading(10)])
    one = int(first.figures()["bytes"])
    first.stop()
    small = opened(tmp_path, 3 * one + ROW_BYTES // 2)
    assert small.add([reading(n) for n in (20, 30, 40, 50)]) == 2
    assert small.is_full
    assert [each.observed for each in small.oldest("tenant", 10)] == [10, 20, 30]
    small.remove(small.oldest("tenant", 1))
    assert not small.is_full
    assert small.add([reading(40)]) == 1
    small.stop()


def test_what_is_removed_is_gone_and_gives_room(spool: Spool) -> None:
    spool.add([reading(n) for n in range(10)])
    spool.remove(spool.oldest("tenant", 4))
    assert spool.figures()["depth"] == 6
    spool.remove(spool.oldest("tenant", 10))
    assert spool.figures() == {"depth": 0, "bytes": 0, "oldest_seconds": 0.0}


def test_its_figures_tell_depth_bytes_and_age(spool: Spool) -> None:
    spool.add([reading(n) for n in range(10)])
    figures = spool.figures()
    assert figures["depth"] == 10
    assert figures["bytes"] > 10 * ROW_BYTES
    assert 0 <= figures["oldest_seconds"] < 5
