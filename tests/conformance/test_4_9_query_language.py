"""4.9 The query language q: what each term matches (digest 6.1, 6.2)."""

from typing import Any

import pytest

from tests.conformance import q_examples
from tests.conformance.client import DEFAULT, KIOSK, Client, is_problem, prop, rel

pytestmark = pytest.mark.anyio
MATCHING, FAILING, BAD = (
    text.replace("{DEFAULT}", DEFAULT).strip("\n").split("\n")
    for text in (q_examples.MATCHING, q_examples.FAILING, q_examples.BAD)
)

ATTRIBUTES: dict[str, Any] = {
    "queue": prop(3, unitCode="C62", observedAt="2031-02-03T10:00:00Z", note=prop("n", deep=prop(7))),
    "ratio": prop(0.5),
    "name": prop("Kiosk"),
    "quoted": prop('a "b" (c); d|e,f'),
    "open": prop(True),
    "opened": prop("2031-02-03T10:00:00Z"),
    "typed": prop({"@type": "DateTime", "@value": "2031-02-03T10:00:00.5Z"}),
    "day": prop("2031-02-03"),
    "time": prop("10:00:00Z"),
    "address": prop({"city": "Bern", "geo": {"lat": 1.5}, "tags": ["a", "b"]}),
    "tags": prop(["red", "green", 5]),
    "twice": [prop(1), prop(9, datasetId="urn:d:1")],
    "inPark": rel("urn:x:park"),
    "many": rel(["urn:x:a", "urn:x:b"]),
    "label": {"type": "LanguageProperty", "languageMap": {"de": "Stand", "fr": ["Kiosque", "Stand"], "@none": "x"}},
    "kind": {"type": "VocabProperty", "vocab": ["small", "green"]},
    "raw": {"type": "JsonProperty", "json": {"a": {"b": 5}, "type": "x"}},
    "steps": {"type": "ListProperty", "valueList": [1, 2, "three"]},
    "stops": {"type": "ListRelationship", "objectList": ["urn:x:a", "urn:x:b"]},
}


@pytest.fixture
async def kiosk(broker: Client) -> Client:
    await broker.create(**ATTRIBUTES)
    return broker


async def test_what_holds_finds_the_entity(kiosk: Client) -> None:
    missed = [q for q in MATCHING if await kiosk.ids(id=KIOSK, q=q) != ["4"]]
    assert missed == []


@pytest.mark.parametrize(
    "params", [{"local": "true"}, {"type": "Kiosk"}, {"attrs": "queue"}, {"type": "*", "count": "true"}]
)
async def test_the_indexes_find_the_same(kiosk: Client, params: dict[str, str]) -> None:
    assert [q for q in MATCHING if await kiosk.ids(q=q, **params) != ["4"]] == []
    assert [q for q in FAILING if await kiosk.ids(q=q, **params) != []] == []


async def test_what_does_not_hold_finds_nothing(kiosk: Client) -> None:
    found = [q for q in FAILING if await kiosk.ids(id=KIOSK, q=q) != []]
    assert found == []


async def test_what_breaks_the_grammar_is_bad_request_data(broker: Client) -> None:
    accepted = []
    for q in ("", *BAD):
        answer = await broker.http.get("/entities", params={"type": "Kiosk", "q": q})
        if answer.status_code != 400 or not answer.json()["type"].endswith("BadRequestData"):
            accepted.append((q, answer.status_code))
    assert accepted == []


async def test_expand_values_makes_terms_of_vocabulary_iris(kiosk: Client) -> None:
    for q in ('kind=="small"', "kind==small", "kind==big,green", 'kind!="big"'):
        assert await kiosk.ids(q=q, expandValues="kind,other") == ["4"]
    assert await kiosk.ids(q="kind==big", expandValues="kind") == []


async def test_linked_entities_are_followed_with_join(kiosk: Client) -> None:
    await kiosk.create(id="urn:x:park", type="Park", area=900, inTown=rel("urn:x:town"))
    await kiosk.create(id="urn:x:town", type="Town", name="Herne")
    params = {"type": "Kiosk", "join": "inline"}
    assert await kiosk.ids(q="inPark{area}>800", **params) == ["4"]
    assert await kiosk.ids(q="inPark{area}>900", **params) == []
    assert await kiosk.ids(q="inPark{Park:area}>800", **params) == ["4"]
    assert await kiosk.ids(q="inPark{Town,Park:area}>800", **params) == ["4"]
    assert await kiosk.ids(q="inPark{Town:area}>800", **params) == []
    assert await kiosk.ids(q='inPark{inTown{name}}=="Herne"', joinLevel=2, **params) == ["4"]
    answer = await kiosk.http.get("/entities", params={"q": 'inPark{inTown{name}}=="Herne"', **params})
    assert is_problem(answer, 400, "BadRequestData")


async def test_a_query_that_is_too_big_is_too_complex(broker: Client) -> None:
    for q in (";".join(["queue==1"] * 500), "(" * 1000 + "queue" + ")" * 1000, "q" * 9000):
        answer = await broker.http.get("/entities", params={"type": "Kiosk", "q": q})
        assert is_problem(answer, 403, "TooComplexQuery")


async def test_names_are_those_of_the_requests_context(broker: Client) -> None:
    await broker.create(**{"https://a.example/q": 5})
    body = {"type": "Query", "q": "queue==5", "@context": {"queue": "https://a.example/q"}}
    headers = {"Content-Type": "application/ld+json"}
    answer = await broker.send("POST", "/entityOperations/query", body, 200, headers=headers)
    assert [entity["queue"] for entity in answer.json()] == [prop(5)]
    assert await broker.ids(type="Kiosk", q="queue==5") == []
