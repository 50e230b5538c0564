"""Takes commands, sends them when their time has come, and notes what becomes of them."""

import asyncio
import logging
import uuid
from collections import Counter
from collections.abc import Callable, Sequence
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec

from iot_agents.downlinks.book import RANK, CommandBook, QueueFull
from iot_agents.downlinks.command import LONGEST_INFO, Addressee, Carrier, Command, Handed, NotYet
from iot_agents.downlinks.downlink import Fate, Status
from iot_agents.downlinks.teller import Teller
from iot_agents.refused import Refused

logger = logging.getLogger(__name__)

EVERY = 1.0
"""Seconds between two looks for what is due, may be tried again, or came from another process."""

AT_ONCE = 50
"""Devices that are served at once."""


class Dispatcher:
    """Commands of one device go out in their order; a device that cannot be reached holds up no other.

    What `accept` has returned is durable.
    """

    def __init__(self, book: CommandBook, teller: Teller, carriers: Sequence[Carrier], *, every: float = EVERY) -> None:
        self.book, self.carriers = book, list(carriers)
        self._teller, self._every = teller, every
        self._lanes: dict[str, asyncio.Task[None]] = {}
        self._slots = asyncio.Semaphore(AT_ONCE)
        self._wake = asyncio.Event()
        self._runner: asyncio.Task[None] | None = None
        self._counts: Counter[str] = Counter()

    async def start(self) -> None:
        """Goes on with what was under way when the last process ended."""
        await self.book.load()
        self._runner = asyncio.create_task(self._run())

    async def stop(self) -> None:
        tasks = [*self._lanes.values(), *([self._runner] if self._runner else [])]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        await self._teller.stop()

    def counters(self) -> dict[str, int]:
        """`accepted`, `refused`, `sent`, `ok`, `error`, `expired`; `open` now."""
        names = ("accepted", "refused", "sent", "ok", "error", "expired")
        return {name: self._counts[name] for name in names} | {"open": len(self.book)}

    def addressees(self, tenant: str, entity: str) -> list[tuple[Carrier, Addressee]]:
        """The devices of an entity that take commands."""
        return [(carrier, one) for carrier in self.carriers for one in carrier.at(tenant, entity)]

    async def accept(self, carrier: Carrier, to: Addressee, name: str, value: Any, cause: str = "") -> Command | None:
        """The command, durable; one that cannot be is an ERROR at once. None where it has been taken before."""
        command = new_command(to, name, value, cause=cause)
        try:
            lifetime = carrier.check(to, name, value)
            command = msgspec.structs.replace(command, expires_at=command.created_at + lifetime)
            if not await self.book.add(command):
                return None
        except (Refused, QueueFull) as error:
            refused = error if isinstance(error, Refused) else Refused("queue_full", str(error))
            command = msgspec.structs.replace(command, status="ERROR", info=refused.reason[:LONGEST_INFO])
            if not await self.book.add(command):
                return None
            self._counts["refused"] += 1
            self._teller.refuse(command, refused)
        self._counts["accepted"] += 1
        self._teller.tell()
        self._wake.set()
        return command

    async def take_fate(self, device: str, fate: Fate) -> bool:
        """Whether it was one of our commands that the network server tells of."""
        command = self.book.named(device, fate.ids)
        if command is None:
            await self.book.refresh()
            command = self.book.named(device, fate.ids)
        if command is None:
            return False
        if fate.status == "PENDING":
            await self.book.change(command, info=fate.info, told=command.told and command.status != "PENDING")
        elif RANK[fate.status] > RANK[command.status]:
            await self._set(command, fate.status, fate.info)
        return True

    async def take_result(self, device: str, name: str, status: Status, info: Any) -> bool:
        """A device tells of its oldest command of the name; False where it has none. It may be quicker than we."""
        waiting = [one for one in self.book.open(device) if one.name == name and not one.is_final]
        if not waiting:
            return False
        await self._set(next((one for one in waiting if one.sent_at), waiting[0]), status, info)
        return True

    async def fetch(self, device: str) -> list[Command]:
        """What waits until the device comes for it: it is delivered from now on, the oldest first."""
        waiting = [one for one in self.book.open(device) if one.status == "PENDING" and not _is_late(one)]
        fetched = [one for one in waiting if one.fetched or one.sent_at is None]
        for command in fetched:
            await self._set(command, "DELIVERED", "", sent_at=datetime.now(UTC))
        return fetched

    async def _run(self) -> None:
        while True:
            try:
                await self._look()
            except Exception:
                logger.exception("Commands could not be sent")
            with suppress(TimeoutError):
                # not `wait_for`, which in Python 3.11 forgets to be cancelled when it is woken at the same time
                async with asyncio.timeout(self._every):
                    await self._wake.wait()
            self._wake.clear()

    async def _look(self) -> None:
        """Ends what is late, begins what is due."""
        await self.book.refresh()
        for command in self.book.open():
            if not command.is_final and _is_late(command):
                self._counts["expired"] += 1
                await self._set(command, "ERROR", _reason(command))
            elif _is_due(command) and command.device not in self._lanes:
                task = self._lanes[command.device] = asyncio.create_task(self._serve(command.device))
                task.add_done_callback(self._lane_ends(command.device))
        self._teller.tell()

    def _lane_ends(self, device: str) -> Callable[[asyncio.Task[None]], None]:
        def ends(_: asyncio.Task[None]) -> None:
            self._lanes.pop(device, None)

        return ends

    async def _serve(self, device: str) -> None:
        """All that waits for one device, until something has to wait longer."""
        async with self._slots:
            while due := [one for one in self.book.open(device) if _is_due(one) and not _is_late(one)]:
                try:
                    await self._send(due[0])
                except (ConnectionError, NotYet) as waits:
                    logger.info("The command %s of %s waits: %s", due[0].name, device, waits)
                    return
                except Exception:
                    logger.exception("The command %s of %s failed", due[0].name, device)
                    await self._set(due[0], "ERROR", "Something went wrong here: see the log")

    async def _send(self, command: Command) -> None:
        carrier = next((one for one in self.carriers if one.of(command.device)), None)
        try:
            if carrier is None:
                raise Refused("unknown_device", f"{command.device} is registered no more, or takes no commands")
            handed = await carrier.send(command)
        except Refused as refused:
            self._teller.refuse(command, refused)
            await self._set(command, "ERROR", refused.reason[:LONGEST_INFO])
            return
        await self._hand(command, handed)

    async def _hand(self, command: Command, handed: Handed) -> None:
        self._counts["sent"] += 1
        changes: dict[str, Any] = {"sent_at": datetime.now(UTC), "confirmed": handed.confirmed}
        if handed.result is not None:
            await self._set(command, *handed.result, **changes)
        else:
            await self.book.change(command, fetched=handed.fetched, **changes)

    async def _set(self, command: Command, status: Status, info: Any, **changes: Any) -> None:
        now = self.book.get(command.id)
        if now is None or now.is_final:
            return
        self._counts[status.lower()] += 1
        await self.book.change(command, status=status, info=info, told=False, **changes)
        self._teller.tell()


def new_command(
    to: Addressee, name: str, value: Any, *, cause: str = "", lifetime: timedelta = timedelta(days=1)
) -> Command:
    """One that nobody has checked yet."""
    now = datetime.now(UTC)
    written_at = _written_at(cause, now)
    return Command(
        id=str(uuid.uuid4()),
        tenant=to.tenant,
        device=to.device,
        entity=to.entity,
        entity_type=to.entity_type,
        name=name,
        value=value,
        created_at=written_at,
        expires_at=written_at + lifetime,
        cause=cause,
    )


def _written_at(cause: str, now: datetime) -> datetime:
    """A command that was on its way for long is as old as that."""
    with suppress(ValueError, TypeError):
        return min(now, datetime.fromisoformat(cause))
    return now


def _is_due(command: Command) -> bool:
    return command.status == "PENDING" and command.sent_at is None


def _is_late(command: Command) -> bool:
    return command.expires_at <= datetime.now(UTC)


def _reason(command: Command) -> str:
    if command.sent_at is None:
        return "expired: it could not be sent in time"
    return "expired: nothing was heard of it" if command.status == "PENDING" else "expired: the device did not answer"
