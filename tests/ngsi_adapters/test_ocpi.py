"""Charging points of OCPI 2.2.1."""

from typing import Any

import pytest

from ngsi_adapters.sources.energy.ocpi import SOURCE
from tests.ngsi_adapters.outcomes import entities, parsed, rejects


def document(*statuses: str, **change: Any) -> Any:
    """The sample with EVSEs of these statuses and other members of its location."""
    sample = parsed("ocpi/locations.json")
    location = sample["data"][0]
    if statuses:
        location["evses"] = [location["evses"][0] | {"uid": str(n), "status": s} for n, s in enumerate(statuses)]
    location |= change
    return sample


def test_a_location_is_one_charging_station() -> None:
    (station,) = entities(SOURCE, document())
    assert station["id"] == "urn:ngsi-ld:EVChargingStation:DE:SWH:LOC-HER-0007"
    assert station["location"]["value"] == {"type": "Point", "coordinates": [7.2257, 51.5388]}
    assert (station["capacity"]["value"], station["socketType"]["value"]) == (2, ["Type2"])
    assert station["availableCapacity"] == {"type": "Property", "value": 1, "observedAt": "2026-01-15T07:41:10Z"}
    assert station["operator"]["value"] == "Stadtwerke Herne"


@pytest.mark.parametrize(
    ("statuses", "status", "available", "capacity"),
    [
        (["AVAILABLE", "CHARGING"], "working", 1, 2),
        (["CHARGING", "RESERVED", "BLOCKED"], "full", 0, 3),
        (["AVAILABLE", "OUTOFORDER"], "withIncidence", 1, 2),
        (["INOPERATIVE", "OUTOFORDER"], "outOfService", 0, 2),
        (["AVAILABLE", "REMOVED", "PLANNED"], "working", 1, 1),
        (["UNKNOWN", "UNKNOWN"], None, None, 2),
    ],
)
def test_the_states_of_the_charging_points_are_summed_up(
    statuses: list[str], status: str | None, available: int | None, capacity: int
) -> None:
    (station,) = entities(SOURCE, document(*statuses))
    assert station.get("status", {}).get("value") == status
    assert station.get("availableCapacity", {}).get("value") == available
    assert station["capacity"]["value"] == capacity


@pytest.mark.parametrize(
    ("standard", "socket"),
    [
        ("IEC_62196_T2_COMBO", "CCS/SAE"),
        ("CHADEMO", "CHAdeMO"),
        ("DOMESTIC_F", "Wall_Euro"),
        ("PANTOGRAPH_TOP_DOWN", "Other"),
    ],
)
def test_connector_standards_become_socket_types(standard: str, socket: str) -> None:
    changed = document("AVAILABLE")
    changed["data"][0]["evses"][0]["connectors"][0]["standard"] = standard
    assert entities(SOURCE, changed)[0]["socketType"]["value"] == [socket]


def test_a_time_without_z_is_utc() -> None:
    assert entities(SOURCE, document(last_updated="2026-02-01T10:00:00"))[0]["status"]["observedAt"] == (
        "2026-02-01T10:00:00Z"
    )


def test_what_is_not_to_be_published_is_left_out() -> None:
    assert entities(SOURCE, document(publish=False)) == []
    assert rejects(SOURCE, document(publish=False)) == []


@pytest.mark.parametrize(
    ("wrong", "reason"),
    [
        (document("BROKEN"), "'BROKEN' is no status"),
        (document("REMOVED"), "no charging point"),
        (document(evses=None), "no charging point"),
        (document(coordinates={"latitude": "51,5", "longitude": "7.2"}), "is not a number"),
        (document(coordinates={"latitude": "7.2", "longitude": "511.5"}), "longitude, latitude"),
        (document(last_updated="yesterday"), "yesterday"),
        (document(city=None, address=7), "streetAddress"),
    ],
)
def test_a_wrong_location_is_rejected_with_the_reason(wrong: Any, reason: str) -> None:
    (rejected,) = rejects(SOURCE, wrong)
    assert rejected.record_id == "LOC-HER-0007"
    assert reason in rejected.reason


def test_an_error_of_the_server_is_told() -> None:
    (rejected,) = rejects(SOURCE, {"status_code": 2001, "status_message": "Invalid parameters", "data": []})
    assert rejected.reason == "OCPI status 2001: Invalid parameters"
