"""The `Device` entity goes with its device, whoever deleted it, whether the broker is there or not."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path

import httpx
import pytest

from document_store.sqlite import SqliteDocumentStore
from iot_agents.devices.imports import DeviceImports, Rules
from iot_agents.devices.listing import lines_of
from iot_agents.devices.mirror_removal import MirrorRemoval
from iot_agents.profile import bundled_profiles
from iot_agents.registry import DELETED, DeviceRegistry
from ngsi_client.client import NgsiClient
from tests.iot_agents.messages import TENANT, bin_device
from tests.iot_agents.recorder import RecordingBroker

pytestmark = pytest.mark.anyio


class Scene:
    """A registry with device 1 and its mirror in the broker."""

    def __init__(self, store: SqliteDocumentStore) -> None:
        self.store, self.registry, self.broker = store, DeviceRegistry(store), RecordingBroker()
        self.http = httpx.AsyncClient(transport=httpx.ASGITransport(app=self.broker), base_url="http://broker")

    @property
    def mirrors(self) -> list[str]:
        return sorted(self.broker.entities[TENANT])

    def mirror(self, mirror_id: str) -> None:
        self.broker.entities[TENANT][mirror_id] = {"id": mirror_id, "type": "Device"}

    @asynccontextmanager
    async def removing(self, *after: float) -> AsyncIterator[MirrorRemoval]:
        removal = MirrorRemoval(NgsiClient(self.http), self.store, after, look_seconds=0.01)
        await removal.start()
        yield removal
        await removal.stop()


@pytest.fixture
async def scene(tmp_path: Path) -> AsyncIterator[Scene]:
    store = SqliteDocumentStore.open(tmp_path / "scene.sqlite")
    made = Scene(store)
    await made.registry.register([bin_device(1), bin_device(2)])
    for device in made.registry.all():
        made.mirror(device.mirror_id)
    yield made
    await made.http.aclose()
    await store.close()


async def until(condition: Callable[[], bool]) -> None:
    for _ in range(500):
        if condition():
            return
        await asyncio.sleep(0.01)
    assert condition()


ONE, TWO = (f"urn:ngsi-ld:Device:chirpstack:000000000000000{number}" for number in (1, 2))


async def test_the_mirror_goes_with_its_device_and_no_other(scene: Scene) -> None:
    await scene.registry.delete("chirpstack:0000000000000001")
    async with scene.removing(0.0) as removal:
        await until(lambda: scene.mirrors == [TWO])
        await until(lambda: removal.counters() == {"removed": 1})
    assert await scene.store.find(DELETED) == []


async def test_a_broker_that_is_down_is_asked_again(scene: Scene) -> None:
    scene.broker.statuses = [503] * 5
    await scene.registry.delete("chirpstack:0000000000000001")
    async with scene.removing(0.0):
        await until(lambda: scene.broker.statuses == [])
        await until(lambda: scene.mirrors == [TWO])


async def test_what_is_to_be_removed_survives_a_restart(scene: Scene) -> None:
    scene.broker.statuses = [503] * 1000
    await scene.registry.delete("chirpstack:0000000000000001")
    async with scene.removing(0.0):
        await until(lambda: len(scene.broker.statuses) < 1000)
    scene.broker.statuses = []
    async with scene.removing(0.0):
        await until(lambda: scene.mirrors == [TWO])


async def test_a_reading_that_was_under_way_does_not_bring_it_back_for_good(scene: Scene) -> None:
    await scene.registry.delete("chirpstack:0000000000000001")
    async with scene.removing(0.0, 0.3) as removal:
        await until(lambda: scene.mirrors == [TWO])
        scene.mirror(ONE)
        await until(lambda: removal.counters() == {"removed": 2})
    assert scene.mirrors == [TWO]


async def test_a_device_that_is_registered_again_keeps_its_mirror(scene: Scene) -> None:
    await scene.registry.delete("chirpstack:0000000000000001")
    await scene.registry.register([bin_device(1)])
    async with scene.removing(0.0):
        await asyncio.sleep(0.1)
    assert scene.mirrors == [ONE, TWO] and await scene.store.find(DELETED) == []


async def test_an_undone_import_takes_its_mirrors_along(scene: Scene) -> None:
    imports = DeviceImports(scene.store, scene.registry)
    lines = lines_of(b"key;profile;tenant\n0000000000000003;bin-level;" + TENANT.encode(), "list.csv")
    report = await imports.run(lines, Rules({"hcr": TENANT}, bundled_profiles()), "list.csv")
    scene.mirror("urn:ngsi-ld:Device:chirpstack:0000000000000003")
    await imports.undo(report.id)
    async with scene.removing(0.0):
        await until(lambda: scene.mirrors == [ONE, TWO])
