"""What is older than the state overwrites nothing: it goes to the history, or waits as a dead letter for one."""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest

from document_store.sqlite import SqliteDocumentStore
from iot_agents.agent import Agent
from iot_agents.ingest.commits import Commits
from iot_agents.ingest.deadletters import DeadLetter, DeadLetters, LetterLimits
from iot_agents.ingest.letterbox import LetterBox
from iot_agents.ingest.limits import Limits
from iot_agents.ingest.rejects import Rejects
from iot_agents.ingest.replay import Replays
from ngsi_client.client import NgsiClient
from ngsi_client.rejected import Rejections
from tests.iot_agents.ingest.waits import until
from tests.iot_agents.messages import NOON, TENANT, bin_device, topic, uplink
from tests.iot_agents.recorder import RecordingBroker

pytestmark = pytest.mark.anyio

BIN = "urn:ngsi-ld:WasteContainer:1"
EARLIER = NOON - timedelta(hours=1)


class Bins:
    """An agent with dead letters and their replay; one that begins knows nothing of the former ones."""

    def __init__(self, http: httpx.AsyncClient, store: SqliteDocumentStore, exits: AsyncExitStack) -> None:
        self._client, self._store, self._exits = NgsiClient(http), store, exits
        self.box = LetterBox(store)
        self.agent: Agent

    async def end(self) -> None:
        await self._process.aclose()

    async def begin(self, shared: bool = False) -> None:
        rejections, letters = Rejections(), DeadLetters(self._store, "agent", LetterLimits(of_device=3))
        commits = Commits(self._client, Rejects(rejections, letters), Limits(first_pause=0.01, shared=shared))
        self.agent = Agent(self._client, self._store, rejections, commits=commits)
        self._process = await self._exits.enter_async_context(AsyncExitStack())
        for part in (letters, commits, self.agent, Replays(self._store, {"chirpstack": self.agent.replay}, 0.02)):
            await part.start()
            self._process.push_async_callback(part.stop)
        await self.agent.devices.register([bin_device(1), bin_device(2)])

    async def hear(self, fill: int, time: Any, number: int = 1) -> None:
        await self.agent.accept(topic(number), uplink({"fill": fill}, number, time))

    async def letters(self) -> list[DeadLetter]:
        return await self.box.all()


@pytest.fixture
def broker() -> RecordingBroker:
    return RecordingBroker()


@pytest.fixture
async def bins(tmp_path: Path, broker: RecordingBroker) -> AsyncIterator[Bins]:
    store = SqliteDocumentStore.open(tmp_path / "documents.db")
    async with AsyncExitStack() as exits:
        transport = httpx.ASGITransport(app=broker)
        http = await exits.enter_async_context(httpx.AsyncClient(transport=transport, base_url="http://broker"))
        made = Bins(http, store, exits)
        await made.begin()
        yield made
    await store.close()


def level(broker: RecordingBroker, entity: str = BIN) -> Any:
    return broker.entities[TENANT][entity]["fillingLevel"]["value"]


async def test_without_a_history_it_is_a_dead_letter_with_its_reason(bins: Bins, broker: RecordingBroker) -> None:
    await bins.hear(60, NOON)
    await bins.hear(50, EARLIER)
    (letter,) = await bins.letters()
    assert (letter.kind, letter.device, letter.at) == ("late", "0000000000000001", EARLIER)
    assert letter.reason.startswith(f"late: {BIN} has newer values, and 404 the broker keeps no history")
    assert (level(broker), bins.agent.commits.counters()["late_kept"]) == (0.6, 1)


async def test_replayed_when_there_is_a_history_it_goes_there_even_after_a_restart(
    bins: Bins, broker: RecordingBroker
) -> None:
    await bins.hear(60, NOON)
    await bins.hear(50, EARLIER)
    await bins.end()
    broker.history = []
    await bins.begin()
    await bins.box.replay(await bins.letters())
    await until(lambda: bool(broker.history))
    added = {entity["id"]: entity for entity in broker.history}
    assert added[BIN]["fillingLevel"][0]["value"] == 0.5
    assert level(broker) == 0.6


async def test_replayed_without_a_history_it_stays_a_dead_letter(bins: Bins, broker: RecordingBroker) -> None:
    await bins.hear(60, NOON)
    await bins.hear(50, EARLIER)
    (first,) = await bins.letters()
    await bins.box.replay([first])
    for _ in range(200):
        (letter,) = await bins.letters() or [first]
        if letter.id != first.id:
            break
        await bins.agent.commits.idle(0.02)
    assert (letter.kind, letter.at, level(broker)) == ("late", EARLIER, 0.6)


async def test_what_a_former_process_had_committed_is_not_overwritten(bins: Bins, broker: RecordingBroker) -> None:
    await bins.hear(60, NOON)
    await bins.end()
    await bins.begin()
    await bins.hear(50, EARLIER)
    assert (level(broker), [letter.kind for letter in await bins.letters()]) == (0.6, ["late"])
    await bins.hear(70, NOON + timedelta(minutes=1))
    assert level(broker) == 0.7


async def test_what_another_agent_has_committed_is_not_overwritten(bins: Bins, broker: RecordingBroker) -> None:
    await bins.begin(shared=True)
    first = bins.agent
    await bins.hear(50, EARLIER)
    await bins.begin(shared=True)
    await bins.hear(60, NOON)
    await first.accept(topic(), uplink({"fill": 55}, time=EARLIER + timedelta(minutes=1)))
    assert level(broker) == 0.6


async def test_a_device_whose_clock_is_late_fills_only_its_own_places(bins: Bins, broker: RecordingBroker) -> None:
    for number in (2, 1):
        await bins.hear(60, NOON, number)
    await bins.hear(50, EARLIER, 2)
    for minute in range(10):
        await bins.hear(50 + minute, EARLIER + timedelta(minutes=minute))
    assert sorted(letter.device or "" for letter in await bins.letters()) == ["0000000000000001"] * 3 + [
        "0000000000000002"
    ]
