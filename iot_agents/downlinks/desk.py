"""What people do with commands: look, send, take back; also where another process sends them."""

from collections.abc import Iterable, Sequence
from typing import Any

from iot_agents.downlinks.book import RANK, CommandBook
from iot_agents.downlinks.command import Command, Directory, new_command
from iot_agents.downlinks.downlink import Fate
from iot_agents.refused import Refused


class NoSuchCommand(Exception):
    """There is none, or it is no longer ours to take back; the message says which."""


class NoSuchDevice(Exception):
    """No device that takes commands is called so, or several are; the message says which."""


class CommandDesk:
    """On the store alone: the process that sends sees within a second what is written here.

    Devices are meant by their ids, which `device` finds for a name.
    """

    def __init__(self, book: CommandBook, directories: Sequence[Directory]) -> None:
        self._book, self._directories = book, directories

    async def device(self, name: str, tenant: str | None = None) -> str:
        """The id of the device that people call so, of a tenant or of all; `NoSuchDevice`."""
        found = []
        for directory in self._directories:
            await directory.refresh()
            found += [one for one in directory.named(name) if tenant in (None, one.tenant)]
        if len(found) > 1:
            ids = ", ".join(repr(one.device) for one in found)
            raise NoSuchDevice(f"{name} is the name of {len(found)} devices: name one of {ids}")
        if not found:
            raise NoSuchDevice(f"There is no device {name} that takes commands")
        return found[0].device

    def name_of(self, device: str) -> str:
        """What people call it."""
        names = (directory.name_of(device) for directory in self._directories)
        return next((name for name in names if name != device), device)

    async def get(self, command_id: str) -> Command | None:
        """Open, or among the last of its device."""
        return next((one for one in await self.all() if one.id == command_id), None)

    async def all(self) -> list[Command]:
        """Of all devices, the newest first: all that are open, the last ones that are done with."""
        await self._book.refresh()
        return await self._book.all()

    async def of_device(self, device: str) -> list[Command]:
        """The newest first."""
        await self._book.refresh()
        return await self._book.of_device(device)

    async def send(self, device: str, name: str, value: Any) -> Command:
        """The command, durable. `Refused` says what is wrong with it, `QueueFull` that too many wait."""
        for directory in self._directories:
            await directory.refresh()
            to = directory.of(device)
            if to is not None:
                command = new_command(to, name, value).on(directory.check(to, name, value))
                await self._book.refresh()
                await self._book.add(command)
                return command
        raise Refused("no_commands", f"The device {device} takes no commands: its profile has none")

    async def cancel(self, device: str, command_id: str | None = None) -> list[Command]:
        """Take back one command, or all that wait; `NoSuchCommand` where one has been sent, or is none of these."""
        await self._book.refresh()
        chosen = [one for one in self._book.open(device) if command_id in (None, one.id)]
        cancelled = await self._cancelled(chosen)
        if command_id is not None and not cancelled:
            sent = any(not one.is_final for one in chosen)
            why = "is with the network of the device already" if sent else "is none that waits"
            raise NoSuchCommand(f"The command {command_id} of {device} {why}")
        return cancelled

    async def _cancelled(self, chosen: Iterable[Command]) -> list[Command]:
        tried = [
            await self._book.change(one, lambda now: now.can_be_cancelled, status="ERROR", info="cancelled", told=False)
            for one in chosen
        ]
        return [one for one in tried if one is not None]

    async def take_fate(self, device: str, fate: Fate) -> None:
        """What a network server tells by webhook, where the commands are sent by another process."""
        await self._book.refresh()
        command = self._book.named(device, fate.ids)
        if command is None:
            return

        def is_before(now: Command) -> bool:
            return not now.is_final and RANK[now.status] < RANK[fate.status]

        await self._book.change(command, is_before, status=fate.status, info=fate.info, told=False)
