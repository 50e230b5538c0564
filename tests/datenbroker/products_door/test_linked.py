"""What relationships lead to counts in a product only where the product shows it."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from datenbroker.products.selection import Selection
from tests.datenbroker.products_door.world import API, World, world

pytestmark = pytest.mark.anyio
SHOWN = Selection(types=("Bin",), attributes=("level", "next"), q='district=="Wanne"')


def entity(name: str, district: str, level: int, next_: str) -> dict[str, Any]:
    return {
        "id": f"urn:x:{name}",
        "type": "Bin",
        "level": {"type": "Property", "value": level},
        "district": {"type": "Property", "value": district},
        "next": {"type": "Relationship", "object": f"urn:x:{next_}"},
    }


@pytest.fixture(params=[True, False], ids=["embedded", "by HTTP"])
async def bins(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[World]:
    async with world(tmp_path) as made:
        chain = [("a", "Wanne", 1, "b"), ("b", "Wanne", 2, "c"), ("c", "Eickel", 3, "a"), ("d", "Wanne", 4, "none")]
        await made.fill("owner", [entity(*each) for each in chain])
        made.open(SHOWN, "owner")
        made.endpoint.near = request.param
        yield made


async def found(made: World, q: str, **params: str) -> list[str]:
    told = {"type": "Bin", "q": q, "join": "flat", "joinLevel": "2", "pick": "id", "containedBy": "urn:x:b,urn:x:c"}
    answer = await made.products.get(f"{API}/entities", params=told | params)
    assert answer.status_code == 200, answer.text
    return [item["id"].removeprefix("urn:x:") for item in answer.json() if item]


async def test_q_finds_entities_by_those_linked_to_them(bins: World) -> None:
    assert await found(bins, "next{level}==2") == ["a"]
    assert await found(bins, "next{level}>0") == ["a"]
    assert await found(bins, "next{Bin:next{level}}") == []


async def test_an_entity_outside_the_product_is_none_that_a_link_leads_to(bins: World) -> None:
    assert await found(bins, "next{level}==3") == []
    assert await found(bins, "!next{level}") == ["b", "d"]


async def test_a_hidden_attribute_of_a_linked_entity_is_not_there(bins: World) -> None:
    assert await found(bins, 'next{district}=="Wanne"') == []
    assert await found(bins, "!next{district}") == ["a", "b", "d"]


async def test_pages_and_counts_are_of_what_is_found(bins: World) -> None:
    params = {"type": "Bin", "q": "!next{district}", "join": "inline", "limit": "1", "offset": "1", "count": "true"}
    answer = await bins.products.get(f"{API}/entities", params=params)
    assert answer.headers["ngsild-results-count"] == "3"
    assert [item["id"] for item in answer.json()] == ["urn:x:b"]
    assert set(answer.links) >= {"next", "prev"}


async def test_an_entity_that_a_link_leads_to_out_of_the_product_stays_a_uri(bins: World) -> None:
    answer = await bins.products.get(f"{API}/entities/urn:x:a?join=inline&joinLevel=2&options=keyValues")
    assert answer.json()["next"] == {"id": "urn:x:b", "type": "Bin", "level": 2, "next": "urn:x:c"}
