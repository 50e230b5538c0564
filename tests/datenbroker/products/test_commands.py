"""`datenbroker products` and `datenbroker grants`, as an operator runs them."""

import json
from pathlib import Path

import anyio
import pytest

from datenbroker.products.life_cycle import Step
from tests.datenbroker.products.council import ENERGY, PROVIDER, STEWARD, WASTE, council, described
from tests.datenbroker.program import run


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Where a product of the energy supplier is available."""
    (tmp_path / "data").mkdir()

    async def publish() -> None:
        async with council(tmp_path / "data") as desk:
            await desk.publish()

    anyio.run(publish)
    return tmp_path


def test_a_product_is_described_in_a_file_and_made_ready_but_not_released_by_the_same_person(folder: Path) -> None:
    (folder / "mine.yaml").write_text(json.dumps(described("mine")))
    made = run(folder, "products", "create", "mine.yaml", "--org", WASTE)
    assert "mine is a draft" in made.stdout, made.stderr
    assert run(folder, "products", "ready", "mine").stdout == "mine: version 1 is ready.\n"
    refused = run(folder, "products", "release", "mine")
    assert (refused.returncode, "four eyes" in refused.stderr) == (1, True)
    assert json.loads(run(folder, "products", "show", "mine").stdout)["next"]["ready_by"].startswith("cli:")
    listed = [line.split("\t")[:4] for line in run(folder, "products", "list").stdout.splitlines()]
    assert listed == [["charging", ENERGY, "konzern", "available"], ["mine", WASTE, "konzern", "ready"]]


def test_a_grant_is_asked_for_given_and_revoked(folder: Path) -> None:
    asked = run(folder, "grants", "ask", "charging", "--org", WASTE, "--purpose", "Planning routes")
    grant = asked.stdout.split()[0]
    assert grant.startswith("g-"), asked.stderr
    assert "is granted" in run(folder, "grants", "grant", grant).stdout
    assert "is revoked" in run(folder, "grants", "revoke", grant, "--reason", "The project has ended").stdout
    assert run(folder, "grants", "list").stdout.split("\t")[:4] == [grant, "charging", WASTE, "revoked"]


@pytest.mark.parametrize(
    ("command", "said"),
    [
        ("products show nothing", "datenbroker products list"),
        ("products create broken.yaml --org hcr", "slug"),
        ("grants grant g-none", "g-none"),
    ],
)
def test_what_cannot_be_done_is_said_in_one_line(folder: Path, command: str, said: str) -> None:
    (folder / "broken.yaml").write_text("slug: Ä\n")
    done = run(folder, *command.split())
    assert (done.returncode, "Traceback" in done.stderr) == (1, False)
    assert said in done.stderr


async def _retire(folder: Path) -> None:
    async with council(folder / "data") as desk:
        await desk.products.step("charging", Step.RETIRE, PROVIDER)


def test_undoing_takes_the_last_step_back(folder: Path) -> None:
    anyio.run(_retire, folder)
    assert run(folder, "products", "undo", "charging").stdout == "charging: version 1 is available.\n"
    assert STEWARD.name in run(folder, "products", "show", "charging").stdout
