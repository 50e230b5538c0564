"""6.5.3.4 Merge Entity (5.6.17, 5.5.12)."""

from typing import Any

import pytest

from tests.conformance.client import KIOSK, SYS, Client, is_problem, point, prop, rel

pytestmark = pytest.mark.anyio
NULL = "urn:ngsi-ld:null"
PATH = f"/entities/{KIOSK}"
OBSERVED = "2031-02-03T10:00:00Z"
LABEL = {"type": "LanguageProperty", "languageMap": {"de": "Stand", "fr": "Stand"}}
ADDRESS = {"street": "Ring", "town": {"name": "Herne", "code": 1}, "lines": [1, 2]}


async def merged(broker: Client, fragment: Any, **params: Any) -> Any:
    await broker.send("PATCH", PATH, fragment, params=params)
    return await broker.get()


async def test_a_new_attribute_is_added(broker: Client) -> None:
    await broker.create(queue=1)
    assert await merged(broker, {"name": prop("K")}) == {
        "id": KIOSK, "type": "Kiosk", "queue": prop(1), "name": prop("K")
    }  # fmt: skip


async def test_members_that_are_not_sent_stay(broker: Client) -> None:
    await broker.create(queue=prop(1, unitCode="C62", observedAt=OBSERVED, by=rel("urn:x:c"), note=prop("n")))
    entity = await merged(broker, {"queue": {"value": 2, "by": {"object": "urn:x:d"}}})
    assert entity["queue"] == prop(2, unitCode="C62", observedAt=OBSERVED, by=rel("urn:x:d"), note=prop("n"))


async def test_a_member_may_be_merged_without_the_value(broker: Client) -> None:
    await broker.create(inPark=rel("urn:x:p"), queue=1)
    entity = await merged(
        broker, {"inPark": {"observedAt": OBSERVED}, "queue": {"type": "Property", "unitCode": "C62"}}
    )
    assert entity["inPark"] == rel("urn:x:p", observedAt=OBSERVED)
    assert entity["queue"] == prop(1, unitCode="C62")


async def test_value_objects_are_merged_key_by_key_and_arrays_replaced(broker: Client) -> None:
    await broker.create(address=prop(ADDRESS))
    fragment = {"address": {"value": {"street": NULL, "town": {"code": 2}, "lines": [3], "new": True}}}
    entity = await merged(broker, fragment)
    assert entity["address"]["value"] == {"town": {"name": "Herne", "code": 2}, "lines": [3], "new": True}


@pytest.mark.parametrize("null", [NULL, prop(NULL), {"type": "Relationship", "object": NULL}, {"value": NULL}])
async def test_null_deletes_the_attribute(broker: Client, null: Any) -> None:
    name = "inPark" if isinstance(null, dict) and "object" in null else "queue"
    await broker.create(queue=1, inPark=rel("urn:x:p"))
    assert name not in await merged(broker, {name: null})


@pytest.mark.parametrize(
    ("sent", "null"),
    [
        (LABEL, {"type": "LanguageProperty", "languageMap": {"@none": NULL}}),
        ({"type": "VocabProperty", "vocab": "a"}, {"vocab": NULL}),
        ({"type": "JsonProperty", "json": {}}, {"type": "JsonProperty", "json": NULL}),
        ({"type": "ListProperty", "valueList": [1]}, {"type": "ListProperty", "valueList": [NULL]}),
        ({"type": "ListRelationship", "objectList": ["urn:x:a"]}, {"objectList": [NULL]}),
        (point(1, 2), {"type": "GeoProperty", "value": NULL}),
        (point(1, 2), NULL),
    ],
)
async def test_null_has_a_form_for_each_kind(broker: Client, sent: Any, null: Any) -> None:
    await broker.create(thing=sent)
    assert await merged(broker, {"thing": null}) == {"id": KIOSK, "type": "Kiosk"}


async def test_deleting_what_is_not_there_is_204(broker: Client) -> None:
    await broker.create()
    assert await merged(broker, {"none": NULL}) == {"id": KIOSK, "type": "Kiosk"}


async def test_null_removes_a_sub_attribute_or_member(broker: Client) -> None:
    await broker.create(queue=prop(1, unitCode="C62", observedAt=OBSERVED, note=prop("n")))
    entity = await merged(broker, {"queue": prop(1, unitCode=NULL, observedAt=NULL, note=NULL)})
    assert entity["queue"] == prop(1)


async def test_languages_are_merged_one_by_one(broker: Client) -> None:
    await broker.create(label=LABEL)
    entity = await merged(broker, {"label": {"languageMap": {"fr": NULL, "en": "stall"}}})
    assert entity["label"]["languageMap"] == {"de": "Stand", "en": "stall"}


async def test_only_the_named_instance_is_merged(broker: Client) -> None:
    await broker.create(queue=[prop(1), prop(2, datasetId="urn:d:1")])
    entity = await merged(broker, {"queue": [prop(8, datasetId="urn:d:1"), prop(9, datasetId="urn:d:2")]})
    assert sorted(entity["queue"], key=lambda item: item["value"]) == [
        prop(1), prop(8, datasetId="urn:d:1"), prop(9, datasetId="urn:d:2")
    ]  # fmt: skip
    entity = await merged(broker, {"queue": prop(NULL, datasetId="urn:d:1")})
    assert [item["value"] for item in entity["queue"]] == [1, 9]
    assert (await merged(broker, {"queue": NULL}))["queue"] == prop(9, datasetId="urn:d:2")


async def test_types_are_added_scope_and_expiry_replaced(broker: Client) -> None:
    await broker.create(scope=["/A", "/B"])
    entity = await merged(broker, {"type": "Shop", "scope": "/C", "expiresAt": "2131-02-03T10:00:00Z"})
    assert entity == {"id": KIOSK, "type": ["Kiosk", "Shop"], "scope": "/C"}
    assert (await broker.get(**SYS))["expiresAt"] == "2131-02-03T10:00:00Z"
    assert await merged(broker, {"scope": NULL, "expiresAt": NULL}) == {"id": KIOSK, "type": ["Kiosk", "Shop"]}
    assert "expiresAt" not in await broker.get(**SYS)


async def test_created_at_stays_and_modified_at_moves_only_for_what_changed(broker: Client) -> None:
    await broker.create(queue=prop(1, note=prop("n")), name="K")
    before = await broker.get(**SYS)
    await merged(broker, {"queue": {"value": 2}})
    after = await broker.get(**SYS)
    assert after["modifiedAt"] == after["queue"]["modifiedAt"] > before["modifiedAt"]
    assert after["createdAt"] == after["queue"]["createdAt"] == before["createdAt"]
    assert (after["name"], after["queue"]["note"]) == (before["name"], before["queue"]["note"])


async def test_observed_at_is_given_to_merged_attributes_that_have_one(broker: Client) -> None:
    new, own = "2031-02-03T11:00:00Z", "2031-02-03T12:00:00Z"
    await broker.create(a=prop(1, observedAt=OBSERVED), b=prop(1), c=prop(1, observedAt=OBSERVED), d=prop(1))
    fragment = {"a": 2, "b": 2, "c": {"value": 2, "observedAt": own}, "e": 5}
    entity = await merged(broker, fragment, observedAt=new)
    times = {name: entity[name].get("observedAt") for name in "abcde"}
    assert times == {"a": new, "b": None, "c": own, "d": None, "e": None}


@pytest.mark.parametrize("params", [{"options": "keyValues"}, {"format": "simplified"}, {"format": "keyValues"}])
async def test_a_simplified_fragment_keeps_the_kinds(broker: Client, params: dict[str, str]) -> None:
    address = {"type": "PostalAddress", "town": "Herne"}
    await broker.create(
        queue=prop(1, unitCode="C62"), inPark=rel("urn:x:p"), kind={"vocab": "a"}, raw={"json": {"a": 1}},
        steps={"valueList": [1]}, address=prop({"street": "Ring"}), location=point(1, 2), label=LABEL,
    )  # fmt: skip
    fragment = {
        "queue": 2, "inPark": "urn:x:q", "kind": {"vocab": "b"}, "raw": {"json": {"b": 2}}, "steps": [2],
        "address": address, "location": point(3, 4)["value"], "label": {"languageMap": {"en": "stall"}}, "new": "x",
    }  # fmt: skip
    entity = await merged(broker, fragment, **params)
    assert (entity["queue"], entity["inPark"]) == (prop(2, unitCode="C62"), rel("urn:x:q"))
    assert entity["kind"] == {"type": "VocabProperty", "vocab": "b"}
    assert entity["raw"] == {"type": "JsonProperty", "json": {"a": 1, "b": 2}}
    assert entity["steps"] == {"type": "ListProperty", "valueList": [2]}
    assert entity["address"]["value"] == {"street": "Ring", **address}
    assert (entity["location"], entity["new"]) == (point(3, 4), prop("x"))
    assert entity["label"]["languageMap"] == {"de": "Stand", "fr": "Stand", "en": "stall"}


async def test_lang_replaces_one_language(broker: Client) -> None:
    await broker.create(label=LABEL, name="K")
    entity = await merged(broker, {"label": "stall", "name": "L"}, lang="en", options="keyValues")
    assert entity["label"]["languageMap"] == {"de": "Stand", "fr": "Stand", "en": "stall"}
    assert entity["name"] == prop("L")


@pytest.mark.parametrize(
    ("fragment", "params"),
    [
        ({"id": "urn:x:other"}, {}),
        ({"queue": None}, {}),
        ({"queue": rel("urn:x:p")}, {}),
        ({"inPark": "Park"}, {"options": "keyValues"}),
        ({"queue": {"type": "Relationship", "object": "urn:x:p"}}, {"options": "keyValues"}),
        ({"queue": {"value": 1, "datasetId": NULL}}, {}),
        ({"queue": 2}, {"observedAt": "now"}),
        ({"new": {"type": "Property", "unitCode": "C62"}}, {}),
        ({"type": "1x"}, {}),
    ],
)
async def test_a_wrong_fragment_is_bad_request_data(broker: Client, fragment: Any, params: dict[str, str]) -> None:
    await broker.create(queue=1, inPark=rel("urn:x:p"))
    assert is_problem(await broker.http.patch(PATH, json=fragment, params=params), 400, "BadRequestData")
    assert await broker.attribute("queue") == prop(1)


async def test_merge_patch_json_is_read_as_json(broker: Client) -> None:
    await broker.create(queue=1)
    answer = await broker.http.patch(PATH, json={"queue": 2}, headers={"Content-Type": "application/merge-patch+json"})
    assert answer.status_code == 204
    assert await broker.attribute("queue") == prop(2)


async def test_format_counts_more_than_options(broker: Client) -> None:
    await broker.create(label={"languageMap": {"de": "Stand"}})
    fragment = {"label": {"languageMap": {"fr": "Kiosque"}}}
    await broker.send("PATCH", PATH, fragment, params={"options": "keyValues", "format": "normalized"})
    assert (await broker.attribute("label"))["languageMap"] == {"de": "Stand", "fr": "Kiosque"}
    bare = {"label": {"it": "Chiosco"}}
    await broker.send("PATCH", PATH, bare, params={"options": "normalized", "format": "simplified"})
    assert (await broker.attribute("label"))["languageMap"]["it"] == "Chiosco"
