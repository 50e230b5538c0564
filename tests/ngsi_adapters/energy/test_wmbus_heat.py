"""Heat meters as wmbusmeters decodes them."""

import orjson
import pytest

from ngsi_adapters.sources.energy.wmbus_heat import SOURCE
from tests.ngsi_adapters.outcomes import entities, parsed, rejects

ROWS = parsed("wmbus_heat/telegrams.json")


def payload(*rows: object) -> bytes:
    return orjson.dumps(list(rows))


def test_both_ways_of_naming_the_values_are_known() -> None:
    first, second = entities(SOURCE, payload(*ROWS))
    assert first["totalConsumption"]["value"] == 1805
    assert (first["flowTemperature"]["value"], second["flowTemperature"]["value"]) == (71, 60)
    assert second["volume"] == {
        "type": "Property",
        "value": 812.4,
        "unitCode": "MTQ",
        "observedAt": "2026-11-22T08:44:02Z",
    }


def test_a_telegram_a_line_and_one_alone_are_read_too() -> None:
    assert len(entities(SOURCE, b"\n".join(map(orjson.dumps, ROWS)))) == 2
    assert len(entities(SOURCE, orjson.dumps(ROWS[0]))) == 1


def test_of_several_telegrams_of_a_meter_the_newest_counts() -> None:
    older = ROWS[0] | {"timestamp": "2026-11-21T08:00:00Z", "total_energy_consumption_kwh": 1700}
    for rows in ((ROWS[0], older), (older, ROWS[0])):
        assert [found["totalConsumption"]["value"] for found in entities(SOURCE, payload(*rows))] == [1805]


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"media": "cold water"}, "the meter is one of cold water, not of heat"),
        ({"total_energy_consumption_kwh": -3}, "-3 is less than 0"),
        ({"total_energy_consumption_kwh": "viel"}, "'viel' is not a number"),
        ({"timestamp": None}, "strip"),
        ({"media": None}, "not of heat"),
    ],
)
def test_a_wrong_telegram_is_rejected_and_the_others_are_kept(change: dict[str, object], reason: str) -> None:
    rows = payload(ROWS[0] | change, ROWS[1])
    (rejected,) = rejects(SOURCE, rows)
    assert (rejected.record_id, reason in rejected.reason) == ("93570001", True)
    assert len(entities(SOURCE, rows)) == 1


@pytest.mark.parametrize("content", [b"[]", b"[1]", b'{"hello": 1}', b"{"])
def test_what_are_no_telegrams_is_malformed(content: bytes) -> None:
    assert rejects(SOURCE, content)[0].kind == "malformed"
