"""Each profile maps what its device sends to an entity that its official schema accepts."""

import asyncio
import functools
from datetime import UTC, datetime
from typing import Any

import pytest

from data_models.base import attribute_types
from data_models.registry import model_of
from data_models.schemas import validator_of
from iot_agents.codecs.codecs import Codecs
from iot_agents.codecs.uplinks import codec_of, with_decoded
from iot_agents.profile import bundled_profiles
from iot_agents.reading import Reading, battery_level, reading_of
from iot_agents.uplink import Uplink
from tests.iot_agents.profile_samples import AT, SAMPLES
from tests.iot_agents.test_reading import READINGS

PROFILES = bundled_profiles()


def uplink_of(profile_id: str) -> Uplink:
    sample = SAMPLES[profile_id]
    time = datetime(2026, 11, 22, 12, 0, 0, 500_000, tzinfo=UTC)
    return Uplink("a", time, sample.f_port, 1, sample.decoded, bytes.fromhex(sample.payload), ())


@functools.cache
def decoded_samples() -> dict[str, Uplink]:
    """All in one go, through one worker."""

    async def work() -> dict[str, Uplink]:
        codecs = Codecs()
        uplinks = {id_: await with_decoded(codecs, PROFILES[id_], uplink_of(id_)) for id_ in SAMPLES}
        await codecs.stop()
        return uplinks

    return asyncio.run(work())


def reading(profile_id: str) -> Reading:
    return reading_of(decoded_samples()[profile_id], PROFILES[profile_id])


def test_there_are_profiles_for_more_than_25_kinds_of_devices_each_with_a_sample() -> None:
    assert set(PROFILES) == set(SAMPLES) | set(READINGS)
    assert len(PROFILES) > 25


@pytest.mark.parametrize("profile_id", SAMPLES)
def test_a_sample_becomes_the_attributes_of_the_profile(profile_id: str) -> None:
    attributes, wrong = reading(profile_id)
    moments = {moment.attribute for moment in PROFILES[profile_id].moments}
    values = {name: attribute["value"] for name, attribute in attributes.items()}
    assert {name: value for name, value in values.items() if name not in moments} == SAMPLES[profile_id].values
    assert wrong == []
    assert all(values[name] == AT for name in moments - {"dateObservedFrom"})
    assert moments <= set(values)


@pytest.mark.parametrize("profile_id", SAMPLES)
def test_a_sample_has_units_and_is_valid_by_the_official_schema(profile_id: str) -> None:
    profile = PROFILES[profile_id]
    attributes = reading(profile_id).attributes
    units = {rule.attribute: attributes[rule.attribute].get("unitCode") for rule in profile.attributes if rule.unit}
    assert [name for name, unit in units.items() if unit is None] == []
    key_values: dict[str, Any] = {name: attribute["value"] for name, attribute in attributes.items()}
    entity = {"id": f"urn:ngsi-ld:{profile.entity_type}:1", "type": profile.entity_type} | key_values
    errors = [error for error in validator_of(profile.entity_type).iter_errors(entity) if error.validator != "required"]
    assert [error.message for error in errors] == []


@pytest.mark.parametrize("profile", PROFILES.values(), ids=PROFILES)
def test_a_profile_names_what_there_is(profile: Any) -> None:
    types = attribute_types(model_of(profile.entity_type))
    assert {rule.attribute for rule in profile.attributes} <= set(types)
    codec_of(profile)
    assert all(rule.unit or rule.map or rule.unit_code is None for rule in profile.attributes)


@pytest.mark.parametrize("profile_id", [id_ for id_, sample in SAMPLES.items() if sample.payload])
def test_a_codec_finds_the_battery(profile_id: str) -> None:
    battery, decoded = PROFILES[profile_id].battery, decoded_samples()[profile_id].decoded
    if battery is None or battery.field not in (decoded or {}):
        assert profile_id in ("lighting-controller", "water-meter")
        return
    level = battery_level(battery, decoded or {})
    assert level is not None and level > 0.5
