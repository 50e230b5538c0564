"""DWD's observations, with a file that DWD has published."""

import pytest

from ngsi_adapters.sources.environment.dwd_observations import SOURCE
from tests.ngsi_adapters.outcomes import entities, rejects, sample

FILE = sample("dwd_observations/10315-BEOB.csv").decode()


def test_the_newest_hour_is_told_in_the_models_units() -> None:
    (weather,) = entities(SOURCE, FILE.encode())
    values = {name: weather[name]["value"] for name in ("temperature", "dewPoint", "relativeHumidity", "windSpeed")}
    assert values == {"temperature": 9.2, "dewPoint": 8.3, "relativeHumidity": 0.94, "windSpeed": 2.2}
    assert (weather["atmosphericPressure"]["value"], weather["solarRadiation"]["value"]) == (997.8, 81)
    assert weather["temperature"]["observedAt"] == "2023-04-12T11:00:00Z"


def test_an_hour_that_has_no_temperature_yet_is_passed_over() -> None:
    assert entities(SOURCE, FILE.replace(";9,2;", ";---;").encode())[0]["temperature"]["value"] == 8.6


def test_a_value_that_is_missing_is_left_out() -> None:
    assert "dewPoint" not in entities(SOURCE, FILE.replace(";8,3;80", ";---;80").encode())[0]


@pytest.mark.parametrize(
    ("old", "new", "reason"),
    [
        (";9,2;", ";-999;", "no weather on this planet"),
        (";9,2;", ";warm;", "could not convert"),
        ("12.04.23;11:00", "12.04.23;elf", "does not match format"),
        (";997,8;", ";12;", "no pressure at sea level"),
        (";94;", ";94 %;", "could not convert"),
    ],
)
def test_a_wrong_line_is_rejected_with_the_reason(old: str, new: str, reason: str) -> None:
    (rejected,) = rejects(SOURCE, FILE.replace(old, new, 1).encode())
    assert rejected.record_id == "10315"
    assert reason in rejected.reason


@pytest.mark.parametrize(
    ("old", "new", "reason"),
    [
        (";hPa;", ";Torr;", "in Torr, not in hPa"),
        ("\n10315;", "\n99999;", "the place of the station 99999 is not known"),
        ("relative_humidity", "humidity", "names no column relative_humidity"),
    ],
)
def test_a_file_of_another_shape_is_malformed(old: str, new: str, reason: str) -> None:
    (rejected,) = rejects(SOURCE, FILE.replace(old, new, 1).encode())
    assert rejected.kind == "malformed"
    assert reason in rejected.reason
