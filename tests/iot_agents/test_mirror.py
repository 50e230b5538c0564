"""The device's own entity, as its data model has it."""

from datetime import UTC, datetime

import pytest

from data_models.values import date_time_text
from iot_agents.mirror import heard, told
from iot_agents.profile import bundled_profiles
from iot_agents.refused import Refused
from iot_agents.uplink import Gateway, Uplink

NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)
PROFILE = bundled_profiles()["parking-bay"]


def uplink(rssi: float = -97, snr: float = 7.5, battery: float | None = 0.4) -> Uplink:
    return Uplink("1", NOON, 1, 1, None, b"\x01", (Gateway("mast", rssi, snr),), battery)


@pytest.mark.parametrize("battery", [0.0, 0.4, 1.0, -1.0])
def test_what_an_uplink_tells_is_written_as_the_data_model_says(battery: float) -> None:
    values = {"dateLastValueReported": NOON, "rssi": -97.0, "snr": 7.5, "servingGateway": "mast"}
    assert heard(uplink(battery=battery), PROFILE, date_time_text(NOON)) == told(
        values | {"batteryLevel": battery}, NOON
    )


@pytest.mark.parametrize("wrong", [{"battery": 1.2}, {"battery": -0.5}, {"rssi": float("inf")}, {"snr": float("nan")}])
def test_what_cannot_be_is_refused(wrong: dict[str, float]) -> None:
    with pytest.raises(Refused, match="What the network tells of the device cannot be"):
        heard(uplink(**wrong), PROFILE, date_time_text(NOON))


def test_a_whole_number_of_decibels_is_written_as_a_number_with_decimals() -> None:
    attribute = heard(uplink(rssi=-97), PROFILE, date_time_text(NOON))["rssi"]
    assert isinstance(attribute["value"], float)
    assert attribute["unitCode"] == "DBM"
