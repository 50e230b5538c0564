"""`datenbroker devices` as an operator runs it."""

from pathlib import Path

import pytest

from tests.datenbroker.program import run

LIST = "dev_eui;profile;name;lat;lon\na84041ffff1865ab;bin-level;Glas 1;51,5;7,2\nbad;bin-level;Glas 2;;\n"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    run(tmp_path, "org", "create", "hcr-bus")
    (tmp_path / "bins.csv").write_bytes(LIST.encode("cp1252"))
    return tmp_path


def test_a_list_is_tried_imported_listed_shown_exported_and_undone(folder: Path) -> None:
    tried = run(folder, "devices", "import", "bins.csv", "--organisation", "hcr-bus", "--dry-run")
    assert "2 lines, nothing changed: 1 new" in tried.stdout and tried.returncode == 2
    assert "line 3: The devEui must have 16 hexadecimal digits" in tried.stdout
    done = run(folder, "devices", "import", "bins.csv", "--organisation", "hcr-bus")
    import_id = done.stdout.split()[-1]
    assert "Import" in done.stderr and "1 rejected" in done.stdout
    listed = run(folder, "devices", "list", "--tenant", "hcr_bus").stdout
    assert listed.split("\t")[:3] == ["chirpstack:a84041ffff1865ab", "hcr_bus", "bin-level"]
    assert '"name": "Glas 1"' in run(folder, "devices", "show", "chirpstack:a84041ffff1865ab").stdout
    assert "Glas 1;51.5;7.2" in run(folder, "devices", "export").stdout
    assert import_id in run(folder, "devices", "undo").stdout
    assert "1 devices deleted" in run(folder, "devices", "undo", import_id).stdout
    assert run(folder, "devices", "list").stdout == ""


def test_what_cannot_be_done_says_why(folder: Path) -> None:
    (folder / "bins.pdf").write_bytes(b"%PDF")
    assert "must end in .csv" in run(folder, "devices", "import", "bins.pdf").stderr
    assert "There is no device" in run(folder, "devices", "show", "chirpstack:1").stderr
    assert "There is no import" in run(folder, "devices", "undo", "1").stderr
