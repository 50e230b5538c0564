"""6.14-6.17, 6.31 /entityOperations: batch create, upsert, update, delete, merge (5.6.7-5.6.10, 5.6.20)."""

from typing import Any

import pytest

from tests.conformance.client import DEFAULT, ERRORS, KIOSK, LD, SYS, Client, is_problem, prop, rel

pytestmark = pytest.mark.anyio
NULL = "urn:ngsi-ld:null"
A, B, C = "urn:x:a", "urn:x:b", "urn:x:c"
OPERATIONS = ("create", "upsert", "update", "merge", "delete")


def kiosk(id_: str, **attributes: Any) -> dict[str, Any]:
    return {"id": id_, "type": "Kiosk", **attributes}


async def batch(broker: Client, name: str, items: Any, status: int, **options: Any) -> Any:
    answer = await broker.send("POST", f"/entityOperations/{name}", items, status, **options)
    return answer.json() if answer.content else None


def failures(body: Any) -> list[tuple[str, str, int]]:
    """Of a BatchOperationResult: whose error, of which type, with which status."""
    assert set(body) == {"success", "errors"}
    return [
        (item["entityId"], item["error"]["type"].removeprefix(ERRORS), item["error"]["status"])
        for item in body["errors"]
    ]


async def test_create_answers_the_ids_in_order(broker: Client) -> None:
    answer = await broker.send("POST", "/entityOperations/create", [kiosk(B), kiosk(A)], 201)
    assert answer.json() == [B, A]
    assert "location" not in answer.headers
    assert await broker.ids(type="Kiosk") == ["b", "a"]


async def test_all_entities_of_a_batch_have_the_same_times(broker: Client) -> None:
    await batch(broker, "create", [kiosk(A, queue=1), kiosk(B, queue=1)], 201)
    first, second = await broker.query(type="Kiosk", **SYS)
    assert first["modifiedAt"] == second["modifiedAt"] == second["queue"]["createdAt"]


async def test_create_of_existing_and_invalid_entities_fails_for_these_alone(broker: Client) -> None:
    await broker.create(id=A)
    body = await batch(broker, "create", [kiosk(A), kiosk(B), {"id": C, "type": "Kiosk", "queue": None}, {}, 5], 207)
    assert body["success"] == [B]
    assert failures(body) == [
        (A, "AlreadyExists", 409),
        (C, "BadRequestData", 400),
        ("", "BadRequestData", 400),
        ("", "BadRequestData", 400),
    ]


async def test_create_of_one_id_twice_makes_the_first(broker: Client) -> None:
    body = await batch(broker, "create", [kiosk(A, queue=1), kiosk(A, queue=2)], 207)
    assert (body["success"], failures(body)) == ([A], [(A, "AlreadyExists", 409)])
    assert await broker.attribute("queue", A) == prop(1)


async def test_upsert_answers_the_created_ids_or_204(broker: Client) -> None:
    await broker.create(id=A, queue=1)
    assert await batch(broker, "upsert", [kiosk(A, queue=2), kiosk(B)], 201) == [B]
    assert await batch(broker, "upsert", [kiosk(A, queue=3), kiosk(B)], 204) is None
    assert await broker.attribute("queue", A) == prop(3)


@pytest.mark.parametrize(
    ("options", "kept"), [({}, False), ({"options": "replace"}, False), ({"options": "update"}, True)]
)
async def test_upsert_replaces_the_content_or_updates_it(broker: Client, options: dict[str, str], kept: bool) -> None:
    await broker.create(id=A, queue=prop(1, unitCode="C62"), name="K")
    before = await broker.get(A, **SYS)
    await batch(broker, "upsert", [kiosk(A, queue=2, open=True)], 204, params=options)
    after = await broker.get(A, **SYS)
    assert ("name" in after) is kept
    assert (await broker.attribute("queue", A), after["open"]["value"]) == (prop(2), True)
    assert after["createdAt"] == before["createdAt"] < after["modifiedAt"]


async def test_upsert_of_one_id_twice_creates_and_then_replaces(broker: Client) -> None:
    assert await batch(broker, "upsert", [kiosk(A, queue=1, open=True), kiosk(A, queue=2)], 201) == [A]
    assert await broker.get(A) == kiosk(A, queue=prop(2))


async def test_upsert_tells_what_failed_and_what_did_not(broker: Client) -> None:
    await broker.create(id=A)
    body = await batch(broker, "upsert", [kiosk(A), kiosk(B), {"id": C}], 207)
    assert (set(body["success"]), failures(body)) == ({A, B}, [(C, "BadRequestData", 400)])


async def test_update_appends_and_overwrites(broker: Client) -> None:
    await broker.create(id=A, queue=prop(1, unitCode="C62"), name="K")
    await batch(broker, "update", [{"id": A, "queue": 2, "open": True}, {"id": A, "type": "Shop", "queue": 3}], 204)
    assert await broker.get(A) == {
        "id": A, "type": ["Kiosk", "Shop"], "queue": prop(3), "name": prop("K"), "open": prop(True)
    }  # fmt: skip


async def test_update_without_overwrite_tells_what_was_left(broker: Client) -> None:
    await broker.create(id=A, queue=1)
    await broker.create(id=B)
    items = [{"id": A, "queue": 2, "open": True}, {"id": B, "queue": 2}]
    body = await batch(broker, "update", items, 207, params={"options": "noOverwrite"})
    assert (body["success"], failures(body)) == ([B], [(A, "BadRequestData", 400)])
    assert DEFAULT + "queue" in body["errors"][0]["error"]["detail"]
    assert (await broker.attribute("queue", A), await broker.attribute("open", A)) == (prop(1), prop(True))


@pytest.mark.parametrize("name", ["update", "merge"])
async def test_unknown_entities_are_not_found_and_the_rest_is_done(broker: Client, name: str) -> None:
    await broker.create(id=A, queue=1)
    body = await batch(broker, name, [{"id": A, "queue": 2}, {"id": B, "queue": 2}, {"queue": 2}], 207)
    assert body["success"] == [A]
    assert failures(body) == [(B, "ResourceNotFound", 404), ("", "BadRequestData", 400)]
    assert await broker.attribute("queue", A) == prop(2)


async def test_merge_merges_members_and_deletes_by_null(broker: Client) -> None:
    await broker.create(id=A, queue=prop({"a": 1, "b": 2}, unitCode="C62"), inPark=rel("urn:x:p"), name="K")
    await batch(broker, "merge", [{"id": A, "queue": {"value": {"a": NULL}}, "inPark": NULL}], 204)
    assert await broker.get(A) == kiosk(A, queue=prop({"b": 2}, unitCode="C62"), name=prop("K"))


async def test_merge_takes_simplified_fragments(broker: Client) -> None:
    await broker.create(id=A, inPark=rel("urn:x:p"), address=prop({"street": "Ring"}))
    item = {"id": A, "inPark": "urn:x:q", "address": {"type": "PostalAddress"}}
    await batch(broker, "merge", [item], 204, params={"options": "keyValues"})
    assert await broker.attribute("inPark", A) == rel("urn:x:q")
    assert await broker.attribute("address", A) == prop({"street": "Ring", "type": "PostalAddress"})


async def test_delete_takes_ids(broker: Client) -> None:
    for id_ in (A, B, C):
        await broker.create(id=id_)
    await batch(broker, "delete", [A], 204)
    body = await batch(broker, "delete", [B, B, "urn:x:none", "kiosk", 5], 207)
    assert body["success"] == [B]
    assert failures(body) == [
        (B, "ResourceNotFound", 404),
        ("urn:x:none", "ResourceNotFound", 404),
        ("kiosk", "BadRequestData", 400),
        ("", "BadRequestData", 400),
    ]
    await batch(broker, "delete", [C], 204, headers=LD)
    assert await broker.ids(type="Kiosk") == []


@pytest.mark.parametrize("name", OPERATIONS)
@pytest.mark.parametrize("body", [{}, [], "text", 5, [None], [kiosk(A), None]])
async def test_a_body_that_is_no_batch_is_bad_request_data(broker: Client, name: str, body: Any) -> None:
    answer = await broker.http.post(f"/entityOperations/{name}", json=body)
    assert is_problem(answer, 400, "BadRequestData")
    assert await broker.ids(type="Kiosk") == []


@pytest.mark.parametrize("name", ["create", "upsert", "update", "merge"])
async def test_if_all_fail_it_is_207_with_no_success(broker: Client, name: str) -> None:
    body = await batch(broker, name, [{"id": "kiosk", "type": "Kiosk"}], 207)
    assert (body["success"], failures(body)) == ([], [("kiosk", "BadRequestData", 400)])


@pytest.mark.parametrize("name", ["create", "upsert", "update"])
async def test_null_is_refused_outside_of_merge(broker: Client, name: str) -> None:
    await broker.create(id=A, queue=1)
    body = await batch(broker, name, [kiosk(A, queue=NULL), kiosk(B, queue=prop(NULL))], 207)
    assert (body["success"], [error for _, error, _ in failures(body)]) == ([], ["BadRequestData"] * 2)


async def test_each_element_of_jsonld_brings_its_context(broker: Client) -> None:
    items = [
        kiosk(A, queue=1, **{"@context": {"queue": "https://a.example/q"}}),
        kiosk(B, queue=1, **{"@context": {"queue": "https://b.example/q"}}),
        kiosk(C, queue=1),
    ]
    body = await batch(broker, "create", items, 207, headers=LD)
    assert (body["success"], failures(body)) == ([A, B], [(C, "BadRequestData", 400)])
    assert (await broker.get(A))["https://a.example/q"] == prop(1)
    assert (await broker.get(B))["https://b.example/q"] == prop(1)


async def test_an_element_of_json_with_a_context_fails_alone(broker: Client) -> None:
    body = await batch(broker, "create", [kiosk(A, **{"@context": "http://a.example"}), kiosk(B)], 207)
    assert (body["success"], failures(body)) == ([B], [(A, "BadRequestData", 400)])


async def test_a_result_names_attributes_and_errors_without_context(broker: Client) -> None:
    answer = await broker.send("POST", "/entityOperations/create", [{"id": "x"}], 207)
    assert answer.headers["content-type"] == "application/json"
    assert "link" not in answer.headers


async def test_unknown_options_are_invalid(broker: Client) -> None:
    for name, options in (("create", "update"), ("upsert", "noOverwrite"), ("update", "replace"), ("merge", "x")):
        answer = await broker.http.post(f"/entityOperations/{name}", json=[kiosk(A)], params={"options": options})
        assert is_problem(answer, 400, "InvalidRequest")


async def test_a_batch_is_only_posted(broker: Client) -> None:
    for name in (*OPERATIONS, "query"):
        answer = await broker.http.get(f"/entityOperations/{name}")
        assert (answer.status_code, answer.headers["allow"]) == (405, "OPTIONS, POST")
    assert (await broker.http.post("/entityOperations/fly", json=[kiosk(A)])).status_code == 404


async def test_options_of_upsert_that_exclude_each_other_are_an_invalid_request(broker: Client) -> None:
    items = [{"id": KIOSK, "type": "Kiosk"}]
    answer = await broker.http.post("/entityOperations/upsert", json=items, params={"options": "update,replace"})
    assert is_problem(answer, 400, "InvalidRequest")
