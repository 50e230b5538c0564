"""4.5.0, 5.5.4 NGSI-LD Null and JSON null: where they may stand."""

from typing import Any

import pytest

from tests.conformance.client import KIOSK, Client, is_problem, prop

pytestmark = pytest.mark.anyio
NULL = "urn:ngsi-ld:null"
NULLS: list[Any] = [
    NULL,
    {"type": "Property", "value": NULL},
    {"type": "Relationship", "object": NULL},
    {"type": "VocabProperty", "vocab": NULL},
    {"type": "JsonProperty", "json": NULL},
    {"type": "LanguageProperty", "languageMap": {"@none": NULL}},
    {"type": "LanguageProperty", "languageMap": {"de": NULL}},
    {"type": "ListProperty", "valueList": [NULL]},
    {"type": "ListRelationship", "objectList": [NULL]},
    {"type": "Property", "value": {"deep": [{"key": NULL}]}},
    {"type": "Property", "value": 1, "unitCode": NULL},
    {"type": "Property", "value": 1, "observedAt": NULL},
    {"type": "Property", "value": 1, "datasetId": NULL},
    {"type": "Property", "value": 1, "sub": NULL},
    {"type": "Relationship", "object": "urn:x:a", "objectType": NULL},
]


@pytest.mark.parametrize("null", NULLS)
async def test_outside_of_fragments_null_is_refused(broker: Client, null: Any) -> None:
    entity = {"id": KIOSK, "type": "Kiosk", "thing": null}
    assert is_problem(await broker.http.post("/entities", json=entity), 400, "BadRequestData")
    for name in ("create", "upsert", "upsert?options=update"):
        answer = await broker.send("POST", f"/entityOperations/{name}", [entity], 207)
        assert answer.json()["errors"][0]["error"]["type"].endswith("BadRequestData")
    await broker.create(thing=1)
    for method, path in (("PUT", ""), ("POST", "/attrs")):
        answer = await broker.http.request(method, f"/entities/{KIOSK}{path}", json={"thing": null})
        assert is_problem(answer, 400, "BadRequestData")
    assert is_problem(await broker.http.put(f"/entities/{KIOSK}/attrs/thing", json=null), 400, "BadRequestData")


@pytest.mark.parametrize("member", ["id", "type", "scope", "expiresAt"])
async def test_members_of_the_entity_are_not_created_as_null(broker: Client, member: str) -> None:
    for null in (NULL, None):
        answer = await broker.http.post("/entities", json={"id": KIOSK, "type": "Kiosk", member: null})
        assert is_problem(answer, 400, "BadRequestData")


@pytest.mark.parametrize(
    "attribute",
    [
        None,
        prop(None),
        {"value": None},
        {"object": None},
        {"type": "LanguageProperty", "languageMap": None},
        {"type": "VocabProperty", "vocab": None},
        {"type": "ListProperty", "valueList": None},
        prop(1, sub=None),
        prop(1, unitCode=None),
        prop(1, observedAt=None),
        [None],
        [prop(1), None],
    ],
)
async def test_json_null_is_refused_everywhere(broker: Client, attribute: Any) -> None:
    if isinstance(attribute, list):
        attribute = [prop(1, datasetId="urn:d:1"), {"value": None}]
    await broker.create()
    for method, path in (("PATCH", ""), ("PUT", ""), ("POST", "/attrs"), ("PATCH", "/attrs")):
        answer = await broker.http.request(method, f"/entities/{KIOSK}{path}", json={"thing": attribute})
        assert is_problem(answer, 400, "BadRequestData")


async def test_null_is_data_within_json_and_json_literals(broker: Client) -> None:
    literal = {"@type": "@json", "@value": None}
    await broker.create(raw={"type": "JsonProperty", "json": {"a": None, "b": [NULL]}}, literal=prop(literal))
    assert (await broker.attribute("raw"))["json"] == {"a": None, "b": [NULL]}
    assert await broker.attribute("literal") == prop(literal)


async def test_update_forgets_what_is_null_inside_a_new_instance(broker: Client) -> None:
    await broker.create(queue=1)
    await broker.send(
        "PATCH", f"/entities/{KIOSK}/attrs", {"queue": prop({"a": NULL, "b": 1}, note=NULL, unitCode=NULL)}
    )
    assert await broker.attribute("queue") == prop({"b": 1})


@pytest.mark.parametrize(("method", "path"), [("PATCH", ""), ("PUT", ""), ("PATCH", "/attrs"), ("POST", "/attrs")])
async def test_types_are_not_removed_by_null(broker: Client, method: str, path: str) -> None:
    await broker.create(thing=1)
    for types in (NULL, ["Kiosk", NULL]):
        answer = await broker.http.request(method, f"/entities/{KIOSK}{path}", json={"type": types})
        assert is_problem(answer, 400, "BadRequestData")
    assert (await broker.get())["type"] == "Kiosk"
