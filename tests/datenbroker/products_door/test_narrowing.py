"""What a request to a product finds: readable examples, each of which a single fault of the narrowing would change."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from datenbroker.products.selection import Area, Selection
from tests.datenbroker.products_door.world import API, World, world

pytestmark = pytest.mark.anyio
SQUARE = ((-1, -1), (3, -1), (3, 3), (-1, 3), (-1, -1))
AREA = Area(type="Polygon", coordinates=(SQUARE,), geoproperty="location")
NEAR_TWO = "georel=near%3BmaxDistance==200000&geometry=Point&coordinates=[2,2]"
PLAIN = Selection(types=("T",))
SOME = Selection(types=("T",), attributes=("p", "scope"), q="r<9")


def entity(name: str, types: list[str], number: int, scope: list[str], **more: Any) -> dict[str, Any]:
    place = {"type": "GeoProperty", "value": {"type": "Point", "coordinates": [number, number]}}
    values = {name: {"type": "Property", "value": number} for name in ("p", "r")}
    return {"id": f"urn:x:{name}", "type": types, "scope": scope, "location": place, **values, **more}


ENTITIES = [
    entity("a", ["T"], 0, ["/A"], s={"type": "Property", "value": 1}),
    entity("b", ["T"], 1, ["/A/B", "/B"], to={"type": "Relationship", "object": "urn:x:d"}),
    entity("c", ["T", "V"], 2, ["/B"], s={"type": "Property", "value": 2}),
    entity(
        "d", ["T"], 9, ["/A", "/B"], here={"type": "GeoProperty", "value": {"type": "Point", "coordinates": [0, 0]}}
    ),
    entity("e", ["V"], 1, ["/A"]),
]
EXAMPLES: list[tuple[Selection, str, str]] = [
    (PLAIN, "", "abcd"),
    (SOME, "", "abc"),
    (SOME, "id=urn:x:a,urn:x:d,urn:x:e", "a"),
    (SOME, "q=r==1", ""),
    (SOME, "q=!r", "abc"),
    (SOME, "q=p==1|p==9", "b"),
    (SOME, "q=p==1|r==1", "b"),
    (SOME, "q=p==0;!s", "a"),
    (SOME, "q=(p==0|p==2);p<2", "a"),
    (SOME, "attrs=r", ""),
    (SOME, "attrs=r,p", "abc"),
    (SOME, "attrs=modifiedAt,p", "abc"),
    (SOME, "q=modifiedAt", ""),
    (SOME, NEAR_TWO, ""),
    (SOME, "type=V", ""),
    (SOME, "type=T%3BV", ""),
    (SOME, "type=(T%3BV),T", "abc"),
    (SOME, "type=T,V", "abc"),
    (SOME, "scopeQ=/A", "a"),
    (SOME, "orderBy=s;desc,p;desc", "cba"),
    (SOME, "orderBy=r;desc", "abc"),
    (SOME, "orderBy=type;desc", "abc"),
    (SOME, "orderBy=scope;desc,id", "cba"),
    (Selection(types=("T",), attributes=("p",)), "scopeQ=/A", ""),
    (Selection(types=("T",), attributes=("p",)), "orderBy=scope;desc", "abcd"),
    (Selection(types=("T",), ids=("urn:x:a", "urn:x:b")), "", "ab"),
    (Selection(types=("T",), ids=("urn:x:a", "urn:x:b")), "id=urn:x:b,urn:x:c", "b"),
    (Selection(types=("T",), ids=("urn:x:a", "urn:x:b")), "id=urn:x:c", ""),
    (Selection(types=("T",), ids=("urn:x:a", "urn:x:b")), "idPattern=[bc]$", "b"),
    (PLAIN, "id=urn:x:a,urn:x:b&idPattern=[bc]$", "b"),
    (PLAIN, "idPattern=[bc]$", "bc"),
    (Selection(types=("T",), scopes="/A/#"), "scopeQ=/B", "bd"),
    (Selection(types=("T",), scopes="/A,/B"), "scopeQ=/A/B", "b"),
    (Selection(types=("T",), scopes="/A,/B"), "scopeQ=/A/B," + ",".join(f"/X{n}" for n in range(120)), "b"),
    (Selection(types=("T",), geo=AREA), "", "abc"),
    (Selection(types=("T",), geo=AREA), NEAR_TWO, "bc"),
    (Selection(types=("T",), geo=AREA), NEAR_TWO + "&geoproperty=here", ""),
    (Selection(types=("T",), geo=AREA, attributes=("p",)), NEAR_TWO, ""),
    (PLAIN, NEAR_TWO, "bc"),
    (PLAIN, "q=to{p}==9&join=inline", "b"),
    (PLAIN, "q=!to{p};p.createdAt&join=inline", "acd"),
    (PLAIN, "q=to{modifiedAt}&join=inline", "b"),
    (Selection(types=("T",), attributes=("to",)), "q=to{modifiedAt}&join=inline", ""),
    (Selection(types=("T",), attributes=("to",)), "q=to{createdAt}&join=inline", "b"),
    (Selection(types=("T",), q="p<9"), "q=to{p}==9&join=inline", ""),
    (Selection(types=("T",), q="p<9"), "q=!to{p}&join=inline", "abc"),
    (Selection(types=("T",), attributes=("to",)), "q=to{p}&join=inline", ""),
    (Selection(types=("T",), attributes=("to",)), "q=to{here}|s==1&join=inline", ""),
    (Selection(types=("T",), attributes=("p",)), "q=!to{p}&join=inline", "abcd"),
    (Selection(types=("T",), attributes=("p",)), "q=to{p}&join=inline", ""),
    (Selection(types=("T", "V")), "orderBy=type;desc,id;desc", "edbac"),
    (Selection(types=("V", "W")), "orderBy=type;desc,p;desc", "ce"),
]
"""A selection, a query, and whom it finds, in this order."""


@pytest.fixture(params=[True, False], ids=["embedded", "by HTTP"])
async def owner(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[World]:
    async with world(tmp_path) as made:
        await made.fill("owner", ENTITIES)
        made.endpoint.near = request.param
        yield made


async def test_a_query_finds_what_is_found_where_only_the_selection_exists(owner: World) -> None:
    for selection, query, due in EXAMPLES:
        owner.open(selection, "owner")
        answer = await owner.products.get(f"{API}/entities?local=true&count=true&{query}")
        assert answer.status_code == 200, (query, answer.text)
        found = "".join(item["id"].removeprefix("urn:x:") for item in answer.json())
        told = (found, answer.headers["ngsild-results-count"])
        assert told == (due, str(len(due))), (selection, query)


async def test_retrieving_finds_the_same_entities(owner: World) -> None:
    for selection in dict.fromkeys(selection for selection, _, _ in EXAMPLES):
        owner.open(selection, "owner")
        listed = (await owner.products.get(f"{API}/entities?local=true")).json()
        answers = [await owner.products.get(f"{API}/entities/{one['id']}") for one in ENTITIES]
        assert [answer.json() for answer in answers if answer.status_code == 200] == listed
        assert all("does not exist" in answer.text for answer in answers if answer.status_code != 200)


async def test_a_page_is_cut_from_what_is_found(owner: World) -> None:
    for selection, query, due in EXAMPLES:
        owner.open(selection, "owner")
        answer = await owner.products.get(f"{API}/entities?local=true&limit=1&offset=1&{query}")
        assert [item["id"][-1] for item in answer.json()] == list(due[1:2]), (selection, query)
        assert ("next" in answer.links) == (len(due) > 2), (selection, query)
