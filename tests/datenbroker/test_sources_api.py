"""The API of the sources: who sees them, who lets them run."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from datenbroker.gateway.management.sources import SourceParts
from datenbroker.identities.roles import Role
from document_store.sqlite import SqliteDocumentStore
from ngsi_adapters.loop import state
from ngsi_adapters.loop.state import SourceState
from ngsi_adapters.registry import SOURCES, sources_with_urls
from ngsi_adapters.run import ASKS
from tests.datenbroker.city_gateway import ENERGY, CityGateway, city_gateway
from tests.datenbroker.recorder import Recorder

pytestmark = pytest.mark.anyio
URLS = {"waste_containers": "https://waste.example/containers.csv?key=geheim", "ocpi": "https://ocpi.example/"}


@pytest.fixture
async def store(tmp_path: Path) -> AsyncIterator[SqliteDocumentStore]:
    opened = SqliteDocumentStore.open(tmp_path / "sources.db")
    yield opened
    await opened.close()


@pytest.fixture
async def served(store: SqliteDocumentStore, tmp_path: Path) -> AsyncIterator[CityGateway]:
    parts = SourceParts(store, lambda: sources_with_urls(URLS))
    async with city_gateway(Recorder(), tmp_path, sources=parts) as running:
        yield running


async def test_an_organisation_sees_its_own_sources_and_an_auditor_all(served: CityGateway) -> None:
    own = (await served.http.get("/sources", headers=await served.key(Role.DATA_CONSUMER))).json()
    listed = {source["uid"] for source in own["sources"]}
    assert listed == {source.uid for source in SOURCES if source.tenant == "entsorgung"} >= {"waste_containers"}
    audited = (await served.http.get("/sources", headers=await served.key(Role.AUDITOR, None))).json()
    assert {"ocpi", "parkapi", "waste_containers"} <= {source["uid"] for source in audited["sources"]}


async def test_a_source_tells_figures_rejects_and_mapping_and_no_secret(
    served: CityGateway, store: SqliteDocumentStore
) -> None:
    reject = {"at": "2026-11-23T01:00:00Z", "record": "7", "kind": "invalid", "reason": "no number", "excerpt": ""}
    known = SourceState("waste_containers", runs=3, records=39, rejects=1, last_rejects=[reject])
    await state.save(store, known)
    answer = await served.http.get("/sources/waste_containers", headers=await served.key(Role.DATA_PROVIDER))
    told = answer.json()
    assert (told["status"], told["records"], told["rejects"], told["runs"]) == ("working", 39, 1, 3)
    assert told["last_rejects"][0]["reason"] == "no number"
    assert {"attribute": "fillingLevel", "source": "Füllstand_Prozent"}.items() <= told["mapping"][8].items()
    assert told["url"] == "https://waste.example/containers.csv"
    assert "geheim" not in answer.text


async def test_who_provides_data_lets_a_source_run(served: CityGateway, store: SqliteDocumentStore) -> None:
    answer = await served.http.post("/sources/waste_containers/run", headers=await served.key(Role.DATA_PROVIDER))
    assert (answer.status_code, answer.headers["Location"]) == (202, "/sources/waste_containers")
    assert [ask["_id"] for ask in await store.find(ASKS)] == ["waste_containers"]


@pytest.mark.parametrize("role", [Role.DATA_CONSUMER, Role.DEVICE_GATEWAY, Role.AUDITOR])
async def test_others_may_not_let_a_source_run(role: Role, served: CityGateway, store: SqliteDocumentStore) -> None:
    key = await served.key(role, None) if role is Role.AUDITOR else await served.key(role)
    assert (await served.http.post("/sources/waste_containers/run", headers=key)).status_code == 403
    assert await store.find(ASKS) == []


async def test_anothers_source_and_one_that_is_not_are_the_same(served: CityGateway) -> None:
    key = await served.key(Role.DATA_PROVIDER, ENERGY.id)
    for path in ("/sources/waste_containers", "/sources/nothing"):
        assert (await served.http.get(path, headers=key)).status_code == 404
        assert (await served.http.post(f"{path}/run", headers=key)).status_code == 404


async def test_without_a_key_nothing_is_told(served: CityGateway) -> None:
    assert (await served.http.get("/sources")).status_code == 401


async def test_a_source_without_an_address_cannot_run(served: CityGateway) -> None:
    answer = await served.http.post("/sources/parkapi/run", headers=await served.key(Role.PLATFORM_ADMIN, None))
    assert answer.status_code == 400
    assert "DATENBROKER_SOURCE_URLS" in answer.json()["detail"]
