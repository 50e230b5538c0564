"""Device profiles: which decoded field becomes which attribute. One YAML file each in `iot_agents/profiles`."""

from collections.abc import Mapping
from datetime import timedelta
from functools import cache
from importlib.resources import files
from typing import Any

import msgspec

from iot_agents.codecs.layout import Layout
from iot_agents.downlinks.rule import CommandRule
from iot_agents.fiware.jexl.expression import compiled


class Quality(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """When a value is doubtful, in the units of the attribute: flagged, not dropped.

    Unusual below `minimum` and above `maximum`; changing faster than `most_change_per_hour` (a change within
    `shortest_hours` counts as one within them); unchanged for `stuck_after` (ISO 8601, e.g. PT12H).
    """

    minimum: float | None = None
    maximum: float | None = None
    most_change_per_hour: float | None = None
    shortest_hours: float = 0.25
    stuck_after: timedelta | None = None


class FieldRule(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """One decoded field → one attribute.

    `field` is a dotted path in the decoded object; `unit`, `minimum` and `maximum` are those of the device. The value
    is looked up in `map` if there is one, else multiplied by `scale` and increased by `offset`. `unit_code` (UN/CEFACT)
    is that of the attribute where its data model leaves the unit open.

    `expression` (JEXL, as FIWARE's agents have it) makes the value before all that: of the decoded object's members by
    their names, and of what is at `field`, named `value`. Without a `field` it needs one of the members that it names.
    """

    field: str = ""
    expression: str | None = None
    attribute: str
    unit: str = ""
    unit_code: str | None = None
    minimum: float | None = None
    maximum: float | None = None
    scale: float | None = None
    offset: float | None = None
    map: dict[bool | int | str, bool | int | float | str] | None = None
    quality: Quality | None = None

    def __post_init__(self) -> None:
        """`ValueError` where it says of no field, or its expression is none."""
        if self.expression is not None:
            compiled(self.expression)
        elif not self.field:
            raise ValueError(f"the rule for {self.attribute} needs a field or an expression")

    @property
    def shown(self) -> str:
        """What it reads, for people."""
        return self.field or f"`{self.expression}`"


class Moment(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """An attribute that holds the time of the reading, less the seconds in the decoded field `minus`."""

    attribute: str
    minus: str | None = None


class Battery(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The decoded field with the battery's voltage, and the volts at which it is empty and full."""

    field: str
    empty: float
    full: float


class DeviceProfile(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A kind of device. `title` by language, `controlled_properties` in the words of the `Device` data model.

    A device that is not heard for longer than `interval` (ISO 8601, e.g. PT6H) is silent.

    `manufacturer` and `model` are its maker's words, where the profile is of one product.

    `codec` decodes what the network server left undecoded, with `codec_always` also what it decoded: `cayenne-lpp`, a
    layout, or the name of a JavaScript file in `iot_agents/profiles/codecs`.
    """

    id: str
    title: dict[str, str]
    entity_type: str
    controlled_properties: tuple[str, ...]
    attributes: tuple[FieldRule, ...]
    moments: tuple[Moment, ...] = ()
    battery: Battery | None = None
    manufacturer: str = ""
    model: str = ""
    interval: timedelta = timedelta(days=1)
    codec: str | Layout | None = None
    codec_always: bool = False
    commands: tuple[CommandRule, ...] = ()


def parse_profile(text: bytes | str) -> DeviceProfile:
    """The profile in a YAML text; `msgspec.DecodeError` says what is wrong with it."""
    return msgspec.yaml.decode(text, type=DeviceProfile)


@cache
def bundled_profiles() -> Mapping[str, DeviceProfile]:
    """The profiles that come with the agent, by id."""
    texts = (
        path.read_bytes() for path in files("iot_agents").joinpath("profiles").iterdir() if path.name.endswith(".yaml")
    )
    profiles = sorted((parse_profile(text) for text in texts), key=lambda profile: profile.id)
    return {profile.id: profile for profile in profiles}


def field_value(decoded: Mapping[str, Any], path: str) -> Any:
    """The value at a dotted path, or None."""
    if "." not in path:
        return decoded.get(path)
    value: Any = decoded
    for step in path.split("."):
        if not isinstance(value, Mapping):
            return None
        value = value.get(step)
    return value
