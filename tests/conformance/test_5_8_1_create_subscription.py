"""Create Subscription (CIM 009, 5.8.1; the data types of 5.2.12, 5.2.14, 5.2.15)."""

import asyncio
from typing import Any

import httpx
import pytest

from context_broker.app import ContextBroker
from tests.conformance.client import Client, context_link, is_problem
from tests.conformance.context_server import ContextServer
from tests.conformance.subscribing import SUBSCRIPTION, show, subscription

URI = "http://127.0.0.1:9/notify"
NULL = "urn:ngsi-ld:null"
POINT = {"georel": "near;maxDistance==10", "geometry": "Point", "coordinates": [7.2, 51.5]}

pytestmark = pytest.mark.anyio


async def test_a_created_subscription_is_at_its_location(broker: Client) -> None:
    answer = await broker.send("POST", "/subscriptions", subscription(URI), 201)
    assert answer.headers["location"] == f"/ngsi-ld/v1/subscriptions/{SUBSCRIPTION}"
    assert answer.content == b""
    shown = await show(broker)
    assert shown == subscription(URI) | {"status": "active"}


async def test_a_subscription_without_id_gets_a_uri(broker: Client) -> None:
    answer = await broker.send("POST", "/subscriptions", subscription(URI, id=None), 201)
    id_ = answer.headers["location"].rpartition("/")[2]
    assert id_.startswith("urn:ngsi-ld:Subscription:")
    assert (await show(broker, id_))["id"] == id_


async def test_a_second_subscription_of_an_id_is_409(broker: Client) -> None:
    await broker.send("POST", "/subscriptions", subscription(URI), 201)
    assert is_problem(await broker.http.post("/subscriptions", json=subscription(URI)), 409, "AlreadyExists")


async def test_every_member_is_kept(broker: Client) -> None:
    document = subscription(
        URI,
        endpoint={"accept": "application/json", "receiverInfo": [{"key": "X-Site", "value": "north"}], "timeout": 800},
        subscriptionName="",
        description="all of it",
        entities=[{"type": "(Kiosk;Shop),Stall", "id": "urn:x:1"}, {"type": "*", "idPattern": "^urn:x"}],
        watchedAttributes=["queue", "name"],
        notificationTrigger=["entityCreated", "attributeDeleted"],
        q="queue>3",
        geoQ=POINT,
        scopeQ="/Herne/#",
        csf="x==1",
        throttling=0.5,
        expiresAt="2099-01-01T00:00:00Z",
        isActive=True,
        lang="de",
        datasetId=["urn:x:a", "@none"],
        ngsildConformance="1.6",
        notification={"format": "concise", "pick": ["id", "queue"], "sysAttrs": True, "showChanges": True},
    )
    document["notification"]["endpoint"] = {"uri": URI, "cooldown": 100}
    await broker.send("POST", "/subscriptions", document, 201)
    assert await show(broker) == document | {"status": "active"}


BAD: dict[str, dict[str, Any]] = {
    "no type": {"type": None},
    "another type": {"type": "Abonnement"},
    "id is no URI": {"id": "nine"},
    "neither entities nor watchedAttributes": {"entities": None},
    "entities empty": {"entities": []},
    "entities an object": {"entities": {"type": "Kiosk"}},
    "selector without type": {"entities": [{"idPattern": ".*"}]},
    "selector's type no name": {"entities": [{"type": "Ki osk"}]},
    "selector's id no URI": {"entities": [{"type": "Kiosk", "id": "4"}]},
    "selector's pattern broken": {"entities": [{"type": "Kiosk", "idPattern": "("}]},
    "csf breaks the grammar": {"csf": "((("},
    "jsonKeys no names": {"jsonKeys": "a,,b"},
    "watchedAttributes empty": {"watchedAttributes": []},
    "watchedAttributes a string": {"watchedAttributes": "queue"},
    "watchedAttributes no name": {"watchedAttributes": ["a b"]},
    "watched with timeInterval": {"watchedAttributes": ["queue"], "timeInterval": 5},
    "throttling with timeInterval": {"throttling": 5, "timeInterval": 5},
    "timeInterval without entities": {"entities": None, "timeInterval": 5},
    "timeInterval zero": {"timeInterval": 0},
    "timeInterval true": {"timeInterval": True},
    "throttling negative": {"throttling": -1},
    "throttling a text": {"throttling": "5"},
    "unknown trigger": {"notificationTrigger": ["entityMoved"]},
    "no trigger": {"notificationTrigger": []},
    "q broken": {"q": "queue>>3"},
    "q empty": {"q": ""},
    "geoQ without geometry": {"geoQ": {"georel": "within", "coordinates": [1, 2]}},
    "geoQ a text": {"geoQ": "near"},
    "scopeQ broken": {"scopeQ": "/a b"},
    "temporalQ": {"temporalQ": {"timerel": "before", "timeAt": "2026-01-01T00:00:00Z"}},
    "datasetId no URI": {"datasetId": ["north"]},
    "isActive a text": {"isActive": "true"},
    "expiresAt past": {"expiresAt": "2020-01-01T00:00:00Z"},
    "expiresAt no DateTime": {"expiresAt": "tomorrow"},
    "ngsildConformance": {"ngsildConformance": "latest"},
    "description a number": {"description": 7},
    "null": {"description": NULL},
    "jsonldContext no URI": {"jsonldContext": "context"},
    "notification missing": {"notification": None},
    "notification a text": {"notification": "x"},
}


@pytest.mark.parametrize("members", BAD.values(), ids=BAD)
async def test_a_bad_member_is_400(broker: Client, members: dict[str, Any]) -> None:
    document = subscription(URI) | members
    document = {name: value for name, value in document.items() if value is not None}
    assert is_problem(await broker.http.post("/subscriptions", json=document), 400, "BadRequestData")


BAD_PARAMS: dict[str, dict[str, Any]] = {
    "no endpoint": {"endpoint": None},
    "attributes has the id": {"attributes": ["queue", "id"]},
    "attributes has the type": {"attributes": ["type"]},
    "attributes has the scope": {"attributes": ["scope"]},
    "endpoint a text": {"endpoint": URI},
    "no uri": {"endpoint": {}},
    "uri relative": {"endpoint": {"uri": "/notify"}},
    "uri without host": {"endpoint": {"uri": "http:///notify"}},
    "uri with a space": {"endpoint": {"uri": "http://127.0.0.1/a b"}},
    "uri's port": {"endpoint": {"uri": "http://127.0.0.1:99999/"}},
    "scheme": {"endpoint": {"uri": "ftp://127.0.0.1/notify"}},
    "accept": {"endpoint": {"uri": URI, "accept": "text/html"}},
    "receiverInfo an object": {"endpoint": {"uri": URI, "receiverInfo": {"key": "a", "value": "b"}}},
    "receiverInfo without value": {"endpoint": {"uri": URI, "receiverInfo": [{"key": "a"}]}},
    "receiverInfo the broker's": {"endpoint": {"uri": URI, "receiverInfo": [{"key": "Host", "value": "b"}]}},
    "receiverInfo line break": {"endpoint": {"uri": URI, "receiverInfo": [{"key": "A", "value": "b\r\nC: d"}]}},
    "receiverInfo credentials": {
        "endpoint": {"uri": URI, "receiverInfo": [{"key": "Authorization", "value": "urn:ngsi-ld:request"}]}
    },
    "timeout": {"endpoint": {"uri": URI, "timeout": 0}},
    "cooldown": {"endpoint": {"uri": URI, "cooldown": "1"}},
    "mqtt without topic": {"endpoint": {"uri": "mqtt://127.0.0.1"}},
    "mqtt wildcard": {"endpoint": {"uri": "mqtt://127.0.0.1/a/%23"}},
    "MQTT-QoS": {"endpoint": {"uri": "mqtt://127.0.0.1/a", "notifierInfo": [{"key": "MQTT-QoS", "value": "3"}]}},
    "MQTT-Version": {
        "endpoint": {"uri": "mqtt://127.0.0.1/a", "notifierInfo": [{"key": "MQTT-Version", "value": "5"}]}
    },
    "format": {"format": "short"},
    "attributes empty": {"attributes": []},
    "pick a text": {"pick": "queue"},
    "pick and omit the same": {"pick": ["queue"], "omit": ["queue"]},
    "sysAttrs": {"sysAttrs": 1},
    "showChanges": {"showChanges": "true"},
    "showChanges simplified": {"showChanges": True, "format": "simplified"},
    "showChanges keyValues": {"showChanges": True, "format": "keyValues"},
    "join": {"join": "deep"},
    "joinLevel": {"join": "flat", "joinLevel": 0},
    "joinLevel alone": {"joinLevel": 2},
}


@pytest.mark.parametrize("params", BAD_PARAMS.values(), ids=BAD_PARAMS)
async def test_a_bad_member_of_notification_is_400(broker: Client, params: dict[str, Any]) -> None:
    document = subscription(URI)
    document["notification"] |= params
    document["notification"] = {name: value for name, value in document["notification"].items() if value is not None}
    assert is_problem(await broker.http.post("/subscriptions", json=document), 400, "BadRequestData")


@pytest.mark.parametrize(
    "members", [{"localOnly": True, "entities": None}, {"entities": None, "watchedAttributes": ["a"]}]
)
async def test_localOnly_or_watchedAttributes_stand_in_for_entities(broker: Client, members: dict[str, Any]) -> None:
    await broker.send("POST", "/subscriptions", subscription(URI, **members), 201)


async def test_members_that_the_broker_gives_out_are_ignored(broker: Client) -> None:
    output = {"status": "expired", "createdAt": "2020-01-01T00:00:00Z"}
    params = {"timesSent": 7, "status": "failed", "lastSuccess": "2020-01-01T00:00:00Z"}
    await broker.send("POST", "/subscriptions", subscription(URI, notification=params) | output, 201)
    assert await show(broker) == subscription(URI) | {"status": "active"}


async def test_the_first_subscription_makes_its_tenant(broker: Client) -> None:
    tenant = {"NGSILD-Tenant": "north"}
    assert is_problem(await broker.http.get("/subscriptions", headers=tenant), 404, "NonexistentTenant")
    answer = await broker.send("POST", "/subscriptions", subscription(URI), 201, headers=tenant)
    assert answer.headers["ngsild-tenant"] == "north"
    assert (await show(broker, headers=tenant))["id"] == SUBSCRIPTION
    assert is_problem(await broker.http.get(f"/subscriptions/{SUBSCRIPTION}"), 404, "ResourceNotFound")


async def test_a_jsonldContext_that_is_not_there_is_504(broker: Client, contexts: ContextServer) -> None:
    document = subscription(URI, jsonldContext=contexts.url + "/none")
    assert is_problem(await broker.http.post("/subscriptions", json=document), 504, "LdContextNotAvailable")
    contexts.documents["bad"] = b"[1]"
    document = subscription(URI, jsonldContext=contexts.url + "/bad")
    assert is_problem(await broker.http.post("/subscriptions", json=document), 400, "BadRequestData")


async def test_a_context_link_that_is_not_there_is_504(broker: Client, contexts: ContextServer) -> None:
    answer = await broker.http.post("/subscriptions", json=subscription(URI), headers=context_link(contexts.url + "/x"))
    assert is_problem(answer, 504, "LdContextNotAvailable")


async def test_many_creating_one_id_at_once_leave_one(broker: Client) -> None:
    answers = await asyncio.gather(*(broker.http.post("/subscriptions", json=subscription(URI)) for _ in range(8)))
    assert sorted(answer.status_code for answer in answers) == [201] + [409] * 7


@pytest.mark.parametrize("uri", ["http://127.0.0.1/x", "http://[::1]/x", "http://localhost/x", "mqtt://10.0.0.1/topic"])
async def test_a_private_address_is_refused_where_none_are_allowed(tmp_path: Any, uri: str) -> None:
    app = ContextBroker(tmp_path)
    await app.start()
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app=app), base_url="http://broker/ngsi-ld/v1") as http:
        answer = await http.post("/subscriptions", json=subscription(uri))
    await app.stop()
    assert is_problem(answer, 400, "BadRequestData")
    assert "--allow-private-targets" in answer.json()["detail"]


async def test_at_id_and_at_type_are_accepted_and_never_returned(broker: Client) -> None:
    sent = subscription(URI, entities=[{"@type": "Kiosk", "@id": "urn:x:a"}])
    sent |= {"@id": sent.pop("id"), "@type": sent.pop("type")}
    await broker.send("POST", "/subscriptions", sent, 201)
    expected = subscription(URI, entities=[{"type": "Kiosk", "id": "urn:x:a"}])
    assert await show(broker) == expected | {"status": "active"}
    await broker.send("PATCH", f"/subscriptions/{expected['id']}", {"@type": "Subscription", "isActive": False})
    assert await show(broker) == expected | {"status": "paused", "isActive": False}
