"""What people do with commands: look, send, take back; also where another process sends them."""

from typing import Any

from iot_agents.downlinks.book import RANK, CommandBook
from iot_agents.downlinks.command import Addressee, Carrier, Command
from iot_agents.downlinks.dispatcher import new_command
from iot_agents.downlinks.downlink import Fate
from iot_agents.refused import Refused


class NoSuchCommand(Exception):
    """There is none, or it is no longer ours to take back; the message says which."""


class CommandDesk:
    """On the store alone: the process with the agents sees within a second what is written here."""

    def __init__(self, book: CommandBook, carrier: Carrier) -> None:
        self._book, self._carrier = book, carrier

    async def of_device(self, device: str) -> list[Command]:
        """The newest first."""
        await self._book.load()
        return await self._book.of_device(device)

    async def send(self, device: str, name: str, value: Any) -> Command:
        """The command, durable. `Refused` says what is wrong with it, `QueueFull` that too many wait."""
        to: Addressee | None = self._carrier.of(device)
        if to is None:
            raise Refused("no_commands", f"The device {device} takes no commands: its profile has none")
        lifetime = self._carrier.check(to, name, value)
        command = new_command(to, name, value, lifetime=lifetime)
        await self._book.load()
        await self._book.add(command)
        return command

    async def cancel(self, device: str, command_id: str | None = None) -> list[Command]:
        """Take back one command, or all that wait; `NoSuchCommand` where one has been sent, or is none of these."""
        await self._book.load()
        waiting = [one for one in self._book.open(device) if (not one.is_final and one.sent_at is None) or one.fetched]
        chosen = [one for one in waiting if not one.is_final and command_id in (None, one.id)]
        if command_id is not None and not chosen:
            known = self._book.get(command_id)
            sent = known is not None and known.device == device and not known.is_final
            why = "is with the network of the device already" if sent else "is none that waits"
            raise NoSuchCommand(f"The command {command_id} of {device} {why}")
        return [await self._book.change(one, status="ERROR", info="cancelled", told=False) for one in chosen]

    async def take_fate(self, device: str, fate: Fate) -> None:
        """What a network server tells by webhook, where the commands are sent by another process."""
        await self._book.load()
        command = self._book.named(device, fate.ids)
        if command is not None and RANK[fate.status] > RANK[command.status]:
            await self._book.change(command, status=fate.status, info=fate.info, told=False)
