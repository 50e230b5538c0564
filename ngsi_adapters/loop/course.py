"""What one process does for one source that it holds: run after run, with what it remembers between them."""

import logging
from collections.abc import Mapping
from contextlib import AsyncExitStack
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from time import monotonic

import httpx

from data_models.values import date_time_text
from document_store.lease import LeaseLost, Leases
from document_store.store import DocumentStore
from ngsi_adapters.fetching.access import Access
from ngsi_adapters.fetching.failures import FetchFailed
from ngsi_adapters.fetching.visit import Memory, Reach, Visit
from ngsi_adapters.loop import mirror, state
from ngsi_adapters.loop.known import Known
from ngsi_adapters.loop.rows import Rows
from ngsi_adapters.loop.sanity import NORTH_RHINE_WESTPHALIA, Box
from ngsi_adapters.loop.staleness import count_missing
from ngsi_adapters.loop.state import SourceState, declaration_of
from ngsi_adapters.loop.transfer import Result, Transfer
from ngsi_adapters.source import Malformed, Source
from ngsi_client.client import NgsiClient
from ngsi_client.errors import BrokerError, BrokerRefused, BrokerUnavailable
from ngsi_client.rejected import Rejections

log = logging.getLogger(__name__)
VERIFIED = 100
"""Entities of which a run asks whether the broker still has them: in turns, so that all are asked for in time."""


@dataclass(frozen=True)
class Terms:
    """How the operator lets sources run: secrets by uid, private targets, region, leases, and how often all is new."""

    access: Mapping[str, Access] = field(default_factory=dict)
    allow_private: bool = False
    box: Box = NORTH_RHINE_WESTPHALIA
    lease_seconds: float = 6.0
    refresh: timedelta = timedelta(days=1)
    verify_every: float = 60.0
    tries: int = 3
    first_wait: float = 1.0


@dataclass(frozen=True)
class Surroundings:
    """What all sources of a process share."""

    client: NgsiClient
    store: DocumentStore
    rejections: Rejections
    http: httpx.AsyncClient
    leases: Leases
    terms: Terms


class Course:
    """Runs of one source. Where another process may have run it meanwhile all is loaded afresh."""

    def __init__(self, source: Source, around: Surroundings) -> None:
        self.source, self._around = source, around
        self._client = around.client.for_tenant(source.tenant)
        self._exits = AsyncExitStack()
        self._reach: Reach | None = None
        self.wait: float | None = None
        self.broker_failed = False
        self.result = Result()
        """Of the run that is under way, or the last one."""
        self._token: int | None = None
        self.forget()

    def forget(self) -> None:
        self._memory = Memory()
        self._state: SourceState | None = None
        self._known: Known | None = None
        self._digests: dict[int, bytes] = {}
        self._rows = Rows()
        self._verified_at, self._turn = -self._around.terms.verify_every, 0

    async def close(self) -> None:
        await self._exits.aclose()
        self._reach = None

    async def state(self) -> SourceState:
        if self._state is None:
            self._state = await state.load(self._around.store, self.source.uid)
        return self._state

    async def run(self) -> SourceState:
        """Fetch, parse and upsert; what goes wrong is in the state that is returned, never raised but `LeaseLost`."""
        if (token := self._around.leases.token(self.source.uid)) != self._token:
            self.forget()
            self._token = token
        current, begun = await self.state(), monotonic()
        current.attempted(datetime.now(UTC))
        self.wait, self.broker_failed = None, False
        try:
            await self._run(current)
        except LeaseLost:
            self.forget()
            raise
        except (FetchFailed, Malformed) as error:
            self.wait = getattr(error, "after", None)
            current.failed(str(error))
        except BrokerError as error:
            self.broker_failed = isinstance(error, BrokerUnavailable)
            current.failed(str(error))
        except Exception as error:
            log.exception("source %s", self.source.uid)
            current.failed(f"{type(error).__name__}: {error}")
        current.seconds = round(monotonic() - begun, 3)
        await self._conclude(current)
        return current

    async def _conclude(self, current: SourceState) -> None:
        """The state goes into the document store, and into the broker if that answers."""
        around = self._around
        current.holder, current.declared = around.leases.holder, dict(declaration_of(self.source))
        if not self.broker_failed and self.source.url:
            try:
                await mirror.write(around.client, self.source, current)
            except BrokerError as error:
                log.warning("the state of the source %s is not written: %s", self.source.uid, error)
        await around.leases.confirm(self.source.uid)
        if self._known is not None:
            await self._known.save(around.store)
        await state.save(around.store, current)

    async def _run(self, current: SourceState) -> None:
        around, now = self._around, datetime.now(UTC)
        known = await self._checked_known(current, now)
        whole = self._is_whole(current, now)
        since = None if whole or current.cursor is None else datetime.fromisoformat(current.cursor)
        visit = Visit(self.source, self._reached(current), self._memory, since, current.marks)
        transfer = Transfer(
            self.source, known, self._client, around.rejections, around.leases, around.terms.box, self._rows
        )
        self.result, digests = transfer.result, dict[int, bytes]()
        try:
            async for document in visit.documents():
                number = len(digests)
                digests[number] = await transfer.document(document, self._digests.get(number))
                if transfer.result.malformed and not self.source.fetching.folder:
                    break
        finally:
            visit.close()
            current.marks = visit.marks
        if transfer.result.documents == transfer.result.unchanged:
            current.unchanged(now)
            visit.keep()
            return
        await self._evaluate(current, transfer, now, whole)
        if not transfer.result.refused:  # else the same document is to be tried again
            visit.keep()
            self._digests = digests

    async def _evaluate(self, current: SourceState, transfer: Transfer, now: datetime, whole: bool) -> None:
        result = transfer.result
        current.remember(result.rejects)
        if result.malformed and not self.source.fetching.folder:
            current.rejects = result.reject_count
            raise Malformed(result.malformed)
        current.succeeded(now, result.records, result.reject_count)
        current.written, current.mended = result.written, result.mended
        if whole and not result.unchanged:
            flags = count_missing(current, transfer.known, result.seen, now)
            if flags:
                self._around.leases.require(self.source.uid)
                await self._client.upsert(flags)
            current.whole_at = date_time_text(now)
        if self.source.fetching.has_cursor and result.newest is not None:
            current.cursor = date_time_text(min(result.newest, now))

    def _is_whole(self, current: SourceState, now: datetime) -> bool:
        """Whether everything is read that the source has, so that what is missing really is."""
        fetching = self.source.fetching
        if fetching.folder:
            return False
        if not fetching.has_cursor or current.cursor is None or current.whole_at is None:
            return True
        return datetime.fromisoformat(current.whole_at) + fetching.whole_every <= now

    async def _checked_known(self, current: SourceState, now: datetime) -> Known:
        """What the broker was told, without what it has lost; all of it is told again once a day."""
        if self._known is None:
            self._known = await Known.load(self._around.store, self.source.uid)
        known, refresh = self._known, self._around.terms.refresh
        if current.refreshed_at is None or datetime.fromisoformat(current.refreshed_at) + refresh <= now:
            known.doubt()
            current.refreshed_at = date_time_text(now)
            self._read_afresh(current)
        if len(known) and monotonic() - self._verified_at >= self._around.terms.verify_every:
            await self._verify(current, known)
            self._verified_at = monotonic()
        return known

    async def _verify(self, current: SourceState, known: Known) -> None:
        if not await mirror.is_kept(self._around.client, self.source, current):
            log.warning("the broker has lost what the source %s wrote: it is written again", self.source.uid)
            known.doubt()
            current.mirror = {}
            self._read_afresh(current)
            return
        lost = await self._lost(known)
        if lost:
            log.warning("the broker has lost %d entities of the source %s", len(lost), self.source.uid)
            known.forget(lost)
            self._read_afresh(current)

    async def _lost(self, known: Known) -> list[str]:
        """Of the next hundred entities those that the broker does not have."""
        ids = list(known.ids())
        some = ids[self._turn : self._turn + VERIFIED]
        self._turn = 0 if self._turn + VERIFIED >= len(ids) else self._turn + VERIFIED
        types = ",".join(sorted({known.type_of(entity_id) for entity_id in some}))
        try:
            found = await self._client.query(id=",".join(some), type=types, limit=VERIFIED, key_values=True)
        except BrokerRefused as refused:
            if refused.status != httpx.codes.NOT_FOUND:
                raise
            return some
        return sorted(set(some) - {entity["id"] for entity in found})

    def _read_afresh(self, current: SourceState) -> None:
        """Without conditions and cursor: what is written again has to be read again."""
        self._memory.validators.clear()
        self._digests.clear()
        self._rows = Rows()
        current.cursor = None

    def _reached(self, current: SourceState) -> Reach:
        terms = self._around.terms
        if self._reach is None:
            access = terms.access.get(self.source.uid, Access())
            http, context = self._around.http, access.context()
            if context is not None:
                http = httpx.AsyncClient(verify=context)
                self._exits.push_async_callback(http.aclose)
            self._reach = Reach(
                http, access, terms.allow_private, terms.tries, terms.first_wait, client=self._around.client
            )
        if current.circuit == "closed":
            return self._reach
        return replace(self._reach, tries=1)
