"""Doubtful values are flagged and not dropped."""

from datetime import UTC, datetime, timedelta

import msgspec
import pytest

from iot_agents.profile import DeviceProfile, bundled_profiles, parse_profile
from iot_agents.quality import FLAG, QualityRules
from iot_agents.reading import to_millisecond
from tests.iot_agents.conftest import Bench
from tests.iot_agents.messages import NOON, TENANT, topic, uplink

PROFILE = parse_profile("""
id: x
title: {de: x, en: x}
entity_type: WaterObserved
controlled_properties: [depth]
attributes:
  - field: level
    attribute: waterLevel
    quality: {minimum: 0.1, maximum: 5, most_change_per_hour: 2, stuck_after: PT12H}
""")
START = datetime(2026, 11, 22, tzinfo=UTC)


def flags(*values: tuple[float, float], profile: DeviceProfile = PROFILE) -> list[list[str]]:
    """The doubts about values in metres, each at an hour."""
    rules, found = QualityRules(), []
    for hour, value in values:
        attribute = {"waterLevel": {"type": "Property", "value": value}}
        marked = rules.flagged("d", profile, attribute, START + timedelta(hours=hour))
        assert marked["waterLevel"]["value"] == value
        found.append(marked["waterLevel"].get(FLAG, {"value": []})["value"])
    return found


def test_an_unusual_value_is_flagged_and_the_next_is_not() -> None:
    assert flags((0, 1), (4, 5.5), (8, 1.2), (12, 0.05)) == [[], ["outOfRange"], [], ["outOfRange"]]


def test_a_leap_is_flagged_by_its_rate() -> None:
    assert flags((0, 1), (1, 2.9), (2, 5), (3, 3.1)) == [[], [], ["rateOfChange"], []]


def test_two_readings_in_a_minute_are_no_leap() -> None:
    assert flags((0, 1), (1 / 60, 1.2)) == [[], []]


def test_a_value_that_never_changes_is_stuck_until_it_changes() -> None:
    assert flags((0, 1), (6, 1), (12, 1), (18, 1), (19, 1.1)) == [[], [], ["stuck"], ["stuck"], []]


def test_a_late_reading_is_not_compared() -> None:
    assert flags((10, 1), (1, 4.9), (11, 1.1)) == [[], [], []]


def test_a_quality_rule_that_is_misspelt_is_refused() -> None:
    with pytest.raises(msgspec.ValidationError, match="stuck"):
        parse_profile(msgspec.yaml.encode(PROFILE).replace(b"stuck_after", b"stuck"))


def test_bundled_profiles_have_quality_rules() -> None:
    ruled = [id_ for id_, profile in bundled_profiles().items() if any(rule.quality for rule in profile.attributes)]
    assert len(ruled) >= 5


@pytest.mark.anyio
async def test_the_agent_flags_what_its_profile_doubts(bench: Bench) -> None:
    for minutes, fill in ((0, 10), (30, 95)):
        await bench.agent.accept(
            topic(), uplink({"fill": fill, "temperature": 90}, time=NOON + timedelta(minutes=minutes))
        )
    container = bench.broker.entities[TENANT]["urn:ngsi-ld:WasteContainer:1"]
    assert container["temperature"][FLAG] == {"type": "Property", "value": ["outOfRange"]}
    assert (container["fillingLevel"]["value"], FLAG in container["fillingLevel"]) == (0.95, False)
    assert to_millisecond(NOON) == NOON
