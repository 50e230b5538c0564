"""Attacks that need no key, or a small one: refused, logged, harmless."""

import asyncio
import json
import logging
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import pytest

from datenbroker.audit.trail import Search
from datenbroker.gateway.frame import Bounds
from datenbroker.gateway.protection import CrossOrigin, Protection
from datenbroker.identities.organisations import Organisations
from datenbroker.identities.roles import Role
from datenbroker.process import patient_http
from datenbroker.process.logs import JsonLines
from tests.datenbroker.city_gateway import CityGateway, city_gateway
from tests.datenbroker.recorder import Recorder

pytestmark = pytest.mark.anyio

ENTITIES = "/ngsi-ld/v1/entities"
UPSERT = "/ngsi-ld/v1/entityOperations/upsert"
MAP = "https://map.example.org"


@pytest.fixture
async def strict(broker: Recorder, tmp_path: Path) -> AsyncIterator[CityGateway]:
    """A gateway that is patient for half a second, and lets the pages of a map ask."""

    def changed(usual: Protection, _: Organisations) -> Protection:
        bounds = Bounds(body=100_000, body_seconds=0.5, url=2_000, https=True)
        return replace(usual, bounds=bounds, cross_origin=CrossOrigin([MAP], open_products=True))

    async with city_gateway(broker, tmp_path, changed) as city:
        yield city


async def raw(city: CityGateway, request: bytes, wait: float = 5.0) -> bytes:
    """What the gateway sends back to these bytes; httpx would tidy them up."""
    reader, writer = await asyncio.open_connection(city.http.base_url.host, city.http.base_url.port)
    writer.write(request)
    try:
        return await asyncio.wait_for(reader.read(), wait)
    finally:
        writer.close()


PATHS = {
    "/ngsi-ld/v1/../../admin/keys": b"400",
    "/ngsi-ld/v1/%2e%2e/%2e%2e/admin/keys": b"400",
    "/ngsi-ld/v1/entities/..%2f..%2f..%2fadmin": b"400",
    "/ngsi-ld/v1//entities": b"400",
    "/ngsi-ld/v1/entities/a%5c..%5cb": b"400",
    "/ngsi-ld/v1/entities/a%00b": b"400",
    "/ngsi-ld/v1/entities/a%0d%0aX:1": b"400",
    "/NGSI-LD/v1/entities": b"404",
    "/ngsi-ld/V1/entities": b"404",
    "/ngsi-ld": b"404",
    "//ngsi-ld/v1/entities": b"404",
    "/./ngsi-ld/v1/entities": b"404",
    "/%2fngsi-ld/v1/entities": b"404",
    "/ADMIN/keys": b"404",
    "/admin;/keys": b"403",
    "/admin/../admin/keys": b"403",
    "//admin/keys": b"404",
    "/admin//keys": b"403",
    "/admin/keys/": b"403",
    "/%61dmin/audit": b"403",
    "/admin/audit%2fverify": b"403",
    "/devices/../admin/keys": b"404",
    "/health/../admin/keys": b"404",
    "/docs/assets/..%2f..%2f..%2fpyproject.toml": b"404",
    "/docs/assets/%2e%2e/%2e%2e/__init__.py": b"404",
}


@pytest.mark.parametrize(("path", "status"), PATHS.items())
async def test_path_tricks_open_nothing(city: CityGateway, broker: Recorder, path: str, status: bytes) -> None:
    [(name, key)] = (await city.key(Role.DATA_PROVIDER)).items()
    answer = await raw(city, f"GET {path} HTTP/1.1\r\nHost: x\r\n{name}: {key}\r\nConnection: close\r\n\r\n".encode())
    assert answer.split()[1] == status, answer
    assert broker.requests == []


SMUGGLED = [
    b"Content-Length: 5\r\nContent-Length: 6\r\n",
    b"Content-Length: 5\r\nTransfer-Encoding: chunked\r\n",
    b"Transfer-Encoding: chunked, identity\r\n",
    b"Content-Length: -1\r\n",
    b"Content-Length: 1e3\r\n",
    b"NGSILD-Tenant : stadtwerke\r\n",
    b"X: 1\n NGSILD-Tenant: stadtwerke\r\n",
]


@pytest.mark.parametrize("headers", SMUGGLED)
async def test_requests_that_two_programs_could_read_differently_are_refused(
    city: CityGateway, broker: Recorder, headers: bytes
) -> None:
    key = (await city.key(Role.DATA_PROVIDER))["Authorization"].encode()
    head = b"POST " + UPSERT.encode() + b" HTTP/1.1\r\nHost: x\r\nAuthorization: " + key + b"\r\nConnection: close\r\n"
    answer = await raw(city, head + headers + b"\r\n0\r\n\r\nGET /admin/keys HTTP/1.1\r\n\r\n")
    assert answer.startswith(b"HTTP/1.1 400"), answer
    assert answer.count(b"HTTP/1.1") == 1
    assert broker.requests == []


async def test_headers_that_name_another_caller_or_place_do_not_reach_the_broker(
    city: CityGateway, broker: Recorder
) -> None:
    claimed = {
        "X-Forwarded-For": "10.0.0.1", "X-Forwarded-Host": "evil", "X-Forwarded-Proto": "https", "X-Real-IP": "::1",
        "Forwarded": "for=10.0.0.1", "X-Original-URL": "/admin", "X-Rewrite-URL": "/admin", "X-Auth-Token": "x",
        "X-HTTP-Method-Override": "DELETE", "Fiware-ServicePath": "/#", "Cookie": "a=b", "X-Forwarded-Port": "1",
    }  # fmt: skip
    answer = await city.http.get(ENTITIES, headers=await city.key(Role.DATA_CONSUMER) | claimed)
    assert answer.status_code == 200
    assert [name for name in claimed if broker.header(name.lower().encode())] == []
    assert broker.header(b"ngsild-tenant") == [b"entsorgung"]
    assert broker.requests[-1]["method"] == "GET"


async def test_a_slow_body_is_408_and_the_connection_ends(strict: CityGateway, broker: Recorder) -> None:
    key = (await strict.key(Role.DATA_PROVIDER))["Authorization"]
    head = f"POST {UPSERT} HTTP/1.1\r\nHost: x\r\nAuthorization: {key}\r\nContent-Length: 900\r\n\r\n[".encode()
    answer = await raw(strict, head)
    assert answer.startswith(b"HTTP/1.1 408"), answer
    assert b"was not here after 0.5 s" in answer
    assert (await strict.http.get(ENTITIES, headers={"Authorization": key})).status_code == 200


async def test_a_huge_query_is_414_and_says_how_to_ask_instead(strict: CityGateway, broker: Recorder) -> None:
    headers = await strict.key(Role.DATA_CONSUMER)
    answer = await strict.http.get(ENTITIES, params={"q": "a==1|" * 500}, headers=headers)
    assert (answer.status_code, broker.requests) == (414, [])
    assert "entityOperations/query" in answer.json()["detail"]


async def test_endless_and_slow_heads_are_cut_off(city: CityGateway, monkeypatch: pytest.MonkeyPatch) -> None:
    endless = b"GET / HTTP/1.1\r\nHost: x\r\n" + b"X-Fill: " + b"x" * patient_http.HEAD_BYTES
    assert (await raw(city, endless)).startswith(b"HTTP/1.1 431")
    monkeypatch.setattr(patient_http, "HEAD_SECONDS", 0.2)
    assert await raw(city, b"GET / HTTP/1.1\r\nHost:") == b""
    assert await raw(city, b"") == b""


@pytest.mark.parametrize("key", ["x" * 20_000, "hdb_", "Bearer", "' OR 1=1 --", "hdb_../../x_y", "a.b.c", "é"])
async def test_strange_keys_are_401(city: CityGateway, key: str) -> None:
    for name, value in ((b"X-API-Key", key.encode()), (b"Authorization", b"Bearer " + key.encode())):
        assert (await city.http.get(ENTITIES, headers=[(name, value)])).status_code == 401


async def test_neither_keys_nor_tokens_are_logged_whatever_becomes_of_them(
    city: CityGateway, broker: Recorder, caplog: pytest.LogCaptureFixture
) -> None:
    headers = await city.key(Role.DATA_CONSUMER)
    secret = headers["Authorization"].split("_")[2]
    broker.failure = ValueError("broken")
    with caplog.at_level(logging.DEBUG):
        await city.http.get(ENTITIES, params={"token": secret}, headers=headers | {"Cookie": f"s={secret}"})
        await city.http.get("/admin/keys", headers=headers)
        await city.http.get(ENTITIES, headers={"X-API-Key": f"hdb_wrong_{secret}"})
        await city.http.get(ENTITIES, headers={"Authorization": f"Bearer a.{secret}.c"})
    ours = [record for record in caplog.records if record.name.startswith("datenbroker")]
    lines = "".join(JsonLines().format(record) for record in ours)
    await city.protection.audit.flush()
    trail = json.dumps([record.model_dump_json() for record in await city.protection.trail.all(Search())])
    assert "The request failed" in lines and "request.denied" in trail
    assert secret not in lines + trail


async def test_pages_of_other_sites_ask_only_where_that_is_allowed(strict: CityGateway, city: CityGateway) -> None:
    headers = await strict.key(Role.DATA_CONSUMER)
    for origin, allowed in ((MAP, MAP), ("https://evil.example", None), ("null", None)):
        answer = await strict.http.get(ENTITIES, headers=headers | {"Origin": origin})
        assert answer.headers.get("access-control-allow-origin") == allowed
        assert "access-control-allow-credentials" not in answer.headers
    asked = {"Origin": MAP, "Access-Control-Request-Method": "POST", "Access-Control-Request-Headers": "X-API-Key"}
    preflight = await strict.http.options(ENTITIES, headers=asked)
    assert (preflight.status_code, preflight.headers["access-control-allow-origin"]) == (200, MAP)
    anyone = await strict.http.get("/products/x/ngsi-ld/v1/entities", headers={"Origin": "https://any.example"})
    assert anyone.headers["access-control-allow-origin"] == "*"
    refused = await strict.http.get(ENTITIES, headers={"Origin": MAP})
    assert (refused.status_code, refused.headers["access-control-allow-origin"]) == (401, MAP)
    usual = await city.http.get(ENTITIES, headers=await city.key(Role.DATA_CONSUMER) | {"Origin": MAP})
    assert "access-control-allow-origin" not in usual.headers


async def test_https_is_kept_to_where_it_is_spoken(strict: CityGateway, city: CityGateway) -> None:
    assert "max-age" in (await strict.http.get("/docs")).headers["strict-transport-security"]
    assert "strict-transport-security" not in (await city.http.get("/docs")).headers
