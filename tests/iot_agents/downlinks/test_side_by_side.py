"""Several processes take commands, one sends them; what a crash left half done is not forgotten and not guessed."""

import asyncio
from collections.abc import Callable

import pytest

from iot_agents.downlinks.desk import CommandDesk, NoSuchCommand
from iot_agents.downlinks.dispatcher import NOBODY_KNOWS, Dispatcher
from iot_agents.downlinks.downlink import Fate
from iot_agents.transports import Unanswered
from tests.iot_agents.downlinks.conftest import LAMP, Desk, Way
from tests.iot_agents.downlinks.test_dispatcher import ago, until

pytestmark = pytest.mark.anyio


async def two(desk: Desk) -> tuple[list[Way], list[Dispatcher]]:
    """The first of which sends."""
    await desk.dispatcher.stop()
    ways = [Way(), Way()]
    first = await desk.beside(ways[0])
    await until(lambda: first.sends)
    return ways, [first, await desk.beside(ways[1])]


def crash(dispatcher: Dispatcher) -> None:
    """As `kill -9`: nothing of it runs any more, and nothing is tidied up."""
    for task in (dispatcher._runner, *dispatcher._lanes.values()):
        if task is not None:
            task.cancel()


def silent() -> Callable[[], asyncio.Future[None]]:
    """A way on which the acknowledgement never comes."""
    return lambda: asyncio.get_running_loop().create_future()


async def test_of_two_processes_one_sends_what_either_has_taken(desk: Desk) -> None:
    ways, (first, second) = await two(desk)
    for value, taker in enumerate((first, second, second)):
        assert await taker.accept(ways[0], LAMP, "dim", value) is not None
    await until(lambda: len(ways[0].sent) == 3)
    assert (sorted(ways[0].sent), ways[1].sent, second.sends) == ([0, 1, 2], [], False)


async def test_a_notification_that_both_are_told_of_is_one_command(desk: Desk) -> None:
    ways, both = await two(desk)
    cause = ago(10)
    taken = await asyncio.gather(*(one.accept(ways[0], LAMP, "dim", 1, cause) for one in both))
    assert sum(command is not None for command in taken) == 1
    await until(lambda: ways[0].sent == [1])
    await asyncio.sleep(0.1)
    assert (ways[0].sent, ways[1].sent) == ([1], [])


async def test_another_takes_over_from_one_that_is_silent(desk: Desk) -> None:
    ways, (first, second) = await two(desk)
    crash(first)
    desk.leases[0]._task.cancel()  # type: ignore[union-attr]
    await second.accept(ways[1], LAMP, "dim", 7)
    await until(lambda: ways[1].sent == [7])
    assert desk.shown()[0] == "PENDING" and ways[0].sent == []


async def test_what_was_being_sent_at_a_crash_is_sent_again(desk: Desk) -> None:
    ways, (first, second) = await two(desk)
    ways[0].answers = silent()
    await first.accept(ways[0], LAMP, "dim", 7)
    await until(lambda: ways[0].sent == [7])
    crash(first)
    await desk.leases[0].stop()
    await until(lambda: ways[1].sent == [7])
    await until(lambda: second.book.open()[0].sent_at is not None)


async def test_what_must_not_come_twice_is_not_sent_again_and_that_is_told(desk: Desk) -> None:
    ways, (first, second) = await two(desk)
    ways[0].answers, ways[0].repeatable = silent(), False
    command = await first.accept(ways[0], LAMP, "dim", 7)
    assert command is not None
    await until(lambda: ways[0].sent == [7])
    crash(first)
    await desk.leases[0].stop()
    await until(lambda: desk.shown() == ("UNKNOWN", NOBODY_KNOWS))
    await second.take_fate(LAMP.device, Fate((command.id,), "OK"))
    await until(lambda: desk.shown()[0] == "OK")
    assert ways[1].sent == []


@pytest.mark.parametrize(("repeatable", "sent"), [(True, [7, 7]), (False, [7])])
async def test_a_broker_that_does_not_say_whether_it_has_the_message(
    desk: Desk, repeatable: bool, sent: list[int]
) -> None:
    async def unanswered() -> None:
        desk.way.answers = None
        raise Unanswered("the connection ended")

    desk.way.answers, desk.way.repeatable = unanswered, repeatable
    await desk.accept(7)
    await until(lambda: desk.shown()[0] == ("PENDING" if repeatable else "UNKNOWN"))
    await until(lambda: desk.way.sent == sent)
    assert desk.dispatcher.counters()["unknown"] == (not repeatable)


async def test_what_is_being_sent_cannot_be_taken_back(desk: Desk) -> None:
    desk.way.answers = silent()
    command = await desk.accept(7)
    assert command is not None
    await until(lambda: desk.way.sent == [7])
    counter = CommandDesk(desk.book, [desk.way])
    with pytest.raises(NoSuchCommand, match="is with the network"):
        await counter.cancel(LAMP.device, command.id)
    assert await counter.cancel(LAMP.device) == []


async def test_a_command_that_nobody_knows_of_expires(desk: Desk) -> None:
    async def unanswered() -> None:
        raise Unanswered("the connection ended")

    desk.way.answers, desk.way.repeatable = unanswered, False
    command = await desk.accept(7)
    assert command is not None
    await until(lambda: desk.shown()[0] == "UNKNOWN")
    await desk.book.change(command, expires_at=command.created_at)
    await until(lambda: desk.shown() == ("ERROR", "expired: nothing was heard of it"))
