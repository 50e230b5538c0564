"""Gauges of PEGELONLINE."""

from typing import Any

import pytest

from ngsi_adapters.sources.environment.pegelonline import SOURCE
from tests.ngsi_adapters.outcomes import entities, parsed, rejects

SAMPLE = "pegelonline/stations.json"


def of_hattingen(**measured: Any) -> Any:
    """The sample with another measurement of the level at Hattingen."""
    stations = parsed(SAMPLE)
    series = stations[1]["timeseries"][0]
    series["unit"] = measured.pop("unit", series["unit"])
    series["currentMeasurement"] |= measured
    return stations


def test_centimetres_become_metres_and_a_discharge_is_told() -> None:
    river = next(each for each in entities(SOURCE, parsed(SAMPLE)) if "flow" in each)
    assert river["waterLevel"]["value"] == 1.87
    assert river["waterLevel"]["unitCode"] == "MTR"
    assert river["flow"] == {
        "type": "Property",
        "value": 61.4,
        "unitCode": "MQS",
        "observedAt": "2026-11-22T09:15:00Z",
    }


def test_a_canal_is_measured_in_metres_above_sea_level() -> None:
    assert entities(SOURCE, parsed(SAMPLE))[0]["waterLevel"]["value"] == 51.62


def test_the_state_between_mean_low_and_high_water_is_told_where_it_is_known() -> None:
    floods = [each for each in entities(SOURCE, parsed(SAMPLE)) if each["type"] == "FloodMonitoring"]
    assert [each.get("floodLevelStatus", {}).get("value") for each in floods] == [None, "normal"]


@pytest.mark.parametrize("state", ["unknown", "commented", "out-dated", None])
def test_what_is_no_state_of_the_water_is_left_out(state: str | None) -> None:
    floods = [each for each in entities(SOURCE, of_hattingen(stateMnwMhw=state)) if each["type"] == "FloodMonitoring"]
    assert all("floodLevelStatus" not in each for each in floods)


def test_a_river_below_the_gauges_zero_has_a_negative_level() -> None:
    told = entities(SOURCE, of_hattingen(value=-7.0, stateMnwMhw="low"))
    levels = [each[name]["value"] for each in told for name in ("waterLevel", "currentLevel") if name in each]
    assert levels.count(-0.07) == 2


@pytest.mark.parametrize(
    ("measured", "reason"),
    [
        ({"unit": "ft"}, "in ft, not in cm"),
        ({"value": -777.0}, "out of order"),
        ({"value": None}, "is not a number"),
        ({"timestamp": "gestern"}, "gestern"),
    ],
)
def test_a_wrong_level_is_rejected_and_the_other_gauge_kept(measured: Any, reason: str) -> None:
    assert any(reason in each.reason for each in rejects(SOURCE, of_hattingen(**measured)))
    assert "HERNE" in str(entities(SOURCE, of_hattingen(**measured))).upper()


def test_an_answer_that_is_no_list_is_malformed() -> None:
    (rejected,) = rejects(SOURCE, {"status": 400, "message": "bad request"})
    assert (rejected.kind, rejected.reason) == ("malformed", "an array of stations is expected, not dict")
