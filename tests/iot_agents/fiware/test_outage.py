"""Measures over HTTP while the context broker is away: spooled, and sent back once the spool is full."""

import asyncio
import time
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from document_store.sqlite import SqliteDocumentStore
from iot_agents.ingest.spool import Spool
from tests.iot_agents.fiware.conftest import KEY, Fleet, running
from tests.iot_agents.ingest.waits import until

pytestmark = pytest.mark.anyio


@pytest.fixture
async def cut_off(tmp_path: Path) -> AsyncIterator[Fleet]:
    """A fleet whose broker is away, with room for a few measures."""
    store = SqliteDocumentStore.open(tmp_path / "store.sqlite")
    async with running(store, spool=Spool(tmp_path / "spool.db", 8_000)) as fleet:
        fleet.broker.statuses = [503] * 100_000
        yield fleet
        fleet.broker.statuses = []
    await store.close()


@pytest.mark.parametrize(("path", "payload"), [("/iot/json", b'{"t": 21}'), ("/iot/d", b"t|21")])
async def test_a_full_spool_sends_measures_back_and_takes_them_again_later(
    cut_off: Fleet, path: str, payload: bytes
) -> None:
    await cut_off.group(resource=path)
    headers = {"content-type": "application/json" if path == "/iot/json" else "text/plain"}

    async def measure(device: str) -> tuple[int, str | None]:
        answer = await cut_off.http.post(path, params={"k": KEY, "i": device}, content=payload, headers=headers)
        return answer.status_code, answer.headers.get("retry-after")

    assert await measure("dev0") == (200, None)
    assert cut_off.broker.entities == {}
    others = [asyncio.create_task(measure(f"dev{number}")) for number in range(1, 40)]
    await until(lambda: cut_off.agent.commits.is_full)
    began = time.monotonic()
    assert await measure("late") == (503, "5")
    assert time.monotonic() - began < 5
    cut_off.broker.statuses = []
    assert {status for status, _ in await asyncio.gather(*others)} <= {200, 503}
    await until(lambda: not cut_off.agent.commits.is_full)
    assert await measure("late") == (200, None)
    assert {"urn:ngsi-ld:Sensor:dev0", "urn:ngsi-ld:Sensor:late"} <= set(cut_off.broker.entities["smart"])
