"""6.7 /entities/{entityId}/attrs/{attrId}: Partial Update (5.6.4), Delete (5.6.5), Replace (5.6.19)."""

from typing import Any

import pytest

from tests.conformance.client import DEFAULT, KIOSK, LD, SYS, Client, is_problem, point, prop, rel

pytestmark = pytest.mark.anyio
NULL = "urn:ngsi-ld:null"
ATTRS = f"/entities/{KIOSK}/attrs"
PATH = f"{ATTRS}/queue"
OBSERVED = "2031-02-03T10:00:00Z"


@pytest.mark.parametrize(
    ("fragment", "changed"),
    [
        ({"value": 7}, {"value": 7}),
        ({"type": "Property", "value": 7}, {"value": 7}),
        ({"unitCode": "KGM"}, {"unitCode": "KGM"}),
        ({"type": "Property", "observedAt": "2032-02-03T10:00:00Z"}, {"observedAt": "2032-02-03T10:00:00Z"}),
        ({"note": "new"}, {"note": prop("new")}),
        ({"more": {"value": 5}}, {"more": prop(5)}),
        ({"value": {"a": 1}}, {"value": {"a": 1}}),
        ({}, {}),
    ],
)
async def test_partial_update_replaces_the_members_it_names(broker: Client, fragment: Any, changed: Any) -> None:
    queue = prop(1, unitCode="C62", observedAt=OBSERVED, note=prop("n", unitCode="X"), by=rel("urn:x:c"))
    await broker.create(queue=queue, name="K")
    await broker.send("PATCH", PATH, fragment)
    assert await broker.get() == {"id": KIOSK, "type": "Kiosk", "queue": {**queue, **changed}, "name": prop("K")}


async def test_partial_update_does_not_merge_values(broker: Client) -> None:
    await broker.create(queue=prop({"a": 1, "b": 2}))
    await broker.send("PATCH", PATH, {"value": {"b": 3}})
    assert await broker.attribute("queue") == prop({"b": 3})


async def test_partial_update_with_null_removes_a_member(broker: Client) -> None:
    await broker.create(queue=prop(1, unitCode="C62", observedAt=OBSERVED, note="n", by=rel("urn:x:c")))
    await broker.send("PATCH", PATH, {"unitCode": NULL, "note": NULL, "by": {"object": NULL}, "observedAt": NULL})
    assert await broker.attribute("queue") == prop(1)


async def test_partial_update_moves_only_modified_at(broker: Client) -> None:
    await broker.create(queue=prop(1, note="n"), name="K")
    before = await broker.get(**SYS)
    await broker.send("PATCH", PATH, {"value": 2})
    after = await broker.get(**SYS)
    assert after["queue"]["createdAt"] == after["createdAt"] == before["createdAt"]
    assert after["queue"]["modifiedAt"] == after["modifiedAt"] > before["modifiedAt"]
    assert (after["queue"]["note"], after["name"]) == (before["queue"]["note"], before["name"])


async def test_partial_update_chooses_the_instance_by_its_dataset(broker: Client) -> None:
    await broker.create(queue=[prop(1), prop(2, datasetId="urn:d:1", unitCode="C62")])
    await broker.send("PATCH", PATH, {"value": 5, "datasetId": "urn:d:1"})
    await broker.send("PATCH", PATH, {"value": 4, "datasetId": "@none"})
    assert await broker.attribute("queue") == [prop(4), prop(5, datasetId="urn:d:1", unitCode="C62")]
    for method in ("PATCH", "PUT"):
        answer = await broker.http.request(method, PATH, json=prop(1, datasetId="urn:d:2"))
        assert is_problem(answer, 404, "ResourceNotFound")


async def test_a_body_of_jsonld_brings_its_context(broker: Client) -> None:
    await broker.create(**{"https://a.example/queue": prop(1)})
    context = {"queue": "https://a.example/queue", "note": "https://a.example/note"}
    await broker.send("PATCH", PATH, {"value": 2, "note": 3, "@context": context}, headers=LD)
    assert await broker.attribute("https://a.example/queue") == {**prop(2), "https://a.example/note": prop(3)}
    await broker.send("PUT", PATH, {"value": 4, "@context": context}, headers=LD)
    assert await broker.attribute("https://a.example/queue") == prop(4)


@pytest.mark.parametrize(
    "fragment",
    [
        {"value": NULL},
        {"type": "Property", "value": NULL},
        {"type": "Relationship", "object": "urn:x:p"},
        {"object": "urn:x:p"},
        {"type": "Foo"},
        {"type": ["Property"]},
        {"@type": "Relationship", "value": 1},
        {"value": None},
        {"unitCode": 5},
        {"observedAt": "now"},
        {"datasetId": NULL},
        {"note": None},
    ],
)
async def test_a_wrong_partial_update_is_bad_request_data(broker: Client, fragment: Any) -> None:
    await broker.create(queue=1)
    assert is_problem(await broker.http.patch(PATH, json=fragment), 400, "BadRequestData")
    assert await broker.attribute("queue") == prop(1)


async def test_replace_puts_a_new_instance_in_place_of_the_old(broker: Client) -> None:
    await broker.create(queue=prop(1, unitCode="C62", note="n"), name="K")
    before = await broker.get(**SYS)
    await broker.send("PUT", PATH, {"value": 7, "observedAt": OBSERVED})
    after = await broker.get(**SYS)
    assert await broker.attribute("queue") == prop(7, observedAt=OBSERVED)
    assert after["queue"]["createdAt"] == before["createdAt"] < after["queue"]["modifiedAt"] == after["modifiedAt"]
    await broker.send("PUT", PATH, rel("urn:x:p"))
    assert await broker.attribute("queue") == rel("urn:x:p")


@pytest.mark.parametrize("body", [{"value": NULL}, {"type": "Property"}, {"type": "Foo"}, {"value": None}])
async def test_a_wrong_replacement_is_bad_request_data(broker: Client, body: Any) -> None:
    await broker.create(queue=1)
    assert is_problem(await broker.http.put(PATH, json=body), 400, "BadRequestData")


async def test_delete_removes_the_default_instance_and_what_is_in_it(broker: Client) -> None:
    await broker.create(queue=[prop(1, note="n"), prop(2, datasetId="urn:d:1")])
    before = await broker.get(**SYS)
    await broker.send("DELETE", PATH, None)
    assert await broker.attribute("queue") == prop(2, datasetId="urn:d:1")
    assert (await broker.get(**SYS))["modifiedAt"] > before["modifiedAt"]
    assert is_problem(await broker.http.delete(PATH), 404, "ResourceNotFound")


async def test_delete_removes_the_instance_of_a_dataset(broker: Client) -> None:
    await broker.create(queue=[prop(1), prop(2, datasetId="urn:d:1")])
    await broker.send("DELETE", PATH, None, params={"datasetId": "urn:d:1"})
    assert await broker.attribute("queue") == prop(1)
    answer = await broker.http.delete(PATH, params={"datasetId": "urn:d:1"})
    assert is_problem(answer, 404, "ResourceNotFound")


async def test_delete_all_removes_every_instance_and_leaves_the_entity(broker: Client) -> None:
    await broker.create(queue=[prop(1), prop(2, datasetId="urn:d:1")])
    await broker.send("DELETE", PATH, None, params={"deleteAll": "true"})
    assert await broker.get() == {"id": KIOSK, "type": "Kiosk"}


async def test_the_scope_is_deleted_but_not_updated_here(broker: Client) -> None:
    await broker.create(scope=["/A", "/B"])
    for method, body in (("PATCH", {"value": "/C"}), ("PUT", {"value": "/C"})):
        answer = await broker.http.request(method, f"{ATTRS}/scope", json=body)
        assert is_problem(answer, 400, "BadRequestData")
    await broker.send("DELETE", f"{ATTRS}/scope", None)
    assert "scope" not in await broker.get()
    assert is_problem(await broker.http.delete(f"{ATTRS}/scope"), 404, "ResourceNotFound")


async def test_the_attribute_may_be_named_by_its_iri(broker: Client) -> None:
    await broker.create(queue=1)
    name = (DEFAULT + "queue").replace(":", "%3A").replace("/", "%2F")
    await broker.send("PATCH", f"{ATTRS}/{name}", {"value": 2})
    assert await broker.attribute("queue") == prop(2)
    await broker.send("DELETE", f"{ATTRS}/{name}", None)


async def test_an_unknown_attribute_is_not_found(broker: Client) -> None:
    await broker.create()
    for method, body in (("PATCH", {"value": 1}), ("PUT", {"value": 1}), ("DELETE", None)):
        assert is_problem(await broker.http.request(method, PATH, json=body), 404, "ResourceNotFound")
    answer = await broker.http.delete(PATH, params={"deleteAll": "true"})
    assert is_problem(answer, 404, "ResourceNotFound")


async def test_malformed_parts_are_bad_request_data(broker: Client) -> None:
    await broker.create(queue=1)
    for path in (f"{ATTRS}/1a", f"{ATTRS}/a%20b", f"{ATTRS}/id", "/entities/kiosk/attrs/queue"):
        for method, body in (("PATCH", {"value": 1}), ("PUT", {"value": 1}), ("DELETE", None)):
            assert is_problem(await broker.http.request(method, path, json=body), 400, "BadRequestData")
    for params in ({"datasetId": "main"}, {"deleteAll": "maybe"}):
        assert is_problem(await broker.http.delete(PATH, params=params), 400, "BadRequestData")


async def test_a_type_that_does_not_match_is_not_found(broker: Client) -> None:
    await broker.create(queue=1)
    for method, body in (("PATCH", {"value": 1}), ("PUT", {"value": 1}), ("DELETE", None)):
        answer = await broker.http.request(method, PATH, json=body, params={"type": "Shop"})
        assert is_problem(answer, 404, "ResourceNotFound")
    await broker.send("PATCH", PATH, {"value": 2}, params={"type": "Kiosk,Shop"})


async def test_an_attribute_is_not_read_here(broker: Client) -> None:
    answer = await broker.http.get(PATH)
    assert (answer.status_code, answer.headers["allow"]) == (405, "DELETE, OPTIONS, PATCH, PUT")


async def test_a_partial_update_may_be_a_concise_geometry(broker: Client) -> None:
    await broker.create(location={**point(8, 47), "observedAt": OBSERVED})
    moved = {"type": "Point", "coordinates": [9, 48]}
    await broker.send("PATCH", f"/entities/{KIOSK}/attrs/location", moved)
    assert await broker.attribute("location") == {**point(9, 48), "observedAt": OBSERVED}


async def test_a_partial_update_may_give_the_kind_its_older_name(broker: Client) -> None:
    await broker.create(state={"vocab": "open"})
    await broker.send("PATCH", f"/entities/{KIOSK}/attrs/state", {"type": "VocabularyProperty", "vocab": "shut"})
    assert await broker.attribute("state") == {"type": "VocabProperty", "vocab": "shut"}
