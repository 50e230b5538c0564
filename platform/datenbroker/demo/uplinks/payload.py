"""The binary payloads of the simulated sensors and their codec: what a network server's decoder would hold.

Big-endian, one field after the other: `(field, struct code, divisor)`; the raw number divided by the divisor is the
value in the field's unit. `?` is a truth value in one byte.
"""

import struct
from collections.abc import Mapping

LAYOUTS: Mapping[str, tuple[tuple[str, str, int], ...]] = {
    "parking-bay": (("occupied", "?", 1), ("battery", "H", 1000)),
    "bin-level": (("fill", "H", 10), ("temperature", "h", 10), ("battery", "H", 1000)),
    "air-quality": (
        ("pm10", "H", 10),
        ("pm2_5", "H", 10),
        ("no2", "H", 10),
        ("o3", "H", 10),
        ("temperature", "h", 10),
        ("humidity", "H", 10),
    ),
    "noise": (("laeq", "H", 10), ("lamax", "H", 10), ("period", "H", 1)),
    "soil-moisture": (("moisture", "H", 10), ("temperature", "h", 10), ("battery", "H", 1000)),
    "water-level": (("level", "H", 10), ("battery", "H", 1000)),
    "heat-meter": (
        ("energy", "I", 1),
        ("volume", "I", 100),
        ("power", "H", 10),
        ("flow_temperature", "H", 10),
        ("return_temperature", "H", 10),
    ),
    "electricity-meter": (("energy", "I", 100), ("power", "i", 1000)),
    "pv-plant": (("power", "I", 1000), ("energy", "I", 100), ("temperature", "h", 10)),
}

F_PORTS = {profile: port for port, profile in enumerate(LAYOUTS, start=1)}


def encode(profile: str, reading: Mapping[str, float | bool]) -> bytes:
    layout = LAYOUTS[profile]
    return struct.pack(_format(profile), *(_raw(reading[name], code, by) for name, code, by in layout))


def decode(profile: str, payload: bytes) -> dict[str, float | bool]:
    """The fields; `struct.error` where the length does not fit."""
    raws = struct.unpack(_format(profile), payload)
    fields = zip(LAYOUTS[profile], raws, strict=True)
    return {name: raw if code == "?" else raw / by for (name, code, by), raw in fields}


def _format(profile: str) -> str:
    return ">" + "".join(code for _, code, _ in LAYOUTS[profile])


def _raw(value: float | bool, code: str, divisor: int) -> int | bool:
    return bool(value) if code == "?" else round(value * divisor)
