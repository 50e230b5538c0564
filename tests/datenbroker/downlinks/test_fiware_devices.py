"""A plain update through the gateway reaches FIWARE's devices: over MQTT, by polling, by a push."""

import json
import queue
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import httpx
import pytest

from datenbroker.identities.organisations import Organisation
from tests.datenbroker.downlinks.city import TENANT, City, NetworkServer, city, new_key, until

HEADERS = {"fiware-service": TENANT, "fiware-servicepath": "/"}
COMMANDS = [{"name": "ring", "type": "command"}]


@pytest.fixture(scope="module")
def fleet(tmp_path_factory: pytest.TempPathFactory) -> Iterator[City]:
    with city(tmp_path_factory.mktemp("fleet"), "--mqtt-port", "0", "--iota-port", "0") as running:
        yield running


def provisioned(fleet: City, kind: str, resource: str, **members: Any) -> str:
    """The entity of a new device of a new group."""
    with httpx.Client(base_url=fleet.running.ready["iota"], headers=HEADERS) as iota:
        group = {"apikey": f"key-{kind}", "resource": resource, "entity_type": "Bell", "commands": COMMANDS} | members
        assert iota.post("/iot/services", json={"services": [group]}).is_success
        device = {"device_id": kind, "apikey": f"key-{kind}", "entity_name": f"urn:ngsi-ld:Bell:{kind}"}
        assert iota.post("/iot/devices", json={"devices": [device]}).is_success
    return f"urn:ngsi-ld:Bell:{kind}"


@pytest.mark.parametrize(
    ("protocol", "resource", "sent", "result"),
    [("json", "/iot/json", '{"ring":3}', '{"ring": "rang"}'), ("ul", "/iot/d", "ul@ring|3", "ul@ring|rang")],
)
def test_over_mqtt(fleet: City, protocol: str, resource: str, sent: str, result: str) -> None:
    bell = provisioned(fleet, protocol, resource)
    with NetworkServer(fleet.running.ready["mqtt"], f"/key-{protocol}/{protocol}/cmd") as device:
        fleet.write(bell, ring=3)
        assert device.next()[1].decode() == sent
        fleet.told(bell, ring_status="PENDING", ring=3)
        device.publish(f"/{protocol}/key-{protocol}/{protocol}/cmdexe", result)
        fleet.told(bell, ring_status="OK", ring_info="rang")
        assert device.is_quiet


@pytest.mark.parametrize(
    ("resource", "fetched", "path", "result"),
    [
        ("/iot/json", '{"ring":3}', "/iot/json/commands", '{"ring": "rang"}'),
        ("/iot/d", "poll-d@ring|3", "/iot/d", "poll-d@ring|rang"),
    ],
)
def test_by_polling(fleet: City, resource: str, fetched: str, path: str, result: str) -> None:
    kind = f"poll-{resource[5:]}"
    bell, query = provisioned(fleet, kind, resource, transport="HTTP"), {"k": f"key-{kind}", "i": kind}
    fleet.write(bell, ring=3)
    fleet.told(bell, ring_status="PENDING")
    with httpx.Client(base_url=fleet.running.ready["iota"]) as device:
        assert device.get(resource, params=query | {"getCmd": "1"}).text == fetched
        fleet.told(bell, ring_status="DELIVERED")
        kind_of_text = "application/json" if path.endswith("commands") else "text/plain"
        device.post(path, params=query, content=result, headers={"content-type": kind_of_text})
    fleet.told(bell, ring_status="OK", ring_info="rang")


@contextmanager
def endpoint() -> Iterator[tuple[str, "queue.Queue[Any]"]]:
    """A device that is reached by HTTP, and answers at once."""
    heard: queue.Queue[Any] = queue.Queue()

    class Device(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            heard.put(json.loads(self.rfile.read(int(self.headers["content-length"]))))
            self.send_response(200)
            self.end_headers()
            self.wfile.write(b'{"ring": "rang"}')

        def log_message(self, *_: object) -> None:
            return None

    with ThreadingHTTPServer(("127.0.0.1", 0), Device) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}/bell", heard
        server.shutdown()


def test_by_a_push(fleet: City) -> None:
    with endpoint() as (url, heard):
        bell = provisioned(fleet, "push", "/iot/json", transport="HTTP", endpoint=url)
        fleet.write(bell, ring={"times": 2})
        assert heard.get(timeout=20) == {"ring": {"times": 2}}
        fleet.told(bell, ring_status="OK", ring_info="rang")


def test_the_subscriptions_end_with_the_devices(fleet: City) -> None:
    def mine() -> list[str]:
        listed = fleet.call("GET", "/ngsi-ld/v1/subscriptions", params={"limit": 100}).json()
        return [one["id"] for one in listed if one["subscriptionName"] == "Command open of Gate"]

    with httpx.Client(base_url=fleet.running.ready["iota"], headers=HEADERS) as iota:
        gate = {"device_id": "gate", "entity_type": "Gate", "commands": [{"name": "open", "type": "command"}]}
        iota.post("/iot/devices", json={"devices": [gate]})
        assert len(mine()) == 1
        iota.delete("/iot/devices/gate")
    until(lambda: not mine(), "the end of the subscription")


def test_the_api_commands_them_by_key_and_id(fleet: City) -> None:
    bell = provisioned(fleet, "api", "/iot/json", transport="HTTP")
    path, query = "/devices/iota:key-api/api/commands", {"k": "key-api", "i": "api", "getCmd": "1"}
    first, second = (fleet.call("POST", path, json={"name": "ring", "value": value}).json() for value in (3, 4))
    fleet.told(bell, ring_status="PENDING")
    assert fleet.call("DELETE", f"{path}/{second['id']}").json()["info"] == "cancelled"
    with httpx.Client(base_url=fleet.running.ready["iota"]) as device:
        until(lambda: device.get("/iot/json", params=query).text == '{"ring":3}', "the command")
    delivered = until(lambda: fleet.call("GET", "/commands", params={"status": "DELIVERED"}).json(), "its status")
    (only,) = delivered
    assert (only["id"], only["device"], only["tenant"]) == (first["id"], "iota:key-api/api", TENANT)
    assert fleet.call("GET", f"{path}/{first['id']}").json()["expires_at"] > first["created_at"]
    assert fleet.call("GET", f"{path}/none").status_code == 404
    assert "its commands are ring" in fleet.call("POST", path, json={"name": "fly", "value": 1}).json()["detail"]
    other = new_key(fleet.folder, Organisation(id="entsorgung-herne", tenant="entsorgung", name="Entsorgung Herne"))
    assert fleet.call("GET", path, other).status_code == 404
    assert fleet.call("GET", "/commands", other).json() == []
