"""Every shell block of the README is executed, against the demo city that its first one starts."""

import json
import re
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.house.tree import ROOT

BLOCK = re.compile(r"^```sh\n(.*?)^```$", re.DOTALL | re.MULTILINE)
TESTED_BY_RUNNING = "make test\n"
"""The block that this very test is a part of."""


def blocks() -> list[str]:
    return BLOCK.findall((ROOT / "README.md").read_text(encoding="utf-8"))


@pytest.fixture(scope="module")
def city(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, Any]]:
    """`make run`, on ports that are free and in a folder of its own; where there is no make, what it calls."""
    folder: Path = tmp_path_factory.mktemp("city")
    ready, log = folder / "ready.json", folder / "log"
    arguments = f"--port 0 --mqtt-port 0 --data {folder / 'data'} --ready-file {ready}"
    program = Path(sys.executable).with_name("datenbroker")
    usable = shutil.which("make") and program == ROOT / ".venv/bin/datenbroker"
    command = [str(program), "up", "--demo", *arguments.split()]
    if usable:
        command = ["make", "--silent", "run", f"ARGS={arguments}"]
    with log.open("wb") as output:
        process = subprocess.Popen(command, cwd=ROOT, stdout=output, stderr=output, start_new_session=True)
        end = time.monotonic() + 60
        while not ready.exists() and process.poll() is None and time.monotonic() < end:
            time.sleep(0.1)
        assert ready.exists(), log.read_text()
        running = json.loads(ready.read_text())
        yield running
        started = time.monotonic()
        subprocess.run(["kill", "-INT", str(running["pid"])], check=True)
        process.wait(10)
        assert time.monotonic() - started < 10
        assert process.returncode != signal.SIGKILL


def run(block: str, city: dict[str, Any]) -> str:
    """The block as a reader pastes it, but for the ports and the keys."""
    text = block.replace("http://127.0.0.1:8080", city["gateway"]).replace(
        "-p 1883", f"-p {city['mqtt'].rpartition(':')[2]}"
    )
    text = text.replace(".venv/bin/datenbroker", str(Path(sys.executable).with_name("datenbroker")))
    environment = {"PATH": "/usr/local/bin:/usr/bin:/bin", "KEY": city["keys"]["entsorgung-herne"]}
    environment |= {"ADMIN_KEY": city["admin_key"], "LANG": "C.UTF-8"}
    done = subprocess.run(
        ["bash", "-euo", "pipefail", "-c", text],
        cwd=ROOT,
        env=environment,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 0, done.stderr + done.stdout
    return done.stdout


def test_the_readme_begins_with_the_two_commands() -> None:
    assert blocks()[:2] == ["make run\n", TESTED_BY_RUNNING]


@pytest.mark.parametrize("number", range(2, len(blocks())))
def test_each_shell_block_works(number: int, city: dict[str, Any]) -> None:
    block = blocks()[number]
    if "mosquitto_pub" in block and shutil.which("mosquitto_pub") is None:
        pytest.skip("mosquitto_pub is not installed; CI installs it")
    output = run(block, city)
    assert "https://uri.etsi.org/ngsi-ld/errors" not in output
    assert "about:blank" not in output


def test_a_pasted_reading_is_what_the_next_line_shows(city: dict[str, Any]) -> None:
    if shutil.which("mosquitto_pub") is None:
        pytest.skip("mosquitto_pub is not installed; CI installs it")
    block = next(block for block in blocks() if "mosquitto_pub" in block)
    entity = json.loads(run(block, city))
    assert entity["fillingLevel"]["value"] == 0.93
    assert entity["fillingLevel"]["observedAt"].startswith(time.strftime("%Y-%m-%dT", time.gmtime()))
