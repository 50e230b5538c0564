"""The management API."""

from typing import Any

import pytest

from datenbroker.identities.roles import Role
from ngsi_client.rejected import Rejected
from tests.datenbroker.city_gateway import WASTE, CityGateway

pytestmark = pytest.mark.anyio

HCR = {"id": "hcr", "tenant": "hcr", "name": "HCR"}


async def test_an_organisation_is_created_listed_and_removed(city: CityGateway) -> None:
    admin = await city.key(Role.PLATFORM_ADMIN)
    assert (await city.http.post("/admin/organisations", json=HCR, headers=admin)).status_code == 201
    assert HCR in (await city.http.get("/admin/organisations", headers=admin)).json()
    assert (await city.http.delete("/admin/organisations/hcr", headers=admin)).status_code == 204
    assert (await city.http.delete("/admin/organisations/hcr", headers=admin)).status_code == 404


@pytest.mark.parametrize(
    ("change", "status"),
    [
        ({"id": WASTE.id}, 409),
        ({"tenant": WASTE.tenant}, 409),
        ({"tenant": "x" * 51}, 400),
        ({"id": "Ümlaut"}, 400),
        ({"name": ""}, 400),
        ({"unknown": 1}, 400),
    ],
)
async def test_an_organisation_that_cannot_be_is_a_problem(
    city: CityGateway, change: dict[str, Any], status: int
) -> None:
    admin = await city.key(Role.PLATFORM_ADMIN)
    answer = await city.http.post("/admin/organisations", json=HCR | change, headers=admin)
    assert answer.status_code == status
    assert answer.headers["content-type"] == "application/problem+json"
    assert str(next(iter(change))) in answer.json()["detail"].lower() or status == 409


async def test_a_key_is_made_shown_once_used_and_revoked(city: CityGateway) -> None:
    admin = await city.key(Role.PLATFORM_ADMIN)
    wanted = {"organisation": WASTE.id, "roles": ["data-consumer"], "name": "Route planning", "days": 30}
    made = (await city.http.post("/admin/keys", json=wanted, headers=admin)).json()
    key, prefix = made["key"], made["details"]["prefix"]
    assert (await city.http.get("/ngsi-ld/v1/entities", headers={"X-API-Key": key})).status_code == 200
    listed = (await city.http.get("/admin/keys", headers=admin)).text
    assert prefix in listed and key.split("_")[2] not in listed and "hash" not in listed
    assert (await city.http.delete(f"/admin/keys/{prefix}", headers=admin)).status_code == 204
    assert (await city.http.get("/ngsi-ld/v1/entities", headers={"X-API-Key": key})).status_code == 401


@pytest.mark.parametrize(
    ("change", "status"),
    [({"organisation": "nobody"}, 404), ({"organisation": None}, 400), ({"roles": ["king"]}, 400), ({"days": 0}, 400)],
)
async def test_a_key_that_cannot_be_is_a_problem(city: CityGateway, change: dict[str, Any], status: int) -> None:
    wanted = {"organisation": WASTE.id, "roles": ["data-consumer"], "name": "x"} | change
    answer = await city.http.post("/admin/keys", json=wanted, headers=await city.key(Role.PLATFORM_ADMIN))
    assert answer.status_code == status


async def test_the_last_rejects_are_seen_newest_first(city: CityGateway) -> None:
    for kind in ("malformed", "unknown_device"):
        city.rejections.add(Rejected("chirpstack", "a84041ffff1865ab", kind, "why", "{"))
    city.rejections.add(Rejected("parkapi", None, "wrong_type", "why"))
    auditor = await city.key(Role.AUDITOR)
    rejects = (await city.http.get("/admin/rejects?source=chirpstack", headers=auditor)).json()
    assert [reject["kind"] for reject in rejects] == ["unknown_device", "malformed"]
    assert len((await city.http.get("/admin/rejects?limit=1", headers=auditor)).json()) == 1


async def test_an_unknown_route_and_method_are_problems(city: CityGateway) -> None:
    admin = await city.key(Role.PLATFORM_ADMIN)
    unknown = await city.http.get("/admin/nothing", headers=admin)
    method = await city.http.put("/admin/keys", headers=admin)
    assert (unknown.status_code, method.status_code) == (404, 405)
    assert "allow" in method.headers
    assert "/docs" in unknown.json()["detail"]
