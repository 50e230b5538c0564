"""The table of who gets what answer holds, and no route is missing in it."""

import json
import re
from collections.abc import Callable, Coroutine
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

import httpx
import pytest

from datenbroker.identities.keys import ApiKeys
from datenbroker.identities.organisations import Organisation
from datenbroker.identities.roles import Role
from datenbroker.products.grant import GrantState
from datenbroker.products.life_cycle import Step
from tests.datenbroker.access.table import CITY, COLUMNS, PRODUCTS, READ, Row
from tests.datenbroker.city_gateway import ENERGY, WASTE, CityGateway, city_gateway
from tests.datenbroker.products.council import BUSES, caller, described, wanted
from tests.datenbroker.products.council import ENERGY as STADTWERKE
from tests.datenbroker.products.market import Market, market, station
from tests.datenbroker.products.test_grants import WANTED
from tests.datenbroker.recorder import Recorder
from tests.iot_agents.messages import topic

pytestmark = pytest.mark.anyio

SIGNS = {401: "!", 403: "-", 404: "."}
ABROAD = (Role.DATA_STEWARD, Role.DATA_PROVIDER)
BIN = {"key": "0000000000000001", "profile": "bin-level", "name": "Glas 1"}

BODIES: dict[tuple[str, str], Any] = {
    ("POST", "/admin/keys"): {"organisation": WASTE.id, "roles": ["data-consumer"], "name": "x"},
    ("PUT", "/devices/{device_id}"): BIN,
    ("POST", "/devices/{device_id}/commands"): {"name": "dim", "value": 40},
    ("POST", "/devices"): BIN | {"key": "0000000000000002", "tenant": WASTE.tenant},
    ("POST", "/products"): described("fresh"),
    ("PUT", "/products/{slug}"): described("{slug}"),
    ("POST", "/products/{slug}/transitions"): {"step": "ready"},
    ("POST", "/products/{slug}/grants"): {"purpose": "Planning the routes of vehicles", "until": "2027-06-30"},
    ("POST", "/catalog/{slug}/grants"): "purpose=Planning+the+routes+of+vehicles&until=2027-06-30",
    ("POST", "/grants/{grant_id}/decision"): {"decision": "granted"},
}
"""What is sent; an empty object where what is behind the door may well refuse it."""

ONE_STATION = {"types": ["EVChargingStation"], "attributes": ["status", "location"], "q": 'place=="here"'}

Make = Callable[[], Coroutine[Any, Any, str]]
"""Makes the thing that the next request is about anew; what it is called."""


@dataclass
class Asked:
    """One gateway, asked in each role."""

    http: httpx.AsyncClient
    keys: ApiKeys
    own: str
    other: str
    makes: dict[str, Make]
    as_whom: dict[str, dict[str, str]] = field(default_factory=dict)

    async def headers(self, column: str) -> dict[str, str]:
        if column not in self.as_whom:
            roles = ABROAD if column == "other" else (list(Role)[COLUMNS.index(column)],)
            key, _ = await self.keys.create(self.other if column == "other" else self.own, roles, column)
            self.as_whom[column] = {"X-API-Key": key}
        return self.as_whom[column]

    async def cell(self, method: str, path: str, column: str) -> str:
        names = {name: await self.makes[name]() for name in re.findall(r"{(\w+)}", path) if name in self.makes}
        path = path.replace("{ending}", "ttl")
        content = "" if method in ("GET", "DELETE") else json.dumps(BODIES.get((method, path), {}))
        for name, value in names.items():
            path, content = (text.replace(f"{{{name}}}", value) for text in (path, content))
        headers = {"Content-Type": "application/json"} | ({} if column == "none" else await self.headers(column))
        if column == "other" and path.startswith("/ngsi-ld"):
            headers = headers | {"NGSILD-Tenant": WASTE.tenant}
        answer = await self.http.request(method, path, headers=headers, content=content)
        assert answer.status_code < 500 or answer.status_code == 501, (method, path, answer.text)
        return SIGNS.get(answer.status_code, "+")

    async def row(self, method: str, path: str) -> Row:
        return Row(method, path, tuple([await self.cell(method, path, column) for column in COLUMNS]))

    async def routes(self) -> set[tuple[str, str]]:
        described = (await self.http.get("/openapi.json")).json()["paths"]
        return {(method.upper(), path) for path, operations in described.items() for method in operations}


def lines(table: list[Row]) -> list[str]:
    return [f"{row.method:6} {row.path:48} {' '.join(row.cells)}" for row in table]


def things_of(city: CityGateway, admin: dict[str, str]) -> dict[str, Make]:
    """Real ones of the waste company's, so that the table tells the own from the foreign."""
    numbers = iter(range(100, 10_000))

    async def device() -> str:
        await city.http.post("/devices", json=BIN | {"tenant": WASTE.tenant}, headers=admin)
        return "chirpstack:0000000000000001"

    async def organisation() -> str:
        await city.organisations.put(Organisation(id="hcr", tenant="hcr", name="HCR"))
        return "hcr"

    async def key() -> str:
        return (await city.keys.create(WASTE.id, [Role.DATA_CONSUMER], "the thing"))[1].prefix

    async def device_list() -> str:
        body, told = f"key,name\n{next(numbers):016x},Glas", {"profile": "bin-level"}
        own = await city.key(Role.DATA_PROVIDER)
        answer = await city.http.post("/devices/imports", params=told, content=body, headers=own)
        return str(answer.json()["id"])

    async def letter() -> str:
        await device()
        await city.agent.accept(topic(1), b"{")
        return str((await city.http.get("/deadletters", headers=admin)).json()["letters"][0]["id"])

    made = {"device_id": device, "organisation_id": organisation, "prefix": key}
    return made | {"import_id": device_list, "letter_id": letter}


async def test_the_table_holds_for_the_broker_the_administration_and_the_devices(tmp_path: Path) -> None:
    async with city_gateway(Recorder(), tmp_path) as city:
        admin = await city.key(Role.PLATFORM_ADMIN, None)

        asked = Asked(city.http, city.keys, WASTE.id, ENERGY.id, things_of(city, admin))
        assert await asked.routes() - {(row.method, row.path) for row in CITY} == set()
        found = [await asked.row(row.method, row.path) for row in CITY]
    assert lines(found) == lines(CITY)


async def test_the_table_holds_for_products_and_grants(tmp_path: Path) -> None:
    async with market(tmp_path) as town:
        admin, provider = await town.key(Role.PLATFORM_ADMIN, None), await town.key(Role.DATA_PROVIDER)
        await published(town, "shared", STADTWERKE)
        made = iter(range(10_000))

        async def draft() -> str:
            slug = f"thing-{next(made)}"
            for one in (await town.http.get("/products", headers=admin)).json()["products"]:
                await town.http.delete(f"/products/{one['slug']}", headers=admin)
            await town.http.post("/products", json=described(slug), headers=provider)
            return slug

        makes: dict[str, Make] = {"slug": draft, "grant_id": lambda: asked_for(town)}
        asked = Asked(town.http, town.keys, STADTWERKE, WASTE.id, makes)
        mine = {(row.method, row.path) for row in (*CITY, *PRODUCTS)}
        assert await asked.routes() - mine == set()
        found = [await asked.row(row.method, row.path) for row in PRODUCTS]
    assert lines(found) == lines(PRODUCTS)


async def asked_for(town: Market) -> str:
    """A question of the buses' that waits for its answer."""
    buses, grants = caller(Role.DATA_CONSUMER, BUSES), town.desk.grants
    for one in grants.listed(buses, state=GrantState.ASKED):
        await grants.withdraw(one.id, "", buses)
    return (await grants.ask("shared", WANTED, buses)).id


async def published(town: Market, slug: str, organisation: str, **changes: Any) -> None:
    """A product of an organisation that is available."""
    provider, steward = (caller(role, organisation) for role in (Role.DATA_PROVIDER, Role.DATA_STEWARD))
    products = town.desk.products
    await products.create(wanted(slug, **changes), organisation, provider)
    await products.step(slug, Step.READY, provider)
    await products.step(slug, Step.RELEASE, steward)


async def test_the_table_holds_for_the_products_endpoints(tmp_path: Path) -> None:
    async with market(tmp_path) as town:
        offered: dict[str, Any] = {"selection": ONE_STATION, "history": True, "subscriptions": True}
        await published(town, "mine", WASTE.id, **offered)
        await published(town, "asked", STADTWERKE, **offered)
        await published(town, "granted", STADTWERKE, **offered)
        await published(town, "open", STADTWERKE, visibility="open", **offered)
        provider = await town.key(Role.DATA_PROVIDER)
        await town.http.post("/products", json=described("draft", **offered), headers=provider)
        for organisation in (STADTWERKE, WASTE.id):
            await town.fill(organisation, [station(1, place="here"), station(2, place="there")])
        await town.desk.granted(slug="granted")
        asked = Asked(town.http, town.keys, WASTE.id, BUSES, {})
        asked.makes |= {slug: partial(subscription, asked, slug) for slug in ("mine", "granted", "open")}
        found = [await asked.row(row.method, row.path) for row in READ]
    assert lines(found) == lines(READ)


async def subscription(asked: Asked, slug: str) -> str:
    """The consumer's, made anew."""
    document = {
        "type": "Subscription",
        "entities": [{"type": "EVChargingStation"}],
        "notification": {"endpoint": {"uri": "https://example.org/told"}},
    }
    url, headers = f"/products/{slug}/ngsi-ld/v1/subscriptions", await asked.headers("consumer")
    answer = await asked.http.post(url, json=document, headers=headers)
    assert answer.status_code == 201, answer.text
    return answer.headers["location"].rpartition("/")[2]
