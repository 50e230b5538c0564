"""ChirpStack v4: the JSON of its MQTT integration (github.com/chirpstack/chirpstack, api/proto/integration)."""

import base64
import re
from collections.abc import Mapping
from datetime import datetime
from typing import Any

import msgspec

from iot_agents.downlinks.downlink import Downlink, Fate
from iot_agents.networks.network import Network
from iot_agents.uplink import DeviceEvent, Gateway, Uplink


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


class _Location(msgspec.Struct, frozen=True):
    """Zero values are absent."""

    latitude: float = 0.0
    longitude: float = 0.0
    source: str = ""
    accuracy: float = 0.0


class _OtherEvent(msgspec.Struct, frozen=True, rename="camel"):
    """The members of all other events."""

    device_info: _DeviceInfo
    time: datetime | None = None
    dev_addr: str = ""
    margin: int = 0
    external_power_source: bool = False
    battery_level_unavailable: bool = False
    battery_level: float = 0.0
    acknowledged: bool = False
    queue_item_id: str = ""
    f_cnt_down: int = 0
    gateway_id: str = ""
    level: str = ""
    code: str = ""
    description: str = ""
    context: dict[str, str] = {}
    location: _Location | None = None


class _Addressed(msgspec.Struct, frozen=True, rename="camel"):
    class _Info(msgspec.Struct, frozen=True, rename="camel"):
        application_id: str
        dev_eui: str

    device_info: _Info


_decoder = msgspec.json.Decoder(_UplinkEvent)
_other_decoder = msgspec.json.Decoder(_OtherEvent)
_addressed = msgspec.json.Decoder(_Addressed)

EVENTS = frozenset({"join", "status", "ack", "txack", "log", "location", "integration"})


def device_of(topic: str) -> str | None:
    """The devEui, lower case, of `application/{id}/device/{devEui}/event/up`."""
    match topic.split("/"):
        case ["application", _, "device", dev_eui, "event", "up"] if dev_eui:
            return dev_eui.lower()
    return None


def parse(device_key: str, payload: bytes) -> Uplink:
    event = _decoder.decode(payload)
    _check(device_key, event.device_info, event.time)
    return Uplink(
        device_key=device_key,
        time=event.time,
        f_port=event.f_port,
        f_cnt=event.f_cnt,
        decoded=event.object,
        payload=event.data,
        gateways=tuple(Gateway(rx.gateway_id, rx.rssi, rx.snr) for rx in event.rx_info),
    )


def event_of(topic: str) -> tuple[str, str] | None:
    """The devEui and the event of `application/{id}/device/{devEui}/event/{event}`, save `up`."""
    match topic.split("/"):
        case ["application", _, "device", dev_eui, "event", event] if dev_eui and event in EVENTS:
            return dev_eui.lower(), event
    return None


def owner_of(topic: str) -> str | None:
    match topic.split("/"):
        case ["application", _, "device", dev_eui, *_]:
            return dev_eui.lower()
    return None


def topics_of(device_key: str) -> tuple[str, ...]:
    return (f"application/+/device/{device_key}/#",)


def parse_event(device_key: str, kind: str, payload: bytes) -> DeviceEvent:
    event = _other_decoder.decode(payload)
    _check(device_key, event.device_info, event.time)
    told: dict[str, Any] = {}
    detail: dict[str, Any] = {}
    problem, fate = None, None
    match kind:
        case "join":
            told, detail = {"deviceState": "joined"}, {"devAddr": event.dev_addr}
        case "status":
            told = {"linkMargin": event.margin}
            if event.external_power_source:
                told["batteryLevel"] = -1  # as the data model spells a device on the mains
            elif not event.battery_level_unavailable:
                told["batteryLevel"] = round(event.battery_level / 100, 3)
        case "location" if event.location is not None:
            position = [event.location.longitude, event.location.latitude]
            told = {"location": {"type": "Point", "coordinates": position}}
            detail = {"source": event.location.source, "accuracy": event.location.accuracy}
        case "log":
            detail = {"level": event.level, "code": event.code, "description": event.description}
            if event.level == "ERROR":
                problem = ("network_log", f"ChirpStack reports {event.code}: {event.description}")
            fate = _lost(event)
        case "ack" | "txack":
            detail = {"queueItemId": event.queue_item_id, "fCntDown": event.f_cnt_down}
            detail |= {"acknowledged": event.acknowledged} if kind == "ack" else {"gateway": event.gateway_id}
            fate = _acknowledged(event) if kind == "ack" else Fate((event.queue_item_id,), "DELIVERED")
    return DeviceEvent(device_key, kind, event.time, told, problem, detail, fate)


def _acknowledged(event: _OtherEvent) -> Fate:
    if event.acknowledged:
        return Fate((event.queue_item_id,), "OK")
    return Fate((event.queue_item_id,), "ERROR", "The device did not acknowledge it")


def _lost(event: _OtherEvent) -> Fate | None:
    """A downlink that ChirpStack gives up: too long for the data rate, expired."""
    item = event.context.get("queue_item_id") or event.context.get("device_queue_item_id")
    return Fate((item,), "ERROR", f"ChirpStack reports {event.code}: {event.description}") if item else None


def downlink(route: str, wanted: Downlink) -> tuple[str, bytes]:
    """A `DownlinkCommand`. An id that is in the queue already is not taken twice."""
    command = {
        "id": wanted.id,
        "devEui": wanted.key,
        "confirmed": wanted.confirmed,
        "fPort": wanted.f_port,
        "data": base64.b64encode(wanted.payload).decode(),
        "expiresAt": wanted.expires_at,
    }
    return f"{route}/command/down", msgspec.json.encode(command)


def webhook_topic(body: bytes, query: Mapping[str, str]) -> str:
    """Of the HTTP integration, which names the event in the query: `?event=up`."""
    event = query.get("event", "")
    if event not in EVENTS | {"up"}:
        raise msgspec.ValidationError(f"the query must name the event, e.g. ?event=up, but names {event!r:.40}")
    info = _addressed.decode(body).device_info
    if "/" in info.application_id or "/" in info.dev_eui:
        raise msgspec.ValidationError("an id has a slash in it - at `$.deviceInfo`")
    return f"application/{info.application_id}/device/{info.dev_eui}/event/{event}"


def _check(device_key: str, info: _DeviceInfo, time: datetime | None) -> None:
    if info.dev_eui.lower() != device_key:
        raise msgspec.ValidationError(
            f"the topic names {device_key}, the message {info.dev_eui} - at `$.deviceInfo.devEui`"
        )
    if time is not None and time.tzinfo is None:
        raise msgspec.ValidationError("the time has no time zone - at `$.time`")


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
    event_of=event_of,
    parse_event=parse_event,
    webhook_topic=webhook_topic,
    owner_of=owner_of,
    topics_of=topics_of,
    downlink=downlink,
    route_levels=4,
)
