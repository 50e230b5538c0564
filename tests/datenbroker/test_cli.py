"""The commands that end by themselves."""

from pathlib import Path

import pytest

from tests.datenbroker.program import run


@pytest.mark.parametrize(
    "command", ["", "up", "broker", "gateway", "agents", "adapters run", "key create", "org create"]
)
def test_every_command_explains_itself(tmp_path: Path, command: str) -> None:
    shown = run(tmp_path, *command.split(), "--help", columns="200")
    assert shown.returncode == 0
    assert "Usage" in shown.stdout


def test_options_are_the_settings_and_name_their_variables(tmp_path: Path) -> None:
    shown = " ".join(run(tmp_path, "up", "--help").stdout.replace("│", " ").split())
    for option in ("port", "mqtt-port", "mqtt-url", "broker-url", "data", "host", "source-urls", "body-limit"):
        assert f"--{option} " in shown
        assert f"[DATENBROKER_{option.replace('-', '_').upper()}" in shown


def test_version_is_the_distributions(tmp_path: Path) -> None:
    assert run(tmp_path, "version").stdout.strip().count(".") == 2


def test_an_organisation_and_its_keys(tmp_path: Path) -> None:
    assert "tenant hcr_bus" in run(tmp_path, "org", "create", "hcr-bus").stdout
    made = run(tmp_path, "key", "create", "hcr-bus", "--role", "data-provider", "--days", "7", "--name", "Depot")
    _, prefix, secret = made.stdout.strip().split("_")
    listed = run(tmp_path, "key", "list").stdout
    assert listed.split("\t")[:4] == [prefix, "hcr-bus", "data-provider", "Depot"]
    assert secret not in listed
    assert run(tmp_path, "key", "revoke", prefix).returncode == 0
    assert run(tmp_path, "org", "list").stdout == "hcr-bus\thcr_bus\thcr-bus\n"
    assert run(tmp_path, "org", "remove", "hcr-bus").returncode == 0
    assert run(tmp_path, "org", "list").stdout == ""


def test_the_sources_are_listed_with_the_addresses_that_are_set(tmp_path: Path) -> None:
    listed = run(tmp_path, "adapters", "list", source_urls__parkapi="https://parking.example/sites").stdout
    addresses = {line.split("\t")[0]: line.split("\t")[-1] for line in listed.splitlines()}
    assert addresses["parkapi"] == "https://parking.example/sites"
    assert addresses["sml_meter"] == "to be set"


@pytest.mark.parametrize(
    ("command", "help_with"),
    [
        ("key create nobody", "datenbroker org list"),
        ("key create --role data-consumer", "name the organisation"),
        ("key revoke nobody", "datenbroker key list"),
        ("org remove nobody", "datenbroker org list"),
        ("org create Ümlaut", "id:"),
        ("up --port eighty", "--port"),
        ("up --mqtt-url somewhere", "DATENBROKER_MQTT_URL"),
        ("up --source-urls parkapi", "parkapi=VALUE"),
        ("adapters run --once nothing", "datenbroker adapters list"),
        ("key list --data /dev/null/x", "--data"),
        ("key list --mongodb-url mongodb://127.0.0.1:1/?serverSelectionTimeoutMS=1", "--mongodb-url"),
    ],
)
def test_a_mistake_is_answered_with_what_to_do_and_without_a_traceback(
    tmp_path: Path, command: str, help_with: str
) -> None:
    answer = run(tmp_path, *command.split())
    assert answer.returncode != 0
    assert help_with in " ".join(answer.stderr.replace("│", " ").split())
    assert "Traceback" not in answer.stderr
