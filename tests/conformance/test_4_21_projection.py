"""4.21 Projection: pick, omit, attrs; 4.5.5 and 5.7.1.4: the view of datasets."""

from typing import Any

import pytest

from tests.conformance.client import DEFAULT, KIOSK, Client, is_problem, prop, rel

pytestmark = pytest.mark.anyio
WHOLE = {"queue": prop(3), "name": prop("K"), "inPark": rel("urn:x:p")}


@pytest.fixture
async def kiosk(broker: Client) -> Client:
    await broker.create(scope="/A", **WHOLE)
    return broker


@pytest.mark.parametrize(
    ("params", "members"),
    [
        ({"pick": "id,type,queue"}, "id type queue"),
        ({"pick": "queue"}, "queue"),
        ({"pick": "queue|name"}, "queue name"),
        ({"pick": "scope,type"}, "type scope"),
        ({"pick": "id"}, "id"),
        ({"pick": "none"}, ""),
        ({"pick": DEFAULT + "queue"}, "queue"),
        ({"pick": "id,createdAt"}, "id createdAt"),
        ({"omit": "queue"}, "id type scope name inPark"),
        ({"omit": "id,type,scope"}, "queue name inPark"),
        ({"omit": "none"}, "id type scope queue name inPark"),
        ({"pick": "id,queue,name", "omit": "type,inPark"}, "id queue name"),
        ({"attrs": "queue,none"}, "id type scope queue"),
        ({"attrs": "queue", "omit": "scope"}, "id type queue"),
    ],
)
async def test_only_what_is_chosen_is_shown(kiosk: Client, params: dict[str, Any], members: str) -> None:
    entity = await kiosk.get(**params)
    assert set(entity) == set(members.split())
    assert await kiosk.query(type="Kiosk", **params) == [entity]
    body = {"type": "Query", "entities": [{"type": "Kiosk"}], **{key: text.split(",") for key, text in params.items()}}
    if "|" not in str(params):
        assert (await kiosk.send("POST", "/entityOperations/query", body, 200)).json() == [entity]


@pytest.mark.parametrize(
    "params",
    [
        {"pick": ""},
        {"pick": "queue,"},
        {"pick": "1a"},
        {"pick": "queue{"},
        {"pick": "inPark{area}"},
        {"pick": "inPark{}", "join": "inline"},
        {"pick": "inPark{area{deep}}", "join": "inline"},
        {"omit": "inPark{area}"},
        {"pick": "queue", "omit": "queue"},
        {"attrs": "queue", "pick": "queue"},
        {"pick": "}"},
    ],
)
async def test_a_malformed_choice_is_bad_request_data(kiosk: Client, params: dict[str, str]) -> None:
    assert is_problem(await kiosk.http.get(f"/entities/{KIOSK}", params=params), 400, "BadRequestData")
    assert is_problem(await kiosk.http.get("/entities", params={"type": "A", **params}), 400, "BadRequestData")


async def test_pick_of_a_context_in_jsonld_keeps_the_context(kiosk: Client) -> None:
    answer = await kiosk.http.get(f"/entities/{KIOSK}?pick=queue", headers={"Accept": "application/ld+json"})
    assert set(answer.json()) == {"queue", "@context"}


async def test_datasets_choose_instances(broker: Client) -> None:
    one, two = prop(1, datasetId="urn:d:1"), prop(2, datasetId="urn:d:2")
    await broker.create(queue=[prop(0), one, two], name="K", only=two)
    assert await broker.get(datasetId="urn:d:1") == {"id": KIOSK, "type": "Kiosk", "queue": one}
    assert (await broker.get(datasetId="@none"))["queue"] == prop(0)
    assert await broker.get(datasetId="urn:d:1,urn:d:2,@none") == await broker.get()
    assert set(await broker.get(datasetId="urn:d:9")) == {"id", "type"}
    assert await broker.query(type="Kiosk", datasetId="urn:d:2", pick="queue,only") == [{"queue": two, "only": two}]
    answer = await broker.http.get(f"/entities/{KIOSK}", params={"datasetId": "main"})
    assert is_problem(answer, 400, "BadRequestData")
