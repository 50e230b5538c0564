"""Occupancy counted from spots."""

import pytest

from ngsi_adapters.sources.parking.parking_occupancy import SOURCE
from tests.ngsi_adapters.conftest import Bench
from tests.ngsi_adapters.outcomes import entities, parsed, rejects

SAMPLE = parsed("parking_occupancy/entities.json")


def test_sites_and_groups_are_counted() -> None:
    off, on, group = entities(SOURCE, SAMPLE)
    told = ("totalSpotNumber", "availableSpotNumber", "occupiedSpotNumber")
    assert [off[name]["value"] for name in told] == [3, 2, 1]
    assert (off["occupancy"]["value"], off["occupancy"]["observedAt"]) == (0.3333, "2026-11-22T09:13:00Z")
    assert [on[name]["value"] for name in told] == [2, 0, 1]  # of one spot nothing is known
    assert (group["id"], group["availableSpotNumber"]["value"]) == ("urn:ngsi-ld:ParkingGroup:herne:P1-A", 1)
    assert group["refParkingSite"]["object"] == off["id"]


def test_a_site_with_more_spots_than_are_known_is_passed_over() -> None:
    larger = SAMPLE[-1] | {"totalSpotNumber": {"type": "Property", "value": 300}}
    assert [found["type"] for found in entities(SOURCE, [*SAMPLE[:-1], larger])] == ["OnStreetParking", "ParkingGroup"]


def test_what_are_no_entities_is_malformed() -> None:
    assert rejects(SOURCE, {"type": "ParkingSpot"})[0].kind == "malformed"


@pytest.mark.anyio
async def test_a_spot_that_becomes_free_counts_at_the_next_run(bench: Bench) -> None:
    client, runner = bench.client.for_tenant("stadt_herne"), bench.runner([SOURCE])
    await client.upsert(SAMPLE)
    free = []
    for status in ("occupied", "free"):
        await client.upsert([SAMPLE[1] | {"status": {"type": "Property", "value": status}}])
        assert (await runner.run_once(SOURCE)).last_error is None
        site = await client.retrieve(SAMPLE[-1]["id"], key_values=True)
        free.append((site or {})["availableSpotNumber"])
    assert free == [2, 3]
