"""`docker compose up` for real, where a Docker engine answers: the demo city behind the gateway, as from source."""

import json
import shutil
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from testcontainers.compose import DockerCompose

ROOT = Path(__file__).parents[2]
# A project of its own and free ports: a stack that runs on this machine is left alone
ENVIRONMENT = "COMPOSE_PROJECT_NAME=datenbroker-test\nGATEWAY_PORT=0\nMQTT_PORT=0\nSPEED=10\n"

pytestmark = pytest.mark.slow


def what_is_missing() -> str:
    """Why the stack cannot be started here; empty where it can."""
    if not shutil.which("docker"):
        return "Docker is not installed"
    for command in (["docker", "version"], ["docker", "compose", "version"]):
        said = subprocess.run(command, capture_output=True, text=True, timeout=20)
        if said.returncode:
            return f"no Docker engine with compose answers: {said.stderr.strip()[:200]}"
    return ""


@pytest.fixture(scope="module")
def stack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[DockerCompose]:
    if missing := what_is_missing():
        pytest.skip(missing)
    environment = tmp_path_factory.mktemp("compose") / "test.env"
    environment.write_text(ENVIRONMENT)
    with DockerCompose(ROOT, "deploy/compose.yaml", build=True, env_file=str(environment)) as compose:
        yield compose


@pytest.fixture
def gateway(stack: DockerCompose) -> Iterator[httpx.Client]:
    port = stack.get_service_port("platform", 8080)
    with httpx.Client(base_url=f"http://127.0.0.1:{port}", timeout=10) as client:
        yield client


def demo_keys(stack: DockerCompose) -> Any:
    kept, _, _ = stack.exec_in_container(["cat", "/data/demo-keys.json"], "platform")
    return json.loads(kept)["keys"]


def entities(gateway: httpx.Client, key: str, **query: str) -> list[dict[str, Any]]:
    """The first page, as soon as it has any: sensors report in the first seconds."""
    for _ in range(100):
        answer = gateway.get("/ngsi-ld/v1/entities", params=query, headers={"X-API-Key": key}).raise_for_status()
        if answer.json():
            break
        time.sleep(0.3)
    found: list[dict[str, Any]] = answer.json()
    return found


def test_the_stack_is_ready(gateway: httpx.Client) -> None:
    assert gateway.get("/health/ready").status_code == 200


def test_without_a_key_nobody_gets_in(gateway: httpx.Client) -> None:
    assert gateway.get("/ngsi-ld/v1/entities", params={"type": "ParkingSpot"}).status_code == 401


def test_each_tenant_sees_its_readings_that_came_through_mosquitto(stack: DockerCompose, gateway: httpx.Client) -> None:
    keys = demo_keys(stack)
    spots = entities(gateway, keys["stadt-herne"], type="ParkingSpot")
    assert all(spot["status"]["observedAt"] for spot in spots) and spots
    assert entities(gateway, keys["entsorgung-herne"], type="WasteContainer", q="fillingLevel>=0")
    foreign = {"type": "ParkingSpot"}, {"X-API-Key": keys["entsorgung-herne"]}
    assert gateway.get("/ngsi-ld/v1/entities", params=foreign[0], headers=foreign[1]).json() == []


def test_the_sources_are_read_too(stack: DockerCompose, gateway: httpx.Client) -> None:
    keys = demo_keys(stack)
    assert entities(gateway, keys["stadtwerke-herne"], type="EVChargingStation")
    assert entities(gateway, keys["stadt-herne"], type="OffStreetParking")


def test_the_file_system_is_read_only_and_the_user_is_nobody_special(stack: DockerCompose) -> None:
    script = "import os; print(os.getuid(), os.access('/', os.W_OK), os.access('/data', os.W_OK))"
    said, _, _ = stack.exec_in_container(["python", "-c", script], "platform")
    assert said.split() == ["10001", "False", "True"]
