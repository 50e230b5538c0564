"""The published table of what is compatible names tests that exist."""

import ast
import re
from pathlib import Path

HERE = Path(__file__).parent
FOLDERS = (HERE, HERE.parent / "downlinks", HERE.parents[1] / "datenbroker" / "downlinks")
TABLE = HERE.parents[2] / "docs" / "iot-agent-compatibility.md"


def test_every_line_that_promises_something_names_its_tests() -> None:
    rows = [line.split(" | ") for line in TABLE.read_text(encoding="utf-8").splitlines() if line.startswith("| ")]
    unproven = [row[0] for row in rows if row[1].startswith("yes") and "`test_" not in row[-1]]
    assert len(rows) > 40
    assert unproven == []


def test_every_test_that_is_named_is_there() -> None:
    named = set(re.findall(r"`(test_\w+)`", TABLE.read_text(encoding="utf-8")))
    paths = [path for folder in FOLDERS for path in folder.glob("test_*.py")]
    trees = [ast.parse(path.read_text(encoding="utf-8")) for path in paths]
    nodes = (node for tree in trees for node in tree.body if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef))
    assert named - {node.name for node in nodes} == set()
