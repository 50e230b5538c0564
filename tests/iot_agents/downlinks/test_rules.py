"""Commands of the bundled profiles by vector, and what is wrong with a value."""

import re
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import msgspec
import pytest

from document_store.sqlite import SqliteDocumentStore
from iot_agents.codecs.codecs import Codecs
from iot_agents.downlinks.command import new_command
from iot_agents.downlinks.lorawan import LoRaWan
from iot_agents.downlinks.routes import Routes
from iot_agents.downlinks.rule import CommandRule
from iot_agents.networks.registry import NETWORKS
from iot_agents.profile import bundled_profiles, parse_profile
from iot_agents.refused import Refused
from iot_agents.registry import DeviceRegistry

pytestmark = pytest.mark.anyio

VECTORS = [
    ("lighting-controller", "switch", "on", 10, "0101"),
    ("lighting-controller", "switch", "low", 10, "0102"),
    ("lighting-controller", "dim", 0, 10, "0200"),
    ("lighting-controller", "dim", 100, 10, "0264"),
    ("smart-pole", "light", "off", 2, "0a00"),
    ("smart-pole", "dim", 30, 2, "0a1e"),
    ("smart-pole", "motionProfile", {"level": 80, "seconds": 300}, 2, "0b50012c"),
    ("heat-meter", "reportingInterval", 60, 3, "033c00"),
    ("water-meter", "reportingInterval", 1440, 3, "03a005"),
    ("soil-moisture-dragino-lse01", "reportingInterval", 1200, 1, "010004b0"),
    ("flood-distance-dragino-ldds75", "reboot", True, 1, "04ff"),
    ("indoor-milesight-am103", "reportingInterval", 1200, 85, "ff03b004"),
    ("water-level-milesight-em500-swl", "reportingInterval", 64800, 85, "ff0320fd"),
    ("soil-moisture-milesight-em500-smtc", "reboot", True, 85, "ff10ff"),
]

DEVICE = {
    "network": "chirpstack",
    "key": "00000000000000a1",
    "tenant": "herne",
    "entity": {"id": "urn:x:1", "type": "X"},
}


class Way:
    """The way to one device, and what went along it."""

    def __init__(self, store: SqliteDocumentStore) -> None:
        self.published: list[tuple[str, dict[str, Any]]] = []
        self.devices, self.codecs = DeviceRegistry(store), Codecs()
        self.way = LoRaWan(self.devices, bundled_profiles(), NETWORKS, self.codecs, timedelta(days=1))
        self.routes = self.way.routes = Routes(store, NETWORKS, self.way.takes_commands)
        self.way.publish = self.publish

    async def publish(self, topic: str, payload: bytes) -> None:
        self.published.append((topic, msgspec.json.decode(payload)))

    async def send(self, profile: str, name: str, value: Any) -> dict[str, Any]:
        await self.devices.register([DEVICE | {"_id": f"chirpstack:{DEVICE['key']}", "profile": profile}])
        (to,) = self.way.at("herne", "urn:x:1")
        await self.routes.noting(_nothing)(f"application/lights/device/{DEVICE['key']}/event/up", b"")
        await self.way.send(new_command(to, name, value))
        return self.published[-1][1]


async def _nothing(_topic: str, _payload: bytes) -> None:
    return None


@pytest.fixture
async def way(tmp_path: Path) -> AsyncIterator[Way]:
    store = SqliteDocumentStore.open(tmp_path / "store.sqlite")
    made = Way(store)
    yield made
    await made.codecs.stop()
    await store.close()


async def test_each_command_becomes_its_bytes(way: Way) -> None:
    for profile, name, value, f_port, digits in VECTORS:
        sent = await way.send(profile, name, value)
        payload = msgspec.convert(sent["data"], bytes, strict=False)
        assert (payload.hex(), sent["fPort"]) == (digits, f_port), (profile, name)
    assert {
        (profile, rule.name) for profile in bundled_profiles() for rule in bundled_profiles()[profile].commands
    } >= {(profile, name) for profile, name, *_ in VECTORS}


def test_no_command_has_the_name_of_something_measured() -> None:
    for profile in bundled_profiles().values():
        measured = {rule.attribute for rule in profile.attributes}
        assert measured.isdisjoint(rule.name for rule in profile.commands), profile.id


RANGE = CommandRule("dim", minimum=0, maximum=100, unit="%", hex=None, layout=parse_profile("""
id: x
title: {}
entity_type: X
controlled_properties: []
attributes: []
commands: [{name: dim, layout: [{bits: 8}]}]
""").commands[0].layout)  # fmt: skip
CHOICE = CommandRule("switch", hex={"on": "01", True: "02"})


@pytest.mark.parametrize(
    ("rule", "value", "reason"),
    [
        (RANGE, 101, "dim is 101 %, allowed is 0 to 100 %"),
        (RANGE, -1, "dim is -1 %, allowed is 0 to 100 %"),
        (RANGE, "40", "dim is '40', which is no number: send a number"),
        (RANGE, True, "which is no number"),
        (RANGE, float("nan"), "allowed is 0 to 100 %"),
        (CHOICE, "off", "switch is 'off', allowed is on, True"),
        (CHOICE, 1, "allowed is on, True"),
        (CHOICE, {"on": 1}, "allowed is on, True"),
    ],
)
def test_a_bad_value_is_told_with_what_is_allowed(rule: CommandRule, value: object, reason: str) -> None:
    with pytest.raises(Refused, match=re.escape(reason)):
        rule.check(value)


@pytest.mark.parametrize(
    "wrong",
    ["{name: a}", "{name: a, hex: {x: 0G}}", "{name: a, f_port: 0, field: x}", "{name: a, field: x, hex: {x: 00}}"],
)
def test_a_rule_that_cannot_work_is_refused_with_the_profile(wrong: str) -> None:
    text = f"id: x\ntitle: {{}}\nentity_type: X\ncontrolled_properties: []\nattributes: []\ncommands: [{wrong}]"
    with pytest.raises(msgspec.ValidationError):
        parse_profile(text)


async def test_a_number_that_does_not_fit_is_refused(way: Way) -> None:
    with pytest.raises(Refused, match=r"motionProfile is 70000, which does not fit in 16 bits"):
        await way.send("smart-pole", "motionProfile", {"level": 1, "seconds": 70000})
    with pytest.raises(Refused, match=r"motionProfile.level is None, which is no number"):
        await way.send("smart-pole", "motionProfile", {"seconds": 7})


async def test_a_codec_that_reports_an_error_refuses_the_command(way: Way) -> None:
    with pytest.raises(Refused, match="allowed is 60 to 64800 s"):
        await way.send("indoor-milesight-am103", "reportingInterval", 1)
    assert way.published == []
