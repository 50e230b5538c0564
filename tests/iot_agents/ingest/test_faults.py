"""Agents in processes of their own between a real Mosquitto and a broker: nothing lost, nothing twice."""

import asyncio
import sqlite3
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from document_store.sqlite import SqliteDocumentStore
from iot_agents.fiware.registry import Registry
from tests.datenbroker.program import Program, program
from tests.iot_agents.brokers import MOSQUITTO, Mosquitto
from tests.iot_agents.conftest import NO_MOSQUITTO
from tests.iot_agents.ingest.sink import Reading, Sink
from tests.iot_agents.publisher import Publisher

pytestmark = [
    pytest.mark.slow,
    pytest.mark.mosquitto,
    pytest.mark.skipif(MOSQUITTO is None, reason=NO_MOSQUITTO),
]

START = datetime(2026, 11, 23, 6, tzinfo=UTC)
DEVICES = 20


class Field:
    """Where agents run: `sink` is their broker; `send` publishes readings, one a second of device time."""

    def __init__(self, folder: Path, mosquitto: Mosquitto, exits: ExitStack) -> None:
        self.folder, self.sink, self._mosquitto, self._exits = folder, Sink(), mosquitto, exits
        self.sent: list[Reading] = []
        self._publisher = exits.enter_context(Publisher(mosquitto.url, client_id="gateway"))

    def agent(self, name: str = "one", **settings: str) -> Program:
        settings = {"spool_after": "0.2", "iota_port": "0", "agent_name": name} | settings
        arguments = ("agents", "--mqtt-url", self._mosquitto.url, "--broker-url", self.sink.url)
        return self._exits.enter_context(program(self.folder, *arguments, "--data", "data", **settings))

    def send(self, count: int, pause: float = 0.001) -> None:
        for number in range(len(self.sent), len(self.sent) + count):
            device, at = f"dev{number % DEVICES}", START + timedelta(seconds=number)
            time_text = at.isoformat(timespec="milliseconds").replace("+00:00", "Z")
            payload = b'{"t": %d, "TimeInstant": "%s"}' % (number, time_text.encode())
            self._publisher.publish(number, f"/json/key/{device}/attrs", payload)
            self.sent.append((f"urn:ngsi-ld:Sensor:{device}", time_text))
            time.sleep(pause)

    def spooled(self, name: str = "one") -> int:
        with sqlite3.connect(f"file:{self.folder}/data/agents/{name}/spool.db?mode=ro", uri=True) as spool:
            depth: int = spool.execute("SELECT count(*) FROM reading").fetchone()[0]
        spool.close()
        return depth

    def repeated(self) -> int:
        """What the broker had committed, but had not said so yet, goes out again: the same state at the same time."""
        return len(self.sink.readings) - len(self.sent)

    def all_came(self) -> bool:
        return set(self.sink.readings) >= set(self.sent)


@pytest.fixture
def field(tmp_path: Path) -> Iterator[Field]:
    asyncio.run(provision(tmp_path / "data"))
    with ExitStack() as exits:
        mosquitto = Mosquitto(tmp_path / "mosquitto").start()
        exits.callback(mosquitto.stop)
        field = Field(tmp_path, mosquitto, exits)
        exits.callback(field.sink.down)
        yield field


async def provision(folder: Path) -> None:
    store = SqliteDocumentStore.open(folder / "documents.db")
    group = {"apikey": "key", "resource": "/iot/json", "service": "smart", "service_path": "/"}
    await Registry(store).create_groups([group | {"entity_type": "Sensor"}])
    await store.close()


def wait_for(condition: Callable[[], bool], seconds: float = 15) -> None:
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, "it did not happen in time"
        time.sleep(0.02)


def kill(agent: Program) -> None:
    agent.process.kill()
    agent.process.communicate()


def test_a_broker_that_refuses_for_a_while_gets_everything_once_and_in_order(field: Field) -> None:
    field.agent()
    field.send(200)
    field.sink.down()
    field.send(400)
    wait_for(lambda: field.spooled() > 0)
    field.sink.up()
    field.send(200)
    wait_for(field.all_came)
    assert set(field.sink.readings) == set(field.sent)
    assert field.repeated() <= max(field.sink.batches)
    for device in {device for device, _ in field.sent}:
        times = [observed for name, observed in field.sink.readings if name == device]
        assert times == sorted(times)


def test_a_killed_agent_gets_its_messages_again_and_sends_none_twice(field: Field) -> None:
    agent = field.agent()
    for _ in range(2):
        field.send(200)
        kill(agent)
        field.send(100)
        agent = field.agent()
    wait_for(field.all_came)
    assert set(field.sink.readings) == set(field.sent)
    assert field.repeated() <= 2 * max(field.sink.batches)


def test_the_spool_survives_a_kill_and_is_sent_in_order(field: Field) -> None:
    agent = field.agent()
    field.send(20)
    wait_for(field.all_came)
    field.sink.down()
    field.send(300)
    wait_for(lambda: field.spooled() == 300)
    kill(agent)
    field.sink.up()
    field.agent()
    wait_for(field.all_came)
    assert field.sink.readings == field.sent
    wait_for(lambda: field.spooled() == 0)


def test_agents_of_a_group_share_the_load_and_each_message_comes_once(field: Field) -> None:
    agents = [field.agent(name, mqtt_group="herne") for name in ("one", "two")]
    field.send(300)
    wait_for(field.all_came)
    assert sorted(field.sink.readings) == sorted(field.sent)
    committed = [(field.folder / f"data/agents/{name}/seen.new").stat().st_size // 16 for name in ("one", "two")]
    assert sum(committed) == 300
    assert min(committed) > 50
    assert [agent.process.poll() for agent in agents] == [None, None]


def test_a_group_goes_on_without_one_that_is_killed_whose_share_comes_when_it_is_back(field: Field) -> None:
    """Mosquitto goes on dealing to a session that is away; other brokers deal to those that are there."""
    patient = {"mqtt_group": "herne", "spool_after": "60"}
    one, two = (field.agent(name, **patient) for name in ("one", "two"))
    field.sink.down()
    field.send(100)
    kill(two)
    field.sink.up()
    wait_for(lambda: len(set(field.sink.readings)) >= 50)
    held, new = set(field.sent) - set(field.sink.readings), field.sent[-1]
    field.send(200)
    wait_for(lambda: len({each for each in field.sink.readings if each[1] > new[1]}) >= 50)
    assert held and held.isdisjoint(field.sink.readings)
    field.agent("two", **patient)
    wait_for(field.all_came)
    assert sorted(field.sink.readings) == sorted(field.sent)
    assert one.process.poll() is None


def test_one_of_a_group_that_is_killed_in_full_flow_loses_nothing(field: Field) -> None:
    agents = {name: field.agent(name, mqtt_group="herne") for name in ("one", "two")}
    for name in agents:
        field.send(150)
        kill(agents[name])
        field.send(100)
        agents[name] = field.agent(name, mqtt_group="herne")
    wait_for(field.all_came)
    assert set(field.sink.readings) == set(field.sent)
    assert field.repeated() <= 2 * max(field.sink.batches)
