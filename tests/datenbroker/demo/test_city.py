"""The demo city's devices: as many, as spread and as valid as promised."""

from collections import Counter
from datetime import UTC, datetime
from typing import Any

import pytest

from data_models.schemas import validate
from datenbroker.demo.city import KINDS, ORGANISATIONS, DeviceRecord, devices
from datenbroker.demo.curves.reading import place_of, reading
from datenbroker.demo.places import CITY, DISTRICTS, STREETS, WATERS
from datenbroker.demo.uplinks.uplink import uplink
from iot_agents.networks.registry import NETWORKS
from iot_agents.profile import bundled_profiles
from iot_agents.reading import reading_of
from iot_agents.registry import Device

NOON = datetime(2026, 11, 22, 11, 0, 0, 250_000, tzinfo=UTC)
NETWORK = {network.uid: network for network in NETWORKS}


def entity_after_one_uplink(device: DeviceRecord, at: datetime) -> dict[str, Any]:
    """What the agents make of it, as key-values."""
    topic, message = uplink(device, reading(device, at), at, 7)
    network = NETWORK[device["network"]]
    assert network.device_of(topic) == device["key"]
    attributes, wrong = reading_of(network.parse(device["key"], message), bundled_profiles()[device["profile"]])
    assert not wrong
    entity = device["entity"] | attributes
    return {name: _value(member) for name, member in entity.items()}


def _value(member: Any) -> Any:
    return member.get("value", member.get("object")) if isinstance(member, dict) else member


def test_there_are_300_devices_and_no_two_share_a_name_or_an_entity() -> None:
    assert len(devices()) == 300
    assert len({device["_id"] for device in devices()}) == len({device["entity"]["id"] for device in devices()}) == 300


def test_two_thirds_are_on_chirpstack_and_one_third_on_the_things_stack() -> None:
    networks = Counter(device["network"] for device in devices())
    assert 190 <= networks["chirpstack"] <= 210
    assert set(networks) == {"chirpstack", "the_things_stack"}


def test_every_district_has_its_share() -> None:
    districts = Counter(place_of(device).district for device in devices())
    assert set(districts) == set(DISTRICTS)
    assert min(districts.values()) > 60


def test_every_organisation_has_devices_but_owns_only_its_own_tenant() -> None:
    assert {device["tenant"] for device in devices()} == {organisation.tenant for organisation in ORGANISATIONS}
    assert len({organisation.id for organisation in ORGANISATIONS}) == 6


def test_every_device_lies_in_its_district_and_in_herne() -> None:
    for device in devices():
        longitude, latitude = device["entity"]["location"]["value"]["coordinates"]
        assert CITY.contains(latitude, longitude)
        assert DISTRICTS[place_of(device).district].contains(latitude, longitude), device["name"]


def test_no_two_places_have_one_name() -> None:
    assert len({place.name for place in (*STREETS, *WATERS)}) == len(STREETS) + len(WATERS)


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.profile)
def test_a_kind_watches_the_type_that_its_profile_makes(kind: Any) -> None:
    assert bundled_profiles()[kind.profile].entity_type == kind.entity_type


@pytest.mark.parametrize("month", [1, 7, 11])
def test_every_entity_is_valid_by_its_official_schema_after_one_uplink(month: int) -> None:
    at = NOON.replace(month=month)
    complaints = {device["_id"]: validate(entity_after_one_uplink(device, at)) for device in devices()}
    assert not {uid: said for uid, said in complaints.items() if said}


def test_every_record_is_a_device_of_the_agents_registry() -> None:
    for device in devices():
        members = {"id" if name == "_id" else name: value for name, value in device.items()}
        assert Device(**members).id == device["_id"]
