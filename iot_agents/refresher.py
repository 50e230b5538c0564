"""What a process keeps in memory of the document store is looked at again and again: others change it too."""

import asyncio
import logging
from collections.abc import Awaitable, Callable

logger = logging.getLogger(__name__)

EVERY = 5.0
"""Seconds between two looks."""


class Refresher:
    """Calls `refresh` until it is stopped; where that fails, a later one may succeed."""

    def __init__(self, refresh: Callable[[], Awaitable[None]], every: float = EVERY) -> None:
        self._refresh, self._every = refresh, every
        self._running: asyncio.Task[None] | None = None

    def start(self) -> None:
        self._running = asyncio.create_task(self._run())

    async def stop(self) -> None:
        if self._running is not None:
            self._running.cancel()
            await asyncio.gather(self._running, return_exceptions=True)

    async def _run(self) -> None:
        while True:
            await asyncio.sleep(self._every)
            try:
                await self._refresh()
            except Exception:
                logger.exception("The devices could not be read again")
