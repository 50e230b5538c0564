from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec import ValidationError

from data_models.base import attribute_types
from data_models.registry import model_of
from iot_agents.profile import DeviceProfile, bundled_profiles, parse_profile
from iot_agents.reading import battery_level, reading_of
from iot_agents.uplink import Uplink

PROFILES = bundled_profiles()

READINGS: dict[str, tuple[dict[str, Any], dict[str, Any]]] = {
    "parking-bay": ({"occupied": False, "battery": 3.4}, {"status": "free"}),
    "bin-level": ({"fill": 57, "temperature": -3.5, "battery": 3.4}, {"fillingLevel": 0.57, "temperature": -3.5}),
    "air-quality": (
        {"pm10": 18.2, "pm2_5": 9, "no2": 21, "o3": 40, "temperature": 8, "humidity": 81},
        {"pm10": 18.2, "pm25": 9.0, "no2": 21.0, "o3": 40.0, "temperature": 8.0, "relativeHumidity": 0.81}
        | {"dateObserved": "2026-11-22T12:00:00.500Z"},
    ),
    "noise": (
        {"laeq": 54.5, "lamax": 71, "period": 900},
        {"LAeq": 54.5, "LAmax": 71.0, "dateObservedFrom": "2026-11-22T11:45:00.500Z"}
        | {"dateObservedTo": "2026-11-22T12:00:00.500Z"},
    ),
    "soil-moisture": (
        {"moisture": 23.4, "temperature": 11},
        {"soilMoistureVwc": 0.234, "soilTemperature": 11.0, "dateObserved": "2026-11-22T12:00:00.500Z"},
    ),
    "water-level": ({"level": 143}, {"waterLevel": 1.43, "dateObserved": "2026-11-22T12:00:00.500Z"}),
    "heat-meter": (
        {"energy": 1200.5, "volume": 83.2, "power": 4.1, "flow_temperature": 71, "return_temperature": 44},
        {"totalConsumption": 1200.5, "volume": 83.2, "power": 4.1, "flowTemperature": 71.0}
        | {"returnTemperature": 44.0, "dateObserved": "2026-11-22T12:00:00.500Z"},
    ),
    "electricity-meter": (
        {"energy": 4021.7, "power": -1.2},
        {"totalConsumption": 4021.7, "power": -1.2, "dateObserved": "2026-11-22T12:00:00.500Z"},
    ),
    "pv-plant": (
        {"power": 3.2, "energy": 812, "temperature": 31},
        {"activePower": 3.2, "totalEnergyGenerated": 812.0, "temperature": 31.0}
        | {"dateObserved": "2026-11-22T12:00:00.500Z"},
    ),
}


def uplink_with(decoded: dict[str, Any]) -> Uplink:
    return Uplink("a", datetime(2026, 11, 22, 12, 0, 0, 500_999, tzinfo=UTC), 1, 1, decoded, b"", ())


@pytest.mark.parametrize("profile_id", sorted(READINGS))
def test_a_profile_maps_the_fields_of_its_devices(profile_id: str) -> None:
    decoded, expected = READINGS[profile_id]
    reading = reading_of(uplink_with(decoded), PROFILES[profile_id])
    assert {name: attribute["value"] for name, attribute in reading.attributes.items()} == expected
    assert {attribute["observedAt"] for attribute in reading.attributes.values()} == {"2026-11-22T12:00:00.500Z"}
    assert reading.wrong == []


@pytest.mark.parametrize("profile", PROFILES.values(), ids=PROFILES)
def test_a_profile_names_attributes_of_its_data_model_and_their_units(profile: Any) -> None:
    types = attribute_types(model_of(profile.entity_type))
    names = [rule.attribute for rule in profile.attributes] + [moment.attribute for moment in profile.moments]
    assert set(names) <= set(types)
    unitless = {rule.attribute for rule in profile.attributes if not rule.unit}
    assert all(types[rule.attribute].unit or rule.unit_code for rule in profile.attributes if rule.unit)
    assert all(types[attribute].unit is None for attribute in unitless)
    assert set(profile.title) == {"de", "en"}


def test_a_missing_field_leaves_its_attribute_alone() -> None:
    reading = reading_of(uplink_with({"temperature": 4}), PROFILES["bin-level"])
    assert (list(reading.attributes), reading.wrong) == (["temperature"], [])


@pytest.mark.parametrize(
    ("fields", "kind"),
    [
        ({"occupied": "yes"}, "wrong_type"),
        ({"occupied": 1}, "wrong_type"),
        ({"occupied": [True]}, "wrong_type"),
        ({"other": 1}, "no_known_field"),
        ({"occupied": 10**400}, "wrong_type"),
    ],
)
def test_a_wrong_field_says_what_is_allowed(fields: dict[str, Any], kind: str) -> None:
    (wrong,) = reading_of(uplink_with(fields), PROFILES["parking-bay"]).wrong
    assert wrong.kind == kind
    assert "occupied" in wrong.reason or "True, False" in wrong.reason


def test_a_value_that_the_data_model_forbids_is_out_of_range() -> None:
    head = "{id: p, title: {en: P}, entity_type: WeatherObserved, controlled_properties: [humidity], attributes: ["
    profile = parse_profile(f"{head}{{field: humidity, attribute: relativeHumidity, unit: '%'}}]}}")
    (wrong,) = reading_of(uplink_with({"humidity": 57}), profile).wrong
    assert wrong.kind == "out_of_range"
    assert "humidity is 57 %" in wrong.reason


@given(volts=st.floats(allow_nan=True, allow_infinity=True) | st.text() | st.booleans() | st.none() | st.integers())
def test_the_battery_level_is_a_part_of_one_or_unknown(volts: Any) -> None:
    battery = PROFILES["bin-level"].battery
    assert battery is not None
    level = battery_level(battery, {"battery": volts})
    assert level is None or 0 <= level <= 1


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda children: st.lists(children, max_size=3) | st.dictionaries(st.text(max_size=5), children, max_size=3),
    max_leaves=5,
)


@given(st.sampled_from(sorted(PROFILES)), st.data())
def test_whatever_a_device_sends_it_makes_attributes_or_reasons(profile_id: str, data: st.DataObject) -> None:
    profile = PROFILES[profile_id]
    fields = data.draw(st.fixed_dictionaries({rule.field: json_values for rule in profile.attributes}))
    reading = reading_of(uplink_with(fields), profile)
    assert reading.attributes or reading.wrong


def test_a_profile_with_a_misspelt_member_is_refused() -> None:
    text = "id: x\ntitle: {de: x}\nentity_type: Device\ncontrolled_properties: []\nattributes: []\nbatery: 1\n"
    with pytest.raises(ValueError, match="batery"):
        parse_profile(text)


@pytest.mark.parametrize("value", [10**400, -(10**400), float("inf"), float("nan"), "12", None, [], {}])
def test_what_is_no_measured_number_never_becomes_a_level(value: Any) -> None:
    reading = reading_of(uplink_with({"fill": value}), PROFILES["bin-level"])
    assert reading.attributes == {}
    assert len(reading.wrong) == 1


def computing(rule: str) -> DeviceProfile:
    """A profile whose temperature is computed."""
    head = "{id: p, title: {en: P}, entity_type: WasteContainer, controlled_properties: [temperature], attributes: ["
    return parse_profile(f"{head}{{attribute: temperature, {rule}}}, {{field: fill, attribute: fillingLevel}}]}}")


@pytest.mark.parametrize(
    ("rule", "decoded", "value"),
    [
        ('expression: "(t_high * 256 + t_low) / 10"', {"t_high": 1, "t_low": 2}, 25.8),
        ('field: t, expression: "value * 9 / 5 + 32", scale: 0.5', {"t": 10}, 25.0),
        ('field: probe.t, expression: "value > 100 ? value - 200 : value"', {"probe": {"t": 195}}, -5.0),
        ('expression: "probe.t|floor", maximum: 50', {"probe": {"t": 7.9}}, 7.0),
    ],
)
def test_a_field_is_computed(rule: str, decoded: dict[str, Any], value: float) -> None:
    reading = reading_of(uplink_with(decoded), computing(rule))
    assert reading.attributes["temperature"]["value"] == value and reading.wrong == []


def test_nothing_is_computed_of_fields_that_did_not_come() -> None:
    for rule in ('expression: "a + b"', 'field: t, expression: "value + a"'):
        reading = reading_of(uplink_with({"fill": 0.5}), computing(rule))
        assert set(reading.attributes) == {"fillingLevel"} and reading.wrong == []


@pytest.mark.parametrize("decoded", [{"t": "warm"}, {"t": {"deep": [1]}}, {"t": True}, {"t": 1e308}])
def test_what_cannot_be_computed_spoils_its_own_field_alone(decoded: dict[str, Any]) -> None:
    reading = reading_of(uplink_with(decoded | {"fill": 0.5}), computing('expression: "t * t * 10 + [1]"'))
    assert set(reading.attributes) == {"fillingLevel"}


@pytest.mark.parametrize(
    ("rule", "said"),
    [
        ('expression: "1 +"', "no JEXL"),
        ("scale: 2", "needs a field or an expression"),
        (f'expression: "{"1 + " * 2000} 1"', "allowed are"),
        ('expression: "t|exec"', "exec"),
    ],
)
def test_a_profile_with_a_bad_rule_is_refused_when_it_is_read(rule: str, said: str) -> None:
    with pytest.raises(ValidationError, match=said):
        computing(rule)
