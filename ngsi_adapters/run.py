"""The one loop: fetch → parse → upsert, for each source in its own rhythm and without harm to any other."""

import asyncio
import logging
import random
from collections.abc import Iterable
from datetime import UTC, datetime

import httpx

from document_store.store import DocumentStore
from ngsi_adapters.fetching.fetch import Fetched, FetchFailed, Validators, fetch
from ngsi_adapters.reading import read
from ngsi_adapters.source import Change, Record, Source
from ngsi_adapters.state import SourceState, load, save
from ngsi_client.client import NgsiClient
from ngsi_client.errors import BrokerError
from ngsi_client.rejected import Rejected, Rejections

log = logging.getLogger(__name__)
JITTER = 0.1
"""Each pause is up to this part shorter or longer, so that the sources do not all ask at once."""
FIRST_RETRY = 5.0
LONGEST_RETRY = 900.0
MOST_PAGES = 1000


class Runner:
    """Runs the sources that have a URL. Every source has a task, a state and an error of its own."""

    def __init__(
        self,
        sources: Iterable[Source],
        client: NgsiClient,
        store: DocumentStore,
        rejections: Rejections,
        http: httpx.AsyncClient,
    ) -> None:
        self.sources = tuple(sources)
        self._client, self._store, self._rejections, self._http = client, store, rejections, http
        self._states: dict[str, SourceState] = {}
        # In memory only: after a restart all is read afresh, because the broker or the parser may be others.
        self._validators: dict[str, Validators] = {}
        self._tasks: list[asyncio.Task[None]] = []

    async def start(self) -> None:
        """Begin to run every source that has a URL."""
        self._tasks = [asyncio.create_task(self._keep_running(source)) for source in self.sources if source.url]

    async def stop(self) -> None:
        """Return when no source is running any more."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        self._tasks = []

    async def run_once(self, source: Source) -> SourceState:
        """Fetch, parse and upsert; what goes wrong is in the state that is returned, never raised."""
        state = await self.state_of(source.uid)
        state.attempted(datetime.now(UTC))
        try:
            await self._transfer(source, state)
        except (FetchFailed, BrokerError) as error:
            state.failed(str(error))
        except Exception as error:
            log.exception("source %s", source.uid)
            state.failed(f"{type(error).__name__}: {error}")
        await save(self._store, state)
        return state

    async def state_of(self, uid: str) -> SourceState:
        if uid not in self._states:
            self._states[uid] = await load(self._store, uid)
        return self._states[uid]

    async def states(self) -> list[SourceState]:
        """Of every source, in the order of the sources."""
        return [await self.state_of(source.uid) for source in self.sources]

    async def _transfer(self, source: Source, state: SourceState) -> None:
        fetched = await self._fetch(source, source.url, self._validators.get(source.uid))
        if fetched is None:
            state.unchanged(datetime.now(UTC))
            return
        records, rejects, validators = 0, 0, None if fetched.next_page else fetched.validators
        for _ in range(MOST_PAGES):
            page = await self._write(source, fetched)
            records, rejects = records + page[0], rejects + page[1]
            following = await self._fetch(source, fetched.next_page) if fetched.next_page else None
            if following is None:
                break
            fetched = following
        if validators:
            self._validators[source.uid] = validators
        state.succeeded(datetime.now(UTC), records, rejects)

    async def _fetch(self, source: Source, url: str | None, validators: Validators | None = None) -> Fetched | None:
        if url is None:
            raise FetchFailed(f"the source {source.uid} has no URL: set one")
        return await fetch(self._http, url, source.max_bytes, validators)

    async def _write(self, source: Source, fetched: Fetched) -> tuple[int, int]:
        """Upsert one page; returns how many records were written and how many rejected."""
        outcomes = await asyncio.to_thread(lambda: list(read(source, fetched.payload, fetched.at)))
        entities = [outcome.to_entity() for outcome in outcomes if isinstance(outcome, Record | Change)]
        refused = await self._client.for_tenant(source.tenant).upsert(entities) if entities else {}
        rejects = [outcome for outcome in outcomes if isinstance(outcome, Rejected)]
        rejects += [
            Rejected(source.uid, entity_id, "refused_by_broker", str(error), tenant=source.tenant)
            for entity_id, error in refused.items()
        ]
        for rejected in rejects:
            self._rejections.add(rejected)
        return len(entities) - len(refused), len(rejects)

    async def _keep_running(self, source: Source) -> None:
        await asyncio.sleep(random.uniform(0, min(2.0, source.every.total_seconds() * JITTER)))  # noqa: S311
        failures = 0
        while True:
            try:
                failures = (await self.run_once(source)).failures
            except Exception:  # the document store fails: this source tries again like after any failure
                log.exception("source %s", source.uid)
                failures += 1
            await asyncio.sleep(pause(source, failures))


def pause(source: Source, failures: int) -> float:
    """Seconds until the next run: the source's rhythm, or after failures 5 s, 10 s, 20 s … up to 15 minutes."""
    every = source.every.total_seconds()
    wait = every if not failures else min(every, FIRST_RETRY, LONGEST_RETRY) * 2 ** min(failures - 1, 20)
    if failures:
        wait = min(wait, max(every, LONGEST_RETRY))
    return wait * random.uniform(1 - JITTER, 1 + JITTER)  # noqa: S311
