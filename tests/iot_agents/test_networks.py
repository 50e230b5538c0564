from datetime import UTC, datetime
from pathlib import Path

import msgspec
import orjson
import pytest

import iot_agents.networks
from iot_agents.networks import chirpstack, the_things_stack
from iot_agents.networks.registry import NETWORKS
from tests.iot_agents.messages import SAMPLES, sample


def test_a_chirpstack_uplink_is_read() -> None:
    uplink = chirpstack.parse("0101010101010101", sample("chirpstack"))
    assert uplink.time == datetime(2026, 1, 15, 7, 42, 11, 512000, tzinfo=UTC)
    assert (uplink.f_port, uplink.f_cnt) == (2, 1042)
    assert uplink.decoded == {"temperature": 21.5, "fill": 55.0, "status": "open"}
    assert uplink.payload == bytes.fromhex("00d75a0e103703200100")
    assert uplink.best_gateway is not None
    assert (uplink.best_gateway.id, uplink.best_gateway.rssi, uplink.best_gateway.snr) == ("0016c001f153a14c", -97, 7.5)


def test_an_uplink_of_the_things_stack_is_read_with_nanoseconds() -> None:
    uplink = the_things_stack.parse("herne-abfall/bin-0042", sample("the_things_stack"))
    assert uplink.time.replace(microsecond=0) == datetime(2024, 7, 6, 9, 19, 21, tzinfo=UTC)
    assert (uplink.f_port, uplink.f_cnt) == (1, 41)
    assert uplink.decoded is not None
    assert uplink.decoded["gps_34"]["latitude"] == 48.76826575
    assert uplink.best_gateway is not None
    assert (uplink.best_gateway.rssi, uplink.best_gateway.snr) == (-54, 9)


def test_the_things_stack_leaves_out_what_is_zero_or_empty() -> None:
    ids = {"device_id": "d", "application_ids": {"application_id": "a"}}
    message = {"end_device_ids": ids, "received_at": "2026-11-22T12:00:00.123456789Z", "uplink_message": {}}
    uplink = the_things_stack.parse("a/d", orjson.dumps(message))
    assert (uplink.f_port, uplink.f_cnt, uplink.decoded, uplink.payload, uplink.gateways) == (0, 0, None, b"", ())


@pytest.mark.parametrize(
    ("topic", "key"),
    [
        ("application/17c8/device/0101010101010101/event/up", "0101010101010101"),
        ("application/17c8/device/70B3D57ED0000042/event/up", "70b3d57ed0000042"),
        ("application/17c8/device/0101010101010101/event/join", None),
        ("application/17c8/device//event/up", None),
        ("application/17c8/device/0101010101010101/event/up/more", None),
    ],
)
def test_a_chirpstack_topic_names_the_device(topic: str, key: str | None) -> None:
    assert chirpstack.device_of(topic) == key


@pytest.mark.parametrize(
    ("topic", "key"),
    [
        ("v3/herne-abfall@ttn/devices/bin-0042/up", "herne-abfall/bin-0042"),
        ("v3/herne-abfall/devices/bin-0042/up", "herne-abfall/bin-0042"),
        ("v3/herne-abfall@ttn/devices/bin-0042/join", None),
        ("v3/@ttn/devices/bin-0042/up/normalized", None),
    ],
)
def test_a_topic_of_the_things_stack_names_the_device(topic: str, key: str | None) -> None:
    assert the_things_stack.device_of(topic) == key


def test_a_message_of_another_device_than_the_topic_says_is_refused() -> None:
    with pytest.raises(msgspec.ValidationError, match="the topic names a/b, the message herne-abfall/bin-0042"):
        the_things_stack.parse("a/b", sample("the_things_stack"))


def test_every_network_on_disk_is_registered_and_has_a_sample() -> None:
    (folder,) = iot_agents.networks.__path__
    modules = {path.stem for path in Path(folder).glob("*.py")} - {"__init__", "network", "registry", "json_source"}
    assert modules == {network.uid for network in NETWORKS}
    assert all((SAMPLES / network.uid / "uplink.json").is_file() for network in NETWORKS)
