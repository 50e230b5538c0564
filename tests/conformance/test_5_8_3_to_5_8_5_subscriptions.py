"""Retrieve, Query and Delete Subscription (CIM 009, 5.8.3, 5.8.4, 5.8.5; 6.10.3.2, 6.11.3.1, 6.11.3.3)."""

import pytest

from tests.conformance.client import CORE, LD, Client, context_link, is_problem
from tests.conformance.context_server import ContextServer
from tests.conformance.receiver import Receiver
from tests.conformance.subscribing import SUBSCRIPTION, show, subscribe, subscription

URI = "http://127.0.0.1:9/notify"
CITY = {
    "Stand": "https://example.org/Kiosk",
    "length": "https://example.org/queue",
    "place": "https://example.org/place",
}

pytestmark = pytest.mark.anyio


async def test_a_subscription_is_shown_with_the_link_to_the_context(broker: Client) -> None:
    await broker.send("POST", "/subscriptions", subscription(URI), 201)
    answer = await broker.http.get(f"/subscriptions/{SUBSCRIPTION}")
    assert answer.headers["content-type"] == "application/json"
    assert CORE in answer.headers["link"]
    assert "@context" not in answer.json()


async def test_as_json_ld_it_carries_the_context(broker: Client) -> None:
    await broker.send("POST", "/subscriptions", subscription(URI), 201)
    answer = await broker.http.get(f"/subscriptions/{SUBSCRIPTION}", headers={"Accept": "application/ld+json"})
    assert answer.headers["content-type"] == "application/ld+json"
    assert answer.json()["@context"] == CORE
    assert "link" not in answer.headers


async def test_names_are_compacted_by_the_context_of_the_retrieval(broker: Client, contexts: ContextServer) -> None:
    city = contexts.add("city", CITY)
    document = subscription(
        URI,
        entities=[{"type": "Stand"}, {"type": "(Stand;Shop),Stall"}],
        watchedAttributes=["zone", "length"],
        expandValues="zone,length",
        q='length>3;(length.unit=="m"|!shut);name[de]~="^K"',
        geoQ={"georel": "within", "geometry": "Polygon", "coordinates": [[[0, 0], [1, 0], [1, 1], [0, 0]]]},
        notification={"pick": ["length", "id"], "omit": ["shut"]},
    )
    document["geoQ"]["geoproperty"] = "place"
    await broker.send("POST", "/subscriptions", document, 201, headers=context_link(city))
    assert await show(broker, headers=context_link(city)) == document | {"status": "active"}
    shown = await show(broker)
    assert shown["entities"][0]["type"] == "https://example.org/Kiosk"
    assert shown["watchedAttributes"] == ["zone", "https://example.org/queue"]
    assert shown["expandValues"] == "zone,https://example.org/queue"
    assert shown["geoQ"]["geoproperty"] == "https://example.org/place"
    assert shown["notification"]["pick"] == ["https://example.org/queue", "id"]


async def test_a_q_shown_by_another_context_means_the_same(broker: Client, contexts: ContextServer) -> None:
    city = contexts.add("city", CITY)
    written = 'length>3;(length.unit=="m"|!shut);name[de]~="^K";length.observedAt>=2026-01-01T00:00:00Z;x==1..3,'
    q = written.removesuffix(",")
    await broker.send("POST", "/subscriptions", subscription(URI, q=q), 201, headers=context_link(city))
    renamed = contexts.add("renamed", {"n": "https://example.org/queue"})
    shown = (await show(broker, headers=context_link(renamed)))["q"]
    assert shown == q.replace("length", "n")


async def test_an_unknown_subscription_is_404_and_a_bad_id_400(broker: Client) -> None:
    for method in ("GET", "DELETE"):
        assert is_problem(await broker.http.request(method, f"/subscriptions/{SUBSCRIPTION}"), 404, "ResourceNotFound")
        assert is_problem(await broker.http.request(method, "/subscriptions/nine"), 400, "BadRequestData")


async def test_a_list_has_pages_links_and_a_count(broker: Client) -> None:
    for number in range(5):
        await broker.send("POST", "/subscriptions", subscription(URI, id=f"urn:ngsi-ld:Subscription:{number}"), 201)
    answer = await broker.http.get("/subscriptions", params={"limit": 2, "offset": 2, "count": "true"})
    assert [item["id"][-1] for item in answer.json()] == ["2", "3"]
    assert answer.headers["ngsild-results-count"] == "5"
    assert 'limit=2&offset=4>; rel="next"' in answer.headers["link"].replace("&count=true", "")
    assert 'rel="prev"' in answer.headers["link"]
    only_count = await broker.http.get("/subscriptions", params={"limit": 0, "count": "true"})
    assert (only_count.json(), only_count.headers["ngsild-results-count"]) == ([], "5")
    assert (await broker.http.get("/subscriptions", params={"offset": 9})).json() == []


@pytest.mark.parametrize(
    ("params", "status", "error"),
    [
        ({"limit": "0"}, 400, "BadRequestData"),
        ({"limit": "-1"}, 400, "BadRequestData"),
        ({"offset": "x"}, 400, "BadRequestData"),
        ({"limit": "1000000"}, 403, "TooManyResults"),
        ({"type": "Kiosk"}, 400, "InvalidRequest"),
        ({"options": "concise"}, 400, "InvalidRequest"),
    ],
)
async def test_bad_parameters_of_a_list(broker: Client, params: dict[str, str], status: int, error: str) -> None:
    assert is_problem(await broker.http.get("/subscriptions", params=params), status, error)


async def test_a_list_as_json_ld_has_the_context_in_each_element(broker: Client) -> None:
    await broker.send("POST", "/subscriptions", subscription(URI), 201)
    answer = await broker.http.get("/subscriptions", headers={"Accept": "application/ld+json"})
    assert [item["@context"] for item in answer.json()] == [CORE]
    assert (await broker.http.get("/subscriptions", headers={"Accept": "application/geo+json"})).status_code == 406


async def test_system_times_are_shown_on_demand(broker: Client) -> None:
    await broker.send("POST", "/subscriptions", subscription(URI), 201)
    assert "createdAt" not in await show(broker)
    assert {"createdAt", "modifiedAt"} <= (await show(broker, params={"options": "sysAttrs"})).keys()


async def test_a_deleted_subscription_is_gone_and_notifies_no_more(broker: Client, receiver: Receiver) -> None:
    await subscribe(broker, receiver)
    answer = await broker.http.delete(f"/subscriptions/{SUBSCRIPTION}")
    assert (answer.status_code, answer.content) == (204, b"")
    assert is_problem(await broker.http.get(f"/subscriptions/{SUBSCRIPTION}"), 404, "ResourceNotFound")
    await broker.create(queue=5)
    assert await receiver.nothing()
    await subscribe(broker, receiver)


async def test_other_verbs_are_405_with_allow(broker: Client) -> None:
    answer = await broker.http.put("/subscriptions", json={})
    assert answer.status_code == 405
    assert {"GET", "POST"} <= set(answer.headers["allow"].replace(" ", "").split(","))
    answer = await broker.http.post(f"/subscriptions/{SUBSCRIPTION}", json={})
    assert answer.status_code == 405
    assert {"GET", "PATCH", "DELETE"} <= set(answer.headers["allow"].replace(" ", "").split(","))


async def test_context_placement_is_checked(broker: Client) -> None:
    document = subscription(URI)
    assert is_problem(await broker.http.post("/subscriptions", json=document, headers=LD), 400, "BadRequestData")
    with_context = document | {"@context": CORE}
    assert is_problem(await broker.http.post("/subscriptions", json=with_context), 400, "BadRequestData")
    await broker.send("POST", "/subscriptions", with_context, 201, headers=LD)
    assert "@context" not in await show(broker)
