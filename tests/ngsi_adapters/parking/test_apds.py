"""APDS places."""

from typing import Any

import pytest

from ngsi_adapters.sources.parking.apds import SOURCE
from tests.ngsi_adapters.outcomes import entities, parsed, rejects

PATH = "apds/places.json"


def reported(**change: Any) -> Any:
    document = parsed(PATH)
    report = document[0]["hierarchyElementReference"]["demandTable"][0]["demandType"][0]
    report |= change
    return document


def test_places_tell_their_newest_occupancy() -> None:
    garage, street, _ = entities(SOURCE, parsed(PATH))
    assert garage["id"] == "urn:ngsi-ld:OffStreetParking:apds:3f2a7c1e-0001"
    told = ("totalSpotNumber", "occupiedSpotNumber", "availableSpotNumber", "occupancy")
    assert [garage[name]["value"] for name in told] == [430, 149, 281, 0.3465]
    assert garage["occupancy"]["observedAt"] == "2026-11-22T09:10:00Z"
    assert (street["type"], street["availableSpotNumber"]["value"]) == ("OnStreetParking", 4)
    assert street["location"]["value"]["coordinates"] == [7.2251, 51.5401]


def test_the_parts_of_a_place_are_counted_together_as_of_the_oldest_report() -> None:
    park = entities(SOURCE, parsed(PATH))[2]
    told = ("totalSpotNumber", "occupiedSpotNumber", "availableSpotNumber", "occupancy")
    assert [park[name]["value"] for name in told] == [100, 65, 35, 0.65]
    assert park["occupancy"]["observedAt"] == "2026-11-22T09:08:51Z"
    silent = parsed(PATH)
    silent[5]["hierarchyElementReference"].pop("demandTable")
    assert "occupancy" not in entities(SOURCE, silent)[2]


def test_one_place_alone_tells_its_occupancy_without_its_location() -> None:
    alone = {key: value for key, value in parsed(PATH)[0].items() if key != "indicativePointLocation"}
    (change,) = entities(SOURCE, alone)
    assert (change["id"], "location" in change) == ("urn:ngsi-ld:OffStreetParking:apds:3f2a7c1e-0001", False)
    assert (change["availableSpotNumber"]["value"], change["totalSpotNumber"]["value"]) == (281, 430)


def test_without_a_count_the_percentage_counts() -> None:
    assert entities(SOURCE, reported(count=None))[0]["occupiedSpotNumber"]["value"] == 149


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"count": -1}, "greater than or equal to 0"),
        ({"count": "viele"}, "'viele' is not a whole number"),
        ({"percentage": 250}, "less than or equal to 1"),
        ({"recordDateTime": "2026-11-22T12:00:00Z"}, "forecasts are not taken"),
    ],
)
def test_a_wrong_place_is_rejected_and_the_others_are_kept(change: dict[str, Any], reason: str) -> None:
    (rejected,) = rejects(SOURCE, reported(**change))
    assert (rejected.record_id, reason in rejected.reason) == ("3f2a7c1e-0001", True)
    assert len(entities(SOURCE, reported(**change))) == 2


def test_what_are_no_places_is_malformed() -> None:
    assert rejects(SOURCE, {"places": {}})[0].kind == "malformed"
