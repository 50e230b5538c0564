"""What the agent knows of a network server: a declaration and two pure functions."""

import re
from collections.abc import Callable
from dataclasses import dataclass

from iot_agents.uplink import Uplink


@dataclass(frozen=True, slots=True)
class Network:
    """A network server.

    All its topics begin with `prefix`; `uplink_topic` is the form of an uplink's topic (for people).
    `device_of` gives the device's key where a topic is that of an uplink, else None. `other_topics` matches the topics
    which belong to the network but carry no reading. `parse(key, payload)` raises `msgspec.DecodeError` where the
    payload is no JSON, and its subclass `msgspec.ValidationError` where it is no uplink of that device.
    """

    uid: str
    name: str
    prefix: str
    uplink_topic: str
    device_of: Callable[[str], str | None]
    other_topics: re.Pattern[str]
    parse: Callable[[str, bytes], Uplink]

    @property
    def topic_filter(self) -> str:
        """What to subscribe to: also the misdirected, which an operator wants to see."""
        return f"{self.prefix}#"
