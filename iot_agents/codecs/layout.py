"""A binary layout declared in YAML: what stands where in a payload, without code; pure."""

import struct
from typing import Any, Literal

import msgspec

from iot_agents.codecs.result import Decoded, Failed

Scalar = bool | int | float | str


class Condition(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """All that is given must hold: the port, the payload's length in bytes, and that an earlier field has a value."""

    f_port: int | None = None
    length: int | None = None
    field: str | None = None
    equals: Scalar | None = None
    least: float | None = None
    most: float | None = None

    def holds(self, f_port: int, payload: bytes, data: dict[str, Any]) -> bool:
        if self.f_port not in (None, f_port) or self.length not in (None, len(payload)):
            return False
        if self.field is None:
            return True
        value = data.get(self.field)
        if value is None or (self.equals is not None and not _same(value, self.equals)):
            return False
        if self.least is None and self.most is None:
            return True
        return isinstance(value, int | float) and (
            (self.least is None or value >= self.least) and (self.most is None or value <= self.most)
        )


class Field(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One value in the payload.

    `offset` is the byte at which it begins (below 0: counted from the end), `bits` its width. `bit` is where it begins
    in the number that its bytes make in the order of `endian`; 0 is the lowest. Numbers are multiplied by `scale` and
    increased by `add`, then looked up in `map` if there is one; the raw value `invalid` means that there is none. Where
    the condition `when` does not hold, or where the payload ends before an `optional` field, it is left out.
    """

    name: str
    offset: int
    bits: int = 8
    type: Literal["unsigned", "signed", "float", "bool", "text", "hex"] = "unsigned"
    endian: Literal["big", "little"] = "big"
    bit: int = 0
    scale: float = 1
    add: float = 0
    map: dict[int | bool, Scalar] | None = None
    invalid: int | None = None
    when: Condition | None = None
    optional: bool = False

    def __post_init__(self) -> None:
        whole = self.bits % 8 == 0 and self.bit == 0
        if self.bits < 1 or self.bit < 0 or (self.type in ("signed", "unsigned") and self.bits > 64):
            raise ValueError(f"The field {self.name} cannot have {self.bits} bits from bit {self.bit} on")
        if self.type == "float" and (self.bits not in FLOATS or not whole):
            raise ValueError(f"The field {self.name} is a float: it has 16, 32 or 64 bits")
        if self.type in ("text", "hex") and not whole:
            raise ValueError(f"The field {self.name} is a {self.type}: it has whole bytes")

    def value(self, payload: bytes) -> Any:
        """None where the device has no value; `Failed` where the payload is too short."""
        raw = self._bytes(payload)
        if self.type == "text":
            return raw.split(b"\0")[0].decode("utf-8", "replace")
        if self.type == "hex":
            return raw.hex()
        if self.type == "float":
            return self._converted(struct.unpack((">" if self.endian == "big" else "<") + FLOATS[self.bits], raw)[0])
        number = int.from_bytes(raw, self.endian) >> self.bit & (1 << self.bits) - 1
        if number == self.invalid:
            return None
        if self.type == "signed" and number >> self.bits - 1:
            number -= 1 << self.bits
        return self._converted(bool(number) if self.type == "bool" else number)

    def _bytes(self, payload: bytes) -> bytes:
        size = (self.bit + self.bits + 7) // 8
        start = self.offset if self.offset >= 0 else len(payload) + self.offset
        raw = payload[start : start + size] if start >= 0 else b""
        if len(raw) < size:
            raise Failed(f"The payload has {len(payload)} bytes, too few for {self.name} at {self.offset}")
        return raw

    def _converted(self, value: bool | int | float) -> Scalar | None:
        if not isinstance(value, bool) and (self.scale != 1 or self.add != 0):
            value = round(value * self.scale + self.add, 9)
        if self.map is None:
            return value if value == value else None
        for key, meaning in self.map.items():
            if _same(key, value):
                return meaning
        allowed = ", ".join(map(str, self.map))
        raise Failed(f"The field {self.name} is {value}, which means nothing: allowed is {allowed}")


FLOATS = {16: "e", 32: "f", 64: "d"}


class Layout(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The fields of a payload, in the order in which conditions may refer to them."""

    fields: tuple[Field, ...]

    def decode(self, f_port: int, payload: bytes) -> Decoded:
        """A field that is wrong is an error of the frame, as a payload of another length tells of another device."""
        data: dict[str, Any] = {}
        errors: list[str] = []
        for field in self.fields:
            if field.when is not None and not field.when.holds(f_port, payload, data):
                continue
            try:
                value = field.value(payload)
            except Failed as error:
                if not field.optional:
                    errors.append(str(error))
                continue
            if value is not None:
                data[field.name] = value
        if not data and not errors:
            errors.append(f"The layout has no field for {len(payload)} bytes on port {f_port}")
        return Decoded(data or None, errors=tuple(errors))


def _same(one: Any, other: Any) -> bool:
    """In Python, True is 1; in a payload it is not."""
    return bool(one == other) and isinstance(one, bool) is isinstance(other, bool)
