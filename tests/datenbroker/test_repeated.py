"""Work done again and again: failures, the first time, the end."""

import asyncio
import logging

import pytest

from datenbroker.process.repeated import Repeated


def test_work_that_failed_is_logged_and_done_again(caplog: pytest.LogCaptureFixture) -> None:
    done = asyncio.Event()
    times = iter([OSError("no disk"), None])

    async def work() -> None:
        if failure := next(times, None):
            raise failure
        done.set()

    async def scenario() -> None:
        repeated = Repeated(work, 0.001, "The list could not be written", first=0)
        repeated.start()
        await asyncio.wait_for(done.wait(), 5)
        await repeated.stop()

    with caplog.at_level(logging.ERROR):
        asyncio.run(scenario())
    assert "The list could not be written; it is tried again" in caplog.text
    assert "no disk" in caplog.text


def test_the_first_time_is_after_the_interval_unless_told_otherwise() -> None:
    async def scenario(first: float | None) -> bool:
        done = asyncio.Event()

        async def work() -> None:
            done.set()

        repeated = Repeated(work, 60, "", first=first)
        repeated.start()
        await asyncio.sleep(0.02)
        await repeated.stop()
        return done.is_set()

    assert not asyncio.run(scenario(None))
    assert asyncio.run(scenario(0))


def test_the_end_comes_in_the_middle_of_the_work() -> None:
    async def scenario() -> None:
        begun = asyncio.Event()

        async def work() -> None:
            begun.set()
            await asyncio.sleep(60)

        repeated = Repeated(work, 60, "", first=0)
        repeated.start()
        await begun.wait()
        await asyncio.wait_for(repeated.stop(), 5)

    asyncio.run(scenario())


def test_what_was_never_started_can_be_stopped() -> None:
    async def nothing() -> None:
        return

    asyncio.run(Repeated(nothing, 60, "").stop())


def test_it_can_be_told_not_to_wait_but_not_after_a_failure() -> None:
    async def scenario(failing: bool) -> int:
        sooner, times = asyncio.Event(), 0

        async def work() -> None:
            nonlocal times
            times += 1
            if failing:
                raise OSError
            sooner.clear()

        repeated = Repeated(work, 60, "", first=0, sooner=sooner)
        repeated.start()
        for _ in range(3):
            await asyncio.sleep(0.01)
            sooner.set()
        await asyncio.sleep(0.01)
        await repeated.stop()
        return times

    assert asyncio.run(scenario(failing=False)) == 4
    assert asyncio.run(scenario(failing=True)) == 1
