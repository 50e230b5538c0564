"""Counts of floating cars."""

from typing import Any

import pytest

from ngsi_adapters.sources.mobility.floating_car import SOURCE
from tests.ngsi_adapters.outcomes import entities, parsed, rejects, sample

CSV = sample("floating_car/counts.csv").decode()


def test_each_direction_of_a_segment_is_its_own() -> None:
    there, back = entities(SOURCE, CSV.encode())
    assert there["id"] == "urn:ngsi-ld:TrafficFlowObserved:fcd:HER-0121:hin"
    assert (there["intensity"]["value"], there["averageVehicleSpeed"]["value"]) == (38, 31.5)
    assert (there["laneDirection"]["value"], back["laneDirection"]["value"]) == ("forward", "backward")
    assert (there["congested"]["value"], back["congested"]["value"]) == (False, True)


def test_times_without_an_offset_are_german() -> None:
    assert entities(SOURCE, CSV.encode())[0]["dateObservedTo"]["value"] == "2026-11-22T09:15:00Z"


def test_json_says_the_same() -> None:
    (count,) = entities(SOURCE, parsed("floating_car/counts.json"))
    assert (count["intensity"]["value"], count["dateObserved"]["value"]) == (112, "2026-11-22T09:15:00Z")


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"fahrzeuge": -999}, "is negative"),
        ({"fahrzeuge": None}, "'fahrzeuge' is missing"),
        ({"geschwindigkeit_kmh": 441}, "is no mean speed"),
        ({"ende": "2026-11-22T08:00:00Z"}, "is no interval"),
        ({"beginn": "2026-03-29 02:30"}, "does not exist in Europe/Berlin"),
        ({"richtung": "quer"}, "neither hin nor zurück"),
    ],
)
def test_a_wrong_count_is_rejected_and_the_other_kept(change: dict[str, Any], reason: str) -> None:
    rows = parsed("floating_car/counts.json")
    rows.append({**rows[0], "segment": "HER-0301", **change})
    (rejected,) = rejects(SOURCE, rows)
    assert rejected.record_id == "HER-0301"
    assert reason in rejected.reason
    assert len(entities(SOURCE, rows)) == 1


def test_a_line_that_is_cut_off_is_rejected() -> None:
    assert "is it cut off?" in rejects(SOURCE, CSV.encode()[:-20])[0].reason
