"""The conventions that a program can check (size, names, mocks, environment, comments)."""

import ast
import re
import statistics
from pathlib import Path

from tests.house.tree import ROOT, SOURCES, modules, name_of, parsed

LARGEST_FILE = 400
LARGEST_FUNCTION = 60
MOST_FILES_IN_A_FOLDER = 12
DEEPEST_FOLDER = 3
MOST_PARAMETERS = 5
LONG_FILES_WITH_REASON: dict[str, str] = {}
FULL_FOLDERS_WITH_REASON = {
    "data_models/subjects": "one module per subject of the Smart Data Models, as the programme divides them",
}
VAGUE = re.compile(r"(^|_)(utils?|helpers?|common|managers?|misc)(_|$|\.)")

Function = ast.FunctionDef | ast.AsyncFunctionDef


def functions(path: Path) -> list[Function]:
    return [node for node in ast.walk(parsed(path)) if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)]


def length(function: Function) -> int:
    return (function.end_lineno or function.lineno) - function.lineno + 1


def test_no_file_is_longer_than_400_lines() -> None:
    long = {name_of(path) for path in modules(tests=True) if len(path.read_text().splitlines()) > LARGEST_FILE}
    assert long == set(LONG_FILES_WITH_REASON)


def test_no_function_is_longer_than_60_lines_and_the_median_is_at_most_9() -> None:
    lengths = {f"{name_of(path)}:{item.name}": length(item) for path in modules() for item in functions(path)}
    assert [name for name, lines in lengths.items() if lines > LARGEST_FUNCTION] == []
    assert statistics.median(lengths.values()) <= 9


def test_tests_have_at_most_25_lines() -> None:
    tests = [(path, item) for path in modules(tests=True) for item in functions(path) if item.name.startswith("test_")]
    assert [f"{name_of(path)}:{item.name}" for path, item in tests if length(item) > 25] == []


def test_functions_take_at_most_five_parameters_beside_self() -> None:
    all_functions = [(path, item) for path in modules() for item in functions(path)]
    assert [f"{name_of(path)}:{item.name}" for path, item in all_functions if parameters(item) > MOST_PARAMETERS] == []


def parameters(function: Function) -> int:
    positional = [argument for argument in function.args.args if argument.arg not in ("self", "cls")]
    return len(positional)


def test_folders_hold_at_most_12_modules_and_are_at_most_3_deep() -> None:
    folders = {path.parent for path in modules()}
    counts = {name_of(folder): len([*folder.glob("*.py")]) - 1 for folder in folders}
    full = {name for name, count in counts.items() if count > MOST_FILES_IN_A_FOLDER}
    assert full == set(FULL_FOLDERS_WITH_REASON)
    roots = {source: source for source in SOURCES}
    for folder in folders:
        root = next(source for source in roots if source == folder or source in folder.parents)
        assert len(folder.relative_to(root).parts) < DEEPEST_FOLDER


def test_no_module_has_a_name_that_says_nothing() -> None:
    assert [name_of(path) for path in modules(tests=True) if VAGUE.search(path.stem)] == []


def test_every_module_says_what_it_is_for() -> None:
    assert [name_of(path) for path in modules() if not ast.get_docstring(parsed(path))] == []


def test_only_the_settings_read_the_environment() -> None:
    reading = [name_of(path) for path in modules() if re.search(r"os\.environ|os\.getenv", path.read_text())]
    assert [name for name in reading if name != "platform/datenbroker/settings.py"] == []


def test_nothing_is_mocked() -> None:
    banned = re.compile(r"^\s*(from|import)\s+(unittest\.mock|mock\b)|Magic" + "Mock", re.MULTILINE)
    assert [name_of(path) for path in modules(tests=True) if banned.search(path.read_text())] == []


def test_ignored_types_name_their_reason_code() -> None:
    bare = re.compile(r"#\s*type:\s*ignore\s*(?!\[)", re.MULTILINE)
    assert [name_of(path) for path in modules(tests=True) if bare.search(path.read_text())] == []


def test_nothing_is_left_to_do() -> None:
    marks = re.compile(r"\b(TO" + "DO|FIX" + "ME|X" + "XX)\\b")
    generated = ROOT / "data_models" / "subjects"  # quotes the official schemas, which have one
    texts = [path for path in (*modules(tests=True), ROOT / "Makefile", ROOT / "README.md") if path.parent != generated]
    assert [name_of(path) for path in texts if marks.search(path.read_text(encoding="utf-8"))] == []
