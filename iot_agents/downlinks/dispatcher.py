"""Takes commands, sends them when their time has come, and notes what becomes of them.

That a command is being sent is noted before: whoever finds such a note of a process that died sends the command again
where the device may get it twice, and else tells that nobody knows.
"""

import asyncio
import logging
from collections import Counter
from collections.abc import Callable, Sequence
from contextlib import suppress
from datetime import UTC, datetime
from operator import attrgetter
from typing import Any

import msgspec

from document_store.lease import Leases
from iot_agents.downlinks.book import RANK, CommandBook, QueueFull
from iot_agents.downlinks.command import (
    LONGEST_INFO,
    Addressee,
    Carrier,
    Command,
    Handed,
    NotYet,
    new_command,
)
from iot_agents.downlinks.downlink import Fate, Status
from iot_agents.downlinks.teller import Teller
from iot_agents.refused import Refused
from iot_agents.transports import Unanswered

logger = logging.getLogger(__name__)

EVERY = 1.0
"""Seconds between two looks for what is due, may be tried again, or came from another process."""

AT_ONCE = 50
"""Devices that are served at once."""


IS_PENDING, IS_DUE = attrgetter("is_pending"), attrgetter("is_due")

LEASE = "agents/commands"
"""Its holder sends and tells, of several processes that take commands."""

STOP_SECONDS = 1.0

NOBODY_KNOWS = "it may have been sent: the process that did it died, or had no answer; it is not sent twice"


class Dispatcher:
    """Commands of one device go out in their order; a device that cannot be reached holds up no other.

    What `accept` has returned is durable. With `leases` several processes may stand side by side.
    """

    def __init__(
        self,
        book: CommandBook,
        teller: Teller,
        carriers: Sequence[Carrier],
        *,
        leases: Leases | None = None,
        every: float = EVERY,
    ) -> None:
        self.book, self.carriers = book, list(carriers)
        self._teller, self._leases, self._every = teller, leases, every
        self._lanes: dict[str, asyncio.Task[None]] = {}
        self._slots = asyncio.Semaphore(AT_ONCE)
        self._wake = asyncio.Event()
        self._runner: asyncio.Task[None] | None = None
        self._stopping = False
        self._counts: Counter[str] = Counter()

    @property
    def sends(self) -> bool:
        """Whether it is this process that sends."""
        return self._leases is None or self._leases.holds(LEASE)

    async def start(self) -> None:
        """Goes on with what was under way when the last process ended."""
        await self.book.load()
        self._runner = asyncio.create_task(self._run())

    async def stop(self) -> None:
        """What is being sent has a second to be answered."""
        if self._runner is not None:
            self._runner.cancel()
            await asyncio.gather(self._runner, return_exceptions=True)
        self._stopping = True
        lanes = list(self._lanes.values())
        if lanes:
            await asyncio.wait(lanes, timeout=STOP_SECONDS)
        for lane in lanes:
            lane.cancel()
        await asyncio.gather(*lanes, return_exceptions=True)
        await self._teller.stop()

    def counters(self) -> dict[str, int]:
        """`accepted`, `refused`, `sent`, `unknown`, `ok`, `error`, `expired`; `open` now, and whether it `sends`."""
        names = ("accepted", "refused", "sent", "unknown", "ok", "error", "expired")
        return {name: self._counts[name] for name in names} | {"open": len(self.book), "sends": int(self.sends)}

    def addressees(self, tenant: str, entity: str) -> list[tuple[Carrier, Addressee]]:
        """The devices of an entity that take commands."""
        return [(carrier, one) for carrier in self.carriers for one in carrier.at(tenant, entity)]

    async def accept(self, carrier: Carrier, to: Addressee, name: str, value: Any, cause: str = "") -> Command | None:
        """The command, durable; one that cannot be is an ERROR at once. None where it has been taken before."""
        command = new_command(to, name, value, cause=cause)
        try:
            command = command.on(carrier.check(to, name, value))
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
        self._tell()
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
            await self.book.change(command, IS_PENDING, info=fate.info, told=False)
        else:
            await self._set(command, fate.status, fate.info)
        return True

    async def take_result(self, device: str, name: str, status: Status, info: Any) -> bool:
        """A device tells of its oldest command of the name; False where it has none. It may be quicker than we."""
        waiting = self._unanswered(device, name)
        if not waiting:
            await self.book.refresh()
            waiting = self._unanswered(device, name)
        if not waiting:
            return False
        await self._set(next((one for one in waiting if one.sent_at), waiting[0]), status, info)
        return True

    def _unanswered(self, device: str, name: str) -> list[Command]:
        return [one for one in self.book.open(device) if one.name == name and not one.is_final]

    async def fetch(self, device: str) -> list[Command]:
        """What waits until the device comes for it: it is delivered from now on, the oldest first."""
        waiting = [one for one in self.book.open(device) if one.is_pending and not one.is_late]
        waiting = [one for one in waiting if one.fetched or one.sent_at is None]
        return [one for one in waiting if await self._set(one, "DELIVERED", "", sent_at=datetime.now(UTC))]

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
        """Ends what is late, clears up what was begun, begins what is due."""
        await self.book.refresh()
        if self._leases is not None and not await self._leases.take(LEASE):
            return
        for command in self.book.open():
            if not command.is_final and command.is_late:
                self._counts["expired"] += 1
                await self._set(command, "ERROR", _reason(command))
            elif command.device not in self._lanes and await self._is_to_be_sent(command):
                task = self._lanes[command.device] = asyncio.create_task(self._serve(command.device))
                task.add_done_callback(self._lane_ends(command.device))
        self._tell()

    async def _is_to_be_sent(self, command: Command) -> bool:
        """What another process, or this one, has begun to send without saying how that ended, may be due again."""
        if command.sending and command.is_pending:
            await self._doubt(command)
            return command.repeatable
        return command.is_due

    async def _doubt(self, command: Command) -> None:
        if command.repeatable:
            await self.book.change(command, sending=False)
        else:
            await self._set(command, "UNKNOWN", NOBODY_KNOWS, sending=False)

    def _lane_ends(self, device: str) -> Callable[[asyncio.Task[None]], None]:
        def ends(lane: asyncio.Task[None]) -> None:
            self._lanes.pop(device, None)
            if not lane.cancelled() and (error := lane.exception()):
                logger.error("The commands of %s could not be noted", device, exc_info=error)

        return ends

    async def _serve(self, device: str) -> None:
        """All that waits for one device, until something has to wait longer."""
        async with self._slots:
            while due := [one for one in self.book.open(device) if one.is_due and not one.is_late]:
                if self._stopping or not self.sends:
                    return
                try:
                    await self._send(due[0])
                except Unanswered as unanswered:
                    logger.warning("The command %s of %s may be under way: %s", due[0].name, device, unanswered)
                    await self._doubt(due[0])
                    return
                except (ConnectionError, NotYet) as waits:
                    logger.info("The command %s of %s waits: %s", due[0].name, device, waits)
                    await self.book.change(due[0], sending=False)
                    return
                except Exception:
                    logger.exception("The command %s of %s failed", due[0].name, device)
                    await self._set(due[0], "ERROR", "Something went wrong here: see the log", sending=False)

    async def _send(self, command: Command) -> None:
        try:
            carrier = await self._carrier_of(command.device)
            if await self.book.change(command, IS_DUE, sending=True) is not None:
                await self._hand(command, await carrier.send(command))
        except Refused as refused:
            self._teller.refuse(command, refused)
            await self._set(command, "ERROR", refused.reason[:LONGEST_INFO], sending=False)

    async def _carrier_of(self, device: str) -> Carrier:
        """Another process may have registered the device a moment ago."""
        for refresh in (False, True):
            for carrier in self.carriers:
                if refresh:
                    await carrier.refresh()
                if carrier.of(device):
                    return carrier
        raise Refused("unknown_device", f"{device} is registered no more, or takes no commands")

    async def _hand(self, command: Command, handed: Handed) -> None:
        self._counts["sent"] += 1
        now = datetime.now(UTC)
        await self.book.change(command, sending=False, sent_at=now, confirmed=handed.confirmed, fetched=handed.fetched)
        if handed.result is not None:
            await self._set(command, *handed.result)

    async def _set(self, command: Command, status: Status, info: Any, **changes: Any) -> bool:
        """Whether the command was not as far yet."""

        def is_before(now: Command) -> bool:
            return not now.is_final and RANK[now.status] < RANK[status]

        changed = await self.book.change(command, is_before, status=status, info=info, told=False, **changes)
        if changed is not None:
            self._counts[status.lower()] += 1
            self._tell()
        return changed is not None

    def _tell(self) -> None:
        if self.sends:
            self._teller.tell()


def _reason(command: Command) -> str:
    if command.sent_at is None and command.is_pending:
        return "expired: it could not be sent in time"
    heard_of = command.status == "DELIVERED"
    return "expired: the device did not answer" if heard_of else "expired: nothing was heard of it"
