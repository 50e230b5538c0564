"""With `default_context` all names are read by the city's @context, whether or not a client names one."""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx
import pytest

from data_models import WasteContainer
from datenbroker.gateway.upstream.default_context import DefaultContext
from datenbroker.settings import Settings
from datenbroker.wiring.broker import context_broker
from datenbroker.wiring.process import Process
from ngsi_client.client import NgsiClient
from ngsi_client.wire import context_header

CITY = "https://daten.example/contexts/herne/v1.jsonld"
CORE = "https://uri.etsi.org/ngsi-ld/v1/ngsi-ld-core-context-v1.9.jsonld"
WASTE = "https://smartdatamodels.org/dataModel.WasteManagement/"
CONTAINER = WasteContainer.model_validate(
    {
        "id": "urn:ngsi-ld:WasteContainer:1",
        "location": {"type": "Point", "coordinates": [7.22, 51.54]},
        "fillingLevel": 0.57,
    }
)


@dataclass
class City:
    client: NgsiClient
    http: httpx.AsyncClient


@asynccontextmanager
async def city(folder: Path) -> AsyncIterator[City]:
    async with AsyncExitStack() as exits:
        process = Process(Settings(data=folder, default_context=CITY), exits)
        upstream, client = await context_broker(process)
        transport = httpx.ASGITransport(app=DefaultContext(upstream, CITY))
        yield City(client, await exits.enter_async_context(httpx.AsyncClient(transport=transport, base_url="http://b")))


@pytest.mark.anyio
async def test_what_the_platform_writes_has_official_iris_and_short_names(tmp_path: Path) -> None:
    async with city(tmp_path) as here:
        await here.client.upsert([CONTAINER.to_ngsi_ld()])
        assert (await here.client.query(type="WasteContainer"))[0]["fillingLevel"]["value"] == 0.57
        path = f"/ngsi-ld/v1/entities/{CONTAINER.id}"
        full = (await here.http.get(path, headers={"Link": context_header(CORE)})).json()
        assert full["type"] == WASTE + "WasteContainer"
        assert full[WASTE + "fillingLevel"]["value"] == 0.57


@pytest.mark.anyio
@pytest.mark.parametrize("link", [None, CITY, "https://daten.example/contexts/herne.jsonld"])
async def test_clients_find_it_with_the_city_s_context_and_with_none(tmp_path: Path, link: str | None) -> None:
    async with city(tmp_path) as here:
        await here.client.upsert([CONTAINER.to_ngsi_ld()])
        headers = {"Link": context_header(link)} if link else {}
        answer = await here.http.get("/ngsi-ld/v1/entities?type=WasteContainer&q=fillingLevel>0.5", headers=headers)
        assert answer.json()[0]["fillingLevel"]["value"] == 0.57
        assert answer.headers["link"] == context_header(link or CITY)


@pytest.mark.anyio
async def test_a_body_s_own_context_counts_and_stored_contexts_need_none(tmp_path: Path) -> None:
    async with city(tmp_path) as here:
        own = {"id": "urn:a:1", "type": "Bin", "@context": {"Bin": "https://own.example/Bin"}}
        headers = {"Content-Type": "application/ld+json"}
        assert (await here.http.post("/ngsi-ld/v1/entities", json=own, headers=headers)).status_code == 201
        assert (await here.http.get("/ngsi-ld/v1/entities/urn:a:1")).json()["type"] == "https://own.example/Bin"
        stored = await here.http.post("/ngsi-ld/v1/jsonldContexts", json={"@context": {"Bin": "https://own.example/"}})
        assert stored.status_code == 201


@pytest.mark.anyio
async def test_without_the_setting_nothing_changes(tmp_path: Path) -> None:
    async with AsyncExitStack() as exits:
        upstream, client = await context_broker(Process(Settings(data=tmp_path), exits))
        await client.upsert([CONTAINER.to_ngsi_ld()])
        http = await exits.enter_async_context(
            httpx.AsyncClient(transport=httpx.ASGITransport(app=upstream), base_url="http://b")
        )
        assert len((await http.get("/ngsi-ld/v1/entities?type=WasteContainer")).json()) == 1
        named = await http.get("/ngsi-ld/v1/entities?type=WasteContainer", headers={"Link": context_header(CITY)})
        assert named.json() == []
