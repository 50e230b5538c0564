"""The uplinks have the members of the networks' own messages, and bytes that mean what is decoded."""

import base64
import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from datenbroker.demo.city import devices
from datenbroker.demo.curves.reading import reading
from datenbroker.demo.simulator import frame_counter
from datenbroker.demo.uplinks.payload import decode
from datenbroker.demo.uplinks.radio import airtime
from datenbroker.demo.uplinks.uplink import uplink

AT = datetime(2026, 11, 22, 9, 30, 12, 345_678, tzinfo=UTC)
MAY_BE_ABSENT = {"/rxInfo/channel", "/rxInfo/rfChain", "/rxInfo/snr", "/uplink_message/decoded_payload_warnings"}
SAMPLES = Path(__file__).parents[2] / "samples"


def message_of(network: str) -> tuple[str, dict[str, Any]]:
    device = next(device for device in devices() if device["network"] == network)
    topic, message = uplink(device, reading(device, AT), AT, 7)
    return topic, json.loads(message)


def sample(network: str) -> Any:
    return json.loads((SAMPLES / network / "uplink.json").read_text())


def members(message: Any, path: str = "") -> list[str]:
    """The paths of all members in their order; what a codec makes is left to it."""
    if isinstance(message, list):
        return members(message[0], path) if message else []
    if not isinstance(message, dict) or path.endswith(("object", "decoded_payload", "tags")):
        return []
    return [found for name in message for found in (f"{path}/{name}", *members(message[name], f"{path}/{name}"))]


@pytest.mark.parametrize("network", ["chirpstack", "the_things_stack"])
def test_the_members_are_those_of_the_network_server_in_their_order(network: str) -> None:
    may_be_absent = {"/rxInfo/channel", "/rxInfo/rfChain", "/rxInfo/snr", "/uplink_message/decoded_payload_warnings"}
    ours, theirs = members(message_of(network)[1]), members(sample(network))
    assert [path for path in ours if path not in may_be_absent] == [
        path for path in theirs if path not in may_be_absent
    ]


def test_the_topics_are_those_of_the_network_servers() -> None:
    topic, message = message_of("chirpstack")
    info = message["deviceInfo"]
    assert topic == f"application/{info['applicationId']}/device/{info['devEui']}/event/up"
    topic, message = message_of("the_things_stack")
    ids = message["end_device_ids"]
    assert topic == f"v3/{ids['application_ids']['application_id']}@ttn/devices/{ids['device_id']}/up"


def test_the_raw_bytes_say_what_is_decoded() -> None:
    for device in devices():
        message = json.loads(uplink(device, reading(device, AT), AT, 7)[1])
        body = message.get("uplink_message", message)
        raw = base64.b64decode(body.get("frm_payload") or body["data"])
        assert decode(device["profile"], raw) == (body.get("decoded_payload") or body["object"])


def test_two_or_three_gateways_hear_each_device_loudest_first() -> None:
    for device in devices():
        message = json.loads(uplink(device, reading(device, AT), AT, 7)[1])
        heard = message.get("rxInfo") or message["uplink_message"]["rx_metadata"]
        strengths = [reception["rssi"] for reception in heard]
        assert len(heard) in (2, 3)
        assert strengths == sorted(strengths, reverse=True)
        assert -122 <= min(strengths) <= max(strengths) < -40


def test_each_uplink_has_its_own_deduplication_id_and_counter() -> None:
    device = next(device for device in devices() if device["network"] == "chirpstack")
    later = AT.replace(hour=10)
    messages = [json.loads(uplink(device, {"occupied": True, "battery": 3.5}, at, frame_counter(device, at))[1])
                for at in (AT, later)]  # fmt: skip
    assert messages[0]["deduplicationId"] != messages[1]["deduplicationId"]
    assert messages[0]["fCnt"] < messages[1]["fCnt"]


def test_the_airtime_is_that_of_semtechs_calculator() -> None:
    assert airtime(7, 10) == pytest.approx(0.061696, abs=0.006)
    assert airtime(10, 10) > 5 * airtime(7, 10)
