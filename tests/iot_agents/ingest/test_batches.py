"""Which readings go together, and which wait for others."""

import pytest

from iot_agents.ingest.limits import Limits
from iot_agents.ingest.queue import MANY
from tests.iot_agents.ingest.conftest import Way
from tests.iot_agents.ingest.waits import until

pytestmark = pytest.mark.anyio

PATIENT = Limits(linger=0.3)
BINS = [f"urn:ngsi-ld:Bin:{number}" for number in range(MANY)]


@pytest.fixture
async def patient(way: Way) -> Way:
    await way.commits.stop(0)
    await way.open(limits=PATIENT)
    return way


def sizes(way: Way) -> list[int]:
    return [len(batch) for batch in way.broker.requests]


async def test_a_reading_that_comes_alone_is_sent_at_once(way: Way) -> None:
    await way.commits.stop(0)
    await way.open(limits=Limits(linger=3600))
    way.put(1)
    await until(lambda: way.settled == [1])


async def test_what_comes_while_a_request_is_under_way_goes_together_in_the_next_one(patient: Way) -> None:
    patient.put(0)
    await until(lambda: sizes(patient) == [1])
    for observed, name in enumerate(BINS):
        patient.put(observed, name)
    await until(lambda: len(patient.settled) == 1 + MANY)
    assert sizes(patient) == [1, MANY]


async def test_while_many_come_a_few_wait_for_others(patient: Way) -> None:
    for observed, name in enumerate(BINS):
        patient.put(observed, name)
    await until(lambda: sizes(patient) == [MANY])
    patient.put(100, BINS[0])
    await until(lambda: len(patient.settled) == MANY)
    patient.put(101, BINS[1])
    await until(lambda: len(patient.settled) == MANY + 2)
    assert sizes(patient) == [MANY, 2]


async def test_a_batch_is_no_larger_than_allowed(way: Way) -> None:
    await way.commits.stop(0)
    await way.open(limits=Limits(batch_entities=3))
    for observed, name in enumerate(BINS):
        way.put(observed, name)
    await until(lambda: len(way.settled) == MANY)
    assert max(sizes(way)) == 3


async def test_readings_of_one_entity_go_one_after_the_other(way: Way) -> None:
    for observed in range(5):
        way.put(observed)
    await until(lambda: len(way.settled) == 5)
    assert sizes(way) == [1] * 5
    assert way.values == [0, 1, 2, 3, 4]
