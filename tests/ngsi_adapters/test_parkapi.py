"""Car parks and spots of ParkAPI v3."""

from typing import Any

import pytest

from ngsi_adapters.sources.parking.parkapi import SOURCE
from tests.ngsi_adapters.outcomes import entities, parsed, rejects


def sites() -> Any:
    return parsed("parkapi/parking_sites.json")


def test_static_and_realtime_rows_are_joined_by_uid() -> None:
    document = sites()
    document["realtime"].reverse()
    car_park = entities(SOURCE, document)[0]
    assert car_park["name"]["value"] == "P01 Musterplatz"
    assert car_park["totalSpotNumber"] == {"type": "Property", "value": 430}
    assert car_park["occupiedSpotNumber"]["value"] == 149
    assert car_park["occupancy"]["value"] == 0.3465
    assert car_park["status"] == {"type": "Property", "value": ["open"], "observedAt": "2026-03-12T19:05:34Z"}


def test_more_free_than_there_are_is_rejected_but_the_car_park_stays() -> None:
    document = sites()
    document["realtime"][0]["realtime_free_capacity"] = 431
    (rejected,) = rejects(SOURCE, document)
    assert (rejected.record_id, rejected.reason) == (
        "P1",
        "realtime_free_capacity, realtime_capacity: 431 free places are more than the 430 there are",
    )
    first = entities(SOURCE, document)[0]
    assert first["totalSpotNumber"]["value"] == 430
    assert "availableSpotNumber" not in first


def test_a_full_car_park_says_so() -> None:
    document = sites()
    document["realtime"][0]["realtime_free_capacity"] = 0
    assert entities(SOURCE, document)[0]["status"]["value"] == ["open", "full"]


def test_realtime_rows_older_than_the_static_ones_keep_their_own_time() -> None:
    document = sites()
    document["realtime"][0]["realtime_data_updated_at"] = "2025-12-31T23:00:00+01:00"
    assert entities(SOURCE, document)[0]["occupancy"]["observedAt"] == "2025-12-31T22:00:00Z"


def test_a_car_park_without_realtime_data_has_no_occupancy() -> None:
    document = sites()
    document["realtime"].clear()
    assert not any({"occupancy", "status"} & car_park.keys() for car_park in entities(SOURCE, document))


def test_places_on_the_street_become_on_street_parking() -> None:
    document = sites()
    document["static"][0]["type"] = "ON_STREET"
    street = entities(SOURCE, document)[0]
    assert street["type"] == "OnStreetParking"
    assert street["availableSpotNumber"]["value"] == 281
    assert "status" not in street


def test_a_capacity_of_0_is_unknown() -> None:
    document = sites()
    document["static"][0]["capacity"] = 0
    document["realtime"].clear()
    assert "totalSpotNumber" not in entities(SOURCE, document)[0]


def test_a_clearance_is_written_in_metres() -> None:
    document = sites()
    document["static"][0] |= {"max_height": 190, "has_fee": True}
    car_park = entities(SOURCE, document)[0]
    assert car_park["maximumAllowedHeight"] == {"type": "Property", "value": 1.9, "unitCode": "MTR"}
    assert car_park["category"]["value"] == ["parkingGarage", "feeCharged"]


def test_spots_become_parking_spots_and_realtime_rows_without_a_spot_are_rejected() -> None:
    document = parsed("parkapi/parking_spots.json")
    (spot,) = entities(SOURCE, document)
    assert (spot["type"], spot["status"]["value"], spot["category"]["value"]) == ("ParkingSpot", "free", ["onStreet"])
    assert spot["refParkingSite"]["object"] == "urn:ngsi-ld:OnStreetParking:freiburg_disabled_sensors"
    assert [(rejected.record_id, rejected.kind) for rejected in rejects(SOURCE, document)] == [
        ("P02", "unmatched"),
        ("P03", "unmatched"),
    ]


def test_a_spot_need_not_have_a_name() -> None:
    document = parsed("parkapi/parking_spots.json")
    document["static"][0].pop("name")
    (spot,) = entities(SOURCE, document)
    assert (spot["status"]["value"], "name" in spot) == ("free", False)


@pytest.mark.parametrize(
    ("change", "kind"),
    [
        ({"capacity": -1}, "out_of_range"),
        ({"capacity": "many"}, "wrong_type"),
        ({"lat": "north"}, "invalid"),
        ({"lat": None}, "missing"),
        ({"name": 17}, "wrong_type"),
        ({"uid": None}, "wrong_type"),
    ],
)
def test_a_wrong_static_row_is_rejected_once(change: dict[str, object], kind: str) -> None:
    document = sites()
    document["static"][0] |= change
    document["realtime"].pop(0)
    assert [rejected.kind for rejected in rejects(SOURCE, document)] == [kind]
    assert len(entities(SOURCE, document)) == 1


@pytest.mark.parametrize("member", ["source", "static", "realtime"])
def test_a_document_without_its_members_is_malformed(member: str) -> None:
    document = sites()
    del document[member]
    (rejected,) = rejects(SOURCE, document)
    assert rejected.kind == "malformed"
    assert repr(member) in rejected.reason
