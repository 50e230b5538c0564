"""Only one of several processes does a work: leases in the document store, held by processes that are alive.

A process shows that it lives by a beat, a number that it counts up. Another takes a work over when the beat has stood
still for `seconds` by its own clock: clocks of machines are never compared. A holder whose own beat was not written in
time gives up by itself before that (fencing), and so does one that was stopped and woken again.
"""

import asyncio
import logging
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from math import inf
from time import monotonic
from uuid import uuid4

from document_store.store import DocumentStore

log = logging.getLogger(__name__)
LEASES, HOLDERS = "leases", "lease_holders"
SAFE_PART = 0.7
"""A holder gives up after this part of the time after which others take over."""


class LeaseLost(Exception):
    """Another process does the work, or may do so by now: nothing more is to be written."""


class Leases:
    """The leases of one process; a work is named by its uid."""

    def __init__(self, store: DocumentStore, seconds: float = 6.0, clock: Callable[[], float] = monotonic) -> None:
        self.holder = uuid4().hex
        self.seconds = seconds
        self._store, self._clock = store, clock
        self._beat, self._beaten_at = 0, -inf
        self._tokens: dict[str, int] = {}
        self._watched: dict[str, tuple[int, float]] = {}
        self._task: asyncio.Task[None] | None = None

    async def start(self) -> None:
        """Begin to beat and to watch the others."""
        await self.beat()
        self._task = asyncio.create_task(self._keep_beating())

    async def stop(self) -> None:
        """Give everything back, so that others need not wait."""
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)
        self._tokens.clear()
        await self._store.delete(HOLDERS, self.holder)

    @asynccontextmanager
    async def beating(self) -> AsyncIterator[None]:
        """Beats while the block runs, where it is not done anyway; afterwards others need not wait."""
        if self._task is not None:
            yield
            return
        task = asyncio.create_task(self._keep_beating())
        try:
            yield
        finally:
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)
            self._beaten_at = -inf
            await self._store.delete(HOLDERS, self.holder)

    async def take(self, uid: str) -> bool:
        """Whether this process holds the work now: it was free, its holder is gone or silent, or it did already."""
        if not self._beats():
            await self.beat()
        lease = await self._store.get(LEASES, uid)
        if lease is not None and lease["holder"] == self.holder:
            self._tokens[uid] = lease["token"]
            return True
        self._tokens.pop(uid, None)
        if lease is not None and await self._lives(lease["holder"]):
            return False
        token = lease["token"] + 1 if lease else 1
        expected = {"holder": lease["holder"], "token": lease["token"]} if lease else None
        if await self._store.swap(LEASES, {"_id": uid, "holder": self.holder, "token": token}, expected):
            self._tokens[uid] = token
            return True
        return False

    def token(self, uid: str) -> int | None:
        """The number of this lease: another process has had the work since where it is another."""
        return self._tokens.get(uid)

    def holds(self, uid: str) -> bool:
        return uid in self._tokens and self._beats()

    def require(self, uid: str) -> None:
        """`LeaseLost` where others may have taken over; asks nobody, so before each write."""
        if not self.holds(uid):
            raise LeaseLost(f"{uid} is not run by this process any more")

    async def confirm(self, uid: str) -> None:
        """`LeaseLost` where the document store says that another holds it."""
        self.require(uid)
        lease = await self._store.get(LEASES, uid)
        if lease is None or lease["token"] != self._tokens[uid]:
            self._tokens.pop(uid, None)
            raise LeaseLost(f"another process has taken {uid} over")

    async def beat(self) -> None:
        """Show that this process lives, and look who else does."""
        begun = self._clock()
        self._beat += 1
        await self._store.put(HOLDERS, {"_id": self.holder, "beat": self._beat})
        self._beaten_at = begun
        now = self._clock()
        beats = {holder["_id"]: holder["beat"] for holder in await self._store.find(HOLDERS)}
        known = self._watched
        self._watched = {
            holder: known[holder] if holder in known and known[holder][0] == beat else (beat, now)
            for holder, beat in beats.items()
        }
        for holder, (_, since) in self._watched.items():
            if now - since > self.seconds * 100:
                await self._store.delete(HOLDERS, holder)

    def _beats(self) -> bool:
        return self._clock() - self._beaten_at < self.seconds * SAFE_PART

    async def _lives(self, holder: str) -> bool:
        seen = await self._store.get(HOLDERS, holder)
        if seen is None:
            return False
        beat, since = self._watched.get(holder, (None, 0.0))
        if beat != seen["beat"]:
            self._watched[holder] = (seen["beat"], self._clock())
            return True
        return self._clock() - since < self.seconds

    async def _keep_beating(self) -> None:
        while True:
            await asyncio.sleep(self.seconds / 4)
            try:
                await self.beat()
            except Exception:  # the document store fails: the leases end by themselves, and are taken again
                log.exception("the leases are not renewed")
