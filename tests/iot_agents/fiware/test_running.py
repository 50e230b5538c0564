"""The IoT agent as an operator starts it: in a process of its own, with the embedded context broker."""

import time
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.datenbroker.program import Program, invoke, program
from tests.iot_agents.fiware.conftest import KEY, SERVICE
from tests.iot_agents.publisher import Publisher

QUERY = {"k": KEY, "i": "dev1"}
ENTITY = "urn:ngsi-ld:Sensor:dev1"
GROUP = {"apikey": KEY, "resource": "/iot/json", "entity_type": "Sensor", "attributes": [
    {"object_id": "t", "name": "temperature", "type": "Number"},
    {"object_id": "l", "name": "location", "type": "geo:point"},
]}  # fmt: skip


def entity(running: Program) -> dict[str, Any]:
    """As an administrator sees it through the gateway."""
    headers = {"X-API-Key": running.ready["admin_key"], "NGSILD-Tenant": "smart"}
    url = f"{running.ready['gateway']}/ngsi-ld/v1/entities/{ENTITY}"
    answer: dict[str, Any] = httpx.get(url, headers=headers).json()
    return answer


@pytest.mark.slow
def test_a_fleet_moves_over_by_its_addresses(tmp_path: Path) -> None:
    with program(tmp_path, "up", "--port", "0", "--mqtt-port", "0", "--iota-port", "0") as running:
        with httpx.Client(base_url=running.ready["iota"], headers=SERVICE) as provisioner:
            assert provisioner.post("/iot/services", json={"services": [GROUP]}).status_code == 201
        with Publisher(running.ready["mqtt"]) as device:
            device.publish(0, f"/json/{KEY}/dev1/attrs", b'{"t": 21.5, "l": "7.22,51.54"}')
            assert device.wait_for(1)
        committed = entity(running)
        assert committed["temperature"]["value"] == 21.5
        assert committed["location"]["value"] == {"type": "Point", "coordinates": [7.22, 51.54]}
        began = time.monotonic()
        code, _, _, errors = running.stop()
    assert (code, "Traceback" in errors) == (0, False), errors
    assert time.monotonic() - began < 10


@pytest.mark.slow
def test_a_command_written_at_the_broker_reaches_the_device_by_a_subscription(tmp_path: Path) -> None:
    ports = ("--port", "0", "--mqtt-port", "0", "--iota-port", "0")
    with program(tmp_path, "up", *ports, allow_private_targets="true") as running:
        door = httpx.Client(base_url=running.ready["iota"], headers=SERVICE)
        headers = {"X-API-Key": running.ready["admin_key"], "NGSILD-Tenant": "smart"}
        broker = httpx.Client(base_url=f"{running.ready['gateway']}/ngsi-ld/v1", headers=headers)
        polling = GROUP | {"transport": "HTTP", "commands": [{"name": "ping", "type": "command"}]}
        door.post("/iot/services", json={"services": [polling]})
        door.post("/iot/json", params=QUERY, json={"t": 1})
        made = broker.post("/subscriptions", json=subscription(running))
        assert made.status_code == 201, made.text
        broker.post(f"/entities/{ENTITY}/attrs", json={"ping": {"type": "Property", "value": 22}})
        assert fetched(door) == {"ping": 22}
        assert entity(running)["ping_status"]["value"] == "DELIVERED"
        door.close()
        broker.close()


def subscription(running: Program) -> dict[str, Any]:
    notification = {"attributes": ["ping"], "endpoint": {"uri": f"{running.ready['iota']}/notify"}}
    watched = {"entities": [{"type": "Sensor"}], "watchedAttributes": ["ping"]}
    return {"type": "Subscription", **watched, "notification": notification}


def fetched(door: httpx.Client) -> Any:
    """The commands that a device gets that asks again and again."""
    end = time.monotonic() + 10
    while time.monotonic() < end:
        commands = door.get("/iot/json", params=QUERY | {"getCmd": "1"}).json()
        if commands:
            return commands
        time.sleep(0.05)
    return None


def test_provisioning_is_not_open_to_other_machines_without_a_key(tmp_path: Path) -> None:
    arguments = ("agents", "--host", "0.0.0.0", "--mqtt-port", "0", "--iota-port", "0")
    answer = invoke(tmp_path, *arguments)
    assert answer.returncode == 1
    assert "DATENBROKER_IOTA_KEY" in answer.stderr
