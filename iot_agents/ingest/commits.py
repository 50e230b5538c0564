"""The one way of all readings into the broker: the queues of all tenants, with what they share."""

import asyncio
from collections import Counter
from collections.abc import Sequence
from typing import Any

from iot_agents.ingest.duplicates import RETRANSMISSION, SeenFrames
from iot_agents.ingest.limits import Limits
from iot_agents.ingest.queue import CommitQueue, Means
from iot_agents.ingest.rejects import Rejects
from iot_agents.ingest.spool import Spool
from iot_agents.ingest.waiting import Origin, Refusals, Settled, Waiting
from iot_agents.transports import Done
from ngsi_client.client import Entity, NgsiClient

STOP_LOOKS = 0.01


class Commits:
    """`put` hands a reading in, `commit` waits for it. `pending` readings are under way.

    Without a `spool` readings wait in memory for as long as the broker is away; without `seen` frames no duplicates are
    known of before the start.
    """

    def __init__(
        self,
        client: NgsiClient,
        rejects: Rejects,
        limits: Limits | None = None,
        *,
        spool: Spool | None = None,
        seen: SeenFrames | None = None,
    ) -> None:
        self.limits, self.rejects, self.pending = limits or Limits(), rejects, 0
        self._client, self._spool, self._seen = client, spool, seen or SeenFrames()
        self._counts: Counter[str] = Counter()
        self._queues: dict[str, CommitQueue] = {}
        self._under_way: dict[int, Waiting] = {}
        self._running = False

    async def start(self) -> None:
        """With what waits in the spool."""
        self._running = True
        self._seen.start()
        if self._spool is not None:
            self._spool.start()
            self._seen.add(self._spool.keys())
            for tenant in self._spool.tenants():
                self._queue(tenant)

    async def idle(self, grace: float) -> None:
        """Returns when nothing is under way, after `grace` seconds at the latest."""
        deadline = asyncio.get_running_loop().time() + grace
        while self.pending and asyncio.get_running_loop().time() < deadline:  # noqa: ASYNC110
            await asyncio.sleep(STOP_LOOKS)

    async def stop(self, grace: float = 1.0) -> None:
        """Commit for at most `grace` seconds what is under way; all others are told that they are not done."""
        if not self._running:
            return
        await self.idle(grace)
        self._running = False
        queues, self._queues = self._queues, {}
        await asyncio.gather(*(queue.stop() for queue in queues.values()))
        self._seen.stop()
        if self._spool is not None:
            self._spool.stop()

    @property
    def is_full(self) -> bool:
        """Whether readings would have to wait for long: the spool is full, or too many are under way."""
        return self.pending >= self.limits.pending_readings or (self._spool is not None and self._spool.is_full)

    def counters(self) -> dict[str, int]:
        """Since the start: of `readings` those committed, `late` ones and those that no history took."""
        names = ("readings", "late", "late_kept", "duplicates", "spooled", "requests", "retries")
        return {name: self._counts[name] for name in names} | {"pending": self.pending}

    def spool_figures(self) -> dict[str, float]:
        """As in `Spool.figures`."""
        return self._spool.figures() if self._spool else {"depth": 0, "bytes": 0, "oldest_seconds": 0.0}

    def is_repeated(self, key: int, observed: int, done: Done) -> bool:
        """Whether a frame was committed or spooled before, or is under way; then `done` is called, with that one."""
        if self._seen.knows(key, observed):
            self._counts["duplicates"] += 1
            done(True)
            return True
        first = self._under_way.get(key)
        if first is None or abs(first.observed - observed) > RETRANSMISSION:
            return False
        self._counts["duplicates"] += 1
        first.others.append(done)
        return True

    def put(self, reading: Waiting) -> None:
        """`reading.settled` is called once it is committed, refused, or on disk."""
        # `finish` must not hold the reading that holds it: such circles wait for the garbage collector
        key, settled, others = reading.key, reading.settled, reading.others

        def finish(refusals: Refusals | None) -> None:
            self.pending -= 1
            if key is not None:
                self._under_way.pop(key, None)
            settled(refusals)
            for done in others:
                done(refusals is not None)

        reading.settled = finish
        if key is not None:
            self._under_way[key] = reading
        self.pending += 1
        self._queue(reading.tenant).put(reading)

    async def commit(self, tenant: str, readings: Sequence[tuple[Sequence[Entity], int]], origin: Origin) -> list[Any]:
        """Returns once each of the readings (entities, observed at ms since 1970) is committed, refused or spooled.

        What was refused of each, by entity id. `CancelledError` where the agent stops meanwhile.
        """
        loop = asyncio.get_running_loop()
        futures: list[asyncio.Future[Refusals]] = []
        for entities, observed in readings:
            future: asyncio.Future[Refusals] = loop.create_future()
            futures.append(future)
            self.put(Waiting(tenant, entities, observed, origin, _into(future)))
        return [await future for future in futures] if futures else []

    def _queue(self, tenant: str) -> CommitQueue:
        queue = self._queues.get(tenant)
        if queue is None:
            means = Means(self.limits, self.rejects, self._seen, self._spool, self._counts)
            queue = self._queues[tenant] = CommitQueue(tenant, self._client.for_tenant(tenant), means)
        return queue


def _into(future: asyncio.Future[Refusals]) -> Settled:
    def settled(refusals: Refusals | None) -> None:
        if future.done():
            return
        if refusals is None:
            future.cancel()
        else:
            future.set_result(refusals)

    return settled
