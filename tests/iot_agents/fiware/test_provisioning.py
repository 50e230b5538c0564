from pathlib import Path
from typing import Any

import httpx
import pytest

from document_store.sqlite import SqliteDocumentStore
from tests.iot_agents.fiware.conftest import KEY, Fleet, running

pytestmark = pytest.mark.anyio

GROUP = {"apikey": KEY, "resource": "/iot/json", "entity_type": "Sensor"}
PAIR = {"apikey": KEY, "resource": "/iot/json"}


@pytest.mark.parametrize(("path", "member"), [("/iot/services", "services"), ("/iot/groups", "groups")])
async def test_a_group_is_created_listed_changed_and_deleted(fleet: Fleet, path: str, member: str) -> None:
    assert (await fleet.http.post(path, json={member: [GROUP]})).status_code == 201
    changed = await fleet.http.put(path, params=PAIR, json={"entity_type": "Lamp"})
    listed = (await fleet.http.get(path)).json()
    assert (changed.status_code, changed.content, listed["count"]) == (204, b"", 1)
    assert listed[member][0]["entity_type"] == "Lamp"
    assert (listed[member][0]["service"], listed[member][0]["subservice"]) == ("smart", "/")
    assert (await fleet.http.delete(path, params=PAIR)).status_code == 204
    assert (await fleet.http.get(path)).json()["name"] == "DEVICE_GROUP_NOT_FOUND"


async def test_all_paths_of_a_service_are_listed_by_pages(fleet: Fleet) -> None:
    for number in range(3):
        headers = {"fiware-service": "Smart", "fiware-servicepath": f"/{number}"}
        body = {"services": [GROUP | {"apikey": f"key{number}"}]}
        await fleet.http.post("/iot/services", json=body, headers=headers)
    everywhere = {"fiware-servicepath": "/*"}
    page = (await fleet.http.get("/iot/services", params={"limit": 2, "offset": 2}, headers=everywhere)).json()
    assert (page["count"], len(page["services"])) == (3, 1)


async def test_devices_are_listed_by_pages_with_their_number(fleet: Fleet) -> None:
    devices = [{"device_id": f"dev{number}", "entity_type": "Lamp", "apikey": KEY} for number in range(5)]
    assert (await fleet.http.post("/iot/devices", json={"devices": devices})).status_code == 201
    page = (await fleet.http.get("/iot/devices", params={"limit": 2, "offset": 3})).json()
    assert page["count"] == 5
    assert [device["device_id"] for device in page["devices"]] == ["dev3", "dev4"]
    assert page["devices"][0]["service_path"] == "/"


async def test_a_device_is_read_changed_and_deleted(fleet: Fleet) -> None:
    await fleet.group()
    await fleet.device("dev1", apikey=KEY)
    read = (await fleet.http.get("/iot/devices/dev1", params={"apikey": KEY})).json()
    assert (read["entity_name"], read["entity_type"]) == ("urn:ngsi-ld:Sensor:dev1", "Sensor")
    changed = await fleet.http.put("/iot/devices/dev1", json={"entity_name": "urn:ngsi-ld:Sensor:hall"})
    await fleet.publish((f"/json/{KEY}/dev1/attrs", '{"t": 1}'))
    assert (changed.status_code, fleet.values("urn:ngsi-ld:Sensor:hall")) == (204, {"t": 1})
    assert (await fleet.http.delete("/iot/devices/dev1")).status_code == 204
    assert (await fleet.http.get("/iot/devices/dev1")).status_code == 404


async def test_many_devices_are_deleted_and_the_missing_one_is_told(fleet: Fleet) -> None:
    await fleet.device("dev1", apikey=KEY)
    listed = [{"deviceId": "gone"}, {"deviceId": "dev1", "apikey": KEY}]
    response = await fleet.http.post("/iot/op/delete", json={"devices": listed})
    assert (response.status_code, response.json()["name"]) == (404, "DEVICE_NOT_FOUND")
    assert (await fleet.http.get("/iot/devices")).json()["count"] == 0


async def asked(fleet: Fleet, method: str, path: str, body: Any, headers: dict[str, str]) -> httpx.Response:
    await fleet.group()
    await fleet.device("dev1", apikey=KEY)
    return await fleet.http.request(method, path, json=body, headers=headers)


@pytest.mark.parametrize(
    ("method", "path", "body", "headers", "status", "name"),
    [
        ("POST", "/iot/services", {"services": [GROUP]}, {}, 409, "DUPLICATE_GROUP"),
        ("POST", "/iot/services", {"services": [GROUP]}, {"fiware-service": ""}, 400, "MISSING_HEADERS"),
        ("POST", "/iot/services", {"services": [{"apikey": "k"}]}, {}, 400, "WRONG_SYNTAX"),
        ("POST", "/iot/services", {"services": [{**PAIR, "apikey": "n"}]}, {}, 400, "MISSING_CONFIG_PARAMS"),
        ("POST", "/iot/services", {"services": [], "more": 1}, {}, 400, "WRONG_SYNTAX"),
        ("POST", "/iot/services", {}, {"content-type": "text/plain"}, 400, "WRONG_SYNTAX"),
        ("POST", "/iot/services", "x" * 200_000, {}, 413, "PAYLOAD_TOO_LARGE"),
        ("PUT", "/iot/services", {}, {}, 400, "MISSING_HEADERS"),
        (
            "PUT",
            f"/iot/services?resource=/iot/json&apikey={KEY}",
            {},
            {"fiware-service": "x"},
            403,
            "MISMATCHED_SERVICE",
        ),
        ("DELETE", "/iot/services?resource=&apikey=none", None, {}, 404, "DEVICE_GROUP_NOT_FOUND"),
        ("POST", "/iot/devices", {"devices": [{"device_id": "dev1", "apikey": KEY}]}, {}, 409, "DUPLICATE_DEVICE_ID"),
        ("POST", "/iot/devices", {"devices": [{"entity_type": "A"}]}, {}, 400, "MISSING_ATTRIBUTES"),
        ("POST", "/iot/devices", {"devices": {}}, {}, 400, "WRONG_SYNTAX"),
        ("POST", "/iot/devices", {"devices": [{"device_id": "a", "attributes": [1]}]}, {}, 400, "WRONG_SYNTAX"),
        ("PUT", "/iot/devices/dev1", {"device_id": "other"}, {}, 400, "BAD_REQUEST"),
        ("GET", "/iot/devices/none", None, {}, 404, "DEVICE_NOT_FOUND"),
        ("GET", "/iot/devices?limit=many", None, {}, 400, "WRONG_SYNTAX"),
        ("GET", "/iot/nothing", None, {}, 404, "METHOD_NOT_IMPLEMENTED"),
    ],
)
async def test_errors_have_the_names_and_statuses_of_iotagent_node_lib(
    fleet: Fleet, method: str, path: str, body: Any, headers: dict[str, str], status: int, name: str
) -> None:
    response = await asked(fleet, method, path, body, headers)
    assert (response.status_code, response.json()["name"]) == (status, name)
    assert response.json()["message"]


async def test_an_expression_that_is_none_is_refused_at_provisioning(fleet: Fleet) -> None:
    attribute = {"name": "a", "type": "Number", "expression": "level * "}
    response = await fleet.http.post("/iot/devices", json={"devices": [{"device_id": "a", "attributes": [attribute]}]})
    assert (response.status_code, "is no JEXL" in response.json()["message"]) == (400, True)


async def test_the_version_is_told(fleet: Fleet) -> None:
    for path in ("/iot/about", "/version"):
        assert (await fleet.http.get(path)).json()["libVersion"]


async def test_provisioning_survives_a_restart(tmp_path: Path) -> None:
    store = SqliteDocumentStore.open(tmp_path / "store.sqlite")
    async with running(store) as fleet:
        await fleet.group()
        await fleet.device("dev1", apikey=KEY, entity_name="urn:ngsi-ld:Sensor:hall")
    async with running(store) as fleet:
        await fleet.publish((f"/json/{KEY}/dev1/attrs", '{"t": 1}'))
        assert fleet.values("urn:ngsi-ld:Sensor:hall") == {"t": 1}
    await store.close()


async def test_a_key_guards_the_provisioning_but_not_the_measures(tmp_path: Path) -> None:
    store = SqliteDocumentStore.open(tmp_path / "store.sqlite")
    async with running(store, key="secret") as fleet:
        assert (await fleet.http.get("/iot/devices")).status_code == 401
        fleet.http.headers["X-Auth-Token"] = "secret"
        await fleet.group()
        del fleet.http.headers["X-Auth-Token"]
        measured = await fleet.http.post("/iot/json", params={"k": KEY, "i": "dev1"}, json={"t": 1})
        assert (measured.status_code, fleet.values("urn:ngsi-ld:Sensor:dev1")) == (200, {"t": 1})
    await store.close()


async def test_devices_without_a_key_belong_to_the_group_of_their_type(fleet: Fleet) -> None:
    attributes = [{"object_id": "t", "name": "temperature", "type": "Number"}]
    await fleet.group(attributes=attributes)
    await fleet.device("dev1", entity_type="Sensor", entity_name="urn:ngsi-ld:Sensor:hall")
    await fleet.publish((f"/json/{KEY}/dev1/attrs", '{"t": 1}'))
    assert fleet.values("urn:ngsi-ld:Sensor:hall") == {"temperature": 1}
