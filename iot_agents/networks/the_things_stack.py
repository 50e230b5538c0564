"""The Things Stack v3: the JSON of its MQTT server (thethingsindustries.com/docs, Data Formats).

Zero and empty members are absent there; times have nanoseconds.
"""

import re
from datetime import datetime
from typing import Any

import msgspec

from iot_agents.networks.network import Network
from iot_agents.uplink import Gateway, Uplink


class _ApplicationIds(msgspec.Struct, frozen=True):
    application_id: str


class _DeviceIds(msgspec.Struct, frozen=True):
    device_id: str
    application_ids: _ApplicationIds


class _GatewayIds(msgspec.Struct, frozen=True):
    gateway_id: str = ""


class _RxMetadata(msgspec.Struct, frozen=True):
    gateway_ids: _GatewayIds = _GatewayIds()
    rssi: float = 0.0
    snr: float = 0.0


class _UplinkMessage(msgspec.Struct, frozen=True):
    f_port: int = 0
    f_cnt: int = 0
    frm_payload: bytes = b""
    decoded_payload: dict[str, Any] | None = None
    rx_metadata: tuple[_RxMetadata, ...] = ()
    received_at: datetime | None = None


class _Message(msgspec.Struct, frozen=True):
    end_device_ids: _DeviceIds
    uplink_message: _UplinkMessage
    received_at: datetime | None = None


_decoder = msgspec.json.Decoder(_Message)


def device_of(topic: str) -> str | None:
    """`{application id}/{device id}` of `v3/{application id}@{tenant}/devices/{device id}/up`."""
    match topic.split("/"):
        case ["v3", application, "devices", device, "up"] if device and application:
            return f"{application.partition('@')[0]}/{device}"
    return None


def parse(device_key: str, payload: bytes) -> Uplink:
    message = _decoder.decode(payload)
    ids, uplink = message.end_device_ids, message.uplink_message
    named = f"{ids.application_ids.application_id}/{ids.device_id}"
    if named != device_key:
        raise msgspec.ValidationError(f"the topic names {device_key}, the message {named} - at `$.end_device_ids`")
    time = uplink.received_at or message.received_at
    if time is None or time.tzinfo is None:
        raise msgspec.ValidationError("there is no time with a time zone - at `$.received_at`")
    return Uplink(
        device_key=device_key,
        time=time,
        f_port=uplink.f_port,
        f_cnt=uplink.f_cnt,
        decoded=uplink.decoded_payload,
        payload=uplink.frm_payload,
        gateways=tuple(Gateway(rx.gateway_ids.gateway_id, rx.rssi, rx.snr) for rx in uplink.rx_metadata),
    )


NETWORK = Network(
    uid="the_things_stack",
    name="The Things Stack v3",
    prefix="v3/",
    uplink_topic="v3/{application id}@{tenant id}/devices/{device id}/up",
    device_of=device_of,
    other_topics=re.compile(
        r"v3/[^/]+/(events/.*|devices/[^/]+/"
        r"(join|up/normalized|location/solved|service/data|down/(ack|nack|sent|failed|queued|push|replace|clear)))"
    ),
    parse=parse,
)
