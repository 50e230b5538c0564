"""Who is let into a product's NGSI-LD endpoint, through the whole gateway."""

import asyncio
from collections.abc import AsyncIterator
from datetime import date
from pathlib import Path

import pytest

from datenbroker.identities.roles import Role
from datenbroker.products.life_cycle import Step
from tests.datenbroker.products.council import ENERGY, STEWARD, WASTE
from tests.datenbroker.products.market import Market, market, station

pytestmark = pytest.mark.anyio

URL = "/products/charging/ngsi-ld/v1"
STATIONS = f"{URL}/entities?type=EVChargingStation"


@pytest.fixture
async def town(tmp_path: Path) -> AsyncIterator[Market]:
    async with market(tmp_path) as running:
        await running.fill(ENERGY, [station(number) for number in range(3)])
        yield running


async def test_an_open_product_needs_no_key_and_names_no_tenant(town: Market) -> None:
    await town.desk.publish(visibility="open")
    answer = await town.http.get(STATIONS + "&limit=2&count=true")
    assert [set(entity) for entity in answer.json()] == [{"id", "type", "status", "location"}] * 2
    assert answer.headers["ngsild-results-count"] == "3"
    assert f"<{URL}/entities?" in answer.headers["link"]
    assert "ngsild-tenant" not in answer.headers
    assert "stadtwerke" not in str(answer.headers)


async def test_the_next_page_is_found_by_its_link(town: Market) -> None:
    await town.desk.publish(visibility="open")
    seen, url = [], STATIONS + "&limit=2"
    while url:
        answer = await town.http.get(url)
        seen += [entity["id"] for entity in answer.json()]
        url = str(answer.links.get("next", {}).get("url", ""))
    assert seen == [station(number)["id"] for number in range(3)]


async def test_a_private_product_looks_like_none_at_all(town: Market) -> None:
    await town.desk.publish(visibility="private")
    key = await town.key(Role.DATA_CONSUMER, WASTE)
    foreign = await town.http.get(STATIONS, headers=key)
    nobody = await town.http.get(STATIONS.replace("charging", "chargin9"), headers=key)
    assert foreign.status_code == nobody.status_code == 404
    assert foreign.text.replace("charging", "chargin9") == nobody.text
    assert (await town.http.get(STATIONS, headers=await town.key(Role.DATA_CONSUMER))).status_code == 200


async def test_a_product_for_the_konzern_says_how_to_ask_and_opens_with_the_grant(town: Market) -> None:
    await town.desk.publish()
    key = await town.key(Role.DATA_CONSUMER, WASTE)
    answer = await town.http.get(STATIONS, headers=key)
    assert answer.status_code == 403
    assert "POST /products/charging/grants" in answer.json()["detail"]
    await town.desk.granted(date(2026, 12, 31))
    assert len((await town.http.get(STATIONS, headers=key)).json()) == 3
    assert (await town.http.get(STATIONS)).status_code == 404


async def test_a_retired_product_is_gone(town: Market) -> None:
    await town.desk.publish(visibility="open")
    await town.desk.products.step("charging", Step.RETIRE, STEWARD)
    assert (await town.http.get(STATIONS)).status_code == 410


async def test_a_bad_key_is_refused_at_an_open_product_too(town: Market) -> None:
    await town.desk.publish(visibility="open")
    assert (await town.http.get(STATIONS, headers={"X-API-Key": "hdb_0_0"})).status_code == 401


@pytest.mark.parametrize("name", ["NGSILD-Tenant", "ngsild-tenant", "Fiware-Service", "Fiware-ServicePath"])
async def test_a_tenant_cannot_be_smuggled_in(town: Market, name: str) -> None:
    await town.desk.publish(visibility="open")
    assert (await town.http.get(STATIONS, headers={name: "stadtwerke"})).status_code == 400


async def test_a_hidden_entity_and_an_unknown_one_are_the_same(town: Market) -> None:
    await town.desk.publish(visibility="open", selection={"types": ["EVChargingStation"], "q": 'owner=="city"'})
    hidden, unknown = station(1)["id"], station(9)["id"]
    answers = [await town.http.get(f"{URL}/entities/{id_}") for id_ in (hidden, unknown)]
    assert [answer.status_code for answer in answers] == [404, 404]
    assert answers[0].text.replace(hidden, unknown) == answers[1].text


@pytest.mark.parametrize(
    "path",
    [
        "/products/charging/ngsi-ld/v1/../../../admin/keys",
        "/products/charging/ngsi-ld/v1/entities/../../../../ngsi-ld/v1/entities",
        "/products/charging%2f..%2f/ngsi-ld/v1/entities?type=T",
        "/products//ngsi-ld/v1/entities?type=T",
        "/products/-/ngsi-ld/v1/entities?type=T",
        "/products/charging/ngsi-ld/v1/jsonldContexts",
    ],
)
async def test_path_tricks_lead_nowhere(town: Market, path: str) -> None:
    await town.desk.publish(visibility="open")
    reader, writer = await asyncio.open_connection(town.http.base_url.host, town.http.base_url.port)
    # by hand: httpx would tidy the path up
    writer.write(f"GET {path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n".encode())
    answer = await reader.read()
    writer.close()
    await writer.wait_closed()
    assert answer.split()[1] in {b"400", b"404"}
    assert b"EVChargingStation:" not in answer
