"""6.4.3.2 Query Entities (5.7.2): what restricts a query, what is found, pages, counts and links (5.5.9)."""

from typing import Any

import pytest

from tests.conformance.client import CORE, Client, is_problem, point, prop, rel

pytestmark = pytest.mark.anyio


@pytest.fixture
async def city(broker: Client) -> Client:
    """Three kiosks and a shop, in order of creation: a, b, c, d."""
    await broker.create(id="urn:x:a", queue=prop(1), location=point(8.5, 47.4))
    await broker.create(id="urn:x:b", queue=prop(2), inPark=rel("urn:x:p"))
    await broker.create(id="urn:x:c", type=["Kiosk", "Shop"], name=prop("C"))
    await broker.create(id="urn:y:d", type="Shop", scope="/A/B")
    return broker


@pytest.mark.parametrize(
    ("params", "found"),
    [
        ({"type": "Kiosk"}, "abc"),
        ({"type": "Shop"}, "cd"),
        ({"type": "Nothing"}, ""),
        ({"id": "urn:x:b,urn:x:a,urn:x:none"}, "ab"),
        ({"idPattern": "^urn:x:.*"}, "abc"),
        ({"idPattern": "[bd]$"}, "bd"),
        ({"id": "urn:x:b,urn:y:d", "idPattern": "x"}, "b"),
        ({"attrs": "queue"}, "ab"),
        ({"attrs": "name,inPark"}, "bc"),
        ({"attrs": "nothing"}, ""),
        ({"q": "queue>1"}, "b"),
        ({"type": "Kiosk", "q": "queue"}, "ab"),
        ({"type": "Shop", "scopeQ": "/A/B"}, "d"),
        ({"georel": "within", "geometry": "Polygon", "coordinates": "[[[8,47],[9,47],[9,48],[8,48],[8,47]]]"}, "a"),
        ({"local": "true"}, "abcd"),
        ({"type": "*"}, "abcd"),
        ({"type": "Kiosk", "attrs": "queue", "q": "queue==1", "idPattern": "b"}, ""),
        ({"type": "Kiosk", "pick": "id,nothing"}, "abc"),
    ],
)
async def test_all_given_conditions_must_hold(city: Client, params: dict[str, Any], found: str) -> None:
    assert "".join(await city.ids(**params)) == found


@pytest.mark.parametrize(
    "params", [{}, {"attrs": "createdAt"}, {"q": "modifiedAt>2020-01-01T00:00:00Z"}, {"limit": 5}, {"lang": "de"}]
)
async def test_a_query_without_restriction_is_too_wide(broker: Client, params: dict[str, Any]) -> None:
    assert is_problem(await broker.http.get("/entities", params=params), 400, "BadRequestData")


@pytest.mark.parametrize(
    "params",
    [
        {"id": "kiosk"},
        {"id": "urn:x:a,"},
        {"type": ""},
        {"type": "A", "idPattern": "("},
        {"type": "A", "limit": "-1"},
        {"type": "A", "limit": "0"},
        {"type": "A", "limit": "ten"},
        {"type": "A", "offset": "-1"},
        {"type": "A", "offset": "1.5"},
        {"type": "A", "count": "maybe"},
        {"type": "A", "local": "maybe"},
        {"type": "*", "local": "false"},
        {"type": "A", "q": "queue>"},
        {"type": "A", "scopeQ": "//"},
        {"type": "A", "attrs": ""},
        {"type": "A", "attrs": "a,,b"},
        {"type": "A", "attrs": "a", "pick": "a"},
        {"type": "A", "datasetId": "main"},
        {"type": "A", "join": "up"},
        {"type": "A", "join": "inline", "joinLevel": "0"},
        {"type": "A", "joinLevel": "2"},
        {"type": "A", "containedBy": "kiosk", "join": "inline"},
        {"type": "A", "containedBy": "kiosk"},
        {"type": "A", "geometryProperty": "location"},
        {"type": "A", "georel": "within"},
        {"type": "A", "orderBy": "queue"},
        {"type": "A", "csf": "((("},
        {"type": "A", "jsonKeys": "a,,b"},
        {"type": "A", "entityMap": "perhaps"},
        {"type": "A", "splitEntities": "perhaps"},
    ],
)
async def test_a_malformed_value_is_bad_request_data(broker: Client, params: dict[str, Any]) -> None:
    assert is_problem(await broker.http.get("/entities", params=params), 400, "BadRequestData")


async def test_nothing_found_is_an_empty_array(broker: Client) -> None:
    answer = await broker.http.get("/entities", params={"type": "Kiosk"})
    assert (answer.status_code, answer.json()) == (200, [])
    assert answer.headers["link"].startswith(f"<{CORE}>")


async def test_a_limit_above_the_maximum_is_too_many_results(broker: Client) -> None:
    answer = await broker.http.get("/entities", params={"type": "Kiosk", "limit": 1001})
    assert is_problem(answer, 403, "TooManyResults")


async def test_pages_are_linked_with_all_parameters(city: Client) -> None:
    params: dict[str, Any] = {"q": 'queue>=0|name=="C"', "limit": 1, "offset": 1}
    answer = await city.http.get("/entities", params=params)
    links = {link["rel"]: link for link in map(_parsed, answer.headers.get_list("link")) if link["rel"] != "context"}
    assert [entity["id"] for entity in answer.json()] == ["urn:x:b"]
    assert links["next"]["type"] == links["prev"]["type"] == answer.headers["content-type"]
    following = await city.http.get("http://broker" + links["next"]["url"])
    before = await city.http.get("http://broker" + links["prev"]["url"])
    assert [entity["id"] for entity in following.json() + before.json()] == ["urn:x:c", "urn:x:a"]
    assert 'rel="next"' not in ",".join(following.headers.get_list("link"))
    assert 'rel="prev"' not in ",".join(before.headers.get_list("link"))


def _parsed(link: str) -> dict[str, str]:
    url, *parameters = (part.strip() for part in link.split(";"))
    known = dict(parameter.split("=", 1) for parameter in parameters)
    relation = known["rel"].strip('"').rpartition("#")[2]
    return {"url": url.strip("<>"), "rel": relation, "type": known["type"].strip('"')}


async def test_paging_links_carry_the_media_type_of_the_answer(city: Client) -> None:
    for media in ("application/ld+json", "application/geo+json"):
        answer = await city.http.get("/entities", params={"type": "Kiosk", "limit": 2}, headers={"Accept": media})
        (link,) = [_parsed(text) for text in answer.headers.get_list("link")]
        assert (link["rel"], link["type"]) == ("next", media)


async def test_an_offset_beyond_the_end_is_an_empty_page(city: Client) -> None:
    answer = await city.http.get("/entities", params={"type": "Kiosk", "offset": 7})
    assert (answer.status_code, answer.json()) == (200, [])


async def test_the_count_is_of_all_pages(city: Client) -> None:
    for params in ({"type": "Kiosk"}, {"idPattern": "x"}, {"type": "Kiosk", "q": "queue|name"}):
        answer = await city.http.get("/entities", params={**params, "count": "true", "limit": 1})
        assert (answer.headers["ngsild-results-count"], len(answer.json())) == ("3", 1)


async def test_a_limit_of_zero_counts_only(city: Client) -> None:
    for params in ({"type": "Kiosk"}, {"attrs": "queue,name"}):
        answer = await city.http.get("/entities", params={**params, "count": "true", "limit": 0})
        assert (answer.headers["ngsild-results-count"], answer.json()) == ("3", [])
        assert 'rel="next"' not in ",".join(answer.headers.get_list("link"))


async def test_without_count_no_count_is_given(city: Client) -> None:
    answer = await city.http.get("/entities", params={"type": "Kiosk"})
    assert "ngsild-results-count" not in answer.headers


async def test_the_default_page_holds_twenty_entities(broker: Client) -> None:
    batch = [{"id": f"urn:x:{number:02}", "type": "Kiosk"} for number in range(21)]
    await broker.send("POST", "/entityOperations/create", batch, 201)
    assert await broker.ids(type="Kiosk") == [f"{number:02}" for number in range(20)]


async def test_a_repeated_parameter_is_a_list(city: Client) -> None:
    answer = await city.http.get("/entities?type=Shop&id=urn:x:c&id=urn:y:d")
    assert [entity["id"] for entity in answer.json()] == ["urn:x:c", "urn:y:d"]


async def test_attrs_shows_only_the_attributes_it_names(city: Client) -> None:
    assert await city.query(attrs="inPark,name") == [
        {"id": "urn:x:b", "type": "Kiosk", "inPark": rel("urn:x:p")},
        {"id": "urn:x:c", "type": ["Kiosk", "Shop"], "name": prop("C")},
    ]


async def test_an_unknown_option_is_an_invalid_request(broker: Client) -> None:
    unknown = {"options": "fancy"}, {"format": "temporalValues"}, {"format": ""}, {"options": "keyValues,concise"}
    for params in (*unknown, {"foo": "1"}):
        answer = await broker.http.get("/entities", params={"type": "Kiosk", **params})
        assert is_problem(answer, 400, "InvalidRequest")


async def test_options_are_a_list_like_all_others(broker: Client) -> None:
    await broker.create(queue=1)
    (entity,) = await broker.query(type="Kiosk", options="sysAttrs, keyValues")
    assert entity["queue"] == 1
    assert "createdAt" in entity
