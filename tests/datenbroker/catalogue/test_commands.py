"""`datenbroker inventory` and `datenbroker products measure`, as an operator runs them."""

import json
from pathlib import Path

import anyio
import pytest

from datenbroker.catalogue.quality.records import QualityRecords
from iot_agents.registry import Device, DeviceRegistry
from tests.datenbroker.products.council import ENERGY, council
from tests.datenbroker.program import run


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Where the energy supplier shares a product, and two organisations have registered the same device."""
    (tmp_path / "data").mkdir()

    async def fill() -> None:
        async with council(tmp_path / "data") as desk:
            await desk.publish(visibility="open")
            for network, tenant in (("chirpstack", "stadtwerke"), ("the_things_stack", "hcr")):
                entity = {"id": f"urn:ngsi-ld:Bench:{tenant}", "type": "Bench"}
                device = Device(f"{network}:a1", network, "a1", tenant, "smart-bench", entity)
                await DeviceRegistry(desk.store).register([device])

    anyio.run(fill)
    return tmp_path


def test_the_inventory_is_shown_on_the_command_line(folder: Path) -> None:
    shown = run(folder, "inventory", "--format", "json")
    found = json.loads(shown.stdout)
    assert {line["kind"] for line in found["lines"]} == {"devices", "product"}
    assert [(one["type"], one["reason"]) for one in found["duplicates"]] == [("Bench", "device")]
    table = run(folder, "inventory", "--lang", "en").stdout
    assert "both collect Bench with the same device" in table
    assert "smart-bench" in table


def test_a_product_is_measured_when_an_operator_asks(folder: Path) -> None:
    asked, unknown = run(folder, "products", "measure", "charging"), run(folder, "products", "measure", "nothing")

    async def noted() -> set[str]:
        async with council(folder / "data") as desk:
            return await QualityRecords(desk.store).asked()

    assert "charging" in asked.stdout, asked.stderr
    assert (unknown.returncode, "datenbroker products list" in unknown.stderr) == (1, True)
    assert anyio.run(noted) == {"charging"}
    assert ENERGY in run(folder, "products", "list").stdout
