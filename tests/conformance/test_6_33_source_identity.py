"""6.33 Retrieve Context Source Identity (5.15.1)."""

import re

import pytest

from tests.conformance.client import CORE, Client

pytestmark = pytest.mark.anyio


async def test_the_broker_tells_who_it_is_and_since_when(broker: Client) -> None:
    answer = await broker.http.get("/info/sourceIdentity")
    assert answer.status_code == 200
    identity = answer.json()
    assert identity["type"] == "ContextSourceIdentity"
    assert identity["contextSourceAlias"]
    assert re.fullmatch(r"PT\d+S", identity["contextSourceUptime"])
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT[\d:.]+Z", identity["contextSourceTimeAt"])


async def test_each_tenant_has_an_alias_of_its_own(broker: Client) -> None:
    tenant = {"NGSILD-Tenant": "waerme"}
    await broker.http.post("/entities", json={"id": "urn:x:1", "type": "A"}, headers=tenant)
    default = (await broker.http.get("/info/sourceIdentity")).json()["contextSourceAlias"]
    assert (await broker.http.get("/info/sourceIdentity", headers=tenant)).json()["contextSourceAlias"] != default


async def test_jsonld_has_its_context_within_and_plain_json_in_the_link(broker: Client) -> None:
    answer = await broker.http.get("/info/sourceIdentity", headers={"Accept": "application/ld+json"})
    assert answer.headers["content-type"] == "application/ld+json"
    assert answer.json()["@context"] == CORE
    assert "link" not in answer.headers
    answer = await broker.http.get("/info/sourceIdentity")
    assert answer.headers["link"].startswith(f"<{CORE}>")
    assert "@context" not in answer.json()
