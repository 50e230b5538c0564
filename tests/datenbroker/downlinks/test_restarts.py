"""What was accepted goes out once, whatever ends and begins again in between."""

import time
from collections.abc import Iterator
from pathlib import Path

import orjson
import pytest

from tests.datenbroker.downlinks.city import DEVICE, TENANT, City, NetworkServer, city, new_key, until
from tests.iot_agents.brokers import MOSQUITTO, Mosquitto

pytestmark = pytest.mark.mosquitto

DOWN = "application/+/device/+/command/down"
COMMANDS = f"/devices/{DEVICE['network']}:{DEVICE['key']}/commands"


@pytest.fixture
def mosquitto(tmp_path: Path) -> Iterator[Mosquitto]:
    assert MOSQUITTO is not None
    broker = Mosquitto(tmp_path / "mqtt").start()
    yield broker
    broker.stop()


def killed(running: City) -> None:
    running.running.process.kill()
    running.running.process.communicate()


def test_commands_survive_kill_and_go_out_once(tmp_path: Path, mosquitto: Mosquitto) -> None:
    key, arguments = new_key(tmp_path), ("--mqtt-url", mosquitto.url)
    with city(tmp_path, *arguments, key=key) as first:
        first.settle()
        with NetworkServer(mosquitto.url, DOWN) as server:
            server.up()
            first.write(switch="on")
            switched, _ = server.next_downlink()
            first.told(switch_status="PENDING")
            mosquitto.stop()
        first.write(dim=10)
        first.write(dim=20)
        waiting = first.call("POST", COMMANDS, json={"name": "dim", "value": 30}).json()["id"]
        assert first.call("DELETE", f"{COMMANDS}/{waiting}").json()["info"] == "cancelled"
        until(lambda: {10, 20} <= {one["value"] for one in first.call("GET", COMMANDS).json()}, "both values")
        killed(first)
    mosquitto.start()
    with NetworkServer(mosquitto.url, DOWN) as server, city(tmp_path, *arguments, key=key) as second:
        sent = [server.next_downlink() for _ in range(2)]
        assert [payload for _, payload in sent] == ["020a", "0214"]
        assert server.is_quiet, (server.unexpected, sent, second.call("GET", COMMANDS).json())
        server.event("ack", queueItemId=switched["id"], acknowledged=True)
        second.told(switch_status="OK", dim_status="ERROR", dim_info="cancelled")


Town = tuple[City, str]
"""Where few commands wait for a short time, and the MQTT broker's address."""


@pytest.fixture(scope="module")
def town(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Town]:
    folder = tmp_path_factory.mktemp("town")
    broker = Mosquitto(folder / "mqtt").start()
    with city(folder, "--mqtt-url", broker.url, commands_lifetime="1.5", commands_waiting="2") as running:
        yield running, broker.url
    broker.stop()


def test_a_command_that_cannot_be_sent_in_time_expires(town: Town) -> None:
    """Nothing was ever heard of the meter, so that its network server's topic is not known."""
    running, url = town
    meter = {"network": "chirpstack", "key": "00000000000000b2", "profile": "soil-moisture-dragino-lse01"}
    soil = meter | {"tenant": TENANT, "entity_id": "urn:ngsi-ld:Soil:1"}
    assert running.call("POST", "/devices", json=soil).is_success
    running.told(soil["entity_id"], reboot="no command yet")
    running.write(soil["entity_id"], reboot=True)
    told = running.told(soil["entity_id"], reboot_status="ERROR")
    assert told["reboot_info"] == "expired: it could not be sent in time"
    with NetworkServer(url, DOWN) as server:
        heard = {"deviceInfo": {"devEui": meter["key"]}, "time": "2026-11-22T12:00:00Z", "fPort": 2, "data": "DOQ="}
        server.publish(f"application/soil/device/{meter['key']}/event/up", heard)
        assert server.is_quiet


def test_a_device_has_so_many_waiting_commands_and_no_more(town: Town) -> None:
    running, _ = town
    running.settle()
    for value in (10, 20, 30):
        running.write(dim=value)
    full = "2 commands wait for the device already, which is as many as may"
    running.told(dim_status="ERROR", dim_info=full)
    refused = running.call("POST", COMMANDS, json={"name": "dim", "value": 40})
    assert (refused.status_code, "take some back" in refused.json()["detail"]) == (429, True)
    assert len(running.call("DELETE", COMMANDS).json()) == 2


def test_the_things_stack_takes_and_tells(town: Town) -> None:
    running, url = town
    lamp = "urn:ngsi-ld:Streetlight:2"
    device = DEVICE | {"network": "the_things_stack", "key": "lights/lamp-1", "entity_id": lamp}
    ids = {"device_id": "lamp-1", "application_ids": {"application_id": "lights"}}
    assert running.call("POST", "/devices", json=device).is_success
    with NetworkServer(url, "v3/+/devices/+/down/push") as server:
        now = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())
        up = {"end_device_ids": ids, "received_at": now, "uplink_message": {"f_port": 1, "frm_payload": "AUYCHwkB"}}
        server.publish("v3/lights@herne/devices/lamp-1/up", up)
        running.told(lamp, powerState="on", dim="no command yet")
        running.write(lamp, dim=55)
        topic, payload = server.next()
        assert topic == "v3/lights@herne/devices/lamp-1/down/push"
        queued = orjson.loads(payload)["downlinks"][0]
        assert (queued["f_port"], queued["frm_payload"], queued["confirmed"]) == (10, "Ajc=", True)
        for kind, told in (("queued", "PENDING"), ("sent", "DELIVERED"), ("ack", "OK")):
            message = {"end_device_ids": ids, "correlation_ids": ["as:1", *queued["correlation_ids"]]}
            server.publish(f"v3/lights@herne/devices/lamp-1/down/{kind}", message | {f"downlink_{kind}": queued})
            running.told(lamp, dim_status=told)
