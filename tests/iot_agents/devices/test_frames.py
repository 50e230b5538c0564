import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from document_store.sqlite import SqliteDocumentStore
from iot_agents.devices.frames import DEVICES_AT_ONCE, FRAMES, KEPT, MOST_WAITING, Frame, FrameLog
from iot_agents.devices.silence import silent_devices
from iot_agents.profile import bundled_profiles
from tests.iot_agents.conftest import Bench
from tests.iot_agents.messages import NOON, dev_eui, topic, uplink

pytestmark = pytest.mark.anyio

DEVICE = f"chirpstack:{dev_eui(1)}"


@pytest.fixture
async def store(tmp_path: Path) -> AsyncIterator[SqliteDocumentStore]:
    store = SqliteDocumentStore.open(tmp_path / "frames.sqlite")
    yield store
    await store.close()


def frame(number: int) -> Frame:
    return Frame("up", NOON, time=NOON + timedelta(seconds=number), f_cnt=number)


@pytest.mark.parametrize(("count", "batch"), [(1, 1), (9, 4), (10, 10), (99, 7), (100, 100), (101, 1), (345, 23)])
async def test_the_last_hundred_frames_are_kept_whatever_the_batches(
    store: SqliteDocumentStore, count: int, batch: int
) -> None:
    for start in range(0, count, batch):
        log = FrameLog(store)  # each batch after a restart
        for number in range(start, min(count, start + batch)):
            log.add("a", frame(number))
        await log.flush()
    numbers = [one.f_cnt for one in await FrameLog(store).last("a")]
    assert numbers == list(range(count - 1, max(-1, count - 1 - KEPT), -1))
    assert len(await store.find(FRAMES)) <= 11
    assert (await FrameLog(store).states())["a"].last_seen == NOON + timedelta(seconds=count - 1)


async def test_a_device_that_is_deleted_leaves_nothing(store: SqliteDocumentStore) -> None:
    log = FrameLog(store)
    for number in range(30):
        log.add("a", frame(number))
    await log.flush()
    await log.forget("a")
    assert await log.last("a") == [] and await log.states() == {}
    assert await store.find(FRAMES) == []


async def test_what_waits_is_bounded(store: SqliteDocumentStore) -> None:
    log = FrameLog(store)
    for number in range(MOST_WAITING + 10):
        log.add(str(number), frame(number))
    assert log.dropped == 10


async def test_a_process_that_stops_while_it_writes_loses_none(store: SqliteDocumentStore) -> None:
    log, devices = FrameLog(store, every=0.01), [f"device{number}" for number in range(20 * DEVICES_AT_ONCE)]
    for device in devices:
        log.add(device, frame(1))
    log.start()
    for _ in range(1000):
        await asyncio.sleep(0.002)
        if written := await log.states():
            break
    assert len(written) < len(devices)
    log.add(devices[-1], frame(2))
    await log.stop()
    assert len(await log.states()) == len(devices)
    assert [one.f_cnt for one in await log.last(devices[-1])] == [2, 1]


async def test_a_huge_frame_is_kept_without_what_it_said(store: SqliteDocumentStore) -> None:
    log = FrameLog(store)
    log.add("a", Frame("up", NOON, raw="00" * 100_000, decoded={"picture": "x" * 100_000}))
    await log.flush()
    (kept,) = await log.last("a")
    assert len(kept.raw) == 512 and kept.decoded is None
    assert kept.rejected[0].kind == "too_large_to_show"


async def test_a_frame_shows_payload_object_attributes_signal_and_why_a_field_was_rejected(bench: Bench) -> None:
    await bench.agent.accept(topic(), uplink({"fill": 137, "temperature": 8.5}))
    await bench.agent.accept(topic(), b"{")
    await bench.agent.frames.flush()
    broken, shown = await bench.agent.frames.last(DEVICE)
    assert [problem.kind for problem in broken.rejected] == ["malformed"]
    assert bytes.fromhex(broken.raw) == b"{"
    assert (shown.decoded, shown.attributes) == ({"fill": 137, "temperature": 8.5}, {"temperature": 8.5})
    assert [problem.kind for problem in shown.rejected] == ["out_of_range"]
    assert shown.gateways[0].rssi == -97 and shown.raw


async def test_devices_are_silent_after_their_interval_or_when_never_heard(bench: Bench) -> None:
    now = datetime.now(UTC)
    await bench.agent.accept(topic(1), uplink({"fill": 1}, 1, now - timedelta(hours=23)))
    await bench.agent.accept(topic(2), uplink({"fill": 1}, 2, now - timedelta(hours=25)))
    await bench.agent.frames.flush()
    states = await bench.agent.frames.states()
    silent = silent_devices(bench.agent.devices.all(), states, bundled_profiles(), now)
    heard = {one.device.key: one.last_seen is not None for one in silent}
    assert heard == {dev_eui(2): True, dev_eui(3): False, dev_eui(4): False, dev_eui(5): False}
