"""Inverters in SunSpec's JSON."""

import pytest

from ngsi_adapters.sources.energy.sunspec_inverter import SOURCE
from tests.ngsi_adapters.outcomes import entities, parsed, rejects

PATH = "sunspec_inverter/inverter.json"


def test_points_are_scaled_and_named() -> None:
    (inverter,) = entities(SOURCE, parsed(PATH))
    assert inverter["id"] == "urn:ngsi-ld:ThreePhaseAcMeasurement:sunspec:34119102"
    assert (inverter["name"]["value"], inverter["description"]["value"]) == ("Fronius Symo 20.0-3-M", "feeding in")
    assert (inverter["totalActivePower"]["value"], inverter["frequency"]["value"]) == (15342, 49.98)
    assert inverter["totalReactivePower"]["value"] == -310, "SunSpec spells it VAr"
    assert inverter["totalActiveEnergyExport"]["value"] == 81234.567
    assert inverter["phaseVoltage"]["value"] == {"L1": 232.1, "L2": 232.0, "L3": 232.2}


def test_a_point_that_the_device_lacks_is_left_out() -> None:
    document = parsed(PATH)
    document["models"][1] |= {"W": -32768, "PhVphB": 65535, "VA": None}
    (inverter,) = entities(SOURCE, document)
    assert {"totalActivePower", "totalApparentPower"} & inverter.keys() == set()
    assert inverter["phaseVoltage"]["value"] == {"L1": 232.1, "L3": 232.2}


@pytest.mark.parametrize(
    ("model", "change", "reason"),
    [
        (1, {"W_SF": 44}, "the scale factor 44 is none of -10 to 10"),
        (1, {"WH": -5}, "greater than or equal to 0"),
        (1, {"ID": 160}, "not 1 and one of [101"),
        (0, {"SN": None, "ID": 2}, "not 1 and one of [101"),
    ],
)
def test_a_wrong_device_is_rejected(model: int, change: dict[str, object], reason: str) -> None:
    document = parsed(PATH)
    document["models"][model] |= change
    (rejected,) = rejects(SOURCE, document)
    assert (rejected.record_id, reason in rejected.reason) == ("device_1", True)


def test_what_is_no_device_is_malformed() -> None:
    assert rejects(SOURCE, {"W": 5})[0].kind == "malformed"
