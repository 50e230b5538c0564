"""Who may pass, and in which tenant."""

import asyncio

import pytest

from datenbroker.identities.roles import Role
from tests.datenbroker.city_gateway import ENERGY, CityGateway
from tests.datenbroker.recorder import Recorder

pytestmark = pytest.mark.anyio

ENTITIES = "/ngsi-ld/v1/entities"
UPSERT = "/ngsi-ld/v1/entityOperations/upsert"
POSTED_QUERY = "/ngsi-ld/v1/entityOperations/query"

ANSWERS = {
    #                     read entities, write, posted query, read /admin, write /admin
    Role.PLATFORM_ADMIN: (200, 200, 200, 200, 404),
    Role.DATA_STEWARD: (200, 403, 200, 200, 404),
    Role.DATA_PROVIDER: (200, 200, 200, 403, 403),
    Role.DATA_CONSUMER: (200, 403, 200, 403, 403),
    Role.DEVICE_GATEWAY: (403, 200, 403, 403, 403),
    Role.AUDITOR: (403, 403, 403, 200, 403),
}


@pytest.mark.parametrize("role", Role)
async def test_each_role_may_do_what_it_is_for(city: CityGateway, role: Role) -> None:
    headers = await city.key(role)
    answers = [
        await city.http.get(ENTITIES, headers=headers),
        await city.http.post(UPSERT, headers=headers, json=[]),
        await city.http.post(POSTED_QUERY, headers=headers, json={}),
        await city.http.get("/admin/keys", headers=headers),
        await city.http.delete("/admin/keys/nobody", headers=headers),
    ]
    assert tuple(answer.status_code for answer in answers) == ANSWERS[role]


@pytest.mark.parametrize("path", [ENTITIES, "/admin/keys", "/ngsi-ld/v1/nothing", "/admin/nothing"])
async def test_without_a_key_is_401_and_says_how_to_send_one(city: CityGateway, broker: Recorder, path: str) -> None:
    answer = await city.http.get(path)
    assert answer.status_code == 401
    assert answer.headers["www-authenticate"].startswith("Bearer")
    assert "X-API-Key" in answer.json()["detail"]
    assert broker.requests == []


@pytest.mark.parametrize(
    "headers",
    [
        {"Authorization": "Bearer hdb_00000000_" + "0" * 64},
        {"X-API-Key": "guess"},
        {"X-API-Key": ""},
        {"X-API-Key": "hdb_ÿ_ÿ".encode("latin-1").decode("latin-1")},
        {"Authorization": "Basic YTpi"},
        {"Authorization": "Bearer"},
        {"Authorization": "Bearer a", "X-API-Key": "b"},
    ],
)
async def test_a_bad_key_is_401(city: CityGateway, headers: dict[str, str]) -> None:
    raw = [(name.encode(), value.encode("latin-1")) for name, value in headers.items()]
    assert (await city.http.get(ENTITIES, headers=raw)).status_code == 401


async def test_a_request_reaches_the_broker_in_the_callers_tenant_without_its_key(
    city: CityGateway, broker: Recorder
) -> None:
    headers = await city.key(Role.DATA_CONSUMER) | {"X-Auth-Token": "t", "X-Forwarded-For": "10.0.0.1", "Cookie": "a=b"}
    answer = await city.http.get(ENTITIES, headers=headers, params={"type": "WasteContainer"})
    assert answer.status_code == 200
    assert broker.header(b"ngsild-tenant") == [b"entsorgung"]
    assert broker.requests[-1]["query_string"] == b"type=WasteContainer"
    for name in (b"authorization", b"x-auth-token", b"x-forwarded-for", b"cookie"):
        assert broker.header(name) == []


async def test_only_an_administrator_removes_what_all_organisations_share(city: CityGateway, broker: Recorder) -> None:
    url = "/ngsi-ld/v1/jsonldContexts/city"
    assert (await city.http.delete(url, headers=await city.key(Role.DATA_PROVIDER))).status_code == 403
    assert broker.requests == []
    assert (await city.http.delete(url, headers=await city.key(Role.PLATFORM_ADMIN))).status_code == 200


@pytest.mark.parametrize("header", ["NGSILD-Tenant", "Fiware-Service"])
async def test_naming_another_tenant_is_403(city: CityGateway, broker: Recorder, header: str) -> None:
    headers = await city.key(Role.DATA_PROVIDER)
    assert (await city.http.get(ENTITIES, headers=headers | {header: ENERGY.tenant})).status_code == 403
    twice = [*headers.items(), (header, "entsorgung"), (header, ENERGY.tenant)]
    assert (await city.http.get(ENTITIES, headers=twice)).status_code == 400
    assert broker.requests == []
    assert (await city.http.get(ENTITIES, headers=headers | {header: "entsorgung"})).status_code == 200


async def test_a_platform_admin_acts_in_any_tenant(city: CityGateway, broker: Recorder) -> None:
    headers = await city.key(Role.PLATFORM_ADMIN, None)
    await city.http.get(ENTITIES, headers=headers)
    assert broker.header(b"ngsild-tenant") == []
    await city.http.get(ENTITIES, headers=headers | {"NGSILD-Tenant": ENERGY.tenant})
    assert broker.header(b"ngsild-tenant") == [b"stadtwerke"]


@pytest.mark.parametrize(
    "path",
    ["/ngsi-ld/v1/../../admin/keys", "/ngsi-ld/v1/entities/%2e%2e/x", "/ngsi-ld/v1/.", "/ngsi-ld/ex/v1/version"],
)
async def test_path_tricks_do_not_reach_the_broker(city: CityGateway, broker: Recorder, path: str) -> None:
    [(name, key)] = (await city.key(Role.PLATFORM_ADMIN)).items()
    reader, writer = await asyncio.open_connection(city.http.base_url.host, city.http.base_url.port)
    # by hand: httpx would tidy the path up
    writer.write(f"GET {path} HTTP/1.1\r\nHost: x\r\n{name}: {key}\r\nConnection: close\r\n\r\n".encode())
    answer = await reader.read()
    writer.close()
    await writer.wait_closed()
    assert answer.split()[1] in {b"400", b"404"}
    assert broker.requests == []
