"""`datenbroker devices command`: what is sent to devices, on the store of a running platform."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Annotated, Any

import typer

from datenbroker.commands.devices import DeviceDesk, at_device_desk
from datenbroker.commands.options import with_settings
from datenbroker.errors import CannotStart
from datenbroker.settings import Settings

if TYPE_CHECKING:
    from iot_agents.downlinks.command import Command
    from iot_agents.downlinks.desk import CommandDesk

app = typer.Typer(
    help="Commands to devices of all networks and of FIWARE's agents: list, show, send, cancel.", no_args_is_help=True
)

STORE = ("data", "mongodb_url")
SENDING = (*STORE, "json_sources", "commands_waiting", "commands_lifetime")

Device = Annotated[
    str,
    typer.Argument(help="<network>:<key>, e.g. chirpstack:a84041ffff1865ab, or iota:<API key>/<device id>."),
]
HEADINGS = ("Command", "Device", "Name", "Value", "Status", "Info", "Made (UTC)", "Expires (UTC)")


@dataclass(frozen=True)
class CommandCounter:
    """The commands, opened for one command line."""

    desk: DeviceDesk
    commands: "CommandDesk"

    def device(self, name: str) -> str:
        """The id of a device that takes commands, or of a registered one that takes none."""
        from iot_agents.downlinks.desk import NoSuchDevice

        if self.desk.registry.get(name) is not None:
            return name
        try:
            return self.desk.run(self.commands.device(name))
        except NoSuchDevice as missing:
            raise CannotStart(f"{missing}: see `datenbroker devices list`.") from None

    def print(self, found: "list[Command]") -> None:
        from datenbroker.commands.desk import table

        table(HEADINGS, [_row(one, self.commands.name_of(one.device)) for one in found])


@contextmanager
def _at_command_counter(settings: Settings) -> "Iterator[CommandCounter]":
    from datenbroker.devices import networks
    from iot_agents.codecs.codecs import Codecs
    from iot_agents.downlinks.book import CommandBook
    from iot_agents.downlinks.desk import CommandDesk
    from iot_agents.downlinks.lorawan import LoRaWan
    from iot_agents.fiware.commands.takers import CommandTakers
    from iot_agents.fiware.registry import Registry
    from iot_agents.profile import bundled_profiles

    with at_device_desk(settings) as desk:
        lifetime = timedelta(seconds=settings.commands_lifetime)
        lorawan = LoRaWan(desk.registry, bundled_profiles(), networks(settings), Codecs(), lifetime)
        fiware = CommandTakers(Registry(desk.store), lifetime)
        desk.run(fiware.refresh())
        book = CommandBook(desk.store, settings.commands_waiting)
        yield CommandCounter(desk, CommandDesk(book, [lorawan, fiware]))


@app.command("list")
@with_settings(*SENDING)
def list_commands(
    settings: Settings,
    device: Annotated[str | None, typer.Argument(help="Only this device's, named as for `send`.")] = None,
    status: Annotated[str | None, typer.Option(help="Only those of this status, e.g. PENDING.")] = None,
    tenant: Annotated[str | None, typer.Option(help="Only those of this tenant's devices.")] = None,
) -> None:
    """List commands, the newest first: all that are open, and of each device the last ones that are done with."""
    with _at_command_counter(settings) as counter:
        wanted = counter.commands.of_device(counter.device(device)) if device else counter.commands.all()
        found = [one for one in counter.desk.run(wanted) if tenant in (None, one.tenant)]
        counter.print([one for one in found if status in (None, one.status)])


@app.command()
@with_settings(*SENDING)
def show(settings: Settings, command_id: Annotated[str, typer.Argument(help="The command's id.")]) -> None:
    """Show a command and what became of it, as JSON."""
    import msgspec

    with _at_command_counter(settings) as counter:
        found = counter.desk.run(counter.commands.get(command_id))
        if found is None:
            raise CannotStart(f"There is no command {command_id}: see `datenbroker devices command list`.")
        members = msgspec.to_builtins(found) | {"device": counter.commands.name_of(found.device)}
    typer.echo(msgspec.json.format(msgspec.json.encode(members), indent=2).decode())


@app.command()
@with_settings(*SENDING)
def send(
    settings: Settings,
    device_id: Device,
    name: Annotated[str, typer.Argument(help="One of the commands of the device's profile, or of its provisioning.")],
    value: Annotated[str, typer.Argument(help='JSON, e.g. 40, true, "on"; what is none is taken as text.')],
) -> None:
    """Send a command: the running agents take it to the device. Prints its id."""
    from iot_agents.downlinks.book import QueueFull
    from iot_agents.refused import Refused

    with _at_command_counter(settings) as counter:
        try:
            sent = counter.desk.run(counter.commands.send(counter.device(device_id), name, _value(value)))
        except Refused as refused:
            raise CannotStart(f"{refused.reason}.") from None
        except QueueFull as full:
            raise CannotStart(f"{full}: see `datenbroker devices command cancel {device_id}`.") from None
    typer.echo(sent.id)


@app.command()
@with_settings(*SENDING)
def cancel(
    settings: Settings,
    device_id: Device,
    command_id: Annotated[str | None, typer.Argument(help="One command; without it all that wait.")] = None,
) -> None:
    """Take back commands that wait here. What the device or its network server has taken is under way."""
    from iot_agents.downlinks.desk import NoSuchCommand

    with _at_command_counter(settings) as counter:
        try:
            cancelled = counter.desk.run(counter.commands.cancel(counter.device(device_id), command_id))
        except NoSuchCommand as missing:
            raise CannotStart(f"{missing}: see `datenbroker devices command list {device_id}`.") from None
    typer.echo(f"{len(cancelled)} commands are taken back.")


def _row(command: "Command", device: str) -> tuple[str, ...]:
    times = (f"{time:%Y-%m-%d %H:%M}" for time in (command.created_at, command.expires_at))
    return (command.id, device, command.name, str(command.value), command.status, str(command.info), *times)


def _value(text: str) -> Any:
    import json

    try:
        return json.loads(text)
    except json.JSONDecodeError:
        return text
