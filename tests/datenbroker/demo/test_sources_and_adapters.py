"""The adapters read the demo's documents as they read real ones: nothing rejected, everything valid."""

from datetime import UTC, datetime

import pytest

from data_models.schemas import validate
from datenbroker.demo import source_server
from datenbroker.demo.city import devices
from datenbroker.demo.curves.reading import reading
from ngsi_adapters.reading import read
from ngsi_adapters.registry import SOURCES
from ngsi_adapters.source import Record, Source

NOON = datetime(2026, 11, 23, 11, tzinfo=UTC)
SERVED = [source for source in SOURCES if source.uid in source_server.URLS]
EXPECTED = {"parkapi": 24, "ocpi": 25, "sml_meter": 1, "waste_containers": 40}


def records_of(source: Source) -> list[Record]:
    _, _, document = source_server.DOCUMENTS[source.uid]
    outcomes = list(read(source, document(NOON), NOON))
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
