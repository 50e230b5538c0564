"""The clients of package.json, installed once a machine outside the tree; skips with the reason where that fails."""

import hashlib
import shutil
import subprocess
import tempfile
from pathlib import Path

import pytest

HERE = Path(__file__).parent


def clients(here: Path = HERE) -> Path:
    """The folder with the node_modules of a package.json and its lock in `here`."""
    if shutil.which("node") is None or shutil.which("npm") is None:
        pytest.skip("node and npm are not installed")
    version = hashlib.sha256((here / "package-lock.json").read_bytes()).hexdigest()[:12]
    folder = Path(tempfile.gettempdir()) / f"ngsi-ld-clients-{version}"
    if not (folder / "complete").exists():
        _install(here, folder)
    return folder


def _install(here: Path, folder: Path) -> None:
    folder.mkdir(exist_ok=True)
    for name in ("package.json", "package-lock.json"):
        shutil.copy(here / name, folder)
    command = ["npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund"]
    try:
        done = subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=120, check=False)
    except subprocess.TimeoutExpired:
        pytest.skip("npm's registry did not answer in two minutes")
    if done.returncode != 0:
        pytest.skip(f"npm could not install the clients: {done.stderr.strip()[-300:]}")
    (folder / "complete").touch()
