"""The curves: pure, within what the profiles allow, and with the shape of a day."""

from datetime import UTC, datetime, timedelta
from itertools import pairwise
from statistics import mean

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from datenbroker.demo.city import DeviceRecord, devices
from datenbroker.demo.curves import energy, weather
from datenbroker.demo.curves.reading import reading
from iot_agents.profile import bundled_profiles

MIDNIGHT = datetime(2026, 11, 23, 23, tzinfo=UTC)
CHANGE_TO_WINTER_TIME = datetime(2026, 10, 25, tzinfo=UTC)
moments = st.datetimes(datetime(2026, 5, 1), datetime(2027, 12, 31), timezones=st.just(UTC))  # noqa: DTZ001


def of_profile(profile: str) -> list[DeviceRecord]:
    return [device for device in devices() if device["profile"] == profile]


def over_a_day(device: DeviceRecord, field: str, day: datetime = MIDNIGHT) -> list[float]:
    """48 values from midnight on."""
    return [float(reading(device, day + timedelta(minutes=30 * step))[field]) for step in range(48)]


@settings(max_examples=12, deadline=None)
@given(at=moments)
def test_every_value_at_any_time_is_within_its_profile(at: datetime) -> None:
    for device in devices():
        measured = reading(device, at)
        for rule in bundled_profiles()[device["profile"]].attributes:
            value = measured[rule.field]
            assert rule.minimum is None or value >= rule.minimum, (device["_id"], rule.field, value)
            assert rule.maximum is None or value <= rule.maximum, (device["_id"], rule.field, value)


def test_the_same_device_at_the_same_time_measures_the_same() -> None:
    first = [reading(device, MIDNIGHT) for device in devices()]
    assert first == [reading(device, MIDNIGHT) for device in devices()]


@pytest.mark.parametrize("profile", ["heat-meter", "electricity-meter", "pv-plant"])
@pytest.mark.parametrize("day", [MIDNIGHT, CHANGE_TO_WINTER_TIME])
def test_a_register_never_falls(profile: str, day: datetime) -> None:
    for device in of_profile(profile)[:5]:
        values = over_a_day(device, "energy", day)
        assert all(after >= before for before, after in pairwise(values))


@pytest.mark.parametrize("profile", ["heat-meter", "pv-plant"])
def test_the_register_rises_by_the_power(profile: str) -> None:
    device = of_profile(profile)[0]
    registered, power = over_a_day(device, "energy"), over_a_day(device, "power")
    assert registered[-1] - registered[0] == pytest.approx(sum(power[:-1]) / 2, rel=0.05)


def test_the_sun_stands_where_the_almanac_says() -> None:
    assert weather.sun_elevation(datetime(2026, 6, 21, 11, 33, tzinfo=UTC)) == pytest.approx(61.9, abs=0.3)
    assert weather.sun_elevation(datetime(2026, 12, 21, 11, 29, tzinfo=UTC)) == pytest.approx(15.0, abs=0.3)


def test_photovoltaics_rest_at_night_and_stay_below_their_peak() -> None:
    for device in of_profile("pv-plant"):
        power = over_a_day(device, "power", datetime(2026, 6, 20, 22, tzinfo=UTC))
        assert power[0] == power[4] == 0
        assert 0 < max(power) <= energy.peak_power(device["_id"])


def test_heat_follows_the_outside_temperature() -> None:
    meters, january, july = of_profile("heat-meter"), datetime(2026, 1, 20, 8, tzinfo=UTC), datetime(2026, 7, 20, 8)  # noqa: DTZ001
    cold, warm = ([reading(meter, at.replace(tzinfo=UTC))["power"] for meter in meters] for at in (january, july))
    assert mean(cold) > 3 * mean(warm)


def test_streets_are_louder_and_fuller_of_exhaust_at_rush_hour() -> None:
    night, rush = MIDNIGHT + timedelta(hours=3), MIDNIGHT + timedelta(hours=17)
    for profile, field in (("noise", "laeq"), ("air-quality", "no2")):
        for device in of_profile(profile):
            assert reading(device, rush)[field] > reading(device, night)[field]


def test_bins_fill_and_are_emptied() -> None:
    emptied = 0
    for device in of_profile("bin-level"):
        levels = [fill for day in range(8) for fill in over_a_day(device, "fill", MIDNIGHT + timedelta(days=day))]
        falls = sum(after < before for before, after in pairwise(levels))
        assert 1 <= falls <= 9
        emptied += falls
    assert emptied > len(of_profile("bin-level"))


def test_soil_is_wetter_after_rain_and_dries_without() -> None:
    device = of_profile("soil-moisture")[0]
    days = [weather.day_number(MIDNIGHT) - age for age in range(300)]
    wettest = weather.midnight(max(days, key=lambda day: weather.shower(day)[0]))
    before, after = (reading(device, wettest + timedelta(hours=hours))["moisture"] for hours in (0, 26))
    assert after > before + 2


def test_bays_are_taken_and_freed_some_times_a_day() -> None:
    changes = [sum(a != b for a, b in pairwise(over_a_day(bay, "occupied"))) for bay in of_profile("parking-bay")]
    assert 3 < mean(changes) < 25
