"""The MQTT packets that come by the thousand, read and written in bulk: PUBLISH and PUBACK (MQTT 5.0, 3.3 and 3.4)."""

from collections.abc import Iterable
from typing import NamedTuple

PUBLISH = 3


class MalformedPacket(Exception):
    """What came is no MQTT: the connection is of no use any more."""


class Packet(NamedTuple):
    """A packet's first byte, and where in the buffer its body begins and ends."""

    first: int
    start: int
    end: int


class Publish(NamedTuple):
    """A message; `mid` is 0 with QoS 0."""

    topic: str
    payload: bytes
    mid: int
    qos: int


def packet_at(buffer: bytes, start: int) -> Packet | None:
    """The packet that begins there; None where it has not come whole yet."""
    number = _variable_integer(buffer, start + 1)
    if number is None:
        return None
    length, body = number
    return Packet(buffer[start], body, body + length) if body + length <= len(buffer) else None


def publish_in(buffer: bytes, packet: Packet, with_properties: bool) -> Publish:
    """`with_properties` as MQTT 5 has them; they say nothing that matters here."""
    qos, start = packet.first >> 1 & 3, packet.start + 2
    topic_end = start + int.from_bytes(buffer[packet.start : start], "big")
    at, mid = topic_end, 0
    if qos:
        at += 2
        mid = int.from_bytes(buffer[topic_end:at], "big")
    if with_properties:
        properties = _variable_integer(buffer, at)
        if properties is None:
            raise MalformedPacket("a PUBLISH without properties")
        at = properties[1] + properties[0]
    if at > packet.end:
        raise MalformedPacket("a PUBLISH that is longer than it says")
    return Publish(buffer[start:topic_end].decode("utf-8", "replace"), buffer[at : packet.end], mid, qos)


def acknowledgements(mids: Iterable[int]) -> bytes:
    """A PUBACK each."""
    return b"".join([b"\x40\x02" + mid.to_bytes(2, "big") for mid in mids])


def _variable_integer(buffer: bytes, at: int) -> tuple[int, int] | None:
    """The number there and where it ends (1.5.5); None where it has not come whole yet."""
    number = shift = 0
    while at < len(buffer):
        byte = buffer[at]
        number |= (byte & 127) << shift
        at += 1
        if byte < 128:
            return number, at
        shift += 7
        if shift > 21:
            raise MalformedPacket("a length of more than four bytes")
    return None
