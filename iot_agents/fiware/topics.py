"""The MQTT topics of FIWARE's IoT agents: `/json/<key>/<device>/attrs[/<name>]` and their kin."""

from functools import lru_cache
from typing import Literal, NamedTuple

Protocol = Literal["json", "ul"]

PROTOCOLS: tuple[Protocol, ...] = ("json", "ul")

RESOURCES: dict[Protocol, str] = {"json": "/iot/json", "ul": "/iot/d"}
"""Where FIWARE's agents take measures over HTTP; a group's `resource` says so which protocol its devices speak."""

RESERVED_PROTOCOLS: dict[str, Protocol] = {path: protocol for protocol, path in RESOURCES.items()}

_TAILS = ("attrs", "attrs/+", "cmdexe", "configuration/commands")

TOPICS: tuple[str, ...] = tuple(
    f"{slash}{protocol}+/+/{tail}" for slash in ("", "/") for protocol in ("json/", "ul/", "") for tail in _TAILS
)
"""The MQTT filters: with and without protocol and leading slash. None matches a topic that another one matches."""


class Address(NamedTuple):
    """Whom a topic names. `protocol` is None where it does not say; `attribute` where the payload is one value."""

    protocol: Protocol | None
    apikey: str
    device_id: str
    kind: Literal["attrs", "cmdexe", "configuration"]
    attribute: str | None = None


@lru_cache(maxsize=100_000)
def address_of(topic: str) -> Address | None:
    """What the topic says, or None where it is none of ours."""
    parts = topic.removeprefix("/").split("/")
    protocol: Protocol | None = None
    if len(parts) > 3 and (named := parts[0].lower()) in PROTOCOLS and parts[2] != "attrs":
        protocol, parts = "json" if named == "json" else "ul", parts[1:]
    match parts:
        case [str(key), str(device), "attrs"] if key and device:
            return Address(protocol, key, device, "attrs")
        case [str(key), str(device), "attrs", str(name)] if key and device and name:
            return Address(protocol, key, device, "attrs", name)
        case [str(key), str(device), "cmdexe"] if key and device:
            return Address(protocol, key, device, "cmdexe")
        case [str(key), str(device), "configuration", "commands"] if key and device:
            return Address(protocol, key, device, "configuration")
    return None


def is_ours(topic: str) -> bool:
    """Also what is misdirected under the protocols' prefixes, which an operator wants to see."""
    return address_of(topic) is not None or topic.lstrip("/").startswith(("json/", "ul/"))
