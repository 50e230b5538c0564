"""`datenbroker up` as a process: ready, useful, stopped in time, started again."""

import re
import shlex
import shutil
import signal
import socket
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.datenbroker.program import Program, program, run

STOP_SECONDS = 5.0
ENTITY = {"id": "urn:ngsi-ld:Room:1", "type": "Room", "name": {"type": "Property", "value": "Council"}}


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("up")


@pytest.fixture(scope="module")
def demo(folder: Path) -> Iterator[Program]:
    """The demo city, running for all tests of this module that only look at it."""
    with program(folder, "up", "--demo", "--port", "0", "--mqtt-port", "0") as running:
        yield running


def entities(running: Program, organisation: str, **query: Any) -> httpx.Response:
    headers = {"X-API-Key": running.ready["keys"][organisation]}
    return httpx.get(f"{running.ready['gateway']}/ngsi-ld/v1/entities", params=query, headers=headers)


def test_entities_of_every_kind_of_way_in_appear(demo: Program) -> None:
    wanted = {
        ("stadt-herne", "ParkingSpot"),
        ("stadt-herne", "OffStreetParking"),
        ("entsorgung-herne", "WasteContainer"),
    }
    deadline = time.monotonic() + 30
    while wanted and time.monotonic() < deadline:
        wanted = {one for one in wanted if not entities(demo, one[0], type=one[1]).content.startswith(b'[{"')}
        time.sleep(0.2)
    assert not wanted
    [spot] = entities(demo, "stadt-herne", type="ParkingSpot", limit=1).json()
    assert spot["status"]["observedAt"].endswith("Z")


def test_health_and_metrics_tell_of_every_part(demo: Program) -> None:
    ready = httpx.get(f"{demo.ready['gateway']}/health/ready")
    assert ready.status_code == 200
    assert ready.json()["parts"].keys() == {"document store", "context broker", "MQTT"}
    metrics = httpx.get(f"{demo.ready['gateway']}/metrics").text
    for name in ("agent_readings_total", "source_records{", "mqtt_connected", "simulator_published_total"):
        assert f"\ndatenbroker_{name}" in metrics


def test_an_organisation_sees_its_own_tenant_only(demo: Program) -> None:
    assert entities(demo, "hgw", type="ParkingSpot").status_code in {200, 404}
    assert not entities(demo, "hgw", type="ParkingSpot").text.startswith('[{"')


def test_a_second_process_on_the_same_folder_is_refused(demo: Program, folder: Path) -> None:
    second = run(folder, "up", "--port", "0", "--mqtt-port", "0")
    assert second.returncode == 1
    assert f"in use by process {demo.process.pid}" in second.stderr
    assert "Traceback" not in second.stderr


def test_a_key_revoked_on_the_command_line_dies_within_seconds(demo: Program, folder: Path) -> None:
    key = run(folder, "key", "create", "hcr").stdout.strip()
    url, headers = f"{demo.ready['gateway']}/ngsi-ld/v1/entities?type=Room", {"X-API-Key": key}
    assert httpx.get(url, headers=headers).status_code != 401
    assert run(folder, "key", "revoke", key.split("_")[1]).returncode == 0
    deadline = time.monotonic() + 4
    while httpx.get(url, headers=headers).status_code != 401:
        assert time.monotonic() < deadline
        time.sleep(0.1)


@pytest.mark.skipif(shutil.which("curl") is None, reason="curl is not installed: the lines are not tried")
def test_the_lines_to_paste_work(demo: Program) -> None:
    assert demo.process.stdout is not None
    lines: list[str] = []
    while len(lines) < 3:
        line = demo.process.stdout.readline().strip()
        lines += [line] if line.startswith("curl") else []
    for line, answer in zip(lines, ('[{"id"', '[{"id"', "["), strict=True):
        deadline = time.monotonic() + 20
        while not subprocess.run([*shlex.split(line), "-sS"], capture_output=True, text=True).stdout.startswith(answer):
            assert time.monotonic() < deadline, line
            time.sleep(0.5)


def test_restarted_it_has_the_same_keys_and_data(tmp_path: Path) -> None:
    command = ("up", "--demo", "--port", "0", "--mqtt-port", "0")
    with program(tmp_path, *command) as first:
        keys, key = first.ready["keys"], first.ready["keys"]["hcr"]
        posted = httpx.post(f"{first.ready['gateway']}/ngsi-ld/v1/entities", json=ENTITY, headers={"X-API-Key": key})
        assert posted.status_code == 201
        code, seconds, _, errors = first.stop()
    assert (code, "Traceback" in errors) == (0, False), errors
    assert seconds < STOP_SECONDS
    with program(tmp_path, *command) as again:
        assert again.ready["keys"] == keys
        assert entities(again, "hcr", id=ENTITY["id"], type="Room", options="keyValues").json()[0]["name"] == "Council"


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_open_requests_do_not_hold_it(tmp_path: Path, number: signal.Signals) -> None:
    with program(tmp_path, "up", "--port", "0", "--mqtt-port", "0") as running:
        url = httpx.URL(running.ready["gateway"])
        key = running.ready["admin_key"]
        with (
            socket.create_connection((url.host, url.port)) as idle,
            socket.create_connection((url.host, url.port)) as slow,
        ):
            idle.sendall(b"GET /health/live HTTP/1.1\r\nHost: x\r\n\r\n")
            head = f"POST /ngsi-ld/v1/entities HTTP/1.1\r\nHost: x\r\nX-API-Key: {key}\r\nContent-Length: 9"
            slow.sendall(f"{head}\r\n\r\n[".encode())
            time.sleep(0.3)
            code, seconds, _, errors = running.stop(number)
    assert (code, "Traceback" in errors) == (0, False), errors
    assert seconds < STOP_SECONDS


@pytest.mark.parametrize(
    ("command", "setting"),
    [("up --mqtt-port 0", "port"), ("up --port 0", "mqtt-port"), ("gateway", "port"), ("broker", "port")],
)
def test_a_port_in_use_is_one_paragraph_that_names_the_option(tmp_path: Path, command: str, setting: str) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        answer = run(tmp_path, *command.split(), f"--{setting}", port)
    assert answer.returncode == 1
    assert f"Port {port} on 127.0.0.1 is in use" in answer.stderr
    assert f"--{setting} N" in answer.stderr and re.search(r"set DATENBROKER_\w*PORT=N", answer.stderr)
    assert answer.stderr.count("\n") == 1


def test_the_administrators_key_is_shown_at_the_first_start_only(tmp_path: Path) -> None:
    command = ("gateway", "--port", "0")
    with program(tmp_path, *command) as first:
        headers = {"Authorization": f"Bearer {first.ready['admin_key']}"}
        assert httpx.get(f"{first.ready['gateway']}/admin/keys", headers=headers).status_code == 200
        assert first.ready["broker"] is first.ready["mqtt"] is None
        *_, output, _ = first.stop()
        assert first.ready["admin_key"] in output
    with program(tmp_path, *command) as again:
        assert again.ready["admin_key"] is None
