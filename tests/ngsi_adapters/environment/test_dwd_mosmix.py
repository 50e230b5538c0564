"""DWD's forecast for a point."""

import pytest

from ngsi_adapters.sources.environment.dwd_mosmix import SOURCE
from tests.ngsi_adapters.outcomes import documents_of, entities, rejects

KML = documents_of(SOURCE)[0]
assert isinstance(KML, bytes)
TEXT = KML.decode("iso-8859-1")


def test_each_hour_of_the_next_three_days_is_a_forecast() -> None:
    hours = entities(SOURCE, TEXT.encode())
    assert [hour["id"].rpartition(":")[2] for hour in hours] == ["001", "002", "003"]
    assert [hour["temperature"]["value"] for hour in hours] == [4.2, 4.9, 5.4]
    assert hours[0]["validFrom"]["value"] == "2026-11-22T09:00:00Z"
    assert hours[0]["dateIssued"]["value"] == "2026-11-22T09:00:00Z"


def test_units_are_the_models() -> None:
    first = entities(SOURCE, TEXT.encode())[0]
    assert (first["atmosphericPressure"]["value"], first["precipitationProbability"]["value"]) == (1014.5, 0.35)


def test_a_value_that_is_missing_is_left_out() -> None:
    without = TEXT.replace("277.35", "     -")
    assert "temperature" not in entities(SOURCE, without.encode())[0]


def test_a_temperature_in_the_wrong_unit_rejects_its_hour_and_keeps_the_others() -> None:
    damaged = TEXT.replace("277.35", "  4.20").encode()
    (rejected,) = rejects(SOURCE, damaged)
    assert rejected.record_id == "10410 2026-11-22T10:00:00+00:00"
    assert "no weather on this planet" in rejected.reason
    assert len(entities(SOURCE, damaged)) == 2


@pytest.mark.parametrize(
    ("old", "new", "reason"),
    [
        ("dwd:IssueTime", "dwd:When", "IssueTime or ForecastTimeSteps is missing"),
        ("278.55     275.15", "278.55", "cannot be read: Expected 4 values for temperature, got 3"),
        ("<kml:kml ", '<!DOCTYPE a [<!ENTITY b "c">]><kml:kml ', "document type or entities"),
        ("</kml:kml>", "", "not well-formed XML"),
    ],
)
def test_a_damaged_file_is_malformed(old: str, new: str, reason: str) -> None:
    (rejected,) = rejects(SOURCE, TEXT.replace(old, new).encode())
    assert rejected.kind == "malformed"
    assert reason in rejected.reason
