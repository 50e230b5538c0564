"""MSCONS load profiles: quarter-hour values and their corrections."""

import pytest

from ngsi_adapters.sources.energy.mscons_load_profile import SOURCE
from tests.ngsi_adapters.outcomes import entities, rejects, sample

EDI = sample("mscons_load_profile/profile.edi")
POINT = "urn:ngsi-ld:SmartMeteringObservation:DE00014545768S0000000000000003054"
MESSAGE = EDI[EDI.index(b"UNH") : EDI.index(b"UNZ")]


def test_each_quarter_of_an_hour_is_an_entity_with_its_energy_and_end() -> None:
    first, second, third, fed_in = entities(SOURCE, EDI)
    assert first["id"] == f"{POINT}:1.29.0:20260113T2300"
    assert first["totalConsumption"] == {
        "type": "Property",
        "value": 12.375,
        "unitCode": "KWH",
        "observedAt": "2026-01-13T23:15:00Z",
    }
    assert second["totalConsumption"]["value"] == 11.95
    assert third["description"]["value"] == "15 min, substitute value"
    assert fed_in["totalExport"]["value"] == 0.5
    assert "totalConsumption" not in fed_in


def test_a_unit_and_a_provisional_value_are_understood() -> None:
    told = entities(SOURCE, EDI.replace(b"QTY+67:12.100", b"QTY+Z18:12.100:KWH"))[2]
    assert (told["totalConsumption"]["value"], told["description"]["value"]) == (12.1, "15 min, provisional value")


@pytest.mark.parametrize("order", ["newer last", "newer first"])
def test_of_two_messages_in_a_file_the_newer_counts(order: str) -> None:
    newer = MESSAGE.replace(b"202601150542", b"202702150542").replace(b"12.375", b"13.5")
    both = MESSAGE + newer if order == "newer last" else newer + MESSAGE
    found = entities(SOURCE, EDI.replace(MESSAGE, both))
    assert (len(found), found[0]["totalConsumption"]["value"]) == (4, 13.5)


def test_an_offset_in_the_time_is_taken_off() -> None:
    shifted = EDI.replace(b"202601132300?+00", b"202601140000?+01").replace(b"202601132315?+00", b"202601140015?+01")
    assert entities(SOURCE, shifted)[0]["id"].endswith("20260113T2300")


@pytest.mark.parametrize(
    ("old", "new", "reason"),
    [
        (b"QTY+67:", b"QTY+187:", "QTY+187 is no measured energy"),
        (b"QTY+67:12.100", b"QTY+67:12,100", "'12,100' is not a number"),
        (b"QTY+67:12.100", b"QTY+67:12.100:KWT", "12.100 KWT is no energy in kWh"),
        (b"DTM+164:202601132345?", b"DTM+164:202601140045?", "is no quarter of an hour"),
        (b"DTM+164:202601132345?+00:303'", b"", "'end' is missing"),
    ],
)
def test_a_wrong_value_is_rejected_and_the_others_are_kept(old: bytes, new: bytes, reason: str) -> None:
    (rejected,) = rejects(SOURCE, EDI.replace(old, new))
    assert reason in rejected.reason
    assert len(entities(SOURCE, EDI.replace(old, new))) == 3


@pytest.mark.parametrize(
    ("payload", "reason"),
    [
        (EDI[: EDI.index(b"UNZ")], "is it cut off?"),
        (EDI[:-40], "Unexpected end"),
        (b"hello", "no EDIFACT"),
        (EDI.replace(b"MSCONS", b"INVOIC"), "no MSCONS message"),
    ],
)
def test_what_is_no_whole_mscons_file_is_malformed(payload: bytes, reason: str) -> None:
    (rejected,) = rejects(SOURCE, payload)
    assert rejected.kind == "malformed"
    assert reason in rejected.reason
