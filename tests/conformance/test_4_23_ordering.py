"""4.23 Ordering: orderBy, orderFrom, orderGeometry, collation."""

from typing import Any

import pytest

from tests.conformance.client import Client, is_problem, point, prop, rel

pytestmark = pytest.mark.anyio


@pytest.fixture
async def ordered(broker: Client) -> Client:
    await broker.create(id="urn:x:c", type="B", age=30, name="Äpfel", address=prop({"no": 2}), location=point(8, 8))
    await broker.create(id="urn:x:a", type="A", age=4, name="zoo", address=prop({"no": 1}), location=point(1, 1))
    await broker.create(id="urn:x:d", type="A", age=30, name="apfel", scope="/B", by=rel("urn:x:z"))
    await broker.create(id="urn:x:b", type="B", age=prop(5.5, note=7), name="Bar", scope="/A", location=point(9, 8))
    return broker


@pytest.mark.parametrize(
    ("order", "found"),
    [
        ("id", "abcd"),
        ("id;asc", "abcd"),
        ("id;desc", "dcba"),
        ("type,id;desc", "dacb"),
        ("age,id", "abcd"),
        ("age;desc,id", "cdba"),
        ("age;desc", "cdba"),
        ("name", "dcba"),
        ("name;desc", "abcd"),
        ("scope", "bdca"),
        ("address[no]", "acdb"),
        ("age.note", "bcad"),
        ("by", "dcab"),
        ("none", "cadb"),
    ],
)
async def test_results_are_in_the_order_asked_for(ordered: Client, order: str, found: str) -> None:
    assert "".join(await ordered.ids(type="*", orderBy=order)) == found
    body = {"type": "Query", "entities": [{"type": "A,B"}], "ordering": {"orderBy": order.split(",")}}
    answer = await ordered.send("POST", "/entityOperations/query?local=true", body, 200)
    assert "".join(entity["id"][-1] for entity in answer.json()) == found


@pytest.mark.parametrize(("direction", "found"), [("dist-asc", "bcad"), ("dist-desc", "dacb")])
async def test_distance_orders_from_a_place(ordered: Client, direction: str, found: str) -> None:
    params = {"orderBy": f"location;{direction}", "orderFrom": "[10,8]", "local": "true"}
    assert "".join(await ordered.ids(**params)) == found
    line = {**params, "orderFrom": "[[10,8],[10,9]]", "orderGeometry": "LineString"}
    assert "".join(await ordered.ids(**line)) == found
    ordering = {"orderBy": [f"location;{direction}"], "coordinates": [10, 8], "geometry": "Point"}
    body = {"type": "Query", "entities": [{"type": "A,B"}], "ordering": ordering}
    answer = await ordered.send("POST", "/entityOperations/query?local=true", body, 200)
    assert "".join(entity["id"][-1] for entity in answer.json()) == found


async def test_kinds_of_values_have_their_order(broker: Client) -> None:
    values: list[Any] = [
        5, "text", {"a": 1}, [1], False, "10:00:00Z", "2031-02-03", "2031-02-03T10:00:00Z",
        {"type": "JsonProperty", "json": None},
    ]  # fmt: skip
    batch = [{"id": f"urn:x:{place}", "type": "A", "value1": value} for place, value in enumerate(values)]
    await broker.send("POST", "/entityOperations/create", [{"id": "urn:x:9", "type": "A"}, *reversed(batch)], 201)
    assert "".join(await broker.ids(type="*", orderBy="value1")) == "0123456789"


async def test_pages_are_cut_after_ordering(ordered: Client) -> None:
    params: Any = {"type": "*", "orderBy": "age,id", "limit": 2, "count": "true"}
    answer = await ordered.http.get("/entities", params=params)
    assert [entity["id"][-1] for entity in answer.json()] == ["a", "b"]
    assert answer.headers["ngsild-results-count"] == "4"
    assert "".join(await ordered.ids(**params, offset=2)) == "cd"


@pytest.mark.parametrize(
    "params",
    [
        {"orderBy": "age", "local": "false"},
        {"orderBy": "", "local": "true"},
        {"orderBy": "age;up", "local": "true"},
        {"orderBy": "1a", "local": "true"},
        {"orderBy": "age>5", "local": "true"},
        {"orderBy": "by{name}", "local": "true"},
        {"orderBy": "location;dist-asc", "local": "true"},
        {"orderBy": "location;dist-asc", "orderFrom": "here", "local": "true"},
        {"orderBy": "location;dist-asc", "orderFrom": "[1]", "local": "true"},
        {"orderBy": "location;dist-asc", "orderFrom": "[1,1]", "orderGeometry": "Circle", "local": "true"},
        {"orderBy": "age", "collation": "no-such", "local": "true"},
    ],
)
async def test_a_malformed_order_is_bad_request_data(broker: Client, params: dict[str, str]) -> None:
    answer = await broker.http.get("/entities", params={"type": "A", **params})
    assert is_problem(answer, 400, "BadRequestData")


@pytest.mark.parametrize(
    ("collation", "status"), [("de", 200), ("en-GB", 200), ("root", 200), ("sv", 400), ("de-u-co-phonebk", 400)]
)
async def test_collations_that_are_the_root_s_are_taken(broker: Client, collation: str, status: int) -> None:
    params = {"type": "A", "local": "true", "orderBy": "name", "collation": collation}
    assert (await broker.http.get("/entities", params=params)).status_code == status
