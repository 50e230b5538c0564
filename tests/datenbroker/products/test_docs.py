"""docs/products.md: a subsidiary's first five minutes, pasted line by line into the demo city."""

import re
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from tests.datenbroker.program import Program, program
from tests.house.tree import ROOT

TEXT = (ROOT / "docs/products.md").read_text(encoding="utf-8")
BLOCK = re.compile(r"^```sh\n(.*?)^```$", re.DOTALL | re.MULTILINE)


@pytest.fixture
def city(tmp_path: Path) -> Iterator[Program]:
    with program(tmp_path, "up", "--demo", "--port", "0", "--mqtt-port", "0") as running:
        yield running


def _containers(url: str) -> int:
    found = httpx.get(f"{url}/products/behaelter/export.json?options=keyValues")
    return sum("fillingLevel" in one for one in found.json())


def test_the_first_five_minutes_work_as_they_stand(city: Program) -> None:
    ready, deadline = city.ready, time.monotonic() + 20
    while _containers(ready["gateway"]) < 72 and time.monotonic() < deadline:
        time.sleep(0.2)
    script = "\n".join(BLOCK.findall(TEXT)).replace("http://127.0.0.1:8080", ready["gateway"])
    keys = {"KEY": ready["keys"]["entsorgung-herne"], "ADMIN_KEY": ready["admin_key"]}
    environment = {"PATH": "/usr/local/bin:/usr/bin:/bin", "LANG": "C.UTF-8"} | keys
    command = ["bash", "-euo", "pipefail", "-c", script.replace("curl -sS", "curl -sS --fail-with-body -w '\\n'")]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 0, done.stdout[-2000:] + done.stderr
    assert '"state":"available"' in done.stdout and '"state":"granted"' in done.stdout
    assert "Kennung;Typ;fillingLevel" in done.stdout.replace("\ufeff", "")
    assert "streetAddress" not in done.stdout
    assert '"type":"FeatureCollection"' in done.stdout
