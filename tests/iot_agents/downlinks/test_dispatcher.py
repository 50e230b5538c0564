"""Commands go out once, in order, in time; what becomes of them is told, over restarts too."""

import asyncio
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest

from iot_agents.downlinks.book import KEPT
from iot_agents.downlinks.downlink import Fate
from tests.iot_agents.downlinks.conftest import LAMP, Desk

pytestmark = pytest.mark.anyio


def ago(milliseconds: int) -> str:
    moment = datetime.now(UTC) - timedelta(milliseconds=milliseconds)
    return f"{moment:%Y-%m-%dT%H:%M:%S.%f}Z"


async def until(holds: Callable[[], bool]) -> None:
    for _ in range(250):
        if holds():
            return
        await asyncio.sleep(0.01)
    raise AssertionError("it did not come so far")


async def test_a_replayed_notification_sends_nothing(desk: Desk) -> None:
    earlier, later = ago(20), ago(10)
    await desk.accept(1, earlier)
    assert await desk.accept(1, earlier) is None
    await until(lambda: desk.way.sent == [1])
    await desk.again()
    assert await desk.accept(1, earlier) is None
    await desk.accept(2, later)
    assert await desk.accept(1, earlier) is None
    await until(lambda: desk.way.sent == [1, 2])
    assert desk.dispatcher.counters()["open"] == 2


async def test_a_replay_is_known_after_the_command_is_done(desk: Desk) -> None:
    earlier = ago(20)
    command = await desk.accept(1, earlier)
    assert command is not None
    await until(lambda: desk.way.sent == [1])
    await desk.dispatcher.take_fate(LAMP.device, Fate((command.id,), "OK"))
    await until(lambda: not desk.book.open())
    assert desk.shown() == ("OK", "")
    assert await desk.accept(1, earlier) is None


async def test_what_could_not_be_sent_goes_out_in_order_after_a_restart(desk: Desk) -> None:
    desk.way.open = False
    for value in (1, 2, 3):
        await desk.accept(value)
    await asyncio.sleep(0.1)
    desk.way.open = True
    await desk.again()
    await until(lambda: desk.way.sent == [1, 2, 3])
    await desk.again()
    await asyncio.sleep(0.1)
    assert desk.way.sent == [1, 2, 3]


async def test_what_is_late_is_an_error_and_is_not_sent(desk: Desk) -> None:
    desk.way.open, desk.way.lifetime = False, timedelta(seconds=0.1)
    await desk.accept(1)
    await until(lambda: desk.shown()[0] == "ERROR")
    desk.way.open = True
    await asyncio.sleep(0.1)
    assert (desk.shown(), desk.way.sent) == (("ERROR", "expired: it could not be sent in time"), [])


async def test_a_device_that_does_not_answer_in_time_makes_an_error(desk: Desk) -> None:
    desk.way.lifetime = timedelta(seconds=0.3)
    command = await desk.accept(1)
    assert command is not None
    await until(lambda: desk.way.sent == [1])
    await desk.dispatcher.take_fate(LAMP.device, Fate((command.id,), "DELIVERED"))
    await until(lambda: desk.shown()[0] == "DELIVERED")
    await until(lambda: desk.shown() == ("ERROR", "expired: the device did not answer"))


async def test_an_unconfirmed_command_is_done_when_it_is_delivered(desk: Desk) -> None:
    desk.way.confirmed = False
    command = await desk.accept(1)
    assert command is not None
    await until(lambda: desk.way.sent == [1])
    digits = command.id.replace("-", "")[:16].upper()
    assert await desk.dispatcher.take_fate(LAMP.device, Fate((digits,), "DELIVERED"))
    await until(lambda: not desk.book.open() and desk.shown()[0] == "DELIVERED")


async def test_bad_values_and_too_many_are_errors_with_their_reason(desk: Desk) -> None:
    await desk.accept("bad", ago(20))
    await until(lambda: desk.shown() == ("ERROR", "dim is 'bad'"))
    desk.way.open = False
    for value in range(4):
        await desk.accept(value)
    await until(lambda: "3 commands wait" in str(desk.shown()[1]))
    assert [rejected.kind for rejected in desk.rejections] == ["queue_full", "not_allowed"]


async def test_what_became_of_a_command_is_told_when_the_broker_is_back(desk: Desk) -> None:
    desk.broker.statuses = [503] * 5
    await desk.accept(1)
    await desk.again()
    await until(lambda: desk.shown()[0] == "PENDING")


async def test_an_older_command_that_ends_later_says_nothing_of_the_newer_one(desk: Desk) -> None:
    older, newer = await desk.accept(1), await desk.accept(2)
    assert older is not None and newer is not None
    await until(lambda: desk.way.sent == [1, 2])
    await desk.dispatcher.take_fate(LAMP.device, Fate((newer.id,), "OK", "dimmed"))
    await until(lambda: len(desk.book.open()) == 1)
    await desk.dispatcher.take_fate(LAMP.device, Fate((older.id,), "ERROR", "no answer"))
    await until(lambda: not desk.book.open())
    assert desk.shown() == ("OK", "dimmed")
    assert [each.status for each in await desk.book.of_device(LAMP.device)] == ["ERROR", "OK"]


async def test_fates_of_others_are_none_of_ours(desk: Desk) -> None:
    await desk.accept(1)
    assert not await desk.dispatcher.take_fate(LAMP.device, Fate(("other",), "OK"))
    assert not await desk.dispatcher.take_fate("test:2", Fate((desk.book.open()[0].id,), "OK"))


async def test_only_the_last_commands_of_a_device_are_kept(desk: Desk) -> None:
    for _ in range(KEPT + 5):
        await desk.accept("bad")
    await until(lambda: not desk.book.open())
    assert len(await desk.book.of_device(LAMP.device)) == KEPT
