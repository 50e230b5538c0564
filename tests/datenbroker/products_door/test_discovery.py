"""/types and /attributes of products with very many entities."""

import asyncio
from pathlib import Path
from typing import Any

import pytest

from datenbroker.gateway.products import discovery, source
from datenbroker.products.selection import Selection
from ngsi_ld.errors import TooComplexQuery
from tests.datenbroker.products_door.world import API, World, world

pytestmark = pytest.mark.anyio
MANY = source.DECIDED + 50


async def fill(made: World) -> None:
    kinds: dict[str, Any] = {"p": {"type": "Property", "value": 1}, "secret": {"type": "Property", "value": 1}}
    entities = [{"id": f"urn:x:{number}", "type": "T"} | kinds for number in range(MANY)]
    entities[-1]["p"] = {"type": "Relationship", "object": "urn:x:1"}
    tenant = {"NGSILD-Tenant": "owner"}
    answer = await made.http.post(f"{API}/entityOperations/create", json=entities, headers=tenant, timeout=60)
    assert answer.status_code == 201


async def test_details_are_told_of_any_number_of_entities(tmp_path: Path) -> None:
    async with world(tmp_path) as made:
        await fill(made)
        made.open(Selection(types=("T",), attributes=("p",)), "owner")
        asked = ["/types?details=true", "/types/T", "/attributes?details=true", "/attributes/p", "/attributes/secret"]
        got = await asyncio.gather(*(made.products.get(API + path) for path in asked))
    types, one, attributes, attribute, hidden = (answer.json() for answer in got)
    assert [item["attributeNames"] for item in types] == [["p"]]
    assert one["entityCount"] == MANY
    assert one["attributeDetails"][0]["attributeTypes"] == ["Property", "Relationship"]
    assert [item["typeNames"] for item in attributes] == [["T"]]
    assert attribute["attributeCount"] == MANY
    assert hidden["status"] == 404


async def test_what_would_be_decided_of_too_many_entities_is_refused(tmp_path: Path) -> None:
    async with world(tmp_path) as made:
        await fill(made)
        made.open(Selection(types=("T",), attributes=("p",)), "owner")
        params = {"type": "T", "q": "p{p}", "join": "inline"}
        due = (await made.products.get(f"{API}/entities", params=params)).json()
        made.endpoint.near = False
        answer = await made.products.get(f"{API}/entities", params=params)
    assert [entity["id"] for entity in due] == [f"urn:x:{MANY - 1}"]
    assert answer.status_code == 403
    assert str(source.DECIDED) in answer.json()["detail"]


async def test_what_cannot_be_counted_in_time_is_refused_with_what_can_be_asked(tmp_path: Path) -> None:
    async with world(tmp_path) as made:
        await made.fill("owner", [{"id": "urn:x:1", "type": "T"}])
        made.open(Selection(types=("T",)), "owner")
        assert made.access is not None
        visit = await made.endpoint.visit(made.access)
        with pytest.raises(TooComplexQuery, match="query_seconds"):
            await discovery.counted(visit.source, 0.0)
        assert (await made.products.get(f"{API}/types")).json()["typeList"] == ["T"]
        assert (await made.products.get(f"{API}/types/T")).json()["entityCount"] == 1
