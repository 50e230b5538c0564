"""The skeleton of a new source passes every check before it is changed."""

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from ngsi_adapters.skeleton import CannotWrite, write
from tests.house.tree import ROOT


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    """What of the repository a new source touches."""
    ignored = shutil.ignore_patterns("__pycache__", ".*cache")
    for folder in ("ngsi_adapters", "tests/ngsi_adapters", "tests/samples"):
        shutil.copytree(ROOT / folder, tmp_path / folder, ignore=ignored)
    (tmp_path / "data_models").mkdir()  # by its folder the linter knows it as one of our own packages
    shutil.copy(ROOT / "pyproject.toml", tmp_path)
    return tmp_path


def check(copy: Path, *command: str) -> None:
    done = subprocess.run(
        [sys.executable, "-m", *command], cwd=copy, capture_output=True, text=True, timeout=120, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr


def test_a_new_source_is_written_registered_and_passes_linter_and_its_tests(copy: Path) -> None:
    written = write(copy, "air_quality", "environment")
    source, sample, test, registry = (str(path.relative_to(copy)) for path in written)
    assert source == "ngsi_adapters/sources/environment/air_quality.py"
    assert sample == "tests/samples/air_quality/sample.json"
    assert '    "environment.air_quality",\n' in (copy / registry).read_text(encoding="utf-8")
    check(copy, "ruff", "check", source, test, registry)
    check(copy, "ruff", "format", "--check", source, test, registry)
    with_copy_first = (
        f"import sys; sys.path.insert(0, {str(copy)!r}); import pytest; sys.exit(pytest.main(sys.argv[1:]))"
    )
    tests = [test, "tests/ngsi_adapters/test_registry.py", "tests/ngsi_adapters/test_mapping.py"]
    done = subprocess.run(
        [sys.executable, "-c", with_copy_first, "-q", "-p", "no:cacheprovider", "-k", "air_quality", *tests],
        cwd=copy, capture_output=True, text=True, timeout=120, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr


def test_a_line_in_the_registry_stands_in_order(copy: Path) -> None:
    for uid in ("zebra", "aardvark"):
        write(copy, uid, "waste")
    text = (copy / "ngsi_adapters/registry.py").read_text(encoding="utf-8")
    assert text.index("waste.aardvark") < text.index("waste.waste_containers") < text.index("waste.zebra")


@pytest.mark.parametrize(
    ("uid", "subject", "reason"),
    [
        ("Air-Quality", "environment", "is no name of a source"),
        ("../evil", "environment", "is no name of a source"),
        ("air", "weather", "is no subject"),
        ("parkapi", "parking", "is there already"),
    ],
)
def test_a_name_that_cannot_be_is_refused(uid: str, subject: str, reason: str, copy: Path) -> None:
    before = sorted(path for path in copy.rglob("*"))
    with pytest.raises(CannotWrite, match=reason):
        write(copy, uid, subject)
    assert sorted(path for path in copy.rglob("*")) == before


def test_elsewhere_than_in_the_repository_nothing_is_written(tmp_path: Path) -> None:
    with pytest.raises(CannotWrite, match="is not the repository"):
        write(tmp_path, "air", "generic")
