"""The way into the broker under test, with a recording broker at its end that can be away."""

import time
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from pathlib import Path

import httpx
import pytest

from iot_agents.ingest.commits import Commits
from iot_agents.ingest.duplicates import SeenFrames
from iot_agents.ingest.limits import Limits
from iot_agents.ingest.rejects import Rejects
from iot_agents.ingest.spool import Spool
from iot_agents.ingest.waiting import Origin, Refusals, Waiting
from ngsi_client.client import NgsiClient
from ngsi_client.rejected import Rejections
from tests.iot_agents.recorder import RecordingBroker

NOW = round(time.time() * 1000) + 3_600_000
"""Milliseconds; ahead, so that however long the tests take nothing is old before it is made so."""

OLD = -2 * 3_600_000
"""What is older, the broker is asked about: see `STALE`."""

AWAY = [503] * 100_000
LIMITS = Limits(first_pause=0.01, longest_pause=0.02, spool_after=0.05, linger=0.001)


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


class Way:
    """`put` hands a reading in; `settled` says in which order they were done, `values` what the broker got."""

    def __init__(self, folder: Path, exits: AsyncExitStack) -> None:
        self.broker, self.rejections = RecordingBroker(), Rejections()
        self.settled: list[int] = []
        self.stopped: list[int] = []
        self._folder, self._exits = folder, exits
        self.commits: Commits

    async def open(
        self, spool_bytes: int = 10_000_000, limits: Limits = LIMITS, client: NgsiClient | None = None
    ) -> None:
        """As a process that starts on the same folder."""
        transport = httpx.ASGITransport(app=self.broker)
        http = await self._exits.enter_async_context(httpx.AsyncClient(transport=transport, base_url="http://broker"))
        spool, seen = Spool(self._folder / "spool.db", spool_bytes), SeenFrames(self._folder)
        self.commits = Commits(client or NgsiClient(http), Rejects(self.rejections), limits, spool=spool, seen=seen)
        await self.commits.start()

    def put(self, observed: int, entity: str = "urn:ngsi-ld:Bin:1", key: int | None = None) -> None:
        def settled(refusals: Refusals | None) -> None:
            (self.stopped if refusals is None else self.settled).append(observed)

        fill = {"type": "Property", "value": observed, "observedAt": "2026-11-23T00:00:00Z"}
        origin = Origin("chirpstack", "application/a/device/1/event/up", b"{}", "1", "tenant")
        reading = Waiting("tenant", [{"id": entity, "type": "Bin", "fill": fill}], NOW + observed, origin, settled)
        reading.key = key
        self.commits.put(reading)

    def knows(self, key: int, observed: int) -> bool:
        return self.commits.is_repeated(key, NOW + observed, lambda _: None)

    @property
    def values(self) -> list[int]:
        return [entity["fill"]["value"] for batch in self.broker.requests for entity in batch]


@pytest.fixture
async def way(tmp_path: Path) -> AsyncIterator[Way]:
    async with AsyncExitStack() as exits:
        way = Way(tmp_path, exits)
        await way.open()
        yield way
        way.broker.statuses = []
        await way.commits.stop(0.1)
