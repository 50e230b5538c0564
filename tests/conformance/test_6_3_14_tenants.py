"""6.3.14 Tenants (4.14, 5.5.10)."""

from typing import Any

import pytest

from tests.conformance.client import KIOSK, Client, is_problem

pytestmark = pytest.mark.anyio
STADT, WERKE = {"NGSILD-Tenant": "stadt"}, {"NGSILD-Tenant": "werke"}
ENTITY = {"id": KIOSK, "type": "Kiosk", "queue": 1}


async def test_creating_makes_the_tenant_and_keeps_it_apart(broker: Client) -> None:
    answer = await broker.send("POST", "/entities", ENTITY, 201, headers=STADT)
    assert answer.headers["ngsild-tenant"] == "stadt"
    assert is_problem(await broker.http.get(f"/entities/{KIOSK}"), 404, "ResourceNotFound")
    assert await broker.ids(type="Kiosk") == []
    await broker.send("POST", "/entities", {**ENTITY, "queue": 2}, 201)
    await broker.send("POST", "/entityOperations/create", [{**ENTITY, "queue": 3}], 201, headers=WERKE)
    values = [
        (await broker.http.get(f"/entities/{KIOSK}", headers=headers)).json()["queue"] for headers in (STADT, WERKE)
    ]
    assert [value["value"] for value in values] == [1, 3]


async def test_the_tenant_is_repeated_in_every_answer_also_an_error(broker: Client) -> None:
    await broker.send("POST", "/entities", ENTITY, 201, headers=STADT)
    for path in (
        f"/entities/{KIOSK}",
        "/entities?type=Kiosk",
        "/types",
        "/entities/urn:x:none",
        "/entities/bad",
        "/entities",
    ):
        assert (await broker.http.get(path, headers=STADT)).headers["ngsild-tenant"] == "stadt"
        assert "ngsild-tenant" not in (await broker.http.get(path)).headers


@pytest.mark.parametrize(
    ("method", "path", "body"),
    [
        ("GET", f"/entities/{KIOSK}", None),
        ("GET", "/entities?type=Kiosk", None),
        ("DELETE", "/entities?type=Kiosk", None),
        ("DELETE", f"/entities/{KIOSK}", None),
        ("PUT", f"/entities/{KIOSK}", {"queue": 1}),
        ("PATCH", f"/entities/{KIOSK}", {"queue": 1}),
        ("POST", f"/entities/{KIOSK}/attrs", {"queue": 1}),
        ("PATCH", f"/entities/{KIOSK}/attrs", {"queue": 1}),
        ("PATCH", f"/entities/{KIOSK}/attrs/queue", {"value": 1}),
        ("PUT", f"/entities/{KIOSK}/attrs/queue", {"value": 1}),
        ("DELETE", f"/entities/{KIOSK}/attrs/queue", None),
        ("POST", "/entityOperations/update", [ENTITY]),
        ("POST", "/entityOperations/merge", [ENTITY]),
        ("POST", "/entityOperations/delete", [KIOSK]),
        ("POST", "/entityOperations/query", {"type": "Query", "entities": [{"type": "Kiosk"}]}),
        ("GET", "/types", None),
        ("GET", "/types/Kiosk", None),
        ("GET", "/attributes", None),
        ("GET", "/attributes/queue", None),
    ],
)
async def test_other_operations_do_not_know_an_unknown_tenant(
    broker: Client, method: str, path: str, body: Any
) -> None:
    answer = await broker.http.request(method, path, json=body, headers=STADT)
    assert is_problem(answer, 404, "NonexistentTenant")


async def test_upsert_makes_the_tenant(broker: Client) -> None:
    await broker.send("POST", "/entityOperations/upsert", [ENTITY], 201, headers=STADT)
    assert (await broker.http.get("/types", headers=STADT)).json()["typeList"] == ["Kiosk"]
    assert (await broker.http.get("/types")).json()["typeList"] == []


async def test_a_refused_create_makes_no_tenant(broker: Client) -> None:
    assert (await broker.http.post("/entities", json={"id": "x"}, headers=STADT)).status_code == 400
    for name in ("create", "upsert"):
        await broker.send("POST", f"/entityOperations/{name}", [{"id": "x"}], 207, headers=STADT)
    assert is_problem(await broker.http.get("/types", headers=STADT), 404, "NonexistentTenant")


async def test_a_name_that_is_none_is_bad_request_data(broker: Client) -> None:
    for name in (b"a b", b"a/b", b"x" * 65, "ä".encode("latin-1"), b"a.b"):
        answer = await broker.http.get(f"/entities/{KIOSK}", headers=[(b"NGSILD-Tenant", name)])
        assert is_problem(answer, 400, "BadRequestData")


async def test_an_empty_name_is_the_default_tenant(broker: Client) -> None:
    await broker.create(queue=1)
    answer = await broker.http.get(f"/entities/{KIOSK}", headers={"NGSILD-Tenant": ""})
    assert (answer.status_code, "ngsild-tenant" in answer.headers) == (200, False)


async def test_deleting_and_purging_stay_within_the_tenant(broker: Client) -> None:
    for headers in ({}, STADT, WERKE):
        await broker.send("POST", "/entities", ENTITY, 201, headers=headers)
    await broker.send("DELETE", "/entities?local=true", None, headers=STADT)
    await broker.send("POST", "/entityOperations/delete", [KIOSK], headers=WERKE)
    assert await broker.ids(type="Kiosk") == ["4"]
