"""6.4.3.1 Create Entity (5.6.1), and what an entity may be (4.5.1, 4.6.2, 4.7, 5.2.4 ff)."""

from typing import Any

import pytest

from tests.conformance.client import DEFAULT, KIOSK, LD, SYS, Client, is_problem, point, prop, rel

pytestmark = pytest.mark.anyio


async def test_a_created_entity_is_answered_with_201_and_its_location(broker: Client) -> None:
    answer = await broker.send("POST", "/entities", {"id": KIOSK, "type": "Kiosk"}, 201)
    assert answer.headers["location"] == f"/ngsi-ld/v1/entities/{KIOSK}"
    assert answer.content == b""
    assert "link" not in answer.headers
    assert await broker.get() == {"id": KIOSK, "type": "Kiosk"}


@pytest.mark.parametrize("id_", ["http://city.example/a/b?c=d#e", "urn:x:Straße 1".replace(" ", "_"), "urn:x:50%25"])
async def test_the_location_leads_back_to_an_id_of_any_characters(broker: Client, id_: str) -> None:
    answer = await broker.send("POST", "/entities", {"id": id_, "type": "Kiosk"}, 201)
    found = await broker.http.get(answer.headers["location"].removeprefix("/ngsi-ld/v1"))
    assert found.json()["id"] == id_


async def test_creating_an_existing_entity_is_409(broker: Client) -> None:
    await broker.create()
    assert is_problem(await broker.http.post("/entities", json={"id": KIOSK, "type": "B"}), 409, "AlreadyExists")


async def test_what_was_created_is_read_back_as_sent(broker: Client) -> None:
    sent = {
        "queue": prop(3, observedAt="2031-02-03T10:00:00Z", unitCode="C62", measuredBy=rel("urn:ngsi-ld:Cam:9")),
        "label": {"type": "LanguageProperty", "languageMap": {"de": "Stand", "@none": ["a", "b"]}},
        "inPark": rel(["urn:a:1", "urn:a:2"], objectType="Park"),
        "location": point(8.5, 47.4),
        "kind": {"type": "VocabProperty", "vocab": ["open", "closed"]},
        "raw": {"type": "JsonProperty", "json": {"type": "Property", "a": None}},
        "steps": {"type": "ListProperty", "valueList": [1, [2], {"three": 3}]},
        "stops": {"type": "ListRelationship", "objectList": ["urn:a:2", "urn:a:1"]},
        "opened": prop({"@type": "DateTime", "@value": "2031-02-03T10:00:00Z"}),
        "name": prop("<a> 'b' = \"c\"; (d)"),
        "one": prop(["only"]),
    }
    await broker.create(**sent)
    assert await broker.get() == {"id": KIOSK, "type": "Kiosk", **sent}


async def test_at_id_and_at_type_are_accepted_and_never_returned(broker: Client) -> None:
    await broker.send("POST", "/entities", {"@id": KIOSK, "@type": ["Kiosk", "Shop", "Kiosk"]}, 201)
    assert await broker.get() == {"id": KIOSK, "type": ["Kiosk", "Shop"]}


async def test_system_attributes_sent_by_a_client_are_ignored(broker: Client) -> None:
    old = "2001-01-01T00:00:00Z"
    await broker.create(createdAt=old, modifiedAt=old, deletedAt=old, queue=prop(1, createdAt=old, modifiedAt="x"))
    entity = await broker.get(**SYS)
    assert old not in (entity["createdAt"], entity["modifiedAt"], entity["queue"]["createdAt"])
    assert entity["queue"]["modifiedAt"] == entity["modifiedAt"] == entity["createdAt"]
    assert "deletedAt" not in entity


async def test_names_that_no_context_knows_fall_under_the_default_context(broker: Client) -> None:
    await broker.create(queue=prop(1))
    assert (await broker.query(type=DEFAULT + "Kiosk", attrs=DEFAULT + "queue"))[0]["queue"] == prop(1)


async def test_a_decimal_comma_in_a_datetime_becomes_a_point(broker: Client) -> None:
    await broker.create(queue=prop(1, observedAt="2031-02-03T10:00:00,125Z"))
    assert (await broker.attribute("queue"))["observedAt"] == "2031-02-03T10:00:00.125Z"


@pytest.mark.parametrize(
    "entity",
    [
        {"type": "Kiosk"},
        {"id": "kiosk-4", "type": "Kiosk"},
        {"id": 4, "type": "Kiosk"},
        {"id": "", "type": "Kiosk"},
        {"id": KIOSK},
        {"id": KIOSK, "type": []},
        {"id": KIOSK, "type": ""},
        {"id": KIOSK, "type": 7},
        {"id": KIOSK, "type": None},
        {"id": KIOSK, "type": ["Kiosk", 7]},
        {"id": KIOSK, "type": "Kiosk", "scope": "/A/"},
        {"id": KIOSK, "type": "Kiosk", "scope": "/1A"},
        {"id": KIOSK, "type": "Kiosk", "scope": []},
        {"id": KIOSK, "type": "Kiosk", "scope": {"type": "Property", "value": "/A"}},
        {"id": KIOSK, "type": "Kiosk", "expiresAt": "tomorrow"},
        {"id": KIOSK, "type": "Kiosk", "datasetId": "urn:a:b"},
        {"id": KIOSK, "type": "Kiosk", "value": 3},
        {"id": KIOSK, "type": "Kiosk", "a b": 3},
        {"id": KIOSK, "type": "Kiosk", "1a": 3},
        {"id": KIOSK, "type": "Kiosk", "@foo": 3},
        {"id": KIOSK, "type": "a b"},
        [],
        [{"id": KIOSK, "type": "Kiosk"}],
        "text",
        7,
    ],
)
async def test_an_entity_that_breaks_the_data_model_is_bad_request_data(broker: Client, entity: Any) -> None:
    assert is_problem(await broker.http.post("/entities", json=entity), 400, "BadRequestData")


@pytest.mark.parametrize(
    "attribute",
    [
        None,
        {"type": "Foo", "value": 1},
        {"type": "Property"},
        {"type": "Property", "value": None},
        {"type": "Property", "object": "urn:a:b"},
        {"type": "Property", "value": 1, "object": "urn:a:b"},
        {"type": "Property", "value": 1, "objectType": "Park"},
        {"type": "Property", "value": 1, "unitCode": 5},
        {"type": "Property", "value": 1, "datasetId": "main"},
        {"type": "Property", "value": 1, "datasetId": None},
        {"type": "Property", "value": 1, "observedAt": "2031-02-03"},
        {"type": "Property", "value": 1, "observedAt": "2031-02-03T10:00:00+02:00"},
        {"type": "Property", "value": 1, "observedAt": "2031-02-31T10:00:00Z"},
        {"type": "Property", "value": 1, "observedAt": {"type": "Property", "value": "2031-02-03T10:00:00Z"}},
        {"type": "Property", "value": 1, "@context": "http://a.example/c"},
        {"type": "Property", "value": 1, "sub": None},
        {"type": "Property", "value": 1, "sub": {"type": "Foo"}},
        {"type": "Property", "value": 1, "id": "urn:a:b"},
        {"type": "Relationship"},
        {"type": "Relationship", "object": "Park"},
        {"type": "Relationship", "object": 5},
        {"type": "Relationship", "object": ["urn:a:b", "x"]},
        {"type": "Relationship", "object": "urn:a:b", "value": 1},
        {"type": "Relationship", "object": "urn:a:b", "unitCode": "C62"},
        {"type": "LanguageProperty", "value": "x"},
        {"type": "LanguageProperty", "languageMap": {"english!": "a"}},
        {"type": "LanguageProperty", "languageMap": {"de_DE": "a"}},
        {"type": "LanguageProperty", "languageMap": "x"},
        {"type": "LanguageProperty", "languageMap": {"": "x"}},
        {"type": "LanguageProperty", "languageMap": {"de": 5}},
        {"type": "LanguageProperty", "languageMap": {"de": ["x", 5]}},
        {"type": "LanguageProperty", "languageMap": {"de": None}},
        {"type": "LanguageProperty", "languageMap": {"de": "x"}, "unitCode": "C62"},
        {"type": "VocabProperty", "vocab": 5},
        {"type": "VocabProperty", "vocab": "x", "unitCode": "C62"},
        {"type": "JsonProperty", "value": {}},
        {"type": "JsonProperty", "json": {}, "unitCode": "C62"},
        {"type": "ListProperty", "valueList": 1},
        {"type": "ListRelationship", "objectList": "urn:a:b"},
        {"type": "ListRelationship", "objectList": ["x"]},
        {"type": "ListRelationship", "objectList": [{"object": "x"}]},
        [{"type": "Property", "value": 1}, {"type": "Property", "value": 2}],
        [{"value": 1, "datasetId": "urn:a:b"}, {"value": 2, "datasetId": "urn:a:b"}],
        [{"value": 1}, {"value": 2, "datasetId": "@none"}],
    ],
)
async def test_an_attribute_that_breaks_its_kind_is_bad_request_data(broker: Client, attribute: Any) -> None:
    answer = await broker.http.post("/entities", json={"id": KIOSK, "type": "Kiosk", "queue": attribute})
    assert is_problem(answer, 400, "BadRequestData")
    assert (await broker.http.get(f"/entities/{KIOSK}")).status_code == 404


@pytest.mark.parametrize(
    ("kind", "coordinates"),
    [
        ("Point", [8.5]),
        ("Point", ["8.5", 47.4]),
        ("Point", [[8.5, 47.4]]),
        ("Point", [True, False]),
        ("Point", None),
        ("MultiPoint", [8.5, 47.4]),
        ("MultiPoint", []),
        ("LineString", [[8.5, 47.4]]),
        ("MultiLineString", [[8.5, 47.4], [8.6, 47.4]]),
        ("Polygon", [[[0, 0], [1, 0], [1, 1], [0, 1]]]),
        ("Polygon", [[[0, 0], [1, 0], [0, 0]]]),
        ("Polygon", []),
        ("MultiPolygon", [[[0, 0], [1, 0], [1, 1], [0, 0]]]),
        ("Circle", [8.5, 47.4]),
    ],
)
async def test_a_geometry_that_is_none_is_bad_request_data(broker: Client, kind: str, coordinates: Any) -> None:
    value = {"type": kind, "coordinates": coordinates}
    entity = {"id": KIOSK, "type": "Kiosk", "area": {"type": "GeoProperty", "value": value}}
    assert is_problem(await broker.http.post("/entities", json=entity), 400, "BadRequestData")


@pytest.mark.parametrize(
    "value",
    [
        {"type": "GeometryCollection", "geometries": []},
        {"type": ["Point"], "coordinates": [8.5, 47.4]},
        "POINT (8.5 47.4)",
        '{"type": "Point"}',
        5,
        [8.5, 47.4],
    ],
)
async def test_a_geoproperty_takes_only_geometries(broker: Client, value: Any) -> None:
    entity = {"id": KIOSK, "type": "Kiosk", "area": {"type": "GeoProperty", "value": value}}
    assert is_problem(await broker.http.post("/entities", json=entity), 400, "BadRequestData")


async def test_a_geometry_may_be_given_as_a_string(broker: Client) -> None:
    await broker.create(location={"type": "GeoProperty", "value": '{"type":"Point","coordinates":[8.5,47.4]}'})
    assert await broker.attribute("location") == point(8.5, 47.4)


async def test_altitudes_are_kept(broker: Client) -> None:
    line = {"type": "LineString", "coordinates": [[8.5, 47.4, 400], [8.6, 47.4], [8.7, 47.4, 1, 2]]}
    await broker.create(location={"type": "GeoProperty", "value": line})
    assert (await broker.attribute("location"))["value"] == line


@pytest.mark.parametrize("name", ["location", "observationSpace", "operationSpace"])
async def test_the_geo_attributes_of_the_core_are_geoproperties(broker: Client, name: str) -> None:
    answer = await broker.http.post("/entities", json={"id": KIOSK, "type": "Kiosk", name: prop("here")})
    assert is_problem(answer, 400, "BadRequestData")


async def test_two_terms_for_one_name_collide(broker: Client) -> None:
    entity = {"id": KIOSK, "type": "Kiosk", "queue": 1, DEFAULT + "queue": 2}
    assert is_problem(await broker.http.post("/entities", json=entity), 400, "BadRequestData")


async def test_a_body_that_is_no_json_is_an_invalid_request(broker: Client) -> None:
    for body in (b"{", b"", b"  ", b"\xff\xfe"):
        answer = await broker.http.post("/entities", content=body, headers={"Content-Type": "application/json"})
        assert is_problem(answer, 400, "InvalidRequest")


async def test_jsonld_without_context_is_bad_request_data(broker: Client) -> None:
    answer = await broker.http.post("/entities", json={"id": KIOSK, "type": "Kiosk"}, headers=LD)
    assert is_problem(answer, 400, "BadRequestData")
