"""The one loop: fetch → parse → upsert what is new, for each source in its own rhythm and without harm to any other."""

import asyncio
import logging
import random
from collections.abc import Iterable
from datetime import UTC, datetime

import httpx

from data_models.values import date_time_text
from document_store.lease import LeaseLost, Leases
from document_store.store import DocumentStore
from ngsi_adapters.loop import state
from ngsi_adapters.loop.course import Course, Surroundings, Terms
from ngsi_adapters.loop.state import SourceState
from ngsi_adapters.source import Source
from ngsi_client.client import NgsiClient
from ngsi_client.rejected import Rejections

log = logging.getLogger(__name__)
ASKS = "source_asks"
JITTER = 0.1
"""Each pause is up to this part shorter or longer, so that the sources do not all ask at once."""
FIRST_RETRY = 5.0
LONGEST_RETRY = 900.0
LONGEST_BROKER_RETRY = 30.0


class Runner:
    """Runs the sources that have a URL. Every source has a task, a state and an error of its own."""

    def __init__(
        self,
        sources: Iterable[Source],
        client: NgsiClient,
        store: DocumentStore,
        rejections: Rejections,
        http: httpx.AsyncClient,
        *,
        terms: Terms | None = None,
    ) -> None:
        self.sources, self.terms = tuple(sources), terms or Terms()
        self._store = store
        self.leases = Leases(store, self.terms.lease_seconds)
        around = Surroundings(client, store, rejections, http, self.leases, self.terms)
        self._courses = {source.uid: Course(source, around) for source in self.sources}
        self._woken = {source.uid: asyncio.Event() for source in self.sources}
        self._tasks: list[asyncio.Task[None]] = []

    async def start(self) -> None:
        """Begin to run every source that has a URL."""
        await self.leases.start()
        running = [source for source in self.sources if source.url]
        self._tasks = [asyncio.create_task(self._keep_running(source)) for source in running]
        self._tasks.append(asyncio.create_task(self._listen()))

    async def stop(self) -> None:
        """Return when no source is running any more."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        self._tasks = []
        await self.leases.stop()
        for course in self._courses.values():
            await course.close()

    async def run_once(self, source: Source) -> SourceState:
        """One run now; `LeaseLost` where another process runs the source and does not stop to."""
        course = self._courses.get(source.uid)
        if course is None or course.source != source:
            raise KeyError(f"this process does not run the source {source.uid}")
        deadline = asyncio.get_running_loop().time() + self.terms.lease_seconds * 1.5
        while not await self.leases.take(source.uid):
            if asyncio.get_running_loop().time() > deadline:
                raise LeaseLost(f"another process runs the source {source.uid}: stop it, or ask for a run by the API")
            await asyncio.sleep(self.terms.lease_seconds / 4)
        async with self.leases.beating():
            return await course.run()

    def records_so_far(self, uid: str) -> int:
        """Of the run of this process that is under way, or its last one."""
        return self._courses[uid].result.records

    async def state_of(self, uid: str) -> SourceState:
        """As it was when its last run ended, whichever process that was."""
        return await state.load(self._store, uid)

    async def states(self) -> list[SourceState]:
        """Of every source, in the order of the sources."""
        return [await self.state_of(source.uid) for source in self.sources]

    async def _keep_running(self, source: Source) -> None:
        course = self._courses[source.uid]
        await asyncio.sleep(random.uniform(0, min(2.0, source.every.total_seconds() * JITTER)))  # noqa: S311
        failures = 0
        while True:
            seconds = self.terms.lease_seconds / 4 * random.uniform(1, 1 + JITTER)  # noqa: S311
            try:
                if await self.leases.take(source.uid):
                    current = await course.run()
                    failures = current.failures
                    seconds = pause(source, failures, course.wait, course.broker_failed)
            except LeaseLost as error:
                log.warning("%s", error)
            except Exception:  # the document store fails: this source tries again like after any failure
                log.exception("source %s", source.uid)
                failures += 1
                seconds = pause(source, failures)
            await self._sleep(source.uid, seconds)

    async def _sleep(self, uid: str, seconds: float) -> None:
        woken = self._woken[uid]
        try:
            async with asyncio.timeout(seconds):
                await woken.wait()
        except TimeoutError:
            return
        woken.clear()

    async def _listen(self) -> None:
        """Wakes the sources of this process that somebody asks to run, whichever process was asked."""
        while True:
            try:
                for ask in await self._store.find(ASKS):
                    if ask["_id"] in self._woken and self.leases.holds(ask["_id"]):
                        await self._store.delete(ASKS, ask["_id"])
                        self._woken[ask["_id"]].set()
            except Exception:
                log.exception("what sources are asked to run cannot be read")
            await asyncio.sleep(min(1.0, self.terms.lease_seconds / 4))


async def ask_to_run(store: DocumentStore, uid: str, by: str) -> None:
    """Lets the process that holds a source run it now, within about a second."""
    await store.put(ASKS, {"_id": uid, "by": by, "at": date_time_text(datetime.now(UTC))})


def pause(source: Source, failures: int, wait: float | None = None, broker_failed: bool = False) -> float:
    """Seconds until the next run: the source's rhythm, or after failures 5 s, 10 s, 20 s … up to 15 minutes.

    `wait` is what the source's server asked for; a broker that failed is tried every half a minute at the latest.
    """
    every = source.every.total_seconds()
    seconds = every if not failures else min(every, FIRST_RETRY, LONGEST_RETRY) * 2 ** min(failures - 1, 20)
    if failures:
        seconds = min(seconds, max(every, LONGEST_RETRY))
    if failures and broker_failed:
        seconds = min(seconds, LONGEST_BROKER_RETRY)
    jittered = seconds * random.uniform(1 - JITTER, 1 + JITTER)  # noqa: S311
    return max(jittered, wait or 0.0)
