"""Any JSON by MQTT or HTTP, where an operator says in which member device, time and values are."""

import re
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import msgspec

from iot_agents.networks.network import Network
from iot_agents.networks.registry import NETWORKS
from iot_agents.profile import field_value
from iot_agents.uplink import Uplink

ID = re.compile(r"[a-z][a-z0-9_]{1,39}")
MILLISECONDS_FROM = 1e11
"""A number of seconds so large would be in the year 5138."""


class BadJsonSource(ValueError):
    """A source is described in a way that cannot work; the message says why."""


class JsonSource(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One source; paths are dotted. `id` is the network of its devices in the registry.

    `topic`: e.g. `sensors/{device}/data`, where `{device}` and `+` stand for any one level; without `{device}` the key
    is at the path `device` in the message. `time`: ISO 8601 with offset, or seconds or milliseconds since 1970; without
    it the time is that of arrival. `values`: the object with the measured fields; without it the whole message.
    """

    id: str
    topic: str
    title: str = ""
    device: str = ""
    time: str = ""
    values: str = ""
    protocol: str = "MQTT"


def networks_in(path: Path) -> tuple[Network, ...]:
    """The sources of a YAML file, a list of `JsonSource`; `BadJsonSource` where one is none, `OSError` for no file."""
    try:
        sources = msgspec.yaml.decode(path.read_bytes(), type=list[JsonSource])
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise BadJsonSource(f"{path}: {error}") from None
    made: list[Network] = []
    for source in sources:
        network = network_of(source)
        for other in (*NETWORKS, *made):
            overlapping = network.prefix.startswith(other.prefix) or other.prefix.startswith(network.prefix)
            if overlapping or other.uid == network.uid:
                raise BadJsonSource(f"{path}: the topics of {source.id} and {other.uid} overlap: change the topic")
        made.append(network)
    return tuple(made)


def network_of(source: JsonSource) -> Network:
    levels = source.topic.split("/")
    fixed = next((number for number, level in enumerate(levels) if level in ("{device}", "+")), len(levels))
    if not ID.fullmatch(source.id):
        raise BadJsonSource(f"{source.id!r:.80} is no id: lower case letters, digits and _ are allowed")
    if fixed == 0 or any("#" in level or ("+" in level and level != "+") for level in levels):
        raise BadJsonSource(f"The topic {source.topic!r:.120} must begin with a fixed level, and have no #")
    if levels.count("{device}") + bool(source.device) != 1:
        raise BadJsonSource(f"{source.id} must find the device either by {{device}} in the topic or by `device`")
    return Network(
        uid=source.id,
        name=source.title or source.id,
        prefix="/".join(levels[:fixed]) + ("/" if fixed < len(levels) else ""),
        uplink_topic=source.topic,
        device_of=_device_of(levels),
        other_topics=re.compile(r"(?!)"),
        parse=lambda key, payload: _uplink(source, key, payload),
        owner_of=lambda topic: _device_of(levels)(topic) or None,
        topics_of=lambda key: (source.topic.replace("{device}", key),) if "{device}" in levels else (),
        key_in=lambda payload: _key(source, _document(payload)),
        webhook_topic=_webhook_topic(source, levels),
        protocol=source.protocol,
    )


def _device_of(levels: list[str]) -> Callable[[str], str | None]:
    def device_of(topic: str) -> str | None:
        given = topic.split("/")
        if len(given) != len(levels):
            return None
        key = ""
        for level, value in zip(levels, given, strict=True):
            if level == "{device}":
                if not value:
                    return None
                key = value
            elif level not in ("+", value):
                return None
        return key

    return device_of


def _webhook_topic(source: JsonSource, levels: list[str]) -> Callable[[bytes, Mapping[str, str]], str]:
    """Where MQTT topics name the device, the query does: `?device=…`."""

    def webhook_topic(body: bytes, query: Mapping[str, str]) -> str:
        key = "" if source.device else query.get("device", "")
        if not source.device and (not key or "/" in key):
            raise msgspec.ValidationError("the query must name the device: ?device=…")
        return "/".join(key if level == "{device}" else "-" if level == "+" else level for level in levels)

    return webhook_topic


def _uplink(source: JsonSource, key: str, payload: bytes) -> Uplink:
    document = _document(payload)
    if source.device and _key(source, document) != key:
        raise msgspec.ValidationError(f"the message is not of {key} - at `$.{source.device}`")
    values = field_value(document, source.values) if source.values else document
    if not isinstance(values, dict):
        raise msgspec.ValidationError(f"there is no object with values - at `$.{source.values}`")
    time = _time(source, document)
    return Uplink(key, time, f_port=0, f_cnt=0, decoded=values, payload=b"", gateways=())


def _document(payload: bytes) -> dict[str, Any]:
    document = msgspec.json.decode(payload)
    if not isinstance(document, dict):
        raise msgspec.ValidationError("a JSON object is expected")
    return document


def _key(source: JsonSource, document: Mapping[str, Any]) -> str:
    key = field_value(document, source.device)
    if isinstance(key, int) and not isinstance(key, bool):
        key = str(key)
    if not isinstance(key, str) or not key:
        raise msgspec.ValidationError(f"there is no device - at `$.{source.device}`")
    return key


def _time(source: JsonSource, document: Mapping[str, Any]) -> datetime:
    if not source.time:
        return datetime.now(UTC)
    given = field_value(document, source.time)
    try:
        if isinstance(given, int | float) and not isinstance(given, bool):
            return datetime.fromtimestamp(given / 1000 if given >= MILLISECONDS_FROM else given, UTC)
        time = datetime.fromisoformat(given)
        if time.tzinfo is not None:
            return time
    except (TypeError, ValueError, OverflowError, OSError):
        pass
    raise msgspec.ValidationError(f"there is no time with its offset to UTC - at `$.{source.time}`")
