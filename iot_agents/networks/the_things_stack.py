"""The Things Stack v3: the JSON of its MQTT server (thethingsindustries.com/docs, Data Formats).

Zero and empty members are absent there; times have nanoseconds.
"""

import base64
import re
from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

import msgspec

from iot_agents.downlinks.downlink import Downlink, Fate, Status
from iot_agents.networks.network import Network
from iot_agents.uplink import DeviceEvent, Gateway, Uplink


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


class _Battery(msgspec.Struct, frozen=True):
    """In percent."""

    value: float = 0.0


class _UplinkMessage(msgspec.Struct, frozen=True):
    f_port: int = 0
    f_cnt: int = 0
    frm_payload: bytes = b""
    decoded_payload: dict[str, Any] | None = None
    rx_metadata: tuple[_RxMetadata, ...] = ()
    received_at: datetime | None = None
    last_battery_percentage: _Battery | None = None


class _Message(msgspec.Struct, frozen=True):
    end_device_ids: _DeviceIds
    uplink_message: _UplinkMessage
    received_at: datetime | None = None


class _Location(msgspec.Struct, frozen=True):
    latitude: float = 0.0
    longitude: float = 0.0
    accuracy: float = 0.0
    source: str = ""


class _Solved(msgspec.Struct, frozen=True):
    location: _Location


class _Join(msgspec.Struct, frozen=True):
    session_key_id: str = ""


class _Error(msgspec.Struct, frozen=True):
    name: str = ""
    message_format: str = ""


class _Downlink(msgspec.Struct, frozen=True):
    correlation_ids: tuple[str, ...] = ()


class _Failed(msgspec.Struct, frozen=True):
    downlink: _Downlink = _Downlink()
    error: _Error = _Error()


class _Invalidated(msgspec.Struct, frozen=True):
    downlinks: tuple[_Downlink, ...] = ()


class _OtherMessage(msgspec.Struct, frozen=True):
    """What is in a message that is no uplink tells its kind."""

    end_device_ids: _DeviceIds
    correlation_ids: tuple[str, ...] = ()
    received_at: datetime | None = None
    join_accept: _Join | None = None
    location_solved: _Solved | None = None
    downlink_failed: _Failed | None = None
    downlink_ack: _Downlink | None = None
    downlink_nack: _Downlink | None = None
    downlink_sent: _Downlink | None = None
    downlink_queued: _Downlink | None = None


class _Addressed(msgspec.Struct, frozen=True):
    end_device_ids: _DeviceIds
    uplink_message: Any = None
    uplink_normalized: Any = None
    join_accept: Any = None
    location_solved: Any = None
    service_data: Any = None
    downlink_ack: Any = None
    downlink_nack: Any = None
    downlink_sent: Any = None
    downlink_failed: Any = None
    downlink_queued: Any = None
    downlink_queue_invalidated: Any = None


_decoder = msgspec.json.Decoder(_Message)
_other_decoder = msgspec.json.Decoder(_OtherMessage)
_addressed = msgspec.json.Decoder(_Addressed)

KINDS = {
    "uplink_message": "up",
    "uplink_normalized": "up/normalized",
    "join_accept": "join",
    "location_solved": "location/solved",
    "service_data": "service/data",
    "downlink_ack": "down/ack",
    "downlink_nack": "down/nack",
    "downlink_sent": "down/sent",
    "downlink_failed": "down/failed",
    "downlink_queued": "down/queued",
    "downlink_queue_invalidated": "down/queue_invalidated",
}
"""The member that a message of each kind has, and the end of its topic."""

OURS = "datenbroker:"
"""How our correlation ids begin."""

EVENTS = frozenset(KINDS.values()) - {"up", "up/normalized", "service/data"}


def device_of(topic: str) -> str | None:
    """`{application id}/{device id}` of `v3/{application id}@{tenant}/devices/{device id}/up`."""
    match topic.split("/"):
        case ["v3", application, "devices", device, "up"] if device and application:
            return f"{application.partition('@')[0]}/{device}"
    return None


def parse(device_key: str, payload: bytes) -> Uplink:
    message = _decoder.decode(payload)
    uplink = message.uplink_message
    _check(device_key, message.end_device_ids)
    battery = uplink.last_battery_percentage
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
        battery=round(battery.value / 100, 3) if battery else None,
    )


def event_of(topic: str) -> tuple[str, str] | None:
    """The key and the event of `v3/{application id}@{tenant}/devices/{device id}/{event}`, save `up`."""
    match topic.split("/"):
        case ["v3", application, "devices", device, *rest] if device and application and "/".join(rest) in EVENTS:
            return f"{application.partition('@')[0]}/{device}", "/".join(rest)
    return None


def owner_of(topic: str) -> str | None:
    match topic.split("/"):
        case ["v3", application, "devices", device, *_]:
            return f"{application.partition('@')[0]}/{device}"
    return None


def topics_of(device_key: str) -> tuple[str, ...]:
    """With the tenant of the community's network, and without as in the open source edition."""
    application, _, device = device_key.partition("/")
    return (f"v3/{application}/devices/{device}/#", f"v3/{application}@ttn/devices/{device}/#")


def parse_event(device_key: str, kind: str, payload: bytes) -> DeviceEvent:
    message = _other_decoder.decode(payload)
    _check(device_key, message.end_device_ids)
    told: dict[str, Any] = {}
    detail: dict[str, Any] = {}
    problem = None
    if message.join_accept is not None:
        told = {"deviceState": "joined"}
    if message.location_solved is not None:
        location = message.location_solved.location
        told = {"location": {"type": "Point", "coordinates": [location.longitude, location.latitude]}}
        detail = {"source": location.source, "accuracy": location.accuracy}
    if message.downlink_failed is not None:
        error = message.downlink_failed.error
        problem = ("downlink_failed", f"The Things Stack reports {error.name}: {error.message_format}")
    time = message.received_at if message.received_at and message.received_at.tzinfo else None
    return DeviceEvent(device_key, kind, time, told, problem, detail, _fate(message))


def _fate(message: _OtherMessage) -> Fate | None:
    failed = message.downlink_failed
    if failed is not None:
        info = f"The Things Stack reports {failed.error.name}: {failed.error.message_format}"
        return Fate(_ids((*failed.downlink.correlation_ids, *message.correlation_ids)), "ERROR", info)
    told: tuple[tuple[_Downlink | None, Status, str], ...] = (
        (message.downlink_ack, "OK", ""),
        (message.downlink_nack, "ERROR", "The device did not acknowledge it"),
        (message.downlink_sent, "DELIVERED", ""),
        (message.downlink_queued, "PENDING", "queued at the network server"),
    )
    for downlink, status, info in told:
        if downlink is not None:
            return Fate(_ids((*downlink.correlation_ids, *message.correlation_ids)), status, info)
    return None


def _ids(correlation_ids: Iterable[str]) -> tuple[str, ...]:
    """Ours; the network's components add their own."""
    return tuple(each.removeprefix(OURS) for each in correlation_ids if each.startswith(OURS))


def downlink(route: str, wanted: Downlink) -> tuple[str, bytes]:
    """Behind what waits in the queue. The Things Stack knows no expiry: what it has taken, it sends."""
    queued = {
        "f_port": wanted.f_port,
        "frm_payload": base64.b64encode(wanted.payload).decode(),
        "confirmed": wanted.confirmed,
        "priority": "NORMAL",
        "correlation_ids": [f"{OURS}{wanted.id}"],
    }
    return f"{route}/down/push", msgspec.json.encode({"downlinks": [queued]})


def webhook_topic(body: bytes, query: Mapping[str, str]) -> str:
    """A webhook's body is that of the MQTT server; its member tells what it is."""
    message = _addressed.decode(body)
    ids = message.end_device_ids
    kind = next((kind for member, kind in KINDS.items() if getattr(message, member) is not None), None)
    if kind is None:
        raise msgspec.ValidationError(f"the message has none of {', '.join(KINDS)}")
    if "/" in ids.device_id or "/" in ids.application_ids.application_id:
        raise msgspec.ValidationError("an id has a slash in it - at `$.end_device_ids`")
    return f"v3/{ids.application_ids.application_id}/devices/{ids.device_id}/{kind}"


def _check(device_key: str, ids: _DeviceIds) -> None:
    named = f"{ids.application_ids.application_id}/{ids.device_id}"
    if named != device_key:
        raise msgspec.ValidationError(f"the topic names {device_key}, the message {named} - at `$.end_device_ids`")


NETWORK = Network(
    uid="the_things_stack",
    name="The Things Stack v3",
    prefix="v3/",
    uplink_topic="v3/{application id}@{tenant id}/devices/{device id}/up",
    device_of=device_of,
    other_topics=re.compile(
        r"v3/[^/]+/(events/.*|devices/[^/]+/"
        r"(join|up/normalized|location/solved|service/data|down/(ack|nack|sent|failed|queued|queue_invalidated|push|replace|clear)))"
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
