"""Settings: where they come from, and what is said about a wrong one."""

import re
from pathlib import Path

import httpx
import pytest
from pydantic import ValidationError

from datenbroker.errors import CannotStart
from datenbroker.settings import Settings, env_example, reference
from tests.datenbroker.program import program, run


@pytest.fixture(autouse=True)
def nothing_set(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """No setting of whoever runs the tests, and no `.env`."""
    for row in reference():
        monkeypatch.delenv(row.variable, raising=False)
    monkeypatch.chdir(tmp_path)


def test_what_is_given_goes_before_the_environment_and_that_before_the_file(monkeypatch: pytest.MonkeyPatch) -> None:
    Path(".env").write_text("DATENBROKER_PORT=1\nDATENBROKER_MQTT_PORT=1\nDATENBROKER_BROKER_PORT=1\nOTHER=1\n")
    monkeypatch.setenv("DATENBROKER_PORT", "2")
    monkeypatch.setenv("DATENBROKER_MQTT_PORT", "2")
    settings = Settings.load({"port": 3})
    assert (settings.port, settings.mqtt_port, settings.broker_port) == (3, 2, 1)


def test_without_anything_the_defaults_hold() -> None:
    settings = Settings.load()
    assert (settings.host, settings.port, settings.mqtt_port, settings.broker_port) == ("127.0.0.1", 8080, 1883, 1026)
    assert settings.mqtt_url is settings.broker_url is None


def test_an_empty_variable_is_none(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DATENBROKER_MQTT_URL", "")
    assert Settings.load().mqtt_url is None


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("port", "eighty"),
        ("port", "65536"),
        ("mqtt_url", "http://x"),
        ("mqtt_url", "mqtt://"),
        ("broker_url", "localhost:1026"),
        ("speed", "0"),
        ("body_limit", "much"),
        ("log_level", "loud"),
    ],
)
def test_a_wrong_value_is_named_with_its_option_and_variable(name: str, value: str) -> None:
    with pytest.raises(CannotStart, match=re.escape(repr(value))) as refused:
        Settings.load({name: value})
    assert f"--{name.replace('_', '-')} (DATENBROKER_{name.upper()})" in str(refused.value)


def test_sources_are_set_one_by_one(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DATENBROKER_SOURCE_URLS__PARKAPI", "https://parking.example/sites")
    monkeypatch.setenv("DATENBROKER_SOURCE_URLS__SML_METER", "meter.hex")
    assert Settings.load({"source_urls": {"sml_meter": "other.hex"}}).source_urls == {
        "parkapi": "https://parking.example/sites",
        "sml_meter": "other.hex",
    }


def test_settings_do_not_change() -> None:
    with pytest.raises(ValidationError):
        Settings.load().port = 1  # type: ignore[misc]


def test_the_example_file_names_every_setting_and_changes_none(monkeypatch: pytest.MonkeyPatch) -> None:
    example = env_example()
    assert re.findall(r"^# (DATENBROKER_\w+)=", example, re.MULTILINE) == [row.variable for row in reference()]
    Path(".env").write_text(re.sub(r"^# (?=DATENBROKER)", "", example, flags=re.MULTILINE))
    assert Settings.load() == Settings.load({"port": 8080})


def test_every_setting_is_described() -> None:
    assert [row.variable for row in reference() if not row.description.endswith(".")] == []


def test_a_limit_of_the_broker_is_an_option_and_a_wrong_one_is_named(tmp_path: Path) -> None:
    with program(tmp_path, "broker", "--port", "0", "--broker-limits", "page_max=5", "--data", "d") as running:
        url = f"{running.ready['broker']}/ngsi-ld/v1/entities?type=A&limit=6"
        assert httpx.get(url).json()["title"] == "Too Many Results"
        running.stop()
    refused = run(tmp_path, "broker", "--port", "0", "--broker-limits", "pages=5")
    assert refused.returncode == 1
    assert "there is no limit pages" in refused.stderr
