"""Citizens' sensors of Sensor.Community."""

from typing import Any

import pytest

from ngsi_adapters.sources.environment.sensor_community import SOURCE
from tests.ngsi_adapters.outcomes import entities, parsed, rejects


def with_value(place: int, value: object) -> Any:
    rows = parsed("sensor_community/area.json")
    rows[2]["sensordatavalues"][place]["value"] = value
    return rows


def test_the_newest_reading_of_a_sensor_counts() -> None:
    dust, _ = entities(SOURCE, parsed("sensor_community/area.json"))
    assert (dust["pm10"]["value"], dust["pm25"]["value"]) == (11.43, 6.25)
    assert dust["pm10"]["observedAt"] == "2026-11-22T09:13:46Z"


def test_percent_and_pascal_become_parts_of_one_and_hectopascal() -> None:
    _, climate = entities(SOURCE, parsed("sensor_community/area.json"))
    assert (climate["relativeHumidity"]["value"], climate["pressure"]["value"]) == (0.815, 1007.125)


@pytest.mark.parametrize(
    ("place", "value", "reason"),
    [
        (0, "-999.00", "not between -40 and 60"),
        (1, "999.9", "not between 0 and 100"),
        (2, "1007.1", "not between 85000 and 110000"),
        (0, "nan", "is not a number"),
    ],
)
def test_a_value_of_a_faulty_sensor_is_rejected_and_the_other_sensor_kept(place: int, value: str, reason: str) -> None:
    (rejected,) = rejects(SOURCE, with_value(place, value))
    assert rejected.record_id == "1357"
    assert reason in rejected.reason
    assert len(entities(SOURCE, with_value(place, value))) == 1


def test_a_sensor_that_measures_something_else_is_rejected() -> None:
    rows = parsed("sensor_community/area.json")[2:]
    rows[0]["sensordatavalues"] = [{"value_type": "noise_LAeq", "value": "55"}]
    assert "but noise_LAeq" in rejects(SOURCE, rows)[0].reason
