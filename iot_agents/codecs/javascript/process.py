"""A worker process as its parent sees it: calls go in by a pipe, answers come in the same order."""

import asyncio
import os
import signal
import sys
from collections import deque
from collections.abc import Callable

import msgspec

from iot_agents.codecs.javascript.limits import Limits
from iot_agents.codecs.javascript.request import HEADER_BYTES, Request
from iot_agents.codecs.result import Costly, Failed

KEPT_ERROR_BYTES = 2_000

Refusal = Callable[[], str | None]


class Call:
    """A call on its way, and the future of its answer (JSON); `refusal` says at its turn why it is not made."""

    __slots__ = ("answer", "refusal", "request")

    def __init__(self, request: Request, refusal: Refusal = lambda: None) -> None:
        self.request, self.refusal = request, refusal
        self.answer: asyncio.Future[bytes] = asyncio.get_running_loop().create_future()

    def succeed(self, answer: bytes) -> None:
        if not self.answer.done():
            self.answer.set_result(answer)

    def fail(self, reason: str, costly: bool = False) -> None:
        if not self.answer.done():
            self.answer.set_exception(Costly(reason) if costly else Failed(reason))


class WorkerProcess(asyncio.SubprocessProtocol):
    """`start` it, `send` calls; `ended(left)` is called when the process is gone, with the calls that it did not begin.

    The call at which a process dies has failed, and only that one: a worker works on one call at a time.
    """

    def __init__(self, limits: Limits, answered: Callable[[], None], ended: Callable[[list[Call]], None]) -> None:
        self.under_way: deque[Call] = deque()
        self.sources: set[str] = set()
        self._limits, self._answered, self._ended = limits, answered, ended
        self._received, self._errors = bytearray(), bytearray()
        self._encode = msgspec.msgpack.Encoder().encode
        self._transport: asyncio.SubprocessTransport | None = None
        self._ready: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._gone = asyncio.Event()

    async def start(self) -> None:
        """Returns once the worker can work; `Failed` where it cannot."""
        # No variable of ours reaches a codec's process, and no signal of the terminal: its end is that of its input.
        environment = {"PYTHONPATH": os.pathsep.join(path for path in sys.path if path)}
        program = ("-P", "-s", "-m", "iot_agents.codecs.javascript.worker", msgspec.json.encode(self._limits).decode())
        loop = asyncio.get_running_loop()
        transport, _ = await loop.subprocess_exec(
            lambda: self, sys.executable, *program, env=environment, start_new_session=True
        )
        self._transport = transport
        await self._ready

    def send(self, call: Call) -> None:
        assert self._transport is not None
        request = call.request
        if request.codec in self.sources:
            request = msgspec.structs.replace(request, source="")
        self.sources.add(request.codec)
        self.under_way.append(call)
        frame = self._encode(request)
        pipe = self._transport.get_pipe_transport(0)
        assert isinstance(pipe, asyncio.WriteTransport)
        pipe.write(len(frame).to_bytes(HEADER_BYTES) + frame)

    async def stop(self) -> None:
        """Ends the process, whatever it is doing."""
        if self._transport is None:
            return
        if self._transport.get_returncode() is None:
            self._transport.kill()
        await self._gone.wait()

    def pipe_data_received(self, fd: int, data: bytes) -> None:
        if fd == 2:
            self._errors = (self._errors + data)[-KEPT_ERROR_BYTES:]
            return
        self._received += data
        begin = 0
        while len(self._received) >= begin + HEADER_BYTES:
            end = begin + HEADER_BYTES + int.from_bytes(self._received[begin : begin + HEADER_BYTES])
            if len(self._received) < end:
                break
            self._take(bytes(self._received[begin + HEADER_BYTES : end]))
            begin = end
        del self._received[:begin]
        self._answered()

    def _take(self, frame: bytes) -> None:
        if not self._ready.done():
            self._ready.set_result(None)
        elif self.under_way:
            self.under_way.popleft().succeed(frame)

    def connection_lost(self, exc: Exception | None) -> None:
        self._gone.set()
        if not self._ready.done():
            reason = self._errors.decode("utf-8", "replace").strip() or "it said nothing"
            self._ready.set_exception(Failed(f"The worker process for codecs does not start: {reason}"))
        if self.under_way:
            self.under_way.popleft().fail(self._reason(), costly=True)
        left, self.under_way = list(self.under_way), deque()
        self._ended(left)
        if self._transport is not None:
            self._transport.close()

    def _reason(self) -> str:
        code = self._transport.get_returncode() if self._transport else None
        if code == -signal.SIGALRM:
            return f"The codec was ended after {self._limits.wall_seconds:g} s: it may have no end"
        name = signal.Signals(-code).name if code is not None and code < 0 else f"exit code {code}"
        return f"The codec's process ended while it worked ({name}): the codec asks too much of it"
