from collections.abc import AsyncIterator
from pathlib import Path

import msgspec
import pytest

from document_store.sqlite import SqliteDocumentStore
from iot_agents.registry import DeviceRegistry
from tests.iot_agents.messages import bin_device

pytestmark = pytest.mark.anyio


@pytest.fixture
async def store(tmp_path: Path) -> AsyncIterator[SqliteDocumentStore]:
    opened = SqliteDocumentStore.open(tmp_path / "devices.sqlite")
    yield opened
    await opened.close()


async def test_registered_devices_are_there_after_a_restart(store: SqliteDocumentStore, tmp_path: Path) -> None:
    first = SqliteDocumentStore.open(tmp_path / "devices.sqlite")
    await DeviceRegistry(first).register([bin_device(2), bin_device(1)])
    await first.close()
    registry = DeviceRegistry(store)
    await registry.load()
    assert [device.key[-1] for device in registry.all()] == ["1", "2"]
    assert registry.get("chirpstack:0000000000000001") is not None


async def test_a_deleted_device_is_unknown(store: SqliteDocumentStore) -> None:
    registry = DeviceRegistry(store)
    await registry.register([bin_device(1)])
    assert await registry.delete("chirpstack:0000000000000001")
    assert await registry.find("chirpstack:0000000000000001") is None
    assert len(registry) == 0


@pytest.mark.parametrize(
    ("member", "value", "reason"),
    [
        ("_id", "chirpstack:other", "must be named chirpstack:0000000000000001"),
        ("entity", {"id": "urn:x:1"}, "needs an id and a type"),
        ("tenant", 7, "Expected `str`"),
    ],
)
async def test_a_record_that_is_no_device_is_refused(
    store: SqliteDocumentStore, member: str, value: object, reason: str
) -> None:
    registry = DeviceRegistry(store)
    with pytest.raises(msgspec.ValidationError, match=reason):
        await registry.register([bin_device(1) | {member: value}])
    assert len(registry) == 0
