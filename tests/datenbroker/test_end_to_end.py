"""A reading's whole way: a sensor gateway publishes over MQTT, a subsidiary asks the gateway; nothing is lost."""

import asyncio
import time
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest

from document_store.sqlite import SqliteDocumentStore
from iot_agents.registry import DeviceRegistry
from tests.datenbroker.program import Program, program, run
from tests.iot_agents.brokers import MOSQUITTO, Mosquitto, free_port, password_line
from tests.iot_agents.messages import NOON, TENANT, bin_device, topic, uplink
from tests.iot_agents.publisher import Publisher

pytestmark = pytest.mark.mosquitto


@pytest.fixture
def mqtt(tmp_path: Path) -> Iterator[dict[str, str]]:
    """The settings of the platform's way to MQTT: Mosquitto, or the embedded broker where there is none."""
    if MOSQUITTO is None:
        yield {"mqtt_port": str(free_port())}
        return
    mosquitto = Mosquitto(tmp_path / "mosquitto").start()
    yield {"mqtt_url": mosquitto.url}
    mosquitto.stop()


@pytest.fixture
def key(tmp_path: Path) -> str:
    """Two bins of the waste company are registered; the company's key."""
    store = SqliteDocumentStore.open(tmp_path / "data" / "documents.db")
    asyncio.run(DeviceRegistry(store).register([bin_device(1), bin_device(2)]))
    asyncio.run(store.close())
    run(tmp_path, "org", "create", "waste", "--tenant", TENANT)
    return run(tmp_path, "key", "create", "waste").stdout.strip()


def level(platform: Program, key: str, number: int) -> dict[str, Any]:
    """The bin's filling level as the gateway tells it, waited for."""
    url = f"{platform.ready['gateway']}/ngsi-ld/v1/entities/urn:ngsi-ld:WasteContainer:{number}"
    deadline = time.monotonic() + 15
    while time.monotonic() < deadline:
        answer = httpx.get(url, headers={"X-API-Key": key})
        if answer.status_code == 200:
            attribute: dict[str, Any] = answer.json()["fillingLevel"]
            return attribute
        time.sleep(0.05)
    raise AssertionError(answer.text)


def test_a_published_value_is_answered_with_its_time_and_a_kill_loses_none(
    tmp_path: Path, mqtt: dict[str, str], key: str
) -> None:
    with program(tmp_path, "up", "--port", "0", **mqtt) as first, Publisher(first.ready["mqtt"]) as sensors:
        sensors.publish(1, topic(1), uplink({"fill": 40}, 1))
        assert level(first, key, 1) == {
            "type": "Property",
            "value": 0.4,
            "observedAt": "2026-11-22T12:00:00Z",
            "unitCode": "C62",
        }
        sensors.publish(2, topic(2), uplink({"fill": 50}, 2))
        assert sensors.wait_for(2)
        first.process.kill()
        if MOSQUITTO is not None:  # it keeps what comes while the platform is away
            sensors.publish(3, topic(1), uplink({"fill": 60}, 1, NOON + timedelta(minutes=1)))
            assert sensors.wait_for(3)
    with program(tmp_path, "up", "--port", "0", **mqtt) as again:
        assert level(again, key, 2)["value"] == 0.5
        deadline = time.monotonic() + 10
        while MOSQUITTO and level(again, key, 1)["value"] != 0.6:
            assert time.monotonic() < deadline
            time.sleep(0.05)


def test_bad_messages_are_seen_by_an_operator_and_harm_no_other(tmp_path: Path, mqtt: dict[str, str], key: str) -> None:
    bad = {
        "malformed": (topic(1), b"{"),
        "unknown_device": (topic(9), uplink({"fill": 1}, 9)),
        "out_of_range": (topic(1), uplink({"fill": 170}, 1)),
        "wrong_type": (topic(1), uplink({"fill": "much"}, 1)),
        "too_large": (topic(1), b"x" * 5_000_000),
        "unknown_topic": ("application/abfall/what", b"{}"),
    }
    with program(tmp_path, "up", "--port", "0", **mqtt) as platform, Publisher(platform.ready["mqtt"]) as sensors:
        sensors.publish_all(bad.values())
        sensors.publish(9, topic(2), uplink({"fill": 50}, 2))
        assert level(platform, key, 2)["value"] == 0.5
        rejects = httpx.get(
            f"{platform.ready['gateway']}/admin/rejects", headers={"X-API-Key": platform.ready["admin_key"]}
        ).json()
        assert {reject["kind"] for reject in rejects} == bad.keys()
        metrics = httpx.get(f"{platform.ready['gateway']}/metrics").text
        assert 'datenbroker_rejects_total{kind="out_of_range",source="chirpstack"} 1.0' in metrics


@pytest.mark.skipif(MOSQUITTO is None, reason="the embedded MQTT broker has no users in the demo")
def test_the_demo_shows_itself_through_a_mosquitto_that_asks_for_a_password(tmp_path: Path) -> None:
    passwords = tmp_path / "passwords"
    passwords.write_text(password_line("city", "herne"))
    passwords.chmod(0o600)
    mosquitto = Mosquitto(tmp_path / "mosquitto", f"allow_anonymous false\npassword_file {passwords}").start()
    address = f"mqtt://city:herne@127.0.0.1:{mosquitto.port}"
    with program(tmp_path, "up", "--demo", "--port", "0", "--mqtt-url", address) as city:
        url = f"{city.ready['gateway']}/ngsi-ld/v1/entities?type=WaterObserved,FloodMonitoring,NoiseLevelObserved"
        headers = {"X-API-Key": city.ready["keys"]["stadt-herne"]}
        deadline = time.monotonic() + 20
        while not httpx.get(url, headers=headers).json() and time.monotonic() < deadline:
            time.sleep(0.2)
        assert httpx.get(url, headers=headers).json()
        assert "herne@" not in city.ready["mqtt"]
        city.stop()
    mosquitto.stop()
