"""The files of the repository as the tests of its conventions see them."""

import ast
import tomllib
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
PACKAGES = ("ngsi_ld", "ngsi_client", "document_store", "context_broker", "datenbroker")
SOURCES = tuple(ROOT / "platform" / package for package in PACKAGES) + tuple(
    ROOT / package for package in ("iot_agents", "ngsi_adapters", "data_models")
)


def modules(*, tests: bool = False) -> list[Path]:
    """All Python files of the product, and with `tests` of the tests too."""
    folders = (*SOURCES, ROOT / "tests") if tests else SOURCES
    return sorted(path for folder in folders for path in folder.rglob("*.py") if "node_modules" not in path.parts)


def parsed(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"))


def name_of(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


def project() -> dict[str, Any]:
    return tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
