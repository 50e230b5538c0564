"""Work that a part of the process does again and again beside the requests."""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from contextlib import suppress

logger = logging.getLogger(__name__)


class Repeated:
    """Does `work` every so many seconds until it is stopped; what fails is logged as `failure` and done again.

    The first time is after `first` seconds, without it after `every`. Setting `sooner` ends the wait at once, but not
    after a failure; the work clears it.
    """

    def __init__(
        self,
        work: Callable[[], Awaitable[None]],
        every: float,
        failure: str,
        *,
        first: float | None = None,
        sooner: asyncio.Event | None = None,
    ) -> None:
        self._work, self._every, self._failure = work, every, failure
        self._first = every if first is None else first
        self._sooner = sooner or asyncio.Event()
        self._task: asyncio.Task[None] | None = None

    def start(self) -> None:
        self._task = asyncio.create_task(self._for_ever())

    async def stop(self) -> None:
        """Ends it, also in the middle of the work; may be called without a start."""
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)

    async def _for_ever(self) -> None:
        await self._wait(self._first)
        while True:
            try:
                await self._work()
            except Exception:
                logger.exception("%s; it is tried again", self._failure)
                await asyncio.sleep(self._every)
            else:
                await self._wait(self._every)

    async def _wait(self, seconds: float) -> None:
        with suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                await self._sooner.wait()
