"""The next collection of each container, from the calendar of its street; with the real broker."""

from typing import Any

import pytest

from ngsi_adapters.sources.waste.waste_collections import SOURCE
from tests.ngsi_adapters.conftest import Bench
from tests.ngsi_adapters.outcomes import entities, parsed, rejects

SAMPLE: list[dict[str, Any]] = parsed("waste_collections/entities.json")
RESIDUAL = SAMPLE[0]


def following(payload: list[dict[str, Any]]) -> dict[str, str]:
    found = {entity["id"].rpartition(":")[2]: entity for entity in entities(SOURCE, payload)}
    return {name: str(entity["nextActuationDeadline"]["value"]) for name, entity in found.items()}


def test_each_container_has_the_next_collection_of_its_kind_in_its_street() -> None:
    assert following(SAMPLE) == {
        "RE-0001": "2026-12-09T05:00:00Z",  # Bahnhofstr. 12
        "BI-0002": "2026-11-24T05:00:00Z",
        "PA-0003": "2026-12-01T05:00:00Z",  # the earlier of "Blaue Tonne" and "Altpapier"
        "BI-0005": "2026-11-27T06:00:00Z",  # in another town: what it had stays
    }


@pytest.mark.parametrize("said", ["Restmüll (grau) AWB", "Restmüll | Abfuhrkalender", "Graue Tonne 14-täglich"])
def test_calendars_say_more_than_the_kind_of_waste(said: str) -> None:
    told = [each | {"annotations": {"type": "Property", "value": [said]}} for each in SAMPLE[5:6]]
    assert following([RESIDUAL, *told]) == {"RE-0001": "2026-12-09T05:00:00Z"}


def test_a_container_without_an_address_or_kind_gets_nothing() -> None:
    for missing in ("address", "storedWasteKind"):
        bare = {name: value for name, value in RESIDUAL.items() if name != missing}
        assert following([bare, *SAMPLE[5:]]) == {}


def test_other_observations_of_waste_are_left_alone() -> None:
    weighed = SAMPLE[5] | {"id": "urn:ngsi-ld:WasteObserved:weighing:1"}
    assert following([RESIDUAL, weighed]) == {}


def test_a_wrong_collection_is_rejected_and_the_others_are_kept() -> None:
    broken = SAMPLE[5] | {"id": "urn:ngsi-ld:WasteObserved:next:x", "address": {"type": "Property", "value": "x"}}
    (rejected,) = rejects(SOURCE, [broken, *SAMPLE])
    assert rejected.record_id == "urn:ngsi-ld:WasteObserved:next:x"
    assert len(following([broken, *SAMPLE])) == 4


@pytest.mark.anyio
async def test_the_broker_is_read_and_a_container_keeps_what_else_it_has(bench: Bench) -> None:
    client = bench.client.for_tenant("entsorgung")
    await client.upsert(SAMPLE)
    await bench.runner([SOURCE]).run_once(SOURCE)
    found = next(each for each in await client.query(type="WasteContainer") if each["id"] == RESIDUAL["id"])
    assert "2026-12-09T05:00:00Z" in str(found["nextActuationDeadline"]["value"])
    assert found["storedWasteKind"]["value"] == "other"
