"""Two agents processes on one store: one sends commands; killed, the other goes on within seconds, nothing twice."""

import asyncio
import json
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from tests.datenbroker.downlinks.city import EUI, NetworkServer, until
from tests.datenbroker.downlinks.test_command_line import register
from tests.datenbroker.program import Program, invoke, program
from tests.iot_agents.brokers import MOSQUITTO, Mosquitto

pytestmark = pytest.mark.mosquitto

DOWN = "application/+/device/+/command/down"
LEASE = 1.0


class Twins:
    """Agents of one group on one data folder, and the network server behind the lamp."""

    def __init__(self, folder: Path, exits: ExitStack) -> None:
        assert MOSQUITTO is not None
        self._folder, self._exits = folder, exits
        self._mosquitto = Mosquitto(folder / "mqtt").start()
        exits.callback(self._mosquitto.stop)
        broker = ("broker", "--port", "0", "--log-level", "warning", "--data", "kept")
        self._broker = exits.enter_context(program(folder, *broker)).ready["broker"]
        self.server = exits.enter_context(NetworkServer(self._mosquitto.url, DOWN))

    def agent(self, name: str) -> Program:
        urls = {"mqtt_url": self._mosquitto.url, "broker_url": self._broker, "mqtt_group": "herne"}
        settings = urls | {"agent_name": name, "commands_lease": str(LEASE), "log_level": "warning"}
        return self._exits.enter_context(program(self._folder, "agents", **settings))

    def send(self, value: int) -> str:
        """The id of a command that dims the lamp."""
        sent = invoke(self._folder, "devices", "command", "send", f"chirpstack:{EUI}", "dim", str(value))
        return sent.stdout.strip()

    def is_noted(self, command_id: str) -> bool:
        """Whether the process that sent it has written that down."""
        shown = invoke(self._folder, "devices", "command", "show", command_id).stdout
        return json.loads(shown)["sent_at"] is not None

    def went_down(self) -> tuple[str, str]:
        command, payload = self.server.next_downlink()
        return command["id"], payload


@pytest.fixture
def twins(tmp_path: Path) -> Iterator[Twins]:
    asyncio.run(register(tmp_path))
    with ExitStack() as exits:
        yield Twins(tmp_path, exits)


def test_another_process_sends_when_the_one_that_did_is_killed(twins: Twins) -> None:
    first = twins.agent("one")
    twins.server.up()
    assert (twins.send(10), "020a") == twins.went_down()
    second = twins.agent("two")
    sent = twins.send(20)
    assert (sent, "0214") == twins.went_down()
    until(lambda: twins.is_noted(sent), "the note that it was sent")
    first.process.kill()
    first.process.communicate()
    assert (twins.send(30), "021e") == twins.went_down()
    twins.agent("one")
    assert (twins.send(40), "0228") == twins.went_down()
    assert twins.server.is_quiet, twins.server.unexpected
    assert second.process.poll() is None
