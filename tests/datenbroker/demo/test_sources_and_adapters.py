"""The adapters read the demo's documents as they read real ones: nothing rejected, everything valid."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest

from data_models.schemas import validate
from datenbroker.demo import source_server
from datenbroker.demo.city import ORGANISATION_OF, devices
from datenbroker.demo.curves.reading import reading
from datenbroker.demo.sources import bikes
from ngsi_adapters.reading import read
from ngsi_adapters.registry import SOURCES
from ngsi_adapters.source import Outcome, Record, Source

NOON = datetime(2026, 11, 23, 11, tzinfo=UTC)
SERVED = [source for source in SOURCES if source.uid in source_server.URLS]
EXPECTED = {
    "parkapi": 24,
    "ocpi": 25,
    "sml_meter": 1,
    "waste_containers": 40,
    "waste_calendar": 80,
    "floating_car": 28,
    "pegelonline": 10,
    "sensor_community": 16,
    "sunspec_inverter": 6,
    "wmbus_heat": 6,
    "gbfs": 13,
}

ALIVE = {
    "parkapi": "availableSpotNumber",
    "ocpi": "availableCapacity",
    "sml_meter": "totalConsumption",
    "waste_containers": "fillingLevel",
    "waste_calendar": "dateObserved",
    "floating_car": "averageVehicleSpeed",
    "pegelonline": "waterLevel",
    "sensor_community": "pm10",
    "sunspec_inverter": "totalActivePower",
    "wmbus_heat": "power",
    "gbfs": "availableBikeNumber",
}
"""What of each source follows the clock."""
HARD_TIMES = (
    datetime(2026, 12, 31, 23, 30, tzinfo=UTC),
    datetime(2027, 3, 28, 1, 5, tzinfo=UTC),
    datetime(2027, 7, 1, 10, 31, tzinfo=UTC),
    datetime(2027, 10, 31, 0, 50, tzinfo=UTC),
    datetime(2028, 2, 29, 6, tzinfo=UTC),
)
"""A turn of the year in local time, both changes of the clocks, a summer's noon, a leap day."""


def outcomes_of(source: Source, at: datetime) -> Iterator[Outcome]:
    if source.join is not None:
        return read(source, {name: feed(at) for name, feed in bikes.FEEDS.items()}, at)
    _, _, document = source_server.DOCUMENTS[source.uid]
    return read(source, document(at), at)


def records_of(source: Source, at: datetime = NOON) -> list[Record]:
    outcomes = list(outcomes_of(source, at))
    records = [outcome for outcome in outcomes if isinstance(outcome, Record)]
    assert len(records) == len(outcomes), [outcome for outcome in outcomes if not isinstance(outcome, Record)]
    return records


def test_every_document_has_its_adapter() -> None:
    assert {source.uid for source in SERVED} == set(source_server.URLS)


@pytest.mark.parametrize("source", SERVED, ids=lambda source: source.uid)
def test_an_adapter_reads_every_record_and_each_entity_is_valid(source: Source) -> None:
    entities = [
        record.entity.model_dump(mode="json", by_alias=True, exclude_none=True) for record in records_of(source)
    ]
    assert len(entities) == EXPECTED[source.uid]
    assert not [complaint for entity in entities for complaint in validate(entity)]


@pytest.mark.parametrize("source", SERVED, ids=lambda source: source.uid)
def test_values_follow_the_clock(source: Source) -> None:
    now, later = (
        [record.entity.model_dump().get(ALIVE[source.uid]) for record in records_of(source, at)]
        for at in (NOON, NOON + timedelta(days=8, hours=-4))
    )
    assert any(value is not None for value in now)
    assert now != later


@pytest.mark.parametrize("source", SERVED, ids=lambda source: source.uid)
def test_nothing_is_rejected_and_nothing_disappears_at_hard_times(source: Source) -> None:
    known = {record.entity_id for record in records_of(source)}
    for at in HARD_TIMES:
        assert {record.entity_id for record in records_of(source, at)} == known


def test_at_least_eight_sources_are_served_and_each_belongs_to_an_organisation_of_the_city() -> None:
    assert len(SERVED) >= 8
    assert {source.tenant for source in SERVED} <= set(ORGANISATION_OF)


def test_no_source_speaks_of_an_entity_that_a_device_watches() -> None:
    of_sources = [record.entity_id for source in SERVED for record in records_of(source)]
    assert len(of_sources) == len(set(of_sources))
    assert not {device["entity"]["id"] for device in devices()} & set(of_sources)


def test_the_street_of_every_bay_is_known_and_says_what_its_bays_say() -> None:
    sites = {record.entity_id: record.entity for source in SERVED for record in records_of(source)}
    bays = [device for device in devices() if device["profile"] == "parking-bay"]
    for name in {bay["entity"]["refParkingSite"]["object"] for bay in bays}:
        here = [bay for bay in bays if bay["entity"]["refParkingSite"]["object"] == name]
        street = sites[name].model_dump()
        assert street["totalSpotNumber"] == len(here) == 7
        assert street["availableSpotNumber"] == sum(not reading(bay, NOON)["occupied"] for bay in here)
