"""The table of LUQS."""

import pytest

from ngsi_adapters.sources.environment.lanuv_air import SOURCE
from tests.ngsi_adapters.outcomes import entities, rejects, sample

TABLE = sample("lanuv_air/OpenKontiLUQS_aktuelle-messwerte-24h.csv").decode("cp1252")


def test_each_station_has_its_newest_hour_with_values() -> None:
    herne, gelsenkirchen = entities(SOURCE, TABLE.encode("cp1252"))
    assert (herne["no2"]["value"], herne["pm10"]["value"], herne["no"]["value"]) == (38.2, 26.3, 14.9)
    assert herne["no2"]["observedAt"] == "2026-11-22T08:00:00Z"
    assert gelsenkirchen["o3"]["value"] == 33
    assert gelsenkirchen["dateObserved"]["value"] == "2026-11-22T09:00:00Z"


def test_below_the_limit_of_detection_there_is_no_value() -> None:
    assert "so2" not in entities(SOURCE, TABLE.encode())[1]


def test_24_o_clock_is_the_next_days_beginning() -> None:
    only = "\r\n".join(TABLE.split("\r\n")[:4])
    assert entities(SOURCE, only.encode())[0]["dateObserved"]["value"] == "2026-11-21T23:00:00Z"


@pytest.mark.parametrize(
    ("old", "new", "reason"),
    [
        ("VHER NO2 1H Mittelwert [µg/m³]", "VHER NO2 1H Mittelwert [ppb]", "is not in [µg/m³]"),
        ("38,2", "-999", "-999 is no concentration"),
        ("38,2", "38.2.1", "is not a number"),
        ('"09:00"', '"neun"', "neun"),
    ],
)
def test_a_wrong_value_rejects_its_station_and_keeps_the_other(old: str, new: str, reason: str) -> None:
    damaged = TABLE.replace(old, new).encode()
    (rejected,) = rejects(SOURCE, damaged)
    assert rejected.record_id == "VHER"
    assert reason in rejected.reason
    assert len(entities(SOURCE, damaged)) == 1


def test_a_last_line_that_is_cut_off_is_passed_over() -> None:
    assert entities(SOURCE, TABLE.encode() + b'"22.11.2026";"11:00";"14')[0]["no2"]["value"] == 38.2


def test_a_file_without_its_heading_is_malformed() -> None:
    assert rejects(SOURCE, b"LUQS\r\n")[0].reason == "no line begins with Datum"
