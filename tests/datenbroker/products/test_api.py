"""The products' and grants' API."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from datenbroker.identities.roles import Role
from tests.datenbroker.products.council import ENERGY, WASTE, described
from tests.datenbroker.products.market import Market, market, without

pytestmark = pytest.mark.anyio

ASKING = {"purpose": "Planning the routes of collection vehicles", "until": "2027-06-30"}


@pytest.fixture
async def town(tmp_path: Path) -> AsyncIterator[Market]:
    async with market(tmp_path) as running:
        yield running


async def test_from_draft_to_use_by_another_organisation(town: Market) -> None:
    provider, steward = await town.key(Role.DATA_PROVIDER), await town.key(Role.DATA_STEWARD)
    consumer = await town.key(Role.DATA_CONSUMER, WASTE)
    made = await town.http.post("/products", json=described(), headers=provider)
    assert (made.status_code, made.headers["location"]) == (201, "/products/charging")
    assert (await town.http.get("/products/charging", headers=consumer)).status_code == 404
    for step, who in (("ready", provider), ("release", steward)):
        done = await town.http.post("/products/charging/transitions", json={"step": step}, headers=who)
        assert done.status_code == 200, done.text
    asked = await town.http.post("/products/charging/grants", json=ASKING, headers=consumer)
    assert asked.status_code == 201
    listed = (await town.http.get("/grants?state=asked", headers=steward)).json()
    assert [(one["organisation"], one["purpose"]) for one in listed] == [(WASTE, ASKING["purpose"])]
    decided = await town.http.post(
        asked.headers["location"] + "/decision", json={"decision": "granted"}, headers=steward
    )
    assert decided.json()["state"] == "granted"
    assert (await town.http.get(asked.headers["location"], headers=consumer)).json() == decided.json()


async def test_others_do_not_see_a_selections_condition_nor_who_worked_on_it(town: Market) -> None:
    selection = {"types": ["EVChargingStation"], "q": 'owner=="secret"', "ids": ["urn:a:1"]}
    await town.desk.publish(selection=selection)
    for foreign in (Role.DATA_CONSUMER, Role.DATA_STEWARD, Role.AUDITOR):
        seen = (await town.http.get("/products/charging", headers=await town.key(foreign, WASTE))).json()
        assert seen["selection"] == {"types": ["EVChargingStation"], "attributes": [], "context": None}
        assert {"by", "ready_by", "released_by", "live", "next"}.isdisjoint(seen)
    for role, organisation in ((Role.DATA_PROVIDER, ENERGY), (Role.AUDITOR, None)):
        whole = (await town.http.get("/products/charging", headers=await town.key(role, organisation))).json()
        assert whole["live"]["selection"]["q"] == 'owner=="secret"'


async def test_without_a_key_open_products_are_found_and_nothing_is_changed(town: Market) -> None:
    await town.desk.publish("open-one", visibility="open")
    await town.desk.publish("konzern-one")
    found = (await town.http.get("/products")).json()
    assert (found["total"], [one["slug"] for one in found["products"]]) == (1, ["open-one"])
    assert (await town.http.get("/products/open-one")).json()["endpoint"] == "/products/open-one/ngsi-ld/v1"
    for method, path in (("POST", "/products"), ("PUT", "/products/open-one"), ("DELETE", "/products/open-one")):
        body = described("open-one") if method != "DELETE" else None
        assert (await town.http.request(method, path, json=body)).status_code == 401
    assert (await town.http.get("/grants")).status_code == 401


async def test_products_are_searched(town: Market) -> None:
    await town.desk.publish("a", visibility="open")
    await town.desk.publish("b", visibility="open", theme="ENER")
    for query, slugs in (
        ("text=LADEPUNKTE+herne", ["a", "b"]),
        ("text=nowhere", []),
        ("theme=ENER", ["b"]),
        ("type=EVChargingStation&organisation=stadtwerke-herne&limit=1", ["a"]),
        ("offset=1", ["b"]),
        ("state=draft", []),
    ):
        found = (await town.http.get(f"/products?{query}")).json()
        assert [one["slug"] for one in found["products"]] == slugs


async def test_what_cannot_be_is_a_problem_that_says_why(town: Market) -> None:
    provider, admin = await town.key(Role.DATA_PROVIDER), await town.key(Role.PLATFORM_ADMIN, None)
    broken = described() | {"selection": {"types": ["A"], "q": "a=="}}
    answers = [
        (await town.http.post("/products", json=broken, headers=provider), 400, "breaks the grammar"),
        (await town.http.post("/products", json=without(described(), "licence"), headers=provider), 400, "licence"),
        (await town.http.post("/products", json=described(), headers=admin), 400, "organisation="),
        (await town.http.put("/products/other", json=described(), headers=provider), 400, "never changes"),
        (await town.http.put("/products/charging", json=described(), headers=provider), 404, "charging"),
        (await town.http.post(f"/products?organisation={WASTE}", json=described(), headers=provider), 403, WASTE),
        (await town.http.get("/grants/g-none", headers=provider), 404, "g-none"),
    ]
    for answer, status, said in answers:
        assert (answer.status_code, said in answer.json()["detail"]) == (status, True), answer.text
        assert answer.headers["content-type"] == "application/problem+json"


async def test_a_slug_is_taken_once_and_a_step_has_its_time(town: Market) -> None:
    provider = await town.key(Role.DATA_PROVIDER)
    made = [await town.http.post("/products", json=described(), headers=provider) for _ in range(2)]
    assert [answer.status_code for answer in made] == [201, 409]
    release = await town.http.post("/products/charging/transitions", json={"step": "release"}, headers=provider)
    assert (release.status_code, "make its draft ready first" in release.text) == (409, True)
    assert (await town.http.delete("/products/charging", headers=provider)).status_code == 204


async def test_a_retired_product_is_gone_with_whom_to_ask(town: Market) -> None:
    await town.desk.publish(visibility="open")
    steward = await town.key(Role.DATA_STEWARD)
    await town.http.post("/products/charging/transitions", json={"step": "retire"}, headers=steward)
    gone = await town.http.get("/products/charging/ngsi-ld/v1/entities?type=EVChargingStation")
    assert (gone.status_code, "daten@stadtwerke.example" in gone.json()["detail"]) == (410, True)
    assert (await town.http.get("/products")).json()["total"] == 0


async def test_the_administrator_describes_products_for_an_organisation(town: Market) -> None:
    admin = await town.key(Role.PLATFORM_ADMIN, None)
    made = await town.http.post(f"/products?organisation={ENERGY}", json=described(), headers=admin)
    assert (made.status_code, made.json()["organisation"]) == (201, ENERGY)


async def test_the_openapi_document_has_an_example_of_a_product(town: Market) -> None:
    document = (await town.http.get("/openapi.json")).json()
    operation = document["paths"]["/products"]["post"]
    example = operation["requestBody"]["content"]["application/json"]["example"]
    provider = await town.key(Role.DATA_PROVIDER, WASTE)
    assert (await town.http.post("/products", json=example, headers=provider)).status_code == 201
    assert {} in document["paths"]["/products"]["get"]["security"]
    assert {} not in operation["security"]
