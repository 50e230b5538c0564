"""What goes down, and what network servers tell of it, by network."""

import uuid
from datetime import UTC, datetime, timedelta
from typing import Any

import orjson
import pytest

from iot_agents.downlinks.downlink import Downlink, Fate
from iot_agents.networks import chirpstack, the_things_stack, thingpark
from iot_agents.networks.network import Network

NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)
ID = str(uuid.UUID(int=0x1234567890ABCDEF << 64))
DOWN = Downlink(ID, "70b3d5e75e0000a1", 10, b"\x02\x28", True, NOON, NOON + timedelta(hours=1))

EUI = {"devEui": "70b3d5e75e0000a1"}
IDS = {"device_id": "lamp-1", "application_ids": {"application_id": "lights"}}


def down(network: Network, route: str) -> tuple[str, Any]:
    assert network.downlink is not None
    topic, payload = network.downlink(route, DOWN)
    return topic, orjson.loads(payload)


def fate(network: Network, key: str, kind: str, message: dict[str, Any]) -> Fate | None:
    assert network.parse_event is not None
    return network.parse_event(key, kind, orjson.dumps(message)).fate


def test_chirpstack_takes_base64_and_an_id() -> None:
    topic, command = down(chirpstack.NETWORK, "application/7/device/70b3d5e75e0000a1")
    assert topic == "application/7/device/70b3d5e75e0000a1/command/down"
    assert command == {
        "id": ID, "devEui": "70b3d5e75e0000a1", "confirmed": True, "fPort": 10, "data": "Aig=",
        "expiresAt": "2026-11-23T13:00:00Z",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("kind", "more", "status"),
    [
        ("txack", {"queueItemId": ID}, "DELIVERED"),
        ("ack", {"queueItemId": ID, "acknowledged": True}, "OK"),
        ("ack", {"queueItemId": ID}, "ERROR"),
        ("log", {"level": "ERROR", "code": "DOWNLINK_PAYLOAD_SIZE", "context": {"queue_item_id": ID}}, "ERROR"),
    ],
)
def test_chirpstack_tells_what_became_of_it(kind: str, more: dict[str, Any], status: str) -> None:
    told = fate(chirpstack.NETWORK, EUI["devEui"], kind, {"deviceInfo": EUI} | more)
    assert told is not None
    assert (told.ids, told.status) == ((ID,), status)


def test_the_things_stack_takes_a_list() -> None:
    topic, message = down(the_things_stack.NETWORK, "v3/lights@herne/devices/lamp-1")
    assert topic == "v3/lights@herne/devices/lamp-1/down/push"
    assert message == {
        "downlinks": [
            {
                "f_port": 10, "frm_payload": "Aig=", "confirmed": True, "priority": "NORMAL",
                "correlation_ids": [f"datenbroker:{ID}"],
            }
        ]
    }  # fmt: skip


@pytest.mark.parametrize(
    ("member", "content", "status"),
    [
        ("downlink_queued", {"correlation_ids": [f"datenbroker:{ID}"]}, "PENDING"),
        ("downlink_sent", {"correlation_ids": ["as:downlink:1", f"datenbroker:{ID}"]}, "DELIVERED"),
        ("downlink_ack", {"correlation_ids": [f"datenbroker:{ID}"]}, "OK"),
        ("downlink_nack", {"correlation_ids": [f"datenbroker:{ID}"]}, "ERROR"),
        (
            "downlink_failed",
            {"downlink": {"correlation_ids": [f"datenbroker:{ID}"]}, "error": {"name": "too_long"}},
            "ERROR",
        ),
    ],
)
def test_the_things_stack_tells_what_became_of_it(member: str, content: dict[str, Any], status: str) -> None:
    kind = the_things_stack.KINDS[member]
    told = fate(the_things_stack.NETWORK, "lights/lamp-1", kind, {"end_device_ids": IDS, member: content})
    assert told is not None
    assert (told.ids, told.status) == ((ID,), status)


def test_thingpark_takes_hexadecimal_digits_and_a_short_id() -> None:
    topic, message = down(thingpark.NETWORK, "mqtt/things/70B3D5E75E0000A1")
    assert topic == "mqtt/things/70B3D5E75E0000A1/downlink"
    assert message["DevEUI_downlink"] == {
        "Time": "2026-11-23T12:00:00Z", "DevEUI": "70B3D5E75E0000A1", "FPort": 10, "payload_hex": "0228",
        "Confirmed": "1", "ValidityTime": "2026-11-23T13:00:00Z", "CorrelationID": "1234567890ABCDEF",
    }  # fmt: skip


@pytest.mark.parametrize(("delivery", "status"), [(1, "DELIVERED"), ("0", "ERROR")])
def test_thingpark_tells_whether_it_was_sent(delivery: object, status: str) -> None:
    sent = {"DevEUI": "70B3D5E75E0000A1", "CorrelationID": "1234567890ABCDEF", "DeliveryStatus": delivery}
    told = fate(thingpark.NETWORK, EUI["devEui"], "downlink_sent", {"DevEUI_downlink_Sent": sent})
    assert told is not None
    assert (told.ids, told.status) == (("1234567890ABCDEF",), status)
