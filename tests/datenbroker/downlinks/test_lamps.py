"""An update of a command attribute through the gateway reaches the lamp; what becomes of it is at the entity."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from datenbroker.identities.organisations import Organisation
from datenbroker.identities.roles import Role
from tests.datenbroker.downlinks.city import DEVICE, LAMP, City, NetworkServer, city, new_key, until
from tests.iot_agents.brokers import MOSQUITTO, Mosquitto

Lit = tuple[City, NetworkServer]
ONE_BROKER = pytest.mark.parametrize("lit", ["embedded"], indirect=True)
"""What the MQTT broker has no part in."""
COMMANDS = f"/devices/{DEVICE['network']}:{DEVICE['key']}/commands"


@pytest.fixture(scope="module", params=["embedded", "mosquitto"])
def lit(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Lit]:
    folder: Path = tmp_path_factory.mktemp(request.param)
    mosquitto = Mosquitto(folder / "mqtt").start() if request.param == "mosquitto" and MOSQUITTO else None
    arguments = ("--mqtt-url", mosquitto.url) if mosquitto else ("--mqtt-port", "0")
    with city(folder, *arguments) as running:
        running.settle()
        url = running.running.ready["mqtt"]
        with NetworkServer(url, "application/+/device/+/command/down") as server:
            server.up()
            yield running, server
    if mosquitto:
        mosquitto.stop()


def test_a_command_goes_down_and_its_acknowledgement_comes_back(lit: Lit) -> None:
    stadtwerke, server = lit
    stadtwerke.write(dim=40)
    command, payload = server.next_downlink()
    assert (payload, command["fPort"], command["confirmed"], command["devEui"]) == ("0228", 10, True, DEVICE["key"])
    assert stadtwerke.told(dim_status="PENDING")["dim"] == 40
    server.event("txack", queueItemId=command["id"], fCntDown=3, gatewayId="0016c001f156d7e3")
    stadtwerke.told(dim_status="DELIVERED")
    server.event("ack", queueItemId=command["id"], acknowledged=True, fCntDown=3)
    assert stadtwerke.told(dim_status="OK")["dim_expires"]
    assert stadtwerke.call("GET", COMMANDS).json()[0]["status"] == "OK"


def test_a_device_that_does_not_acknowledge_makes_an_error(lit: Lit) -> None:
    stadtwerke, server = lit
    stadtwerke.write(switch="on")
    command, payload = server.next_downlink()
    assert payload == "0101"
    server.event("ack", queueItemId=command["id"], acknowledged=False, fCntDown=4)
    assert "not acknowledge" in stadtwerke.told(switch_status="ERROR")["switch_info"]


@ONE_BROKER
@pytest.mark.parametrize(
    ("value", "reason"),
    [
        (400, "dim is 400 %, allowed is 0 to 100 %"),
        ("bright", "no number"),
        (True, "no number"),
        ({"a": 1}, "no number"),
    ],
)
def test_a_bad_value_is_an_error_at_the_entity(lit: Lit, value: object, reason: str) -> None:
    stadtwerke, _ = lit
    stadtwerke.write(dim=value)
    until(lambda: reason in str(stadtwerke.entity().get("dim_info")), reason)
    assert stadtwerke.entity()["dim_status"] == "ERROR"


def test_several_commands_of_one_request_go_out_each(lit: Lit) -> None:
    stadtwerke, server = lit
    stadtwerke.write(dim=50, switch="low")
    assert {server.next_downlink()[1] for _ in range(2)} == {"0232", "0102"}


def test_the_same_value_again_is_a_command_again(lit: Lit) -> None:
    stadtwerke, server = lit
    for _ in range(2):
        stadtwerke.write(dim=60)
        assert server.next_downlink()[1] == "023c"
        until(lambda: "taken" in stadtwerke.call("GET", f"/ngsi-ld/v1/entities/{LAMP}").json()["dim"], "the mark")
    assert server.is_quiet


@ONE_BROKER
def test_the_api_sends_lists_and_says_what_is_wrong(lit: Lit) -> None:
    stadtwerke, server = lit
    sent = stadtwerke.call("POST", COMMANDS, json={"name": "dim", "value": 70})
    assert (sent.status_code, sent.json()["status"]) == (202, "PENDING")
    command, payload = server.next_downlink()
    assert (command["id"], payload) == (sent.json()["id"], "0246")
    bad = stadtwerke.call("POST", COMMANDS, json={"name": "dim", "value": 101})
    assert (bad.status_code, "allowed is 0 to 100 %" in bad.json()["detail"]) == (400, True)
    unknown = stadtwerke.call("POST", COMMANDS, json={"name": "fly", "value": 1})
    assert "its commands are switch, dim" in unknown.json()["detail"]
    assert stadtwerke.call("DELETE", f"{COMMANDS}/{command['id']}").status_code == 404


@ONE_BROKER
def test_what_the_lamp_measures_is_no_command(lit: Lit) -> None:
    stadtwerke, server = lit
    server.up()
    stadtwerke.told(illuminanceLevel=0.7)
    assert server.is_quiet


@ONE_BROKER
def test_a_subsidiary_reaches_its_own_devices_only(lit: Lit) -> None:
    stadtwerke, server = lit
    other = Organisation(id="entsorgung-herne", tenant="entsorgung", name="Entsorgung Herne")
    key = new_key(stadtwerke.folder, other)
    answer = stadtwerke.call("POST", COMMANDS, key, json={"name": "dim", "value": 1})
    assert (answer.status_code, stadtwerke.call("GET", COMMANDS, key).status_code) == (404, 404)
    reader = new_key(stadtwerke.folder, role=Role.DATA_CONSUMER)
    assert stadtwerke.call("POST", COMMANDS, reader, json={"name": "dim", "value": 1}).status_code == 403
    lamp = {"id": LAMP, "type": "Streetlight", "dim": {"type": "Property", "value": 1}}
    assert stadtwerke.call("POST", "/ngsi-ld/v1/entities", key, json=lamp).status_code == 201
    assert server.is_quiet
