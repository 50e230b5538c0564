from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from document_store.sqlite import SqliteDocumentStore
from iot_agents.devices.imports import DeviceImports, Rules
from iot_agents.devices.listing import Line, lines_of
from iot_agents.profile import bundled_profiles
from iot_agents.registry import DeviceRegistry
from tests.iot_agents.messages import bin_device, dev_eui

pytestmark = pytest.mark.anyio

RULES = Rules({"entsorgung-herne": "entsorgung", "hcr": "hcr"}, bundled_profiles(), {"tenant": "entsorgung"})


class Desk:
    def __init__(self, store: SqliteDocumentStore) -> None:
        self.registry = DeviceRegistry(store)
        self.imports = DeviceImports(store, self.registry)

    def names(self) -> list[str]:
        return [device.name for device in self.registry.all()]


@pytest.fixture
async def desk(tmp_path: Path) -> AsyncIterator[Desk]:
    store = SqliteDocumentStore.open(tmp_path / "devices.sqlite")
    desk = Desk(store)
    await desk.registry.load()
    yield desk
    await store.close()


def bins(*numbers: int, name: str = "new") -> list[Line]:
    rows = "".join(f"{dev_eui(number)};bin-level;{name} {number}\n" for number in numbers)
    return lines_of(f"eui;profile;name\n{rows}".encode(), "bins.csv")


async def test_an_import_registers_and_reports_and_a_trial_changes_nothing(desk: Desk) -> None:
    lines = [*bins(1, 2, 1), Line(9, {"key": "xyz", "profile": "bin-level"})]
    tried = await desk.imports.tried(lines, RULES)
    assert desk.names() == []
    steps: list[int] = []
    done = await desk.imports.run(lines, RULES, "bins.csv", steps.append)
    assert (done.rows, done.created, done.replaced, done.unchanged) == (4, 2, 0, 0)
    assert [(row.line, row.kind) for row in done.rejected] == [(4, "twice"), (9, "no_key")]
    assert tried.rejected == done.rejected and tried.id == ""
    assert desk.names() == ["new 1", "new 2"]
    assert sum(steps) == 2 * len(lines)


async def test_an_import_repeated_changes_nothing(desk: Desk) -> None:
    await desk.imports.run(bins(1, 2), RULES, "bins.csv")
    again = await desk.imports.run(bins(1, 2), RULES, "bins.csv")
    assert (again.created, again.replaced, again.unchanged) == (0, 0, 2)


async def test_undo_deletes_what_was_new_and_restores_what_was_replaced(desk: Desk) -> None:
    await desk.registry.register([bin_device(1)])
    done = await desk.imports.run(bins(1, 2, 3), RULES, "bins.csv")
    await desk.registry.register([bin_device(3)])
    undone = await desk.imports.undo(done.id)
    assert (undone.deleted, undone.restored, undone.kept) == (1, 1, 1)
    assert desk.names() == ["Glas 1", "Glas 3"]
    assert await desk.imports.all() == []
    with pytest.raises(KeyError):
        await desk.imports.undo(done.id)


async def test_a_device_of_another_tenant_is_not_taken_over(desk: Desk) -> None:
    await desk.registry.register([bin_device(1)])
    moved = Rules(RULES.tenants, RULES.profiles, {"organisation": "hcr"})
    report = await desk.imports.run(bins(1), moved, "bins.csv")
    assert [row.kind for row in report.rejected] == ["other_tenant"]


async def test_another_process_sees_the_change_and_keeps_what_is_the_same(desk: Desk, tmp_path: Path) -> None:
    await desk.registry.register([bin_device(1), bin_device(2)])
    other_store = SqliteDocumentStore.open(tmp_path / "devices.sqlite")
    other = DeviceRegistry(other_store)
    await other.load()
    first = other.get(f"chirpstack:{dev_eui(1)}")
    await desk.imports.run(bins(2), RULES, "bins.csv")
    await other.refresh()
    assert other.get(f"chirpstack:{dev_eui(1)}") is first
    assert [device.name for device in other.all()] == ["Glas 1", "new 2"]
    await other_store.close()
