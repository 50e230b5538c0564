"""Several runners on one document store, as several processes have it."""

import asyncio
import sys
from pathlib import Path

import pytest

from ngsi_adapters.run import ASKS, Runner, ask_to_run
from ngsi_adapters.source import Source
from tests.ngsi_adapters.conftest import QUICK, SAMPLES, Bench
from tests.ngsi_adapters.servers import Page, SourceServer
from tests.ngsi_adapters.test_run import parkapi

pytestmark = pytest.mark.anyio


@pytest.fixture
def source(server: SourceServer) -> Source:
    server.pages["/parking.json"] = Page((SAMPLES / "parkapi" / "parking_sites.json").read_bytes())
    return parkapi(server)


async def until_asked(server: SourceServer, times: int) -> None:
    async with asyncio.timeout(20):
        while len(server.asked) < times:  # noqa: ASYNC110  the server is in another thread
            await asyncio.sleep(0.02)


async def until_run(runner: Runner, times: int) -> None:
    async with asyncio.timeout(20):
        while (await runner.state_of("parkapi")).runs < times:  # noqa: ASYNC110  it is in the document store
            await asyncio.sleep(0.02)


async def until_written(runner: Runner) -> None:
    async with asyncio.timeout(20):
        while not (await runner.state_of("parkapi")).written:  # noqa: ASYNC110  the state is in the store
            await asyncio.sleep(0.02)


async def test_of_two_runners_one_runs_a_source(bench: Bench, server: SourceServer, source: Source) -> None:
    runners = [bench.runner([source]) for _ in range(2)]
    for runner in runners:
        await runner.start()
    await until_asked(server, 1)
    await asyncio.sleep(0.5)
    assert [runner.leases.holds("parkapi") for runner in runners].count(True) == 1
    assert len(server.asked) == 1
    for runner in runners:
        await runner.stop()


async def test_a_source_is_taken_over_from_a_runner_that_stops(
    bench: Bench, server: SourceServer, source: Source
) -> None:
    first, second = bench.runner([source]), bench.runner([source])
    await first.start()
    await until_run(first, 1)
    await second.start()
    await first.stop()
    await until_run(second, 2)
    assert second.leases.holds("parkapi")
    assert (await second.state_of("parkapi")).written == 0, "what the first one wrote is known to the second"
    await second.stop()


async def test_a_source_is_taken_over_from_a_process_that_was_killed(
    tmp_path: Path, bench: Bench, server: SourceServer, source: Source
) -> None:
    command = [sys.executable, "-m", "tests.ngsi_adapters.holder", server.url("/parking.json")]
    places = [str(tmp_path / "s.sqlite"), str(tmp_path / "other")]
    holder = await asyncio.create_subprocess_exec(*command, *places)
    try:
        await until_asked(server, 2)
        heir = bench.runner([source])
        await heir.start()
        await asyncio.sleep(QUICK.lease_seconds * 1.5)
        assert not heir.leases.holds("parkapi"), "as long as the other one lives"
    finally:
        holder.kill()
        await holder.wait()
    async with asyncio.timeout(20):
        while (await heir.state_of("parkapi")).holder != heir.leases.holder:  # noqa: ASYNC110  it is in the store
            await asyncio.sleep(0.02)
    assert heir.leases.holds("parkapi")
    await heir.stop()


async def test_a_run_that_is_asked_for_anywhere_is_done_by_who_holds_the_source(
    bench: Bench, server: SourceServer, source: Source
) -> None:
    runner = bench.runner([source])
    await runner.start()
    await until_asked(server, 1)
    await ask_to_run(bench.store, "parkapi", "key abc")
    await until_asked(server, 2)
    await runner.stop()
    assert await bench.store.find(ASKS) == []
