"""An agent with a recording broker behind it, and an MQTT broker: Mosquitto where it is installed."""

from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import httpx
import pytest

from document_store.sqlite import SqliteDocumentStore
from iot_agents.agent import Agent
from iot_agents.ingest.limits import Limits
from ngsi_client.client import NgsiClient
from ngsi_client.rejected import Rejections
from tests.iot_agents.brokers import MOSQUITTO, EmbeddedStandIn, Mosquitto, MqttBroker
from tests.iot_agents.messages import bin_device
from tests.iot_agents.recorder import RecordingBroker

NO_MOSQUITTO = "no Mosquitto is installed, and the embedded MQTT broker keeps no messages for a client that is away"


@pytest.fixture
def mqtt_broker(tmp_path: Path) -> Iterator[MqttBroker]:
    """An MQTT broker of another process, or the embedded one in a thread where no Mosquitto is installed."""
    if MOSQUITTO is not None:
        mosquitto = Mosquitto(tmp_path / "mosquitto").start()
        yield mosquitto
        mosquitto.stop()
        return
    embedded = EmbeddedStandIn().start()
    yield embedded
    embedded.close()


class Bench:
    """The agent under test, what stands behind it, and what it rejected."""

    def __init__(self, agent: Agent, broker: RecordingBroker, rejections: Rejections) -> None:
        self.agent, self.broker, self.rejections = agent, broker, rejections

    @property
    def kinds(self) -> list[str]:
        """The kinds of all rejects, the oldest first."""
        return [rejected.kind for rejected in reversed(list(self.rejections))]


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


@pytest.fixture
async def bench(tmp_path: Path) -> AsyncIterator[Bench]:
    store = SqliteDocumentStore.open(tmp_path / "devices.sqlite")
    broker, rejections = RecordingBroker(), Rejections()
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app=broker), base_url="http://broker") as http:
        agent = Agent(NgsiClient(http), store, rejections, limits=Limits(first_pause=0.01, longest_pause=0.05))
        await agent.start()
        await agent.devices.register(bin_device(number) for number in range(1, 6))
        yield Bench(agent, broker, rejections)
        await agent.stop(grace=0.1)
    await store.close()
