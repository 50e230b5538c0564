"""ChirpStack v4: the JSON of its MQTT integration (github.com/chirpstack/chirpstack, api/proto/integration)."""

import re
from datetime import datetime
from typing import Any

import msgspec

from iot_agents.networks.network import Network
from iot_agents.uplink import Gateway, Uplink


class _DeviceInfo(msgspec.Struct, frozen=True, rename="camel"):
    dev_eui: str


class _RxInfo(msgspec.Struct, frozen=True, rename="camel"):
    """Zero values are absent here, unlike at the top level."""

    gateway_id: str = ""
    rssi: int = 0
    snr: float = 0.0


class _UplinkEvent(msgspec.Struct, frozen=True, rename="camel"):
    time: datetime
    device_info: _DeviceInfo
    f_cnt: int = 0
    f_port: int = 0
    data: bytes = b""
    object: dict[str, Any] | None = None
    rx_info: tuple[_RxInfo, ...] = ()


_decoder = msgspec.json.Decoder(_UplinkEvent)


def device_of(topic: str) -> str | None:
    """The devEui, lower case, of `application/{id}/device/{devEui}/event/up`."""
    match topic.split("/"):
        case ["application", _, "device", dev_eui, "event", "up"] if dev_eui:
            return dev_eui.lower()
    return None


def parse(device_key: str, payload: bytes) -> Uplink:
    event = _decoder.decode(payload)
    if event.device_info.dev_eui.lower() != device_key:
        raise msgspec.ValidationError(
            f"the topic names {device_key}, the message {event.device_info.dev_eui} - at `$.deviceInfo.devEui`"
        )
    if event.time.tzinfo is None:
        raise msgspec.ValidationError("the time has no time zone - at `$.time`")
    return Uplink(
        device_key=device_key,
        time=event.time,
        f_port=event.f_port,
        f_cnt=event.f_cnt,
        decoded=event.object,
        payload=event.data,
        gateways=tuple(Gateway(rx.gateway_id, rx.rssi, rx.snr) for rx in event.rx_info),
    )


NETWORK = Network(
    uid="chirpstack",
    name="ChirpStack v4",
    prefix="application/",
    uplink_topic="application/{application id}/device/{devEui}/event/up",
    device_of=device_of,
    other_topics=re.compile(
        r"application/[^/]+/device/[^/]+/(event/(join|status|ack|txack|log|location|integration)|command/down)"
    ),
    parse=parse,
)
