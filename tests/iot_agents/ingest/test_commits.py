import pytest

from tests.iot_agents.ingest.conftest import AWAY, NOW, Way
from tests.iot_agents.ingest.waits import until

pytestmark = pytest.mark.anyio

BINS = [f"urn:ngsi-ld:Bin:{number}" for number in range(20)]


async def test_readings_go_to_the_spool_while_the_broker_is_away_and_are_done_with(way: Way) -> None:
    way.broker.statuses = list(AWAY)
    for observed in range(20):
        way.put(observed, BINS[observed])
    await until(lambda: len(way.settled) == 20)
    assert way.values == []
    assert way.commits.spool_figures()["depth"] == 20


async def test_they_go_in_the_order_of_observation_when_it_is_back(way: Way) -> None:
    way.broker.statuses = list(AWAY)
    for observed in (5, 3, 9, 1, 7):
        way.put(observed)
        await until(lambda: observed in way.settled)  # noqa: B023 (waited for at once)
    way.put(4)
    way.broker.statuses = []
    await until(lambda: len(way.values) == 6)
    assert way.values == [1, 3, 4, 5, 7, 9]
    assert way.commits.spool_figures()["depth"] == 0


async def test_after_that_they_take_the_short_way_again(way: Way) -> None:
    way.broker.statuses = list(AWAY)
    way.put(1)
    await until(lambda: way.settled == [1])
    way.broker.statuses = []
    await until(lambda: way.values == [1])
    way.put(2)
    await until(lambda: way.values == [1, 2])
    assert way.commits.counters()["spooled"] == 1


async def test_a_restart_finds_the_spool_and_knows_its_frames(way: Way) -> None:
    way.broker.statuses = list(AWAY)
    for observed in range(20):
        way.put(observed, BINS[observed], key=observed)
    await until(lambda: len(way.settled) == 20)
    await way.commits.stop(0)
    (way._folder / "seen.new").unlink()
    await way.open()
    assert all(way.knows(observed, observed) for observed in range(20))
    way.broker.statuses = []
    await until(lambda: len(way.values) == 20)
    assert way.values == list(range(20))


async def test_a_full_spool_holds_readings_back_and_loses_none(way: Way) -> None:
    await way.commits.stop(0)
    await way.open(spool_bytes=1000)
    way.broker.statuses = list(AWAY)
    for observed in range(20):
        way.put(observed, BINS[observed])
    await until(lambda: len(way.settled) > 0)
    spooled = len(way.settled)
    assert spooled < 20
    way.broker.statuses = []
    await until(lambda: len(way.settled) == 20)
    await until(lambda: sorted(way.values) == list(range(20)))


async def test_a_frame_that_is_under_way_is_committed_once_and_both_are_done(way: Way) -> None:
    done: list[bool] = []
    way.put(1, key=7)
    assert way.commits.is_repeated(7, NOW + 1, done.append)
    assert done == []
    await until(lambda: done == [True])
    assert way.values == [1]
    assert way.commits.counters()["duplicates"] == 1


async def test_a_committed_frame_is_known_after_a_restart(way: Way) -> None:
    way.put(1, key=7)
    await until(lambda: way.settled == [1])
    await way.commits.stop(0)
    await way.open()
    assert way.knows(7, 1)
    assert not way.knows(8, 1)


async def test_a_late_reading_goes_to_the_history_alone(way: Way) -> None:
    way.broker.history = []
    way.put(2)
    await until(lambda: way.settled == [2])
    way.put(1)
    await until(lambda: way.settled == [2, 1])
    assert way.values == [2]
    (told,) = way.broker.history
    assert [instance["value"] for instance in told["fill"]] == [1]
    assert way.commits.counters()["late"] == 1


async def test_without_a_history_a_late_reading_is_counted_as_dropped(way: Way) -> None:
    for observed in (2, 1):
        way.put(observed)
        await until(lambda: observed in way.settled)  # noqa: B023 (waited for at once)
    assert way.values == [2]
    assert way.commits.counters()["late_kept"] == 1


async def test_what_waits_together_is_sent_in_the_order_of_observation(way: Way) -> None:
    for observed in (3, 1, 2):
        way.put(observed)
    await until(lambda: len(way.settled) == 3)
    assert way.values == [1, 2, 3]
    assert way.commits.counters()["late"] == 0


async def test_a_broker_that_fails_at_one_spooled_reading_does_not_hold_up_the_others(way: Way) -> None:
    way.broker.statuses = list(AWAY)
    for observed in range(3):
        way.put(observed, BINS[observed])
    await until(lambda: len(way.settled) == 3)
    way.broker.refuse, way.broker.statuses = {BINS[1]}, []
    await until(lambda: way.commits.spool_figures()["depth"] == 0)
    assert sorted(way.broker.entities["tenant"]) == [BINS[0], BINS[2]]
    assert [rejected.kind for rejected in way.rejections] == ["refused_by_broker"]


async def test_stopping_tells_those_who_wait_that_they_are_not_done(way: Way) -> None:
    await way.commits.stop(0)
    await way.open(spool_bytes=1)
    way.broker.statuses = list(AWAY)
    way.put(1)
    await way.commits.stop(0.1)
    assert (way.settled, way.stopped) == ([], [1])
