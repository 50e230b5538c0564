"""Decodes a second of a JavaScript codec, 10 bytes, through one worker process: `python -m tests.bench.codecs`."""

import asyncio
import sys
import time
from datetime import UTC, datetime

from iot_agents.codecs.codecs import Codecs
from iot_agents.codecs.javascript.codec import JavaScriptCodec

CODEC = JavaScriptCodec(
    "bench.js",
    """
    function decodeUplink(input) {
      var b = input.bytes;
      return { data: { temperature: ((b[0] << 8) | b[1]) / 10, humidity: b[2] / 2, battery: b[3] / 100 } };
    }
    """,
)
CALLS = 20_000


async def per_second(at_once: int) -> float:
    codecs, now = Codecs(), datetime.now(UTC)

    async def some() -> None:
        for _ in range(CALLS // at_once):
            await codecs.decode(CODEC, 10, bytes(range(10)), now)

    await codecs.decode(CODEC, 10, b"", now)
    start = time.perf_counter()
    await asyncio.gather(*(some() for _ in range(at_once)))
    seconds = time.perf_counter() - start
    await codecs.stop()
    return CALLS / seconds


def main() -> None:
    for at_once in (1, 32):
        rate = asyncio.run(per_second(at_once))
        sys.stdout.write(f"{at_once} at once: {rate:,.0f} decodes/s, {1e6 / rate:.0f} µs each\n")


if __name__ == "__main__":
    main()
