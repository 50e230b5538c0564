"""What the deployment files promise, checked without a Docker engine."""

import re
from pathlib import Path
from typing import Any

import pytest
import yaml

DEPLOY = Path(__file__).parents[2] / "deploy"
COMPOSE = yaml.safe_load((DEPLOY / "compose.yaml").read_text())
SERVICES: dict[str, dict[str, Any]] = COMPOSE["services"]


@pytest.mark.parametrize("service", SERVICES.values(), ids=SERVICES.keys())
def test_a_service_runs_read_only_and_without_privileges(service: dict[str, Any]) -> None:
    assert service["read_only"] is True
    assert service["cap_drop"] == ["ALL"]
    assert service["security_opt"] == ["no-new-privileges:true"]
    assert service["mem_limit"] and service["pids_limit"]


@pytest.mark.parametrize("service", SERVICES.values(), ids=SERVICES.keys())
def test_ports_are_published_on_loopback_unless_told_otherwise(service: dict[str, Any]) -> None:
    assert all(port.startswith("${BIND_ADDRESS:-127.0.0.1}:") for port in service["ports"])


def test_every_variable_of_the_compose_file_is_in_the_example_with_its_default() -> None:
    used = set(re.findall(r"(?<!\$)\$\{(\w+):-([^}]*)}", (DEPLOY / "compose.yaml").read_text()))
    lines = (DEPLOY / ".env.example").read_text().splitlines()
    assert used == {tuple(line.split("=", 1)) for line in lines if line and not line.startswith("#")}


def test_mosquitto_lets_nobody_in_without_a_password_and_keeps_messages() -> None:
    settings = dict(
        line.split(" ", 1)
        for line in (DEPLOY / "mosquitto/mosquitto.conf").read_text().splitlines()
        if line and not line.startswith("#")
    )
    assert settings["allow_anonymous"] == "false"
    assert settings["persistence"] == "true"
    assert 0 < int(settings["max_packet_size"]) <= 4 * 2**20


def test_the_image_is_run_by_a_user_and_looks_after_its_health() -> None:
    last_stage = (DEPLOY / "Containerfile").read_text().split("\nFROM ")[-1]
    assert re.search(r"^USER 10001", last_stage, re.MULTILINE)
    assert "HEALTHCHECK" in last_stage and "/health/ready" in last_stage


def test_every_dependency_is_pinned_in_the_image() -> None:
    pyproject = (DEPLOY.parent / "pyproject.toml").read_text()
    wanted = re.search(r"^dependencies = \[(.*?)^]", pyproject, re.MULTILINE | re.DOTALL)
    assert wanted
    names = {re.sub(r"[-_.]+", "-", name).lower() for name in re.findall(r'"([A-Za-z0-9._-]+)', wanted[1])}
    pinned = {line.split("==")[0].lower() for line in (DEPLOY / "constraints.txt").read_text().splitlines()}
    assert not names - {re.sub(r"[-_.]+", "-", name) for name in pinned}
