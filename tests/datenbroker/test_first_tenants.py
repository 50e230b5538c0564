"""An organisation without data is answered like any other."""

from pathlib import Path

import httpx
import pytest

from context_broker.app import ContextBroker
from datenbroker.gateway.first_tenants import FirstTenants
from datenbroker.identities.roles import Role
from ngsi_client.client import NgsiClient
from tests.datenbroker.city_gateway import city_gateway

pytestmark = pytest.mark.anyio
WASTE_CONTAINERS = "/ngsi-ld/v1/entities?type=WasteContainer"


async def test_an_organisation_without_entities_reads_an_empty_list(tmp_path: Path) -> None:
    broker = ContextBroker(tmp_path / "broker")
    await broker.start()
    transport = httpx.ASGITransport(app=broker)
    async with httpx.AsyncClient(transport=transport, base_url="http://broker") as http:
        async with city_gateway(FirstTenants(broker, NgsiClient(http)), tmp_path) as city:
            answer = await city.http.get(WASTE_CONTAINERS, headers=await city.key(Role.DATA_CONSUMER))
            assert (answer.status_code, answer.json()) == (200, [])
            administrator = await city.key(Role.PLATFORM_ADMIN)
            mistyped = await city.http.get(WASTE_CONTAINERS, headers=administrator | {"NGSILD-Tenant": "mistyped"})
            assert mistyped.status_code == 404
        assert (await http.get("/ngsi-ld/v1/types", headers={"NGSILD-Tenant": "entsorgung"})).json()["typeList"] == []
    await broker.stop()
