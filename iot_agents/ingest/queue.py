"""The readings of one tenant become batch upserts: in order, retried until the broker has spoken, spooled meanwhile."""

import asyncio
import logging
import random
from collections import Counter, deque
from collections.abc import Iterable, Iterator, Sequence, Set
from dataclasses import dataclass, field
from datetime import UTC, datetime
from operator import attrgetter
from typing import TypeVar

from iot_agents.ingest.duplicates import SeenFrames
from iot_agents.ingest.limits import Limits
from iot_agents.ingest.order import NotInHistory, Order
from iot_agents.ingest.rejects import Rejects, refused_by_broker
from iot_agents.ingest.spool import Spool, Spooled
from iot_agents.ingest.waiting import Refusals, Waiting
from ngsi_client.client import Entity, NgsiClient
from ngsi_client.errors import BrokerRefused, BrokerUnavailable

logger = logging.getLogger(__name__)

CONTENT_STATUS = frozenset({207, 400, 409, 422})
TOO_LARGE = 413
"""Said by proxies, too."""

SERVER_ERROR_TRIES = 5
"""A broker that fails at one entity again and again must not hold up all others."""

MANY = 8
"""So many readings in the last batch show that others are about to come: waiting for them then costs little."""

NO_REFUSALS: Refusals = {}

OBSERVED = attrgetter("observed")

W = TypeVar("W", bound=Waiting)


@dataclass(frozen=True)
class Means:
    """What the queues of all tenants share."""

    limits: Limits
    rejects: Rejects
    seen: SeenFrames
    spool: Spool | None = None
    counts: Counter[str] = field(default_factory=Counter)


def _time_of(reading: Waiting) -> datetime:
    """When it came, where it does not say itself when it was observed."""
    return datetime.fromtimestamp(reading.observed / 1000, UTC)


class _Away(Exception):
    """The broker has been away for so long that readings go to the spool; it is not to be asked for `pause` seconds."""

    def __init__(self, pause: float = 0.0) -> None:
        super().__init__()
        self.pause = pause


class CommitQueue:
    """One request is under way at a time, and an entity is at most once in it: each reading is a state of its own.

    While the broker is away for longer than `spool_after`, and until the spool is nearly empty again, readings go
    through the spool. Where it is full they wait here, unacknowledged.
    """

    def __init__(self, tenant: str, client: NgsiClient, means: Means) -> None:
        self._tenant, self._client, self._means = tenant, client, means
        self._limits, self._spool = means.limits, means.spool
        self._order = Order(tenant, client, means.limits.shared)
        self._waiting: deque[Waiting] = deque()
        self._filled = asyncio.Event()
        self._spooling = bool(self._spool and self._spool.depth(tenant))
        self._spool_timer: asyncio.TimerHandle | None = None
        self._pause = means.limits.first_pause
        self._last_batch = 0
        if self._spooling:
            self._filled.set()
        self._worker = asyncio.create_task(self._run())

    def put(self, reading: Waiting) -> None:
        """`reading.settled` is called once it is committed, refused or spooled."""
        self._waiting.append(reading)
        if not self._spooling:
            self._filled.set()
        elif self._spool_timer is None:
            loop = asyncio.get_running_loop()
            self._spool_timer = loop.call_later(self._limits.linger, self._spool_waiting)

    async def stop(self) -> None:
        """Whoever still waits is told that it is not done."""
        self._worker.cancel()
        await asyncio.gather(self._worker, return_exceptions=True)
        if self._spool_timer is not None:
            self._spool_timer.cancel()
        waiting, self._waiting = self._waiting, deque()
        for reading in waiting:
            reading.settled(None)

    async def _run(self) -> None:
        while True:
            try:
                await self._filled.wait()
                if self._spool is not None and self._spool.depth(self._tenant):
                    await self._commit_spooled(self._spool)
                else:
                    await self._commit_waiting()
            except Exception:
                # a mistake of ours must not end the queue for good
                logger.exception("The readings of %s could not be committed", self._tenant)
                await asyncio.sleep(self._limits.longest_pause)

    async def _commit_waiting(self) -> None:
        self._spooling = False
        if self._last_batch >= MANY and len(self._waiting) < self._limits.few_readings:
            await asyncio.sleep(self._limits.linger)
        in_order = sorted(self._waiting, key=OBSERVED)
        batch = self._distinct(in_order)
        self._last_batch = len(batch)
        unsettled = dict.fromkeys(batch)
        self._waiting = deque(reading for reading in in_order if reading not in unsettled)
        if not self._waiting:
            self._filled.clear()
        away: _Away | None = None
        try:
            await self._commit(batch, unsettled)
        except _Away as raised:
            away = raised
        finally:
            self._waiting.extendleft(reversed(unsettled))
            if self._waiting:
                self._filled.set()
        if away is None:
            self._pause = self._limits.first_pause
        else:
            self._spooling = self._spool is not None
            self._spool_waiting()
            await self._rest(away.pause)

    async def _commit_spooled(self, spool: Spool) -> None:
        rows = spool.oldest(self._tenant, 2 * self._limits.batch_entities)
        batch = self._distinct(rows)
        try:
            await self._commit(batch, dict.fromkeys(batch), patience=0)
        except _Away as away:
            self._spooling = True
            await self._rest(away.pause)
        else:
            self._pause = self._limits.first_pause
            self._spooling = spool.depth(self._tenant) > self._limits.batch_entities
        if self._spooling and self._waiting:
            self._spool_waiting()

    async def _rest(self, asked: float) -> None:
        """For as long as the broker asked for at least."""
        await asyncio.sleep(max(asked, _about(self._pause)))
        self._pause = min(2 * self._pause, self._limits.longest_pause)

    def _distinct(self, readings: Iterable[W]) -> list[W]:
        """A batch in order, without the readings of an entity that is in it already, and without those that follow."""
        batch: list[W] = []
        taken: set[str] = set()
        for reading in readings:
            if len(taken) >= self._limits.batch_entities:
                break
            if taken.isdisjoint(reading.ids):
                batch.append(reading)
            taken.update(reading.ids)
        return batch

    def _spool_waiting(self) -> None:
        self._spool_timer = None
        if self._spool is None or not self._waiting:
            return
        kept = self._spool.add(self._waiting)
        spooled = [self._waiting.popleft() for _ in range(kept)]
        self._means.counts["spooled"] += kept
        self._means.seen.add(_keys(spooled))
        self._filled.set()
        for reading in spooled:
            reading.settled(NO_REFUSALS)

    async def _commit(
        self, batch: Sequence[Waiting], unsettled: dict[Waiting, None], patience: float | None = None
    ) -> None:
        """Where the broker refuses the request as a whole, halves are tried: the good readings go through.

        What is settled leaves `unsettled`. `_Away` after `patience` seconds without the broker.
        """
        parts = [batch] if batch else []
        while parts:
            part = parts.pop()
            try:
                refusals = await self._upsert(part, self._limits.spool_after if patience is None else patience)
            except BrokerRefused as refused:
                if refused.status >= 500 and not await self._takes_others():
                    raise _Away from None
                problem = refused
            except _Away:
                raise
            except Exception as error:
                logger.exception("A batch of %d readings failed", len(part))
                problem = BrokerRefused(0, type(error).__name__, str(error))
            else:
                await self._settle(part, refusals, unsettled)
                continue
            if len(part) == 1:
                await self._settle(part, dict.fromkeys(part[0].ids, problem), unsettled)
            else:
                half = len(part) // 2
                parts += [part[half:], part[:half]]

    async def _upsert(self, part: Sequence[Waiting], patience: float) -> Refusals:
        """`BrokerRefused` where the broker refuses what the readings say, or fails at them again and again."""
        entities: list[Entity] = []
        loop, server_errors, pause = asyncio.get_running_loop(), 0, self._limits.first_pause
        deadline = loop.time() + patience
        while True:
            asked = 0.0
            try:
                entities, times, late = await self._order.parted(part)
                refusals = await self._client.upsert(entities) if entities else NO_REFUSALS
                refusals = {**await self._order.tell_history(late), **refusals}
            except BrokerUnavailable as error:
                reason, asked, is_away = str(error), error.pause, True
            except BrokerRefused as error:
                server_errors += error.status >= 500
                if server_errors == SERVER_ERROR_TRIES or _is_of_the_content(error):
                    raise
                reason, is_away = str(error), error.status < 500
            else:
                self._means.counts["requests"] += 1
                self._count("late", part, {entity["id"] for entity in late})
                self._count("late_kept", part, {id_ for id_, why in refusals.items() if isinstance(why, NotInHistory)})
                self._order.committed(entities, times)
                return refusals
            self._means.counts["retries"] += 1
            wait = max(asked, _about(pause))
            if is_away and self._spool is not None and loop.time() + wait >= deadline:
                if not self._spooling:
                    logger.warning("Readings of %s go to the spool: %s", self._tenant, reason)
                raise _Away(asked)
            logger.warning("%d entities wait %.1f s for the context broker: %s", len(entities), wait, reason)
            await asyncio.sleep(wait)
            pause = min(2 * pause, self._limits.longest_pause)

    def _count(self, name: str, part: Sequence[Waiting], ids: Set[str]) -> None:
        """The readings of the entities."""
        if ids:
            self._means.counts[name] += sum(not ids.isdisjoint(reading.ids) for reading in part)

    async def _takes_others(self) -> bool:
        """Whether it is the readings at which the broker fails: it takes another entity."""
        try:
            await self._client.check_writes()
        except BrokerUnavailable as error:
            logger.warning("The context broker fails at whatever it is sent: %s", error)
            return False
        except BrokerRefused as error:
            logger.warning("The context broker fails at whatever it is sent: %s", error)
            return error.status < 500
        return True

    async def _settle(self, part: Sequence[Waiting], refusals: Refusals, unsettled: dict[Waiting, None]) -> None:
        """What was refused is settled once its dead letter is written."""
        means = self._means
        refused: dict[Waiting, Refusals] = {}
        for reading in part:
            mine = {id_: refusals[id_] for id_ in reading.ids if id_ in refusals} if refusals else NO_REFUSALS
            if mine:
                refused[reading] = mine
        committed = [reading for reading in part if reading not in refused] if refused else part
        means.seen.add(_keys(committed))
        for reading in committed:
            del unsettled[reading]
            reading.settled(NO_REFUSALS)
        means.counts["readings"] += len(part) - len(refused)
        letters = ((reading, refused_by_broker(mine)) for reading, mine in refused.items())
        await asyncio.gather(*(means.rejects.keep(one.origin, wrong, _time_of(one)) for one, wrong in letters))
        means.seen.add(_keys(refused))
        for reading, mine in refused.items():
            del unsettled[reading]
            reading.settled(mine)
        rows = [reading for reading in part if isinstance(reading, Spooled)]
        if rows and self._spool is not None:
            self._spool.remove(rows)


def _is_of_the_content(refused: BrokerRefused) -> bool:
    """Whether it is what the readings say that is refused: a dead letter.

    Everything else (a wrong address, no right, no such tenant, a proxy's page) an operator mends: the readings wait.
    """
    return refused.status == TOO_LARGE or (refused.is_problem and refused.status in CONTENT_STATUS)


def _keys(readings: Iterable[Waiting]) -> Iterator[tuple[int, int]]:
    """Of the frames among them, each with its time."""
    return ((one.key, one.observed) for one in readings if one.key is not None)


def _about(seconds: float) -> float:
    """So that agents do not all come back at once."""
    return seconds * random.uniform(0.8, 1.2)  # noqa: S311 (no secret)
