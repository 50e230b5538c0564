"""Work that a part of the process does again and again beside the requests."""

import asyncio
import logging
from collections.abc import Awaitable, Callable

logger = logging.getLogger(__name__)


class Repeated:
    """Does `work` every so many seconds until it is stopped; what fails is logged as `failure` and done again.

    The first time is after `first` seconds, without it after `every`.
    """

    def __init__(
        self, work: Callable[[], Awaitable[None]], every: float, failure: str, first: float | None = None
    ) -> None:
        self._work, self._every, self._failure = work, every, failure
        self._first = every if first is None else first
        self._task: asyncio.Task[None] | None = None

    def start(self) -> None:
        self._task = asyncio.create_task(self._for_ever())

    async def stop(self) -> None:
        """Ends it, also in the middle of the work; may be called without a start."""
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)

    async def _for_ever(self) -> None:
        await asyncio.sleep(self._first)
        while True:
            try:
                await self._work()
            except Exception:
                logger.exception("%s; it is tried again", self._failure)
            await asyncio.sleep(self._every)
