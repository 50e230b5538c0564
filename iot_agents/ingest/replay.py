"""Dead letters that somebody wants tried again are fed to the agent that their messages came to."""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Mapping

from document_store.store import DocumentStore
from iot_agents.ingest.letterbox import LetterBox
from iot_agents.ingest.rejects import Replay

logger = logging.getLogger(__name__)

EVERY = 1.0
"""Seconds between two looks."""

Take = Callable[[str, bytes, str | None, Replay], Awaitable[None]]
"""Topic, payload, tenant, and which letter it is; returns when the message is done with."""

Replayed = Mapping[str, Take]
"""Who takes a letter, by its source; letters of other sources are left to other processes."""


class Replays:
    """A letter goes once its message is done with; what is wrong still comes back as a new letter.

    Of several processes that could replay a letter one does. If it dies meanwhile, the letter is still there.
    """

    def __init__(self, store: DocumentStore, takers: Replayed, every: float = EVERY) -> None:
        self._box, self._takers, self._every = LetterBox(store), takers, every
        self._running: asyncio.Task[None] | None = None

    async def start(self) -> None:
        self._running = asyncio.create_task(self._run())

    async def stop(self) -> None:
        if self._running is not None:
            self._running.cancel()
            await asyncio.gather(self._running, return_exceptions=True)

    async def _run(self) -> None:
        while True:
            await asyncio.sleep(self._every)
            try:
                for letter_id in await self._box.wanted():
                    await self._replay(letter_id)
            except Exception:
                logger.exception("Dead letters could not be replayed")

    async def _replay(self, letter_id: str) -> None:
        letter = await self._box.get(letter_id)
        take = self._takers.get(letter.source) if letter else None
        if letter is not None and take is None:
            return
        if not await self._box.claim(letter_id) or letter is None or take is None:
            return
        payload = await self._box.payload(letter)
        await take(letter.topic, payload, letter.tenant, Replay(letter.id, letter.at))
        await self._box.discard(letter)
