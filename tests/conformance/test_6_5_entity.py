"""6.5 /entities/{entityId}: Retrieve (5.7.1), Delete (5.6.6), Replace (5.6.18)."""

from typing import Any

import pytest

from tests.conformance.client import KIOSK, SYS, Client, is_problem, prop, rel

pytestmark = pytest.mark.anyio
PATH = f"/entities/{KIOSK}"


async def test_an_unknown_entity_is_not_found(broker: Client) -> None:
    for method in ("GET", "DELETE"):
        assert is_problem(await broker.http.request(method, PATH), 404, "ResourceNotFound")
    for method, path in (("PUT", PATH), ("PATCH", PATH), ("POST", PATH + "/attrs"), ("PATCH", PATH + "/attrs")):
        assert is_problem(await broker.http.request(method, path, json={"a": 1}), 404, "ResourceNotFound")


async def test_an_id_that_is_no_uri_is_bad_request_data(broker: Client) -> None:
    for id_ in ("kiosk-4", "%20", "urn:x:a%20b", "urn:"):
        assert is_problem(await broker.http.get(f"/entities/{id_}"), 400, "BadRequestData")
        assert is_problem(await broker.http.delete(f"/entities/{id_}"), 400, "BadRequestData")
        assert is_problem(await broker.http.put(f"/entities/{id_}", json={}), 400, "BadRequestData")


async def test_a_type_that_does_not_match_is_not_found(broker: Client) -> None:
    await broker.create(type=["Kiosk", "Shop"], queue=1)
    for method, body in (("GET", None), ("PATCH", {"a": 1}), ("PUT", {"a": 1}), ("DELETE", None)):
        answer = await broker.http.request(method, PATH, params={"type": "(Kiosk;Park),Bank"}, json=body)
        assert is_problem(answer, 404, "ResourceNotFound")
    assert (await broker.get(type="(Kiosk;Shop)"))["queue"] == prop(1)
    assert is_problem(await broker.http.get(PATH, params={"type": "(Kiosk"}), 400, "BadRequestData")


async def test_an_entity_without_any_of_attrs_is_not_found(broker: Client) -> None:
    await broker.create(queue=1, name="K")
    assert await broker.get(attrs="queue,other") == {"id": KIOSK, "type": "Kiosk", "queue": prop(1)}
    assert is_problem(await broker.http.get(PATH, params={"attrs": "other"}), 404, "ResourceNotFound")


async def test_head_is_get_without_a_body(broker: Client) -> None:
    await broker.create(queue=1)
    head, got = await broker.http.head(PATH), await broker.http.get(PATH)
    assert (head.status_code, head.content) == (200, b"")
    assert head.headers == got.headers


async def test_a_deleted_entity_is_gone(broker: Client) -> None:
    await broker.create(queue=1)
    answer = await broker.send("DELETE", PATH, None)
    assert (answer.content, "content-length" in answer.headers) == (b"", False)
    assert is_problem(await broker.http.delete(PATH), 404, "ResourceNotFound")
    assert await broker.ids(type="Kiosk") == []
    await broker.create(queue=2)
    assert await broker.attribute("queue") == prop(2)


async def test_a_body_with_delete_is_ignored(broker: Client) -> None:
    await broker.create()
    answer = await broker.http.request("DELETE", PATH, content=b"{", headers={"Content-Type": "text/plain"})
    assert answer.status_code == 204


async def test_replace_leaves_nothing_of_the_old_content_but_created_at(broker: Client) -> None:
    await broker.create(queue=prop(1, unitCode="C62"), name="K", scope="/A")
    before = await broker.get(**SYS)
    await broker.send("PUT", PATH, {"id": KIOSK, "type": "Shop", "queue": prop(2), "inPark": rel("urn:x:p")})
    after = await broker.get(**SYS)
    assert await broker.get() == {"id": KIOSK, "type": "Shop", "queue": prop(2), "inPark": rel("urn:x:p")}
    assert after["createdAt"] == after["queue"]["createdAt"] == before["createdAt"]
    assert after["modifiedAt"] == after["queue"]["modifiedAt"] == after["inPark"]["createdAt"] > before["modifiedAt"]


async def test_replace_without_type_keeps_the_types(broker: Client) -> None:
    await broker.create(type=["Kiosk", "Shop"], queue=1)
    await broker.send("PUT", PATH, {"name": "K"})
    assert await broker.get() == {"id": KIOSK, "type": ["Kiosk", "Shop"], "name": prop("K")}


@pytest.mark.parametrize(
    "body",
    [
        {"id": "urn:x:other", "type": "Kiosk"},
        {"queue": None},
        {"queue": "urn:ngsi-ld:null"},
        {"queue": prop("urn:ngsi-ld:null")},
        {"scope": "urn:ngsi-ld:null"},
        {"queue": {"type": "Foo"}},
        [],
    ],
)
async def test_a_replacement_that_is_no_entity_is_bad_request_data(broker: Client, body: Any) -> None:
    await broker.create(queue=1)
    assert is_problem(await broker.http.put(PATH, json=body), 400, "BadRequestData")
    assert await broker.attribute("queue") == prop(1)


async def test_a_percent_encoded_id_is_the_same(broker: Client) -> None:
    await broker.create()
    assert (await broker.http.get("/entities/urn%3Angsi-ld%3AKiosk%3A4")).json()["id"] == KIOSK


async def test_an_id_is_decoded_exactly_once(broker: Client) -> None:
    await broker.create(id="urn:x:50%25")
    assert (await broker.http.get("/entities/urn:x:50%2525")).json()["id"] == "urn:x:50%25"
    assert (await broker.http.get("/entities/urn:x:50%25")).status_code == 404
