"""Frames that vendors publish with their codecs, and their values, through our profiles.

From the examples of The Things Network's device repository (Dragino, ELSYS, Milesight; Apache-2.0).
"""

import asyncio
from datetime import UTC, datetime
from typing import Any

import pytest

from iot_agents.codecs.codecs import Codecs
from iot_agents.codecs.uplinks import with_decoded
from iot_agents.profile import bundled_profiles
from iot_agents.reading import battery_level, reading_of
from iot_agents.uplink import Uplink

PROFILES = bundled_profiles()

FRAMES: dict[str, tuple[str, dict[str, float]]] = {
    "soil-moisture-dragino-lse01": ("CE2900F107A5099B6E2890", {"soilMoistureVwc": 0.1957, "soilTemperature": 24.59}),
    "indoor-milesight-am103": (
        "01755C03673401046865077DE704",
        {"temperature": 30.8, "relativeHumidity": 0.505, "co2": 1255.0},
    ),
    "water-level-milesight-em500-swl": ("01755C03770200", {"waterLevel": 0.02}),
}

DECODED: dict[str, tuple[dict[str, Any], dict[str, float]]] = {
    "soil-moisture-dragino-lse01": (
        {"Bat": 3.625, "TempC_DS18B20": "24.1", "conduct_SOIL": 282, "temp_SOIL": "24.59", "water_SOIL": "19.57"},
        {"soilMoistureVwc": 0.1957, "soilTemperature": 24.59, "soilMoistureEc": 0.0282},
    ),
    "indoor-elsys-ers-co2": (
        {"temperature": 22.6, "humidity": 41, "light": 39, "motion": 6, "co2": 776},
        {"temperature": 22.6, "relativeHumidity": 0.41, "illuminance": 39.0, "co2": 776.0},
    ),
    "water-level-milesight-em500-swl": ({"battery": 92, "level": 2}, {"waterLevel": 0.02}),
    "people-counter-milesight-vs121": ({"people_counter_all": 3, "region_count": 3}, {"peopleCount": 3.0}),
    "weather-milesight-wts506": (
        {"battery": 100, "humidity": 56.5, "pressure": 1015.4, "temperature": 27.2, "wind_direction": 25.6}
        | {"wind_speed": 40.2, "rainfall_counter": 37, "rainfall_total": 50.6},
        {"relativeHumidity": 0.565, "atmosphericPressure": 1015.4, "temperature": 27.2, "windDirection": 25.6}
        | {"windSpeed": 40.2, "precipitation": 50.6},
    ),
}


def uplink(decoded: dict[str, Any] | None, payload: str = "") -> Uplink:
    return Uplink("a", datetime(2026, 11, 22, 12, tzinfo=UTC), 85, 1, decoded, bytes.fromhex(payload), ())


def measured(profile_id: str, told: Uplink) -> dict[str, Any]:
    profile = PROFILES[profile_id]
    moments = {moment.attribute for moment in profile.moments}
    attributes = reading_of(told, profile).attributes
    return {name: attribute["value"] for name, attribute in attributes.items() if name not in moments}


def decoded(profile_id: str) -> Uplink:
    async def work() -> Uplink:
        codecs = Codecs()
        told = await with_decoded(codecs, PROFILES[profile_id], uplink(None, FRAMES[profile_id][0]))
        await codecs.stop()
        return told

    return asyncio.run(work())


@pytest.mark.parametrize("profile_id", FRAMES)
def test_a_published_frame_has_the_published_values(profile_id: str) -> None:
    assert measured(profile_id, decoded(profile_id)) == FRAMES[profile_id][1]


@pytest.mark.parametrize("profile_id", DECODED)
def test_what_the_vendors_codec_makes_of_it_at_the_network_server_is_understood(profile_id: str) -> None:
    fields, values = DECODED[profile_id]
    assert measured(profile_id, uplink(fields)) == values


def test_a_published_frame_tells_the_battery() -> None:
    battery, told = PROFILES["indoor-milesight-am103"].battery, decoded("indoor-milesight-am103").decoded
    assert battery is not None and told is not None
    assert battery_level(battery, told) == 0.92


@pytest.mark.parametrize("text", ["No Sensor", "", "NaN"])
def test_a_text_that_is_no_number_becomes_no_value(text: str) -> None:
    reading = reading_of(uplink({"water_SOIL": text}), PROFILES["soil-moisture-dragino-lse01"])
    assert reading.attributes == {} and len(reading.wrong) == 1
