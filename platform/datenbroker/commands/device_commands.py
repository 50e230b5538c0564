"""`datenbroker devices command`: what is sent to devices, on the store of a running platform."""

from collections.abc import Iterator
from contextlib import contextmanager
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

app = typer.Typer(help="Commands to devices: list, send, cancel.", no_args_is_help=True)

STORE = ("data", "mongodb_url")
SENDING = (*STORE, "json_sources", "commands_waiting", "commands_lifetime")

Device = Annotated[str, typer.Argument(help="<network>:<key>, e.g. chirpstack:a84041ffff1865ab.")]


@contextmanager
def _at_command_desk(settings: Settings, device_id: str) -> "Iterator[tuple[DeviceDesk, CommandDesk]]":
    from datenbroker.devices import networks
    from iot_agents.codecs.codecs import Codecs
    from iot_agents.downlinks.book import CommandBook
    from iot_agents.downlinks.desk import CommandDesk
    from iot_agents.downlinks.lorawan import LoRaWan
    from iot_agents.profile import bundled_profiles

    with at_device_desk(settings) as desk:
        if desk.registry.get(device_id) is None:
            raise CannotStart(f"There is no device {device_id}: see `datenbroker devices list`.")
        lifetime = timedelta(seconds=settings.commands_lifetime)
        carrier = LoRaWan(desk.registry, bundled_profiles(), networks(settings), Codecs(), lifetime)
        yield desk, CommandDesk(CommandBook(desk.store, settings.commands_waiting), carrier)


@app.command("list")
@with_settings(*SENDING)
def list_commands(settings: Settings, device_id: Device) -> None:
    """List the commands of a device, the newest first: all that are open, the last ones that are done with."""
    from datenbroker.commands.desk import table

    with _at_command_desk(settings, device_id) as (desk, commands):
        found = desk.run(commands.of_device(device_id))
    table(["Command", "Name", "Value", "Status", "Info", "Made (UTC)", "Expires (UTC)"], [_row(one) for one in found])


@app.command()
@with_settings(*SENDING)
def send(
    settings: Settings,
    device_id: Device,
    name: Annotated[str, typer.Argument(help="One of the commands of the device's profile.")],
    value: Annotated[str, typer.Argument(help='JSON, e.g. 40, true, "on"; what is none is taken as text.')],
) -> None:
    """Send a command: the running agents take it to the device. Prints its id."""
    from iot_agents.downlinks.book import QueueFull
    from iot_agents.refused import Refused

    with _at_command_desk(settings, device_id) as (desk, commands):
        try:
            sent = desk.run(commands.send(device_id, name, _value(value)))
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
    """Take back commands that wait here. What its network server has taken, it sends."""
    from iot_agents.downlinks.desk import NoSuchCommand

    with _at_command_desk(settings, device_id) as (desk, commands):
        try:
            cancelled = desk.run(commands.cancel(device_id, command_id))
        except NoSuchCommand as missing:
            raise CannotStart(f"{missing}: see `datenbroker devices command list {device_id}`.") from None
    typer.echo(f"{len(cancelled)} commands are taken back.")


def _row(command: "Command") -> tuple[str, ...]:
    times = (f"{time:%Y-%m-%d %H:%M}" for time in (command.created_at, command.expires_at))
    return (command.id, command.name, str(command.value), command.status, str(command.info), *times)


def _value(text: str) -> Any:
    import json

    try:
        return json.loads(text)
    except json.JSONDecodeError:
        return text
