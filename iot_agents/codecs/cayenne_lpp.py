"""Cayenne Low Power Payload: channel, type, value, and so on; pure.

The types are those of version 1 (docs.mydevices.com) and the extended IPSO types that the libraries share. In version 2
the port names the form: 2 is packed (no channels), 3 a full position, 100 to 199 the history of channel port - 100.
"""

from collections.abc import Iterator
from typing import Any, NamedTuple

from iot_agents.codecs.result import Decoded, Failed


class Type(NamedTuple):
    """`members` are (name, bytes, scale) of each number, signed or not; one without name is the value itself."""

    name: str
    signed: bool
    members: tuple[tuple[str, int, float], ...]


def _number(name: str, size: int, scale: float = 1, signed: bool = False) -> Type:
    return Type(name, signed, (("", size, scale),))


def _axes(name: str, scale: float) -> Type:
    return Type(name, True, (("x", 2, scale), ("y", 2, scale), ("z", 2, scale)))


TYPES: dict[int, Type] = {
    0: _number("digital_in", 1),
    1: _number("digital_out", 1),
    2: _number("analog_in", 2, 0.01, signed=True),
    3: _number("analog_out", 2, 0.01, signed=True),
    100: _number("generic", 4),
    101: _number("illuminance", 2),
    102: _number("presence", 1),
    103: _number("temperature", 2, 0.1, signed=True),
    104: _number("relative_humidity", 1, 0.5),
    113: _axes("accelerometer", 0.001),
    115: _number("barometric_pressure", 2, 0.1),
    116: _number("voltage", 2, 0.01),
    117: _number("current", 2, 0.001),
    118: _number("frequency", 4),
    120: _number("percentage", 1),
    121: _number("altitude", 2, signed=True),
    125: _number("concentration", 2),
    128: _number("power", 2),
    130: _number("distance", 4, 0.001),
    131: _number("energy", 4, 0.001),
    132: _number("direction", 2),
    133: _number("unix_time", 4),
    134: _axes("gyrometer", 0.01),
    135: Type("colour", False, (("r", 1, 1), ("g", 1, 1), ("b", 1, 1))),
    136: Type("gps", True, (("latitude", 3, 0.0001), ("longitude", 3, 0.0001), ("altitude", 3, 0.01))),
    142: _number("switch", 1),
}
"""By their number on the wire; names are those of The Things Stack."""

FULL_POSITION = Type("gps", True, (("latitude", 4, 1e-6), ("longitude", 4, 1e-6), ("altitude", 3, 0.01)))

PACKED_PORT, POSITION_PORT, HISTORY_PORTS = 2, 3, range(100, 200)


def decode(f_port: int, payload: bytes) -> Decoded:
    """`temperature_3: 27.2` is what channel 3 measured; what stands before a fault is kept as data of a bad frame."""
    data: dict[str, Any] = {}
    try:
        for name, value in _values(f_port, payload):
            data[name] = value
    except Failed as error:
        return Decoded(data or None, errors=(str(error),))
    return Decoded(data)


def _values(f_port: int, payload: bytes) -> Iterator[tuple[str, Any]]:
    if f_port == POSITION_PORT and len(payload) == sum(size for _, size, _ in FULL_POSITION.members):
        yield "gps_0", _value(FULL_POSITION, payload, 0)[0]
    elif f_port == PACKED_PORT and not _is_dynamic(payload):
        yield from _sequence(payload, channels=False)
    elif f_port in HISTORY_PORTS and not _is_dynamic(payload):
        yield "history", list(_history(f_port, payload))
    else:
        yield from _sequence(payload, channels=True)


def _is_dynamic(payload: bytes) -> bool:
    """Whether it reads as version 1 from end to end, which devices send on any port."""
    try:
        return bool(payload) and all(True for _ in _sequence(payload, channels=True))
    except Failed:
        return False


def _sequence(payload: bytes, channels: bool) -> Iterator[tuple[str, Any]]:
    at = 0
    while at < len(payload):
        channel = payload[at] if channels else 0
        at += channels
        kind, at = _type(payload, at)
        value, at = _value(kind, payload, at)
        yield f"{kind.name}_{channel}", value


def _history(f_port: int, payload: bytes) -> Iterator[dict[str, Any]]:
    """Each value after its age in seconds."""
    at = 0
    while at < len(payload):
        age = int.from_bytes(payload[at : at + 2])
        kind, at = _type(payload, at + 2)
        value, at = _value(kind, payload, at)
        yield {"seconds_ago": age, f"{kind.name}_{f_port - HISTORY_PORTS.start}": value}


def _type(payload: bytes, at: int) -> tuple[Type, int]:
    if at >= len(payload):
        raise Failed(f"The payload ends where the type at byte {at} should stand: it is no Cayenne LPP, or cut off")
    kind = TYPES.get(payload[at])
    if kind is None:
        raise Failed(f"The type {payload[at]} at byte {at} is none of Cayenne LPP: give the device another codec")
    return kind, at + 1


def _value(kind: Type, payload: bytes, at: int) -> tuple[Any, int]:
    values: dict[str, float] = {}
    for name, size, scale in kind.members:
        raw = payload[at : at + size]
        if len(raw) < size:
            raise Failed(f"The payload ends within {kind.name} at byte {at}: it is cut off")
        number = int.from_bytes(raw, signed=kind.signed)
        values[name] = number if scale == 1 else round(number * scale, 6)
        at += size
    return values.get("", values), at
