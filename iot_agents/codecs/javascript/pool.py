"""Worker processes that share the calls of JavaScript codecs; one that dies is replaced, and only its call is lost."""

import asyncio
from collections import deque

from iot_agents.codecs.javascript.limits import Limits
from iot_agents.codecs.javascript.process import Call, Refusal, WorkerProcess
from iot_agents.codecs.javascript.request import Request
from iot_agents.codecs.result import Failed

UNDER_WAY = 32
"""Calls in one worker's pipe: it need not wait for the next one, and a hanging codec holds up no more than these."""


class _Seat:
    """The place of one worker in the pool; its process starts with the first call and is replaced when it dies."""

    def __init__(self, limits: Limits) -> None:
        self._limits = limits
        self._waiting: deque[Call] = deque()
        self._process: WorkerProcess | None = None
        self._starting: asyncio.Task[None] | None = None
        self._stopped = False
        self.starts = 0

    @property
    def load(self) -> int:
        return len(self._waiting) + (len(self._process.under_way) if self._process else 0)

    def submit(self, call: Call) -> None:
        self._waiting.append(call)
        self._pump()

    async def stop(self) -> None:
        self._stopped = True
        if self._starting is not None:
            self._starting.cancel()
            await asyncio.gather(self._starting, return_exceptions=True)
        if self._process is not None:
            await self._process.stop()
        self._fail_all("The codecs are being stopped")

    def _pump(self) -> None:
        if self._process is None:
            if self._starting is None and self._waiting and not self._stopped:
                self._starting = asyncio.create_task(self._start())
            return
        while self._waiting and len(self._process.under_way) < UNDER_WAY:
            call = self._waiting.popleft()
            if call.answer.done():
                continue
            if (reason := call.refusal()) is not None:
                call.fail(reason)
            else:
                self._process.send(call)

    async def _start(self) -> None:
        process = WorkerProcess(self._limits, self._pump, self._ended)
        self.starts += 1
        try:
            await process.start()
        except asyncio.CancelledError:
            await process.stop()
            raise
        except (Failed, OSError) as error:
            self._fail_all(str(error))
        else:
            self._process = process
        finally:
            self._starting = None
        self._pump()

    def _ended(self, left: list[Call]) -> None:
        self._process = None
        self._waiting.extendleft(reversed(left))
        self._pump()

    def _fail_all(self, reason: str) -> None:
        while self._waiting:
            self._waiting.popleft().fail(reason)


class WorkerPool:
    """`workers` processes at most; they start when they are needed."""

    def __init__(self, limits: Limits, workers: int = 1) -> None:
        self._seats = [_Seat(limits) for _ in range(workers)]

    async def call(self, request: Request, refusal: Refusal = lambda: None) -> bytes:
        """The answer of the codec, JSON; `Costly` where its process ended.

        `Failed` where `refusal` has a reason when it is the call's turn.
        """
        call = Call(request, refusal)
        min(self._seats, key=lambda seat: seat.load).submit(call)
        return await call.answer

    async def stop(self) -> None:
        """Calls under way fail."""
        await asyncio.gather(*(seat.stop() for seat in self._seats))

    def counters(self) -> dict[str, int]:
        """`starts` of processes so far, `under_way` now."""
        return {"starts": sum(seat.starts for seat in self._seats), "under_way": sum(seat.load for seat in self._seats)}
