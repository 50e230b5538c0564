"""What the agent knows of a network server: a declaration and two pure functions."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from iot_agents.downlinks.downlink import Downlink
from iot_agents.uplink import DeviceEvent, Uplink


@dataclass(frozen=True, slots=True)
class Network:
    """A network server.

    All its topics begin with `prefix`; `uplink_topic` is the form of an uplink's topic (for people).
    `device_of` gives the device's key where a topic is that of an uplink, else None. `other_topics` matches the topics
    which belong to the network but carry no reading. `parse(key, payload)` raises `msgspec.DecodeError` where the
    payload is no JSON, and its subclass `msgspec.ValidationError` where it is no uplink of that device.

    Where topics do not name the device, `device_of` gives an empty key, and `key_in` reads it in the payload.
    `event_of` gives key and kind where a topic tells something else of a device, which `parse_event` reads.
    `webhook_topic` gives the topic that a webhook's body (and query) would have come under, to the same errors.
    `owner_of` gives the device's key for every topic that is its own, `topics_of` the MQTT filters of these topics.
    `protocol` is the device's in the words of the `Device` data model.

    `downlink` gives topic and payload that put a downlink into the network server's queue, under the route of the
    device: the first `route_levels` levels of the topics under which it is heard. None where there is no such way.
    """

    uid: str
    name: str
    prefix: str
    uplink_topic: str
    device_of: Callable[[str], str | None]
    other_topics: re.Pattern[str]
    parse: Callable[[str, bytes], Uplink]
    event_of: Callable[[str], tuple[str, str] | None] = lambda _: None
    parse_event: Callable[[str, str, bytes], DeviceEvent] | None = None
    owner_of: Callable[[str], str | None] = lambda _: None
    topics_of: Callable[[str], tuple[str, ...]] = lambda _: ()
    key_in: Callable[[bytes], str] | None = None
    webhook_topic: Callable[[bytes, Mapping[str, str]], str] | None = None
    protocol: str = "LoRaWAN"
    downlink: Callable[[str, Downlink], tuple[str, bytes]] | None = None
    route_levels: int = 0

    @property
    def topic_filter(self) -> str:
        """What to subscribe to: also the misdirected, which an operator wants to see."""
        return f"{self.prefix}#"
