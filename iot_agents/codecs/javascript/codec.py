"""A vendor's JavaScript codec, and what its answers mean."""

import hashlib
from datetime import datetime
from functools import cached_property
from pathlib import Path
from typing import Any

import msgspec

from iot_agents.codecs.javascript.limits import Limits
from iot_agents.codecs.javascript.pool import WorkerPool
from iot_agents.codecs.javascript.request import Request
from iot_agents.codecs.quarantine import Quarantine
from iot_agents.codecs.result import Costly, Decoded, Encoded, Failed

LARGEST_SOURCE = 1024 * 1024
"""Bytes; vendors' codecs have up to 100 kB."""


class JavaScriptCodec(msgspec.Struct, frozen=True, dict=True):
    """The source of a codec as its vendor publishes it: functions as in TS013, or the older `Decode` or `Decoder`."""

    name: str
    source: str

    @classmethod
    def load(cls, path: Path) -> "JavaScriptCodec":
        """`Failed` where the file cannot be read, or is no text of at most 1 MiB."""
        try:
            content = path.read_bytes()
            if len(content) > LARGEST_SOURCE:
                raise Failed(f"The codec {path} has {len(content)} bytes, allowed are {LARGEST_SOURCE}")
            return cls(path.name, content.decode("utf-8"))
        except OSError as error:
            raise Failed(f"The codec {path} cannot be read: {error.strerror}") from None
        except UnicodeDecodeError:
            raise Failed(f"The codec {path} is no text in UTF-8") from None

    @cached_property
    def key(self) -> str:
        """Codecs with the same source have the same."""
        return hashlib.blake2b(self.source.encode("utf-8", "surrogatepass"), digest_size=16).hexdigest()


class _Answer(msgspec.Struct, frozen=True, rename={"f_port": "fPort"}):
    data: dict[str, Any] | None = None
    bytes: list[int] | None = None
    f_port: int | None = None
    warnings: tuple[str, ...] = ()
    errors: tuple[str, ...] = ()
    log: tuple[str, ...] = ()
    costly: bool = False


_read = msgspec.json.Decoder(_Answer).decode


class JavaScriptCodecs:
    """Runs JavaScript codecs in worker processes, within limits; what goes wrong is an error of that call alone."""

    def __init__(self, limits: Limits | None = None, workers: int = 1) -> None:
        self._limits = limits or Limits()
        self._pool = WorkerPool(self._limits, workers)
        self._quarantine = Quarantine()

    def counters(self) -> dict[str, int]:
        """`starts` of processes and `pauses` of codecs so far; `under_way` calls and what is `paused` now."""
        return self._pool.counters() | {"pauses": self._quarantine.pauses, "paused": self._quarantine.paused}

    async def stop(self) -> None:
        await self._pool.stop()

    async def decode(
        self, codec: JavaScriptCodec, f_port: int, payload: bytes, received_at: datetime, device: str = ""
    ) -> Decoded:
        """`decodeUplink`; the codec sees `received_at` as `recvTime`. A `device` is paused for itself."""
        argument = _decoder_input(f_port, payload, received_at)
        answer = await self._call(codec, "decodeUplink", argument, device)
        return Decoded(answer.data, answer.warnings, answer.errors, answer.log)

    async def decode_downlink(self, codec: JavaScriptCodec, f_port: int, payload: bytes, sent_at: datetime) -> Decoded:
        """`decodeDownlink`; the codec sees `sent_at` as `recvTime`."""
        answer = await self._call(codec, "decodeDownlink", _decoder_input(f_port, payload, sent_at))
        return Decoded(answer.data, answer.warnings, answer.errors, answer.log)

    async def encode(self, codec: JavaScriptCodec, data: Any, f_port: int) -> Encoded:
        """`encodeDownlink`; `f_port` is that of the device's commands where the codec names no other."""
        argument = msgspec.json.encode({"data": data, "fPort": f_port}).decode()
        answer = await self._call(codec, "encodeDownlink", argument)
        if answer.errors or answer.bytes is None:
            return Encoded(None, None, answer.warnings, answer.errors, answer.log)
        port = f_port if answer.f_port is None else answer.f_port
        if not 0 <= port <= 255:
            return Encoded(errors=(f"The codec names the port {port}, which is none of LoRaWAN (1 to 223)",))
        return Encoded(bytes(answer.bytes), port, answer.warnings, (), answer.log)

    async def _call(self, codec: JavaScriptCodec, operation: str, argument: str, device: str = "") -> _Answer:
        key, quarantine = codec.key, self._quarantine
        try:
            request = Request(key, codec.source, operation, argument)
            told = await self._pool.call(request, lambda: quarantine.refusal(key, device))
            if _deeper_than(told, self._limits.answer_depth):
                raise Failed(f"The codec's answer is nested more than {self._limits.answer_depth} deep")
            answer = _read(told)
        except Costly as costly:
            quarantine.strike(key, device, str(costly))
            return _Answer(errors=(str(costly),))
        except Failed as failed:
            return _Answer(errors=(str(failed),))
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
            return _Answer(errors=(f"The codec's answer is no good: {error}",))
        if answer.costly:
            quarantine.strike(key, device, "; ".join(answer.errors))
        else:
            quarantine.well(key, device)
        return answer


def _decoder_input(f_port: int, payload: bytes, time: datetime) -> str:
    return f'{{"bytes":{list(payload)},"fPort":{f_port},"recvTime":{round(time.timestamp() * 1000)}}}'


def _deeper_than(answer: bytes, allowed: int) -> bool:
    """Counts brackets, also those in texts: then it looks closer."""
    if answer.count(b"{") + answer.count(b"[") <= allowed:
        return False
    depth, quoted, escaped = 0, False, False
    for byte in answer:
        if escaped:
            escaped = False
        elif byte == 0x5C:
            escaped = quoted
        elif byte == 0x22:
            quoted = not quoted
        elif not quoted:
            depth += (byte in b"{[") - (byte in b"}]")
            if depth > allowed + 1:
                return True
    return False
