"""Where and how notifications are sent (CIM 009, 5.2.15, 5.2.22, 7.2)."""

import re
from dataclasses import dataclass
from typing import Any
from urllib.parse import SplitResult, unquote, urlsplit

from context_broker.http.request import GEO_JSON, JSON, LD_JSON
from ngsi_ld.errors import BadRequestData
from ngsi_ld.names import check_uri

ACCEPTS = (JSON, LD_JSON, GEO_JSON)
MQTT_VERSIONS = ("mqtt3.1.1", "mqtt5.0")
REQUEST_HEADER = "urn:ngsi-ld:request"
"""As the value of a receiverInfo pair: copy that header of the triggering request."""
_BROKERS_OWN = frozenset({"content-length", "host", "content-type", "link", "ngsild-tenant", "transfer-encoding"})
_TOKEN = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")
_CREDENTIALS = frozenset({"authorization", "proxy-authorization", "cookie", "x-api-key", "x-auth-token"})
"""Never copied from a triggering request: they are another client's."""


@dataclass(frozen=True, slots=True)
class MqttTarget:
    """The parts of an `mqtt[s]://[user[:password]@]host[:port]/topic` URI, and version and QoS of notifierInfo."""

    host: str
    port: int
    tls: bool
    topic: str
    user: str | None
    password: str | None
    version: str
    qos: int


@dataclass(frozen=True, slots=True)
class Endpoint:
    """One checked endpoint; times in seconds, a minute at most."""

    uri: str
    host: str
    accept: str = JSON
    receiver_info: tuple[tuple[str, str], ...] = ()
    timeout: float = 5.0
    cooldown: float = 0.0
    mqtt: MqttTarget | None = None

    @property
    def wants_plain_json(self) -> bool:
        """Whether GeoJSON comes without @context: `Prefer: body=json` in receiverInfo (5.3.1)."""
        return any(name.lower() == "prefer" and text == "body=json" for name, text in self.receiver_info)


def read_endpoint(value: Any) -> Endpoint:
    """`BadRequestData` says which member is wrong."""
    if not isinstance(value, dict) or not isinstance(value.get("uri"), str):
        raise BadRequestData("notification.endpoint is an object with a uri")
    uri = check_uri(value["uri"], "endpoint.uri")
    accept = value.get("accept", JSON)
    if accept not in ACCEPTS:
        raise BadRequestData(f"endpoint.accept is one of {', '.join(ACCEPTS)}")
    receiver_info = _pairs(value.get("receiverInfo"), "receiverInfo")
    for name, text in receiver_info:
        if name.lower() in _BROKERS_OWN or not _TOKEN.fullmatch(name) or any(char in text for char in "\r\n\0"):
            raise BadRequestData(f"endpoint.receiverInfo can't set the header {name!r:.60}")
        if text == REQUEST_HEADER and name.lower() in _CREDENTIALS:
            raise BadRequestData(f"endpoint.receiverInfo can't copy {name}: the credentials of other clients stay here")
    host, mqtt = _target(uri, dict(_pairs(value.get("notifierInfo"), "notifierInfo")))
    return Endpoint(
        uri,
        host,
        accept,
        receiver_info,
        _milliseconds(value, "timeout", 5000) / 1000,
        _milliseconds(value, "cooldown", 0) / 1000,
        mqtt,
    )


def _target(uri: str, info: dict[str, str]) -> tuple[str, MqttTarget | None]:
    """The host, and for mqtt what else its URI and notifierInfo say."""
    try:
        parts = urlsplit(uri)
        port = parts.port
    except ValueError:
        raise BadRequestData(f"endpoint.uri {uri!r:.100} is no URI") from None
    if not parts.hostname:
        raise BadRequestData(f"endpoint.uri {uri!r:.100} names no host")
    if parts.scheme in ("http", "https"):
        return parts.hostname, None
    if parts.scheme not in ("mqtt", "mqtts"):
        raise BadRequestData(f"endpoint.uri has the scheme {parts.scheme!r}; http, https, mqtt and mqtts are supported")
    return parts.hostname, _mqtt_target(parts, port, info)


def _mqtt_target(parts: SplitResult, port: int | None, info: dict[str, str]) -> MqttTarget:
    version, qos = info.get("MQTT-Version", "mqtt5.0"), info.get("MQTT-QoS", "0")
    topic = unquote(parts.path.removeprefix("/"))
    if version not in MQTT_VERSIONS or qos not in ("0", "1", "2"):
        raise BadRequestData("notifierInfo: MQTT-Version is mqtt3.1.1 or mqtt5.0, MQTT-QoS is 0, 1 or 2")
    if not topic or any(char in topic for char in "+#\0"):
        raise BadRequestData("an mqtt endpoint needs a topic without wildcards: mqtt://host/topic")
    tls = parts.scheme == "mqtts"
    user = unquote(parts.username) if parts.username else None
    password = unquote(parts.password) if parts.password else None
    return MqttTarget(
        parts.hostname or "", port or (8883 if tls else 1883), tls, topic, user, password, version, int(qos)
    )


def _pairs(value: Any, name: str) -> tuple[tuple[str, str], ...]:
    if value is None:
        return ()
    if not isinstance(value, list):
        raise BadRequestData(f"endpoint.{name} is an array of objects with key and value")
    pairs = []
    for item in value:
        key, text = (item.get("key"), item.get("value")) if isinstance(item, dict) else (None, None)
        if not isinstance(key, str) or not isinstance(text, str) or not key:
            raise BadRequestData(f"endpoint.{name} is an array of objects with key and value, both strings")
        pairs.append((key, text))
    return tuple(pairs)


def _milliseconds(value: dict[str, Any], name: str, default: int) -> float:
    number = value.get(name, default)
    if isinstance(number, bool) or not isinstance(number, int | float) or (name in value and number <= 0):
        raise BadRequestData(f"endpoint.{name} is a number of milliseconds above 0")
    return float(min(number, 60_000))
