"""`datenbroker adapters new`: the files of a new source, which pass all checks before they are changed."""

import re
from collections.abc import Iterator
from importlib.resources import files
from pathlib import Path

SUBJECTS = ("energy", "environment", "generic", "mobility", "parking", "waste")
UID = re.compile(r"[a-z][a-z0-9_]{1,39}")
REGISTRY = Path("ngsi_adapters/registry.py")
MODULES = re.compile(r"(MODULES: tuple\[str, \.\.\.\] = \(\n)(.*?)(^\)\n)", re.DOTALL | re.MULTILINE)
FULL = 12


class CannotWrite(Exception):
    """The skeleton is not written; the message says why."""


def write(root: Path, uid: str, subject: str) -> list[Path]:
    """Writes source, sample and test, and the line in the registry; returns what was written or changed."""
    _check(root, uid, subject)
    made = {root / path: text for path, text in _texts(uid, subject)}
    there = [str(path) for path in made if path.exists()]
    if there:
        raise CannotWrite(f"{', '.join(there)} is there already: choose another name.")
    for path, text in made.items():
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    registry = root / REGISTRY
    registry.write_text(_registered(registry.read_text(encoding="utf-8"), f"{subject}.{uid}"), encoding="utf-8")
    return [*made, registry]


def _check(root: Path, uid: str, subject: str) -> None:
    if not UID.fullmatch(uid):
        raise CannotWrite(f"{uid!r} is no name of a source: small letters, digits and _, e.g. air_quality.")
    if subject not in SUBJECTS:
        raise CannotWrite(f"{subject!r} is no subject: {', '.join(SUBJECTS)}.")
    if not (root / REGISTRY).is_file():
        raise CannotWrite(f"{root.absolute()} is not the repository: there is no {REGISTRY}.")
    folder = root / "ngsi_adapters" / "sources" / subject
    if len([path for path in folder.glob("*.py") if path.stem != "__init__"]) >= FULL:
        raise CannotWrite(f"{folder} is full ({FULL} files): make a subject of its own.")


def _texts(uid: str, subject: str) -> Iterator[tuple[Path, str]]:
    templates = files("ngsi_adapters") / "templates"
    places = {
        "source.txt": Path("ngsi_adapters/sources") / subject / f"{uid}.py",
        "sample.txt": Path("tests/samples") / uid / "sample.json",
        "test.txt": Path("tests/ngsi_adapters") / subject / f"test_{uid}.py",
    }
    for name, path in places.items():
        text = (templates / name).read_text(encoding="utf-8")
        yield path, text.replace("@UID@", uid).replace("@SUBJECT@", subject)


def _registered(text: str, module: str) -> str:
    def with_line(match: re.Match[str]) -> str:
        lines = sorted({*match.group(2).splitlines(keepends=True), f'    "{module}",\n'})
        return match.group(1) + "".join(lines) + match.group(3)

    return MODULES.sub(with_line, text, count=1)
