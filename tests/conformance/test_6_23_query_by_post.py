"""6.23 POST /entityOperations/query (5.7.2, 5.2.23)."""

from typing import Any

import pytest

from tests.conformance.client import LD, Client, is_problem, point, prop

pytestmark = pytest.mark.anyio


@pytest.fixture
async def city(broker: Client) -> Client:
    await broker.create(id="urn:x:a", queue=1, location=point(1, 1))
    await broker.create(id="urn:x:b", queue=2, scope="/A")
    await broker.create(id="urn:y:c", type="Shop", queue=3)
    return broker


@pytest.mark.parametrize(
    ("body", "found"),
    [
        ({"entities": [{"type": "Kiosk"}]}, "ab"),
        ({"entities": [{"type": "Kiosk"}, {"type": "Shop"}]}, "abc"),
        ({"entities": [{"type": "Kiosk", "id": "urn:x:a"}]}, "a"),
        ({"entities": [{"type": "Kiosk", "id": ["urn:x:a", "urn:x:b"]}]}, "ab"),
        ({"entities": [{"type": "Shop", "idPattern": "^urn:x"}, {"type": "Kiosk", "idPattern": "b$"}]}, "b"),
        ({"entities": [{"type": "Kiosk", "id": "urn:x:a"}, {"type": "Shop", "id": "urn:y:c"}]}, "ac"),
        ({"entities": [{"type": "*", "idPattern": "y"}]}, "c"),
        ({"entities": [{"type": ["Kiosk", "Shop"]}]}, "abc"),
        ({"q": "queue>1"}, "bc"),
        ({"entities": [{"type": "Kiosk"}, {"type": "None"}], "q": "queue>1"}, "b"),
        ({"attrs": ["location", "none"]}, "a"),
        (
            {"geoQ": {"georel": "within", "geometry": "Polygon", "coordinates": "[[[0,0],[2,0],[2,2],[0,2],[0,0]]]"}},
            "a",
        ),
        ({"geoQ": {"georel": "near;maxDistance==9", "geometry": "Point", "coordinates": [1, 1]}}, "a"),
        ({"entities": [{"type": "Kiosk"}], "scopeQ": "/A"}, "b"),
    ],
)
async def test_a_query_selects_as_its_parameters_would(city: Client, body: dict[str, Any], found: str) -> None:
    params = {"count": "true"}
    answer = await city.send("POST", "/entityOperations/query", {"type": "Query", **body}, 200, params=params)
    assert "".join(entity["id"][-1] for entity in answer.json()) == found
    assert answer.headers["ngsild-results-count"] == str(len(found))


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"type": "Query"},
        {"type": "Subscription", "entities": [{"type": "A"}]},
        {"type": "Query", "entities": []},
        {"type": "Query", "entities": {"type": "A"}},
        {"type": "Query", "entities": ["A"]},
        {"type": "Query", "entities": [{"id": "urn:x:a"}]},
        {"type": "Query", "entities": [{"type": "A", "id": "x"}]},
        {"type": "Query", "entities": [{"type": "A", "idPattern": "("}]},
        {"type": "Query", "entities": [{"type": "A", "foo": 1}]},
        {"type": "Query", "attrs": []},
        {"type": "Query", "attrs": [5]},
        {"type": "Query", "q": ""},
        {"type": "Query", "q": 5},
        {"type": "Query", "geoQ": {"georel": "within"}},
        {"type": "Query", "geoQ": "near"},
        {"type": "Query", "geoQ": {"georel": "within", "geometry": ["Point"], "coordinates": [1, 1]}},
        {"type": "Query", "entities": [{"type": "A"}], "join": "inline", "joinLevel": "x"},
        {"type": "Query", "entities": [{"type": "A"}], "ordering": {"orderBy": []}},
        {"type": "Query", "entities": [{"type": "A"}], "ordering": {"orderBy": ["age"], "collation": 5}},
        {"type": "Query", "entities": [{"type": "A"}], "ordering": {"orderBy": ["l;dist-asc"], "coordinates": {}}},
        {"type": "Query", "entities": [{"type": "A"}], "lang": 5},
        {"type": "Query", "entities": [{"type": "A"}], "datasetId": ["main"]},
        {"type": "Query", "entities": [{"type": "A"}], "unknown": 5},
        {"type": "Query", "entities": [{"type": "A"}], "temporalQ": {}},
        [],
        "text",
    ],
)
async def test_a_malformed_query_is_bad_request_data(broker: Client, body: Any) -> None:
    answer = await broker.http.post("/entityOperations/query?local=false", json=body)
    assert is_problem(answer, 400, "BadRequestData")


async def test_pages_are_url_parameters_and_linked_to_the_same_resource(city: Client) -> None:
    body = {"type": "Query", "entities": [{"type": "Kiosk"}]}
    answer = await city.send("POST", "/entityOperations/query?limit=1&options=keyValues", body, 200)
    (following,) = [link for link in answer.headers.get_list("link") if 'rel="next"' in link]
    assert "/ngsi-ld/v1/entityOperations/query?" in following
    assert "options=keyValues" in following
    url = following.partition(">")[0].lstrip("<")
    following_page = await city.http.post(f"http://broker{url}", json=body)
    assert following_page.json() == [{"id": "urn:x:b", "type": "Kiosk", "queue": 2, "scope": "/A"}]


async def test_the_answer_is_compacted_by_the_context_of_the_body(broker: Client) -> None:
    context = {"Bude": "https://a.example/Kiosk", "queue": "https://a.example/queue"}
    await broker.create(type="https://a.example/Kiosk", **{"https://a.example/queue": 1})
    body = {"type": "Query", "entities": [{"type": "Bude"}], "@context": context}
    answer = await broker.send("POST", "/entityOperations/query", body, 200, headers=LD)
    assert answer.json() == [{"id": "urn:ngsi-ld:Kiosk:4", "type": "Bude", "queue": prop(1)}]
    served = await broker.http.get(answer.headers["link"].partition(">")[0].lstrip("<"))
    assert served.json() == {"@context": context}
    headers = {**LD, "Accept": "application/ld+json"}
    answer = await broker.send("POST", "/entityOperations/query", body, 200, headers=headers)
    assert context in answer.json()[0]["@context"]


async def test_the_view_is_chosen_in_the_body(city: Client) -> None:
    body = {"type": "Query", "entities": [{"type": "Kiosk"}], "pick": ["id", "queue"]}
    answer = await city.send("POST", "/entityOperations/query?format=concise", body, 200)
    assert answer.json() == [{"id": "urn:x:a", "queue": 1}, {"id": "urn:x:b", "queue": 2}]


async def test_a_selector_of_all_types_is_enough_and_makes_the_query_local(city: Client) -> None:
    query = {"type": "Query", "entities": [{"type": "*"}], "ordering": {"orderBy": ["queue;desc"]}}
    answer = await city.http.post("/entityOperations/query", json=query)
    assert [entity["id"] for entity in answer.json()] == ["urn:y:c", "urn:x:b", "urn:x:a"]
    answer = await city.http.post("/entityOperations/query", json=query, params={"local": "false"})
    assert is_problem(answer, 400, "BadRequestData")


async def test_at_id_and_at_type_stand_for_id_and_type(city: Client) -> None:
    query = {"@type": "Query", "entities": [{"@type": "Kiosk", "@id": "urn:x:b"}]}
    answer = await city.http.post("/entityOperations/query", json=query)
    assert [entity["id"] for entity in answer.json()] == ["urn:x:b"]


@pytest.mark.parametrize("member", ["entityMap", "splitEntities"])
async def test_a_flag_that_is_no_boolean_is_bad_request_data(city: Client, member: str) -> None:
    query = {"type": "Query", "entities": [{"type": "Kiosk"}], member: "yes"}
    assert is_problem(await city.http.post("/entityOperations/query", json=query), 400, "BadRequestData")
