"""What goes down to a device through its network server, and what the network server tells of that."""

from datetime import datetime
from typing import Literal

import msgspec

Status = Literal["PENDING", "UNKNOWN", "DELIVERED", "OK", "ERROR"]
"""FIWARE's words for what becomes of a command. UNKNOWN: it may have been sent, and must not be sent twice."""


class Downlink(msgspec.Struct, frozen=True):
    """Bytes for the device `key` on the LoRaWAN port `f_port`; `id` (UUID) is how the network server names them."""

    id: str
    key: str
    f_port: int
    payload: bytes
    confirmed: bool
    created_at: datetime
    expires_at: datetime


class Fate(msgspec.Struct, frozen=True):
    """What became of a downlink: `ids` are what the network server says of its identity, ours among them or not."""

    ids: tuple[str, ...]
    status: Status
    info: str = ""
