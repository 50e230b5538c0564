"""Concurrent readings of one tenant become one batch upsert: in order, retried until the broker has spoken."""

import asyncio
import logging
import random
from collections import Counter, deque
from collections.abc import Sequence
from contextlib import suppress
from typing import Any

import msgspec

from ngsi_client.client import Entity, NgsiClient
from ngsi_client.errors import BrokerRefused, BrokerUnavailable

logger = logging.getLogger(__name__)

Refusals = dict[str, BrokerRefused]
"""What the broker refused, by entity id."""

MENDABLE_STATUS = frozenset({401, 403, 408})
"""The operator mends a missing right; until then the readings wait."""

SERVER_ERROR_TRIES = 5
"""A broker that fails at one entity again and again must not hold up all others."""


class Limits(msgspec.Struct, frozen=True):
    """Bounds of the agent: message size in bytes, entities in one request, readings under way, back-off in seconds.

    Fewer than `few_readings` wait `linger` seconds for more: a request costs much more than a reading in it.
    """

    message_bytes: int = 256 * 1024
    batch_entities: int = 500
    pending_readings: int = 10_000
    few_readings: int = 50
    linger: float = 0.004
    first_pause: float = 0.1
    longest_pause: float = 5.0


class _Waiting:
    """The entities of one reading, and the one who waits for them."""

    __slots__ = ("done", "entities", "ids")

    def __init__(self, entities: Sequence[Entity], done: asyncio.Future[Refusals]) -> None:
        self.entities, self.done = entities, done
        self.ids = [entity["id"] for entity in entities]


class CommitQueue:
    """The readings of one tenant on their way into the broker, one request under way at a time.

    An entity is at most once in a request, so that each reading is a state of its own in the entity's history.
    """

    def __init__(self, client: NgsiClient, limits: Limits, counts: Counter[str]) -> None:
        self._client, self._limits, self._counts = client, limits, counts
        self._waiting: deque[_Waiting] = deque()
        self._filled = asyncio.Event()
        self._worker = asyncio.create_task(self._run())

    async def commit(self, entities: Sequence[Entity]) -> Refusals:
        """Returns once the broker has committed or refused each of the entities."""
        waiting = _Waiting(entities, asyncio.get_running_loop().create_future())
        self._waiting.append(waiting)
        self._filled.set()
        return await waiting.done

    async def stop(self) -> None:
        """Whoever still waits is cancelled."""
        self._worker.cancel()
        await asyncio.gather(self._worker, return_exceptions=True)

    async def _run(self) -> None:
        under_way: list[_Waiting] = []
        try:
            while True:
                await self._filled.wait()
                if len(self._waiting) < self._limits.few_readings:
                    await asyncio.sleep(self._limits.linger)
                under_way = self._next_batch()
                refusals = await self._commit(under_way)
                for waiting in under_way:
                    if not waiting.done.done():
                        waiting.done.set_result(refusals)
        finally:
            for waiting in (*under_way, *self._waiting):
                waiting.done.cancel()

    def _next_batch(self) -> list[_Waiting]:
        """In order; a reading of an entity that is in the batch already, and all that follow it, stay for the next."""
        batch: list[_Waiting] = []
        later: list[_Waiting] = []
        taken: set[Any] = set()
        while self._waiting and len(taken) < self._limits.batch_entities:
            waiting = self._waiting.popleft()
            if not waiting.done.done():
                (batch if taken.isdisjoint(waiting.ids) else later).append(waiting)
                taken.update(waiting.ids)
            if len(later) >= self._limits.batch_entities:
                break
        self._waiting.extendleft(reversed(later))
        if not self._waiting:
            self._filled.clear()
        return batch

    async def _commit(self, batch: Sequence[_Waiting]) -> Refusals:
        """Where the broker refuses the request as a whole, halves are tried: the good readings go through."""
        if not batch:
            return {}
        try:
            return await self._upsert([entity for waiting in batch for entity in waiting.entities])
        except BrokerRefused as refused:
            problem = refused
        except Exception as error:
            logger.exception("A batch of %d readings failed", len(batch))
            problem = BrokerRefused(0, type(error).__name__, str(error))
        if len(batch) == 1:
            return dict.fromkeys(batch[0].ids, problem)
        half = len(batch) // 2
        return await self._commit(batch[:half]) | await self._commit(batch[half:])

    async def _upsert(self, entities: Sequence[Entity]) -> Refusals:
        pause, server_errors = self._limits.first_pause, 0
        while True:
            try:
                refusals = await self._client.upsert(entities)
            except BrokerUnavailable as error:
                reason = str(error)
            except BrokerRefused as error:
                server_errors += error.status >= 500
                if error.status not in MENDABLE_STATUS and not 0 < server_errors < SERVER_ERROR_TRIES:
                    raise
                reason = str(error)
            else:
                self._counts["requests"] += 1
                return refusals
            self._counts["retries"] += 1
            logger.warning("%d entities wait %.1f s for the context broker: %s", len(entities), pause, reason)
            await asyncio.sleep(pause * random.uniform(0.8, 1.2))  # noqa: S311 (no secret)
            pause = min(2 * pause, self._limits.longest_pause)


class Commits:
    """The queues of all tenants, with one bound on the readings that are under way. `pending` is their number."""

    def __init__(self, client: NgsiClient, limits: Limits, counts: Counter[str]) -> None:
        self.pending = 0
        self._client, self._limits, self._counts = client, limits, counts
        self._queues: dict[str, CommitQueue] = {}
        self._room = asyncio.Semaphore(limits.pending_readings)
        self._idle = asyncio.Event()
        self._idle.set()

    async def commit(self, tenant: str, readings: Sequence[Sequence[Entity]]) -> list[Refusals]:
        """Returns once the broker has committed or refused each entity of each reading, in the order given."""
        async with self._room:
            self.pending += 1
            self._idle.clear()
            try:
                queue = self._queue(tenant)
                if len(readings) == 1:
                    return [await queue.commit(readings[0])]
                return await asyncio.gather(*(queue.commit(entities) for entities in readings))
            finally:
                self.pending -= 1
                if not self.pending:
                    self._idle.set()

    async def stop(self, grace: float) -> None:
        """Commit for at most `grace` seconds what is under way; whoever still waits is cancelled."""
        with suppress(TimeoutError):
            await asyncio.wait_for(self._idle.wait(), grace)
        queues, self._queues = self._queues, {}
        await asyncio.gather(*(queue.stop() for queue in queues.values()))

    def _queue(self, tenant: str) -> CommitQueue:
        queue = self._queues.get(tenant)
        if queue is None:
            queue = self._queues[tenant] = CommitQueue(self._client.for_tenant(tenant), self._limits, self._counts)
        return queue
