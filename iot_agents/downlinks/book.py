"""The commands that are under way, and the last ones of each device: in the document store before they count."""

import asyncio
from collections.abc import Callable, Iterable, Mapping
from datetime import datetime
from typing import Any

import msgspec

from document_store.store import Document, DocumentStore
from iot_agents.downlinks.command import Command
from iot_agents.downlinks.downlink import Status

OPEN, DONE = "commands_open", "commands_done"

KEPT = 20
"""Commands of a device that are done with and can still be looked at."""


RANK: Mapping[Status, int] = {"PENDING": 0, "UNKNOWN": 1, "DELIVERED": 2, "OK": 3, "ERROR": 3}
"""A command's status goes only up."""


Only = Callable[[Command], bool]


class QueueFull(Exception):
    """The device has as many commands waiting as it may; the message says how many."""


class CommandBook:
    """`load` before the first use; `refresh` sees what other processes wrote. At most `waiting` open ones a device."""

    def __init__(self, store: DocumentStore, waiting: int = 20) -> None:
        self._store, self._waiting = store, waiting
        self._open: dict[str, Command] = {}
        self._writing = asyncio.Lock()

    async def load(self) -> None:
        """What a crash left both open and done is done."""
        documents = await self._store.find(OPEN)
        self._open = {document["_id"]: msgspec.convert(document, Command) for document in documents}
        for device in {command.device for command in self._open.values()}:
            done = {each["_id"] for each in (await self._page(device))["commands"]}
            for command in [one for one in self.open(device) if one.id in done]:
                await self._forget(command)

    async def refresh(self) -> None:
        """New commands of other processes, and what they know of those that are under way."""
        async with self._writing:
            stored = await self._store.find(OPEN)
            self._open = {document["_id"]: msgspec.convert(document, Command) for document in stored}

    def open(self, device: str | None = None) -> list[Command]:
        """The oldest first."""
        found = [command for command in self._open.values() if device in (None, command.device)]
        return sorted(found, key=lambda command: (command.created_at, command.cause))

    def get(self, command_id: str) -> Command | None:
        return self._open.get(command_id)

    def named(self, device: str, ids: Iterable[str]) -> Command | None:
        """The open command of a device that a network server means by one of the ids; some keep only 16 digits."""
        found = {id_.lower() for id_ in ids}
        digits = {one.id: one.id.replace("-", "") for one in self.open(device)}
        names = ((one, {one.id, digits[one.id], digits[one.id][:16]}) for one in self.open(device))
        return next((one for one, known in names if known & found), None)

    def __len__(self) -> int:
        return len(self._open)

    async def add(self, command: Command) -> bool:
        """Whether it is new: durable from now on. `QueueFull` where the device has too many."""
        async with self._writing:
            if command.cause and await self._is_known(command):
                return False
            waiting = sum(not other.is_final for other in self.open(command.device))
            if not command.is_final and waiting >= self._waiting:
                raise QueueFull(f"{waiting} commands wait for the device already, which is as many as may")
            if not await self._store.swap(OPEN, _written(command), None):
                return False  # another process was told of it too
            self._open[command.id] = command
            return True

    async def change(self, command: Command, only: Only | None = None, **changes: Any) -> Command | None:
        """As it is now; None where nothing is changed, since it is done with or by now is none of `only`."""
        async with self._writing:
            while (stored := await self._store.get(OPEN, command.id)) is not None:
                there = msgspec.convert(stored, Command)
                allowed = only is None or only(there)
                changed = msgspec.structs.replace(there, **changes) if allowed else there
                if allowed and not await self._store.swap(OPEN, _written(changed), stored):
                    continue  # another process was quicker
                self._open[command.id] = changed
                return changed if allowed else None
            self._open.pop(command.id, None)
            return None

    async def close(self, commands: Iterable[Command]) -> None:
        """They are done with, and told of: among the last of their devices from now on."""
        async with self._writing:
            for command in commands:
                page = await self._page(command.device)
                page["commands"] = [_written(command), *page["commands"]][:KEPT]
                page["seen"] = page["seen"] | _seen(command)
                await self._store.put(DONE, page)
                await self._forget(command)

    async def all(self) -> list[Command]:
        """Of all devices, open and done, the newest first."""
        pages = await self._store.find(DONE)
        done = [msgspec.convert(each, Command) for page in pages for each in page["commands"]]
        known = {one.id: one for one in (*done, *self._open.values())}
        return sorted(known.values(), key=lambda command: (command.created_at, command.cause), reverse=True)

    async def of_device(self, device: str) -> list[Command]:
        """Open and done, the newest first."""
        done = [msgspec.convert(each, Command) for each in (await self._page(device))["commands"]]
        return [*reversed(self.open(device)), *done]

    async def is_outdated(self, command: Command) -> bool:
        """Whether a newer command of its name is done with already."""
        done = (await self._page(command.device))["commands"]
        alike = (each for each in done if each["name"] == command.name and each["entity"] == command.entity)
        return any(msgspec.convert(each, Command).created_at > command.created_at for each in alike)

    async def forget(self, device: str) -> None:
        """When a device is deleted."""
        for command in self.open(device):
            await self._forget(command)
        await self._store.delete(DONE, device)

    async def _is_known(self, command: Command) -> bool:
        """A notification may come again, and one that is older than the last says nothing new."""
        causes = [cause for other in self.open(command.device) for name, cause in _seen(other).items()
                  if name == command.name]  # fmt: skip
        last = (await self._page(command.device))["seen"].get(command.name)
        return any(_is_older(command, *cause) for cause in (*causes, *([last] if last else [])))

    async def _page(self, device: str) -> Document:
        return await self._store.get(DONE, device) or {"_id": device, "commands": [], "seen": {}}

    async def _forget(self, command: Command) -> None:
        await self._store.delete(OPEN, command.id)
        self._open.pop(command.id, None)


def _written(command: Command) -> Document:
    document: Document = msgspec.to_builtins(command)
    return document


def _seen(command: Command) -> dict[str, list[str]]:
    return {command.name: [command.cause, msgspec.json.encode(command.value).decode()]} if command.cause else {}


def _is_older(command: Command, cause: str, value: str) -> bool:
    """Of two values written within one tick of the broker's clock, both count."""
    if command.cause == cause:
        return msgspec.json.encode(command.value).decode() == value
    try:
        return datetime.fromisoformat(command.cause) < datetime.fromisoformat(cause)
    except (ValueError, TypeError):
        return False
