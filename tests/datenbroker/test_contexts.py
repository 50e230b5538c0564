"""The city's @context at the gateway, and known to the embedded broker without any network."""

import hashlib
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from pathlib import Path

import pytest

from data_models.contexts import published
from datenbroker.identities.roles import Role
from datenbroker.settings import Settings
from datenbroker.wiring.broker import embedded_broker
from tests.datenbroker.city_gateway import CityGateway, city_gateway

HERNE = '<https://daten.example/contexts/herne.jsonld>; rel="http://www.w3.org/ns/json-ld#context"'
PARKING = (
    "<https://raw.githubusercontent.com/smart-data-models/dataModel.Parking/master/context.jsonld>; "
    'rel="http://www.w3.org/ns/json-ld#context"; type="application/ld+json"'
)
SPOT = {"id": "urn:ngsi-ld:ParkingSpot:1", "type": "ParkingSpot", "status": {"type": "Property", "value": "free"}}


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


@pytest.fixture
async def city(tmp_path: Path) -> AsyncIterator[CityGateway]:
    async with AsyncExitStack() as exits:
        broker = await embedded_broker(Settings(data=tmp_path / "data"), exits)
        yield await exits.enter_async_context(city_gateway(broker, tmp_path))


@pytest.mark.anyio
@pytest.mark.parametrize("path", published())
async def test_every_context_is_served_without_a_key_and_with_its_digest(city: CityGateway, path: str) -> None:
    answer = await city.http.get(path)
    assert (answer.status_code, answer.headers["content-type"]) == (200, "application/ld+json")
    assert answer.headers["etag"] == f'"{hashlib.sha256(answer.content).hexdigest()}"'
    assert answer.headers["access-control-allow-origin"] == "*"
    assert ("immutable" in answer.headers["cache-control"]) is published()[path].immutable


@pytest.mark.anyio
async def test_who_has_the_document_already_is_told_so(city: CityGateway) -> None:
    etag = (await city.http.head("/contexts/herne/v1.jsonld")).headers["etag"]
    for asked in (etag, f'"other", W/{etag}', "*"):
        answer = await city.http.get("/contexts/herne/v1.jsonld", headers={"If-None-Match": asked})
        assert (answer.status_code, answer.content) == (304, b"")
    other = await city.http.get("/contexts/herne/v1.jsonld", headers={"If-None-Match": '"other"'})
    assert other.status_code == 200


@pytest.mark.anyio
async def test_all_contexts_are_listed_and_others_are_not_there(city: CityGateway) -> None:
    listed = (await city.http.get("/contexts")).json()
    assert {each["path"] for each in listed} == set(published())
    missing = await city.http.get("/contexts/herne/v99.jsonld")
    assert missing.status_code == 404
    assert "/contexts/herne.jsonld" in missing.json()["detail"]


@pytest.mark.anyio
@pytest.mark.parametrize("link", [HERNE, PARKING])
async def test_the_embedded_broker_knows_the_contexts_without_a_network(city: CityGateway, link: str) -> None:
    headers = await city.key(Role.DATA_PROVIDER) | {"Link": link}
    created = await city.http.post("/ngsi-ld/v1/entities", json=SPOT, headers=headers)
    assert created.status_code == 201, created.text
    without = await city.http.get(f"/ngsi-ld/v1/entities/{SPOT['id']}", headers=await city.key(Role.DATA_CONSUMER))
    assert without.json()["type"] == "https://smartdatamodels.org/dataModel.Parking/ParkingSpot"
    named = await city.http.get("/ngsi-ld/v1/entities?type=ParkingSpot", headers=headers)
    assert [each["type"] for each in named.json()] == ["ParkingSpot"]
