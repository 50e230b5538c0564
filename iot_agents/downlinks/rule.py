"""Which commands a kind of device takes, and which bytes they become: the `commands` of a device profile."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any, Literal

import msgspec

from iot_agents.refused import Refused

Scalar = bool | int | float | str

LONGEST_PAYLOAD = 222
"""Bytes of a LoRaWAN frame at the fastest data rate; at the slowest they are 51, which the network server checks."""


class Part(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Some bytes of a payload: `hex` as they are, or a number of `bits`: the value less `add`, divided by `scale`.

    `member` names the member to be taken where values are objects.
    """

    hex: str | None = None
    member: str = ""
    bits: Literal[8, 16, 24, 32, 40, 48, 64] = 8
    signed: bool = False
    endian: Literal["big", "little"] = "big"
    scale: float = 1
    add: float = 0

    def __post_init__(self) -> None:
        if self.hex is not None:
            bytes.fromhex(self.hex)
        if not self.scale:
            raise ValueError("scale cannot be 0")

    def encoded(self, name: str, value: Any) -> bytes:
        if self.hex is not None:
            return bytes.fromhex(self.hex)
        number = value.get(self.member) if self.member and isinstance(value, Mapping) else value
        if isinstance(number, bool) or not isinstance(number, int | float):
            what = f"{name}.{self.member}" if self.member else name
            raise Refused("wrong_type", f"{what} is {number!r:.80}, which is no number: send a number")
        whole = round((number - self.add) / self.scale)
        try:
            return whole.to_bytes(self.bits // 8, self.endian, signed=self.signed)
        except OverflowError:
            raise Refused("out_of_range", f"{name} is {number}, which does not fit in {self.bits} bits") from None


class CommandRule(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One command: the attribute `name` of the watched entity, which is none that the device measures.

    Its bytes come of one of three: `hex` has them for each allowed value; `layout` makes them of the value; `field`
    names the member (dotted) that the codec's `encodeDownlink` is handed the value in. They go out on `f_port`.
    `confirmed` asks the device for an acknowledgement. `expires` (ISO 8601, e.g. PT1H): so long it may wait. What is
    not `repeatable`, e.g. one more metre or a toggle, is never sent twice, even where nobody knows whether it was sent.
    """

    name: str
    title: dict[str, str] = {}
    f_port: int = 1
    confirmed: bool = True
    expires: timedelta | None = None
    repeatable: bool = True
    unit: str = ""
    minimum: float | None = None
    maximum: float | None = None
    allowed: tuple[Scalar, ...] = ()
    hex: dict[Scalar, str] | None = None
    layout: tuple[Part, ...] | None = None
    field: str | None = None

    def __post_init__(self) -> None:
        if sum(way is not None for way in (self.hex, self.layout, self.field)) != 1:
            raise ValueError(f"The command {self.name} needs one of hex, layout and field")
        if not 1 <= self.f_port <= 223:
            raise ValueError(f"The command {self.name} has the port {self.f_port}: LoRaWAN knows 1 to 223")
        for digits in (self.hex or {}).values():
            bytes.fromhex(digits)

    @property
    def choices(self) -> tuple[Scalar, ...]:
        """The values that there are, where they can be counted."""
        return tuple(self.hex) if self.hex is not None else self.allowed

    def check(self, value: Any) -> None:
        """`Refused` says which values are allowed."""
        if self.choices and not any(_same(value, choice) for choice in self.choices):
            listed = ", ".join(map(str, self.choices))
            raise Refused("not_allowed", f"{self.name} is {value!r:.80}, allowed is {listed}")
        if self.minimum is None and self.maximum is None:
            return
        if isinstance(value, bool) or not isinstance(value, int | float):
            raise Refused("wrong_type", f"{self.name} is {value!r:.80}, which is no number: send a number")
        low, high = self.minimum, self.maximum
        if (low is not None and value < low) or (high is not None and value > high) or value != value:
            raise Refused("out_of_range", f"{self.name} is {value}{self._unit}, allowed is {self._range}{self._unit}")

    def encoded(self, value: Any) -> bytes:
        """The bytes, where no codec is needed for them."""
        if self.hex is not None:
            return bytes.fromhex(next(digits for choice, digits in self.hex.items() if _same(value, choice)))
        return b"".join(part.encoded(self.name, value) for part in self.layout or ())

    def data(self, value: Any) -> dict[str, Any]:
        """What a codec's `encodeDownlink` is handed."""
        data: Any = value
        for step in reversed((self.field or "").split(".")):
            data = {step: data}
        return dict(data)

    @property
    def _unit(self) -> str:
        return f" {self.unit}" if self.unit else ""

    @property
    def _range(self) -> str:
        low, high = (None if end is None else f"{end:g}" for end in (self.minimum, self.maximum))
        return f"{low} to {high}" if low and high else f"at least {low}" if low else f"at most {high}"


def _same(one: Any, other: Any) -> bool:
    """In Python, True is 1; for a device it is not."""
    return bool(one == other) and isinstance(one, bool) is isinstance(other, bool)
