"""Codecs as vendors write them, and as nobody should."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from typing import TypeVar

from iot_agents.codecs.codecs import Codecs
from iot_agents.codecs.javascript.codec import JavaScriptCodec
from iot_agents.codecs.javascript.limits import Limits
from iot_agents.codecs.result import Decoded

NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)
PAYLOAD = bytes.fromhex("0367FF02")
T = TypeVar("T")

GOOD = JavaScriptCodec(
    "good.js",
    """
    function decodeUplink(input) {
      var bytes = input.bytes;
      return { data: { first: bytes[0], port: input.fPort, at: input.recvTime.toISOString() }, warnings: ["low"] };
    }
    """,
)


def javascript(source: str) -> JavaScriptCodec:
    return JavaScriptCodec("device.js", source)


def decoding(body: str) -> JavaScriptCodec:
    """A codec whose `decodeUplink` does this."""
    return javascript(f"function decodeUplink(input) {{\n{body}\n}}")


def with_codecs(work: Callable[[Codecs], Awaitable[T]], limits: Limits | None = None) -> T:
    async def run() -> T:
        codecs = Codecs(limits)
        try:
            return await work(codecs)
        finally:
            await codecs.stop()

    return asyncio.run(run())


def decoded(codec: JavaScriptCodec, payload: bytes = PAYLOAD, times: int = 1) -> Decoded:
    """The last of so many decodings, one after the other."""

    async def work(codecs: Codecs) -> Decoded:
        for _ in range(times - 1):
            await codecs.decode(codec, 10, payload, NOON)
        return await codecs.decode(codec, 10, payload, NOON)

    return with_codecs(work)
