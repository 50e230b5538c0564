"""Commands of a process with agents: from the context broker's notification to the device, and back to the entity."""

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

from datenbroker.gateway.management.commands import CommandParts
from datenbroker.process.serving import HttpServer, listen
from datenbroker.wiring.process import Process
from document_store.lease import Leases
from document_store.store import DocumentStore
from iot_agents.downlinks.book import CommandBook
from iot_agents.downlinks.desk import CommandDesk
from iot_agents.downlinks.dispatcher import Dispatcher
from iot_agents.downlinks.door import CommandDoor
from iot_agents.downlinks.lorawan import LoRaWan, Publish
from iot_agents.downlinks.routes import Routes
from iot_agents.downlinks.teller import Teller
from iot_agents.downlinks.watch import Watch
from iot_agents.fiware.commands.takers import CommandTakers
from iot_agents.fiware.registry import Registry
from ngsi_client.client import NgsiClient

if TYPE_CHECKING:
    from iot_agents.agent import Agent

INNER_HOST = "commands.datenbroker.internal"
"""Under which the embedded broker notifies this process: the same over restarts, so that no notification is lost."""


@dataclass(frozen=True)
class Downlinks:
    """The parts that commands go through; `start` once all ways to devices are known."""

    dispatcher: Dispatcher
    lorawan: LoRaWan
    routes: Routes
    door: CommandDoor
    watch: Watch | None

    async def start(self, process: Process, publish: Publish) -> None:
        self.lorawan.publish = publish
        await process.started(self.dispatcher)
        if self.watch is not None:
            await process.started(self.watch)


async def downlinks(process: Process, agent: "Agent", client: NgsiClient, store: DocumentStore) -> Downlinks:
    """The door is open when this returns; what comes in waits for `start`."""
    settings = process.settings
    lorawan = _lorawan(process, agent)
    book = CommandBook(store, settings.commands_waiting)
    leases = await process.started(Leases(store, settings.commands_lease))
    dispatcher = Dispatcher(book, Teller(client, book, process.rejections), [lorawan], leases=leases)
    await book.load()
    routes = lorawan.routes = await process.started(Routes(store, agent.networks, lorawan.takes_commands))
    door = CommandDoor(dispatcher, store)
    await door.load()
    agent.on_fate = dispatcher.take_fate
    process.metrics.add_counters("commands", dispatcher.counters, gauges={"open", "sends"})
    url = await _url(process, door)
    if url is None:
        return Downlinks(dispatcher, lorawan, routes, door, None)
    watch = Watch(client, store, dispatcher.carriers, lambda tenant: url + door.path(tenant), leases=leases)
    return Downlinks(dispatcher, lorawan, routes, door, watch)


def command_parts(process: Process, agent: "Agent", store: DocumentStore) -> CommandParts:
    """What the commands' API works with, in any process."""
    fiware = CommandTakers(Registry(store), timedelta(seconds=process.settings.commands_lifetime))
    desk = CommandDesk(CommandBook(store, process.settings.commands_waiting), [_lorawan(process, agent), fiware])
    if agent.on_fate is None:
        agent.on_fate = desk.take_fate
    return CommandParts(desk)


def _lorawan(process: Process, agent: "Agent") -> LoRaWan:
    lifetime = timedelta(seconds=process.settings.commands_lifetime)
    return LoRaWan(agent.devices, agent.profiles, agent.networks, agent.codecs, lifetime)


async def _url(process: Process, door: CommandDoor) -> str | None:
    """Where the context broker reaches the door; None where nobody said how another's can."""
    settings = process.settings
    if settings.broker_url is None:
        process.inner[INNER_HOST] = door.take
        return f"http://{INNER_HOST}"
    if settings.commands_url is None:
        return None
    bound = listen(settings.host, settings.commands_port, "commands_port")
    await process.started(HttpServer(door, bound, settings.stop_timeout))
    return settings.commands_url
