"""The devices' API over HTTP: who sees and changes what."""

from datetime import UTC, datetime
from typing import Any

import pytest

from datenbroker.identities.roles import Role
from tests.datenbroker.city_gateway import ENERGY, WASTE, CityGateway
from tests.iot_agents.messages import topic, uplink

pytestmark = pytest.mark.anyio

BIN: dict[str, Any] = {
    "key": "0000000000000001",
    "profile": "bin-level",
    "name": "Glas 1",
    "latitude": 51.5,
    "longitude": 7.2,
}
BIN_ID = "chirpstack:0000000000000001"


async def test_a_device_is_registered_shown_changed_and_deleted(city: CityGateway) -> None:
    provider = await city.key(Role.DATA_PROVIDER)
    made = await city.http.post("/devices", json=BIN, headers=provider)
    assert (made.status_code, made.json()["id"], made.json()["tenant"]) == (201, BIN_ID, WASTE.tenant)
    assert (await city.http.post("/devices", json=BIN, headers=provider)).status_code == 409
    changed = await city.http.put(f"/devices/{BIN_ID}", json=BIN | {"name": "Papier 1"}, headers=provider)
    assert changed.json()["name"] == "Papier 1"
    shown = (await city.http.get(f"/devices/{BIN_ID}", headers=provider)).json()
    assert shown["entity"]["location"]["value"]["coordinates"] == [7.2, 51.5]
    assert shown["mirror"] == f"urn:ngsi-ld:Device:{BIN_ID}" and shown["silent"] is True
    assert (await city.http.delete(f"/devices/{BIN_ID}", headers=provider)).status_code == 204
    assert (await city.http.get(f"/devices/{BIN_ID}", headers=provider)).status_code == 404


async def test_an_organisation_reaches_its_own_devices_only_and_the_administrator_all(city: CityGateway) -> None:
    admin, other = await city.key(Role.PLATFORM_ADMIN, None), await city.key(Role.DATA_PROVIDER, ENERGY.id)
    for number, tenant in ((1, WASTE.tenant), (2, ENERGY.tenant)):
        wanted = BIN | {"key": f"{number:016x}", "tenant": tenant}
        assert (await city.http.post("/devices", json=wanted, headers=admin)).status_code == 201
    assert (await city.http.get("/devices", headers=admin)).json()["total"] == 2
    assert [one["tenant"] for one in (await city.http.get("/devices", headers=other)).json()["devices"]] == [
        "stadtwerke"
    ]
    for method, path in (("GET", ""), ("GET", "/frames"), ("DELETE", "")):
        assert (await city.http.request(method, f"/devices/{BIN_ID}{path}", headers=other)).status_code == 404
    assert (await city.http.put(f"/devices/{BIN_ID}", json=BIN, headers=other)).status_code == 404
    foreign = BIN | {"key": "00000000000000aa", "tenant": WASTE.tenant}
    assert (await city.http.post("/devices", json=foreign, headers=other)).status_code == 403
    moved = await city.http.put(f"/devices/{BIN_ID}", json=BIN | {"tenant": ENERGY.tenant}, headers=admin)
    assert moved.status_code == 400


@pytest.mark.parametrize(
    ("role", "looks", "changes"),
    [
        (Role.PLATFORM_ADMIN, 200, 201),
        (Role.DATA_PROVIDER, 200, 201),
        (Role.DEVICE_GATEWAY, 200, 201),
        (Role.AUDITOR, 200, 403),
        (Role.DATA_CONSUMER, 403, 403),
        (Role.DATA_STEWARD, 403, 403),
    ],
)
async def test_what_each_role_may(city: CityGateway, role: Role, looks: int, changes: int) -> None:
    key = await city.key(role)
    wanted = BIN | {"tenant": WASTE.tenant}
    assert (await city.http.get("/devices", headers=key)).status_code == looks
    assert (await city.http.get("/device-profiles", headers=key)).status_code == looks
    assert (await city.http.post("/devices", json=wanted, headers=key)).status_code == changes
    assert (await city.http.get("/devices")).status_code == 401


@pytest.mark.parametrize(
    "change",
    [{"key": "xyz"}, {"network": "chirpstak"}, {"profile": "toaster"}, {"latitude": 91}, {"entity_id": "no uri"},
     {"colour": "red"}, {"attributes": {"colour": "red"}}, {"attributes": {"cargoWeight": "heavy"}},
     {"longitude": None}],
)  # fmt: skip
async def test_a_device_that_cannot_be_is_a_problem(city: CityGateway, change: dict[str, Any]) -> None:
    answer = await city.http.post("/devices", json=BIN | change, headers=await city.key(Role.DATA_PROVIDER))
    assert answer.status_code == 400
    assert answer.headers["content-type"] == "application/problem+json"


async def test_pages_and_selections(city: CityGateway) -> None:
    provider = await city.key(Role.DATA_PROVIDER)
    for number in range(1, 8):
        await city.http.post(
            "/devices", json=BIN | {"key": f"{number:016x}", "name": f"Glas {number}"}, headers=provider
        )
    page = (await city.http.get("/devices?limit=3&offset=5", headers=provider)).json()
    assert (page["total"], [one["name"] for one in page["devices"]]) == (7, ["Glas 6", "Glas 7"])
    for query, total in (("text=glas%203", 1), ("profile=noise", 0), ("network=chirpstack", 7), ("silent=true", 7)):
        assert (await city.http.get(f"/devices?{query}", headers=provider)).json()["total"] == total


async def test_a_reading_ends_silence_and_is_a_frame(city: CityGateway) -> None:
    provider = await city.key(Role.DATA_PROVIDER)
    await city.http.post("/devices", json=BIN, headers=provider)
    await city.agent.accept(topic(), uplink({"fill": 137, "temperature": 8.5}, time=datetime.now(UTC)))
    await city.agent.frames.flush()
    (frame,) = (await city.http.get(f"/devices/{BIN_ID}/frames", headers=provider)).json()
    assert (frame["event"], frame["attributes"]) == ("up", {"temperature": 8.5})
    assert frame["gateways"][0]["rssi"] == -97 and "allowed is 0 to 100" in frame["rejected"][0]["reason"]
    assert (await city.http.get("/devices?silent=true", headers=provider)).json()["total"] == 0


async def test_a_list_is_tried_imported_exported_and_undone(city: CityGateway) -> None:
    provider, other = await city.key(Role.DATA_PROVIDER), await city.key(Role.DATA_PROVIDER, ENERGY.id)
    text = "dev_eui;name\n0000000000000001;Glas 1\nbad;Glas 2\n"
    path = "/devices/imports?file=bins.csv&profile=bin-level"
    tried = (await city.http.post(f"{path}&dry_run=true", content=text, headers=provider)).json()
    done = (await city.http.post(path, content=text, headers=provider)).json()
    assert (tried["id"], tried["created"], done["created"], done["rejected"][0]["line"]) == ("", 1, 1, 3)
    assert (await city.http.get("/devices/export", headers=provider)).text.count("Glas 1") == 1
    assert (await city.http.get("/devices/imports", headers=other)).json() == []
    assert (await city.http.delete(f"/devices/imports/{done['id']}", headers=other)).status_code == 404
    assert (await city.http.delete(f"/devices/imports/{done['id']}", headers=provider)).json()["deleted"] == 1
    assert (await city.http.get("/devices", headers=provider)).json()["total"] == 0
    assert (await city.http.post("/devices/imports?file=a.pdf", headers=provider)).status_code == 400


async def test_a_list_cannot_reach_another_organisations_devices(city: CityGateway) -> None:
    provider, other = await city.key(Role.DATA_PROVIDER), await city.key(Role.DATA_PROVIDER, ENERGY.id)
    await city.http.post("/devices", json=BIN, headers=provider)
    text = "dev_eui;profile;tenant\n0000000000000001;bin-level;\n0000000000000002;bin-level;entsorgung\n"
    done = (await city.http.post("/devices/imports", content=text, headers=other)).json()
    assert [row["kind"] for row in done["rejected"]] == ["other_tenant", "unknown_tenant"]


async def test_profiles_are_described(city: CityGateway) -> None:
    key = await city.key(Role.DATA_PROVIDER)
    profile = (await city.http.get("/device-profiles/bin-level", headers=key)).json()
    assert (profile["entity_type"], profile["interval_seconds"] > 0) == ("WasteContainer", True)
    lamp = (await city.http.get("/device-profiles/lighting-controller", headers=key)).json()
    switch, dim = lamp["commands"]
    assert (switch["choices"], dim["name"], dim["unit"], dim["maximum"]) == (["off", "on", "low"], "dim", "%", 100)
    assert (await city.http.get("/device-profiles/toaster", headers=key)).status_code == 404
    assert "/devices/{device_id}/frames" in (await city.http.get("/openapi.json")).json()["paths"]
