"""The layout: `platform/` is no package, and the wheel holds every package there is."""

import importlib
import platform

from tests.house.tree import PACKAGES, ROOT, SOURCES, project

TOP_LEVEL = {
    "pyproject.toml", "platform", "ngsi_adapters", "iot_agents", "data_models", "deploy", "tests", "README.md",
    "Makefile", "CHANGELOG.md", "LICENSE", "docs",
}  # fmt: skip
LEFT_BY_TOOLS = {"data", "dist", "build"}


def test_platform_does_not_shadow_the_standard_library() -> None:
    assert not (ROOT / "platform" / "__init__.py").exists()
    assert platform.python_version()


def test_the_wheel_lists_every_package_folder() -> None:
    wheel = project()["tool"]["hatch"]["build"]["targets"]["wheel"]
    folders = {path.relative_to(ROOT).as_posix() for path in SOURCES}
    on_disk = {path.parent.name for path in (ROOT / "platform").glob("*/__init__.py")}
    assert set(wheel["packages"]) == folders
    assert on_disk == set(PACKAGES)
    assert set(wheel["sources"]) == {f"platform/{package}" for package in PACKAGES}


def test_every_package_imports_and_is_typed() -> None:
    for folder in SOURCES:
        importlib.import_module(folder.name)
        assert (folder / "py.typed").exists()


def test_the_top_level_is_as_agreed() -> None:
    found = {path.name for path in ROOT.iterdir() if not path.name.startswith(".")}
    assert found - LEFT_BY_TOOLS <= TOP_LEVEL
