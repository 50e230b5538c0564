"""Actility ThingPark: the JSON of its tunnel interface and of ThingPark X IoT Flow (docs.thingpark.com).

Numbers may come as texts, as in the XML that the JSON was made of. Under MQTT the same JSON comes by device.
"""

import re
from collections.abc import Mapping
from datetime import datetime
from typing import Any

import msgspec

from iot_agents.downlinks.downlink import Downlink, Fate
from iot_agents.networks.network import Network
from iot_agents.uplink import DeviceEvent, Gateway, Uplink


class _Lrr(msgspec.Struct, frozen=True):
    id: str = msgspec.field(name="Lrrid", default="")
    rssi: float = msgspec.field(name="LrrRSSI", default=0.0)
    snr: float = msgspec.field(name="LrrSNR", default=0.0)


class _Lrrs(msgspec.Struct, frozen=True):
    lrr: tuple[_Lrr, ...] = msgspec.field(name="Lrr", default=())


class _Uplink(msgspec.Struct, frozen=True):
    dev_eui: str = msgspec.field(name="DevEUI")
    time: datetime = msgspec.field(name="Time")
    f_port: int = msgspec.field(name="FPort", default=0)
    f_cnt: int = msgspec.field(name="FCntUp", default=0)
    payload_hex: str = ""
    payload: Any = None
    lrr_id: str = msgspec.field(name="Lrrid", default="")
    rssi: float | None = msgspec.field(name="LrrRSSI", default=None)
    snr: float = msgspec.field(name="LrrSNR", default=0.0)
    lrrs: _Lrrs = msgspec.field(name="Lrrs", default=_Lrrs())
    battery: float | None = msgspec.field(name="BatteryLevel", default=None)


class _Other(msgspec.Struct, frozen=True):
    dev_eui: str = msgspec.field(name="DevEUI")
    time: datetime | None = msgspec.field(name="Time", default=None)
    latitude: float | None = msgspec.field(name="DevLAT", default=None)
    longitude: float | None = msgspec.field(name="DevLON", default=None)
    delivery: int | str = msgspec.field(name="DeliveryStatus", default="")
    cause: str = msgspec.field(name="DeliveryFailedCause1", default="")
    type: str = msgspec.field(name="Type", default="")
    correlation_id: str = msgspec.field(name="CorrelationID", default="")


MEMBERS = {
    "DevEUI_uplink": "uplink",
    "DevEUI_location": "location",
    "DevEUI_downlink_Sent": "downlink_sent",
    "DevEUI_notification": "notification",
}
"""The one member of each kind of message, and the end of its topic."""


def device_of(topic: str) -> str | None:
    """The devEui, lower case, of `mqtt/things/{DevEUI}/uplink`."""
    match topic.split("/"):
        case ["mqtt", "things", dev_eui, "uplink"] if dev_eui:
            return dev_eui.lower()
    return None


def event_of(topic: str) -> tuple[str, str] | None:
    match topic.split("/"):
        case ["mqtt", "things", dev_eui, kind] if dev_eui and kind in MEMBERS.values() and kind != "uplink":
            return dev_eui.lower(), kind
    return None


def owner_of(topic: str) -> str | None:
    match topic.split("/"):
        case ["mqtt", "things", dev_eui, *_]:
            return dev_eui.lower()
    return None


def topics_of(device_key: str) -> tuple[str, ...]:
    """ThingPark writes the devEui in capitals, and topics are told apart by them."""
    return (f"mqtt/things/{device_key.upper()}/#", f"mqtt/things/{device_key}/#")


def parse(device_key: str, payload: bytes) -> Uplink:
    message = msgspec.convert(_content(payload, "DevEUI_uplink"), _Uplink, strict=False)
    _check(device_key, message.dev_eui, message.time)
    try:
        raw = bytes.fromhex(message.payload_hex)
    except ValueError:
        raise msgspec.ValidationError("the payload is not hexadecimal - at `$.DevEUI_uplink.payload_hex`") from None
    gateways = tuple(Gateway(lrr.id, lrr.rssi, lrr.snr) for lrr in message.lrrs.lrr)
    if not gateways and message.rssi is not None:
        gateways = (Gateway(message.lrr_id, message.rssi, message.snr),)
    return Uplink(
        device_key=device_key,
        time=message.time,
        f_port=message.f_port,
        f_cnt=message.f_cnt,
        decoded=message.payload if isinstance(message.payload, dict) else None,
        payload=raw,
        gateways=gateways,
        battery=_battery(message.battery),
    )


def parse_event(device_key: str, kind: str, payload: bytes) -> DeviceEvent:
    member = next(name for name, end in MEMBERS.items() if end == kind)
    message = msgspec.convert(_content(payload, member), _Other, strict=False)
    _check(device_key, message.dev_eui, message.time)
    told: dict[str, Any] = {}
    problem = None
    if message.latitude is not None and message.longitude is not None:
        told = {"location": {"type": "Point", "coordinates": [message.longitude, message.latitude]}}
    if kind == "downlink_sent" and str(message.delivery) == "0":
        problem = ("downlink_failed", f"ThingPark could not send a downlink: {message.cause or 'no cause given'}")
    if kind == "notification" and message.type == "join":
        told = {"deviceState": "joined"}
    detail = {"type": message.type} if message.type else {}
    return DeviceEvent(device_key, kind, message.time, told, problem, detail, _fate(kind, message))


def _fate(kind: str, message: _Other) -> Fate | None:
    """Sent or not: what the device says to a confirmed downlink is not reported."""
    if kind != "downlink_sent" or not message.correlation_id:
        return None
    if str(message.delivery) == "0":
        return Fate((message.correlation_id,), "ERROR", f"ThingPark could not send it: {message.cause or 'no cause'}")
    return Fate((message.correlation_id,), "DELIVERED")


def downlink(route: str, wanted: Downlink) -> tuple[str, bytes]:
    """ThingPark X IoT Flow, Downlink Message; a CorrelationID has 16 digits."""
    content = {
        "Time": wanted.created_at,
        "DevEUI": wanted.key.upper(),
        "FPort": wanted.f_port,
        "payload_hex": wanted.payload.hex(),
        "Confirmed": "1" if wanted.confirmed else "0",
        "ValidityTime": wanted.expires_at,
        "CorrelationID": wanted.id.replace("-", "")[:16].upper(),
    }
    return f"{route}/downlink", msgspec.json.encode({"DevEUI_downlink": content})


def webhook_topic(body: bytes, query: Mapping[str, str]) -> str:
    document = _document(body)
    for member, kind in MEMBERS.items():
        content = document.get(member)
        dev_eui = content.get("DevEUI") if isinstance(content, dict) else None
        if isinstance(dev_eui, str) and "/" not in dev_eui:
            return f"mqtt/things/{dev_eui}/{kind}"
    raise msgspec.ValidationError(f"the message has none of {', '.join(MEMBERS)} with a DevEUI")


def _document(payload: bytes) -> dict[str, Any]:
    document = msgspec.json.decode(payload)
    if not isinstance(document, dict):
        raise msgspec.ValidationError("a JSON object is expected")
    return document


def _content(payload: bytes, member: str) -> dict[str, Any]:
    content = _document(payload).get(member)
    if not isinstance(content, dict):
        raise msgspec.ValidationError(f"there is no object - at `$.{member}`")
    return content


def _check(device_key: str, dev_eui: str, time: datetime | None) -> None:
    if dev_eui.lower() != device_key:
        raise msgspec.ValidationError(f"the topic names {device_key}, the message {dev_eui} - at `$.DevEUI`")
    if time is not None and time.tzinfo is None:
        raise msgspec.ValidationError("the time has no time zone - at `$.Time`")


def _battery(level: float | None) -> float | None:
    """LoRaWAN's DevStatusAns: 1 to 254 is empty to full, 0 is mains (-1 in the data model), 255 unknown."""
    if level is None or not 0 <= level <= 254:
        return None
    return -1 if level == 0 else round((level - 1) / 253, 3)


NETWORK = Network(
    uid="thingpark",
    name="Actility ThingPark",
    prefix="mqtt/things/",
    uplink_topic="mqtt/things/{DevEUI}/uplink",
    device_of=device_of,
    other_topics=re.compile(r"mqtt/things/[^/]+/downlink"),
    parse=parse,
    event_of=event_of,
    parse_event=parse_event,
    webhook_topic=webhook_topic,
    owner_of=owner_of,
    topics_of=topics_of,
    downlink=downlink,
    route_levels=3,
)
