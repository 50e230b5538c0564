"""The table of who gets what answer holds, and no route is missing in it."""

import json
from collections.abc import Callable, Coroutine
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
import pytest

from datenbroker.identities.keys import ApiKeys
from datenbroker.identities.organisations import Organisation
from datenbroker.identities.roles import Role
from tests.datenbroker.access.table import CITY, COLUMNS, PRODUCTS, Row
from tests.datenbroker.city_gateway import ENERGY, WASTE, city_gateway
from tests.datenbroker.products.council import described
from tests.datenbroker.products.market import market
from tests.datenbroker.recorder import Recorder

pytestmark = pytest.mark.anyio

SIGNS = {401: "!", 403: "-", 404: "."}
ABROAD = (Role.DATA_STEWARD, Role.DATA_PROVIDER)
BIN = {"key": "0000000000000001", "profile": "bin-level", "name": "Glas 1"}

BODIES: dict[tuple[str, str], Any] = {
    ("POST", "/admin/keys"): {"organisation": WASTE.id, "roles": ["data-consumer"], "name": "x"},
    ("PUT", "/devices/{device_id}"): BIN,
    ("POST", "/devices"): BIN | {"key": "0000000000000002", "tenant": WASTE.tenant},
    ("POST", "/products"): described("fresh"),
    ("PUT", "/products/{slug}"): described("{slug}"),
    ("POST", "/products/{slug}/transitions"): {"step": "ready"},
    ("POST", "/products/{slug}/grants"): {"purpose": "Planning the routes of vehicles", "until": "2027-06-30"},
    ("POST", "/grants/{grant_id}/decision"): {"decision": "granted"},
}
"""What is sent; an empty object where what is behind the door may well refuse it."""

Prepare = Callable[[], Coroutine[Any, Any, dict[str, str]]]
"""Makes the things that the next request is about; what the variables of the path are called."""


@dataclass
class Asked:
    """One gateway, asked in each role."""

    http: httpx.AsyncClient
    keys: ApiKeys
    own: str
    other: str
    prepare: Prepare
    as_whom: dict[str, dict[str, str]] = field(default_factory=dict)

    async def headers(self, column: str) -> dict[str, str]:
        if column not in self.as_whom:
            roles = ABROAD if column == "other" else (list(Role)[COLUMNS.index(column)],)
            key, _ = await self.keys.create(self.other if column == "other" else self.own, roles, column)
            self.as_whom[column] = {"X-API-Key": key}
        return self.as_whom[column]

    async def cell(self, method: str, path: str, column: str) -> str:
        names = await self.prepare()
        content = "" if method in ("GET", "DELETE") else json.dumps(BODIES.get((method, path), {}))
        for name, value in names.items():
            path, content = (text.replace(f"{{{name}}}", value) for text in (path, content))
        headers = {"Content-Type": "application/json"} | ({} if column == "none" else await self.headers(column))
        if column == "other" and path.startswith("/ngsi-ld"):
            headers = headers | {"NGSILD-Tenant": WASTE.tenant}
        answer = await self.http.request(method, path, headers=headers, content=content)
        assert answer.status_code < 500, (method, path, answer.text)
        return SIGNS.get(answer.status_code, "+")

    async def row(self, method: str, path: str) -> Row:
        return Row(method, path, tuple([await self.cell(method, path, column) for column in COLUMNS]))

    async def routes(self) -> set[tuple[str, str]]:
        described = (await self.http.get("/openapi.json")).json()["paths"]
        return {(method.upper(), path) for path, operations in described.items() for method in operations}


def lines(table: list[Row]) -> list[str]:
    return [f"{row.method:6} {row.path:48} {' '.join(row.cells)}" for row in table]


async def test_the_table_holds_for_the_broker_the_administration_and_the_devices(tmp_path: Path) -> None:
    async with city_gateway(Recorder(), tmp_path) as city:
        admin = await city.key(Role.PLATFORM_ADMIN, None)

        async def prepare() -> dict[str, str]:
            await city.http.post("/devices", json=BIN | {"tenant": WASTE.tenant}, headers=admin)
            await city.organisations.put(Organisation(id="hcr", tenant="hcr", name="HCR"))
            _, key = await city.keys.create(WASTE.id, [Role.DATA_CONSUMER], "the thing")
            return {"prefix": key.prefix, "organisation_id": "hcr", "device_id": "chirpstack:0000000000000001"}

        asked = Asked(city.http, city.keys, WASTE.id, ENERGY.id, prepare)
        assert await asked.routes() - {(row.method, row.path) for row in CITY} == set()
        found = [await asked.row(row.method, row.path) for row in CITY]
    assert lines(found) == lines(CITY)


async def test_the_table_holds_for_products_and_grants(tmp_path: Path) -> None:
    async with market(tmp_path) as town:
        made = iter(range(10_000))

        async def prepare() -> dict[str, str]:
            slug = f"thing-{next(made)}"
            for one in (await town.http.get("/products", headers=admin)).json()["products"]:
                await town.http.delete(f"/products/{one['slug']}", headers=admin)
            await town.http.post("/products", json=described(slug), headers=provider)
            return {"slug": slug, "grant_id": "nobody", "ending": "ttl"}

        admin, provider = await town.key(Role.PLATFORM_ADMIN, None), await town.key(Role.DATA_PROVIDER)
        asked = Asked(town.http, town.keys, "stadtwerke-herne", "entsorgung-herne", prepare)
        mine = {(row.method, row.path) for row in (*CITY, *PRODUCTS)}
        assert await asked.routes() - mine == set()
        found = [await asked.row(row.method, row.path) for row in PRODUCTS]
    assert lines(found) == lines(PRODUCTS)
