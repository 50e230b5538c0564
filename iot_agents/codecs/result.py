"""What comes of a payload, the same for all kinds of codecs."""

from typing import Any

import msgspec


class Decoded(msgspec.Struct, frozen=True):
    """What a codec made of a device's bytes.

    Where there are `errors`, the frame is no good, whatever `data` holds. `log` is what the codec wrote to its console.
    """

    data: dict[str, Any] | None = None
    warnings: tuple[str, ...] = ()
    errors: tuple[str, ...] = ()
    log: tuple[str, ...] = ()


class Encoded(msgspec.Struct, frozen=True):
    """The bytes for a device and the LoRaWAN port to send them on; none of both where there are `errors`."""

    payload: bytes | None = None
    f_port: int | None = None
    warnings: tuple[str, ...] = ()
    errors: tuple[str, ...] = ()
    log: tuple[str, ...] = ()


class Failed(Exception):
    """A codec could not do its work; the message says why, for the operator of the device."""


class Costly(Failed):
    """It took a worker process with it."""
