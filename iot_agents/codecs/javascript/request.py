"""What goes through the pipe to a worker process: msgpack after a length; the answer is JSON after a length."""

import msgspec

HEADER_BYTES = 4


class Request(msgspec.Struct, frozen=True, array_like=True):
    """A call: `source` is empty where this process has had it, `input` is JSON."""

    codec: str
    source: str
    operation: str
    input: str
