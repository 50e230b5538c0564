"""Notification by HTTP (CIM 009, 6.3.8; the data types of 5.3.1, 5.2.14, 5.2.15; 4.5.0, 5.8.6 for what is deleted)."""

import re
from typing import Any

import pytest

from tests.conformance.client import CORE, KIOSK, LD, PARK, Client, context_link, point, prop, rel
from tests.conformance.context_server import ContextServer
from tests.conformance.receiver import Received, Receiver
from tests.conformance.subscribing import SUBSCRIPTION, change, subscribe, subscription

NULL = "urn:ngsi-ld:null"
ALL = ["entityDeleted", "attributeCreated", "attributeUpdated", "attributeDeleted"]
DATE_TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z")

pytestmark = pytest.mark.anyio


async def notified(broker: Client, receiver: Receiver, **members: Any) -> Received:
    """The notification of a change of the queue from 5 to 6 of an entity that has much more."""
    await broker.create(
        queue=prop(5, unitCode="C62"),
        name={"type": "LanguageProperty", "languageMap": {"de": "Kiosk", "en": "Kiosk (en)"}},
        location=point(7.2, 51.5),
    )
    await subscribe(broker, receiver, **members)
    await change(broker, 6)
    return await receiver.next()


def endpoint(accept: str, **info: str) -> dict[str, Any]:
    return {"accept": accept, "receiverInfo": [{"key": key, "value": value} for key, value in info.items()]}


async def test_a_notification_has_the_members_of_5_3_1(broker: Client, receiver: Receiver) -> None:
    body = (await notified(broker, receiver)).body
    assert body.keys() == {"id", "type", "subscriptionId", "notifiedAt", "data"}
    assert body["id"].startswith("urn:ngsi-ld:Notification:")
    assert (body["type"], body["subscriptionId"]) == ("Notification", SUBSCRIPTION)
    assert DATE_TIME.fullmatch(body["notifiedAt"])


async def test_data_has_all_attributes_not_only_the_changed_one(broker: Client, receiver: Receiver) -> None:
    received = await notified(broker, receiver)
    assert received.entity.keys() == {"id", "type", "queue", "name", "location"}


async def test_json_has_the_context_in_the_link(broker: Client, receiver: Receiver) -> None:
    headers = (await notified(broker, receiver)).headers
    assert headers["Content-Type"] == "application/json"
    assert headers["Link"] == context_link(CORE)["Link"]
    assert "NGSILD-Tenant" not in headers


async def test_json_ld_has_the_context_in_the_body(broker: Client, receiver: Receiver) -> None:
    received = await notified(broker, receiver, endpoint=endpoint("application/ld+json"))
    assert received.headers["Content-Type"] == "application/ld+json"
    assert received.body["@context"] == CORE
    assert "@context" not in received.entity
    assert "Link" not in received.headers


async def test_geojson_is_a_feature_collection_with_the_context(broker: Client, receiver: Receiver) -> None:
    received = await notified(broker, receiver, endpoint=endpoint("application/geo+json"))
    assert received.headers["Content-Type"] == "application/geo+json"
    assert (received.data["type"], received.data["@context"]) == ("FeatureCollection", CORE)
    (feature,) = received.data["features"]
    assert (feature["type"], feature["id"], feature["properties"]["type"]) == ("Feature", KIOSK, "Kiosk")
    assert feature["geometry"] == {"type": "Point", "coordinates": [7.2, 51.5]}
    assert "Link" not in received.headers


async def test_geojson_as_plain_json_has_the_link(broker: Client, receiver: Receiver) -> None:
    received = await notified(broker, receiver, endpoint=endpoint("application/geo+json", Prefer="body=json"))
    assert "@context" not in received.data
    assert received.headers["Link"] == context_link(CORE)["Link"]
    assert received.headers["Prefer"] == "body=json"


async def test_the_link_names_the_context_of_the_creating_request(
    broker: Client, receiver: Receiver, contexts: ContextServer
) -> None:
    city = contexts.add("city", {"Stand": "https://example.org/Kiosk", "length": "https://example.org/queue"})
    document = subscription(receiver.url, entities=[{"type": "Stand"}], watchedAttributes=["length"])
    await broker.send("POST", "/subscriptions", document, 201, headers=context_link(city))
    expanded = {"id": KIOSK, "type": "https://example.org/Kiosk", "https://example.org/queue": 5}
    await broker.send("POST", "/entities", expanded, 201)
    received = await receiver.next()
    assert received.entity == {"id": KIOSK, "type": "Stand", "length": prop(5)}
    assert received.headers["Link"] == context_link(city)["Link"]


async def test_jsonldContext_wins_over_the_context_of_the_request(
    broker: Client, receiver: Receiver, contexts: ContextServer
) -> None:
    shown = contexts.add("shown", {"n": "https://example.org/queue"})
    context = {"length": "https://example.org/queue"}
    document = subscription(receiver.url, watchedAttributes=["length"], jsonldContext=shown) | {"@context": context}
    await broker.send("POST", "/subscriptions", document, 201, headers=LD)
    await broker.create(**{"https://example.org/queue": 5})
    received = await receiver.next()
    assert received.entity["n"] == prop(5)
    assert received.headers["Link"] == context_link(shown)["Link"]


async def test_an_inline_context_is_served_by_the_broker(broker: Client, receiver: Receiver) -> None:
    context = {"length": "https://example.org/queue"}
    document = subscription(receiver.url, watchedAttributes=["length"]) | {"@context": [context, CORE]}
    await broker.send("POST", "/subscriptions", document, 201, headers=LD)
    await broker.create(**{"https://example.org/queue": 5})
    received = await receiver.next()
    assert received.entity["length"] == prop(5)
    url = received.headers["Link"].partition(">")[0].removeprefix("<")
    assert (await broker.http.get(url)).json() == {"@context": [context, CORE]}
    listed = await broker.http.get("/jsonldContexts", params={"kind": "ImplicitlyCreated"})
    assert listed.json() == [url]


async def test_the_tenant_is_named(broker: Client, receiver: Receiver) -> None:
    tenant = {"NGSILD-Tenant": "north"}
    await broker.send("POST", "/subscriptions", subscription(receiver.url), 201, headers=tenant)
    await broker.send("POST", "/entities", {"id": KIOSK, "type": "Kiosk", "queue": 1}, 201, headers=tenant)
    assert (await receiver.next()).headers["NGSILD-Tenant"] == "north"


async def test_receiver_info_becomes_headers(broker: Client, receiver: Receiver) -> None:
    received = await notified(broker, receiver, endpoint=endpoint("application/json", Authorization="Bearer x", A="b"))
    assert (received.headers["Authorization"], received.headers["A"]) == ("Bearer x", "b")


async def test_receiver_info_copies_headers_of_the_request(broker: Client, receiver: Receiver) -> None:
    info = {"X-Request-Id": "urn:ngsi-ld:request", "X-Absent": "urn:ngsi-ld:request"}
    await subscribe(broker, receiver, endpoint=endpoint("application/json", **info))
    kiosk = {"id": KIOSK, "type": "Kiosk", "queue": 5}
    await broker.send("POST", "/entities", kiosk, 201, headers={"x-request-id": "42"})
    headers = (await receiver.next()).headers
    assert headers["X-Request-Id"] == "42"
    assert "X-Absent" not in headers


FORMATS: dict[str, tuple[str, dict[str, Any]]] = {
    "normalized": (
        "normalized",
        {
            "queue": prop(6),
            "name": {"type": "LanguageProperty", "languageMap": {"de": "Kiosk", "en": "Kiosk (en)"}},
            "location": point(7.2, 51.5),
        },
    ),
    "concise": (
        "concise",
        {
            "queue": 6,
            "name": {"languageMap": {"de": "Kiosk", "en": "Kiosk (en)"}},
            "location": {"type": "Point", "coordinates": [7.2, 51.5]},
        },
    ),
    "keyValues": (
        "keyValues",
        {
            "queue": 6,
            "name": {"languageMap": {"de": "Kiosk", "en": "Kiosk (en)"}},
            "location": {"type": "Point", "coordinates": [7.2, 51.5]},
        },
    ),
}
FORMATS["simplified"] = ("simplified", FORMATS["keyValues"][1])


@pytest.mark.parametrize(("format_", "attributes"), FORMATS.values(), ids=FORMATS)
async def test_the_format_shapes_the_entities(
    broker: Client, receiver: Receiver, format_: str, attributes: dict[str, Any]
) -> None:
    received = await notified(broker, receiver, notification={"format": format_})
    assert received.entity == {"id": KIOSK, "type": "Kiosk"} | attributes


SHOWN: dict[str, tuple[dict[str, Any], set[str]]] = {
    "attributes": ({"attributes": ["queue"]}, {"id", "type", "queue"}),
    "pick": ({"pick": ["id", "queue"]}, {"id", "queue"}),
    "omit": ({"omit": ["queue", "location"]}, {"id", "type", "name"}),
    "pick and omit": ({"pick": ["id", "queue"], "omit": ["name"]}, {"id", "queue"}),
}


@pytest.mark.parametrize(("params", "members"), SHOWN.values(), ids=SHOWN)
async def test_attributes_pick_and_omit_choose_members(
    broker: Client, receiver: Receiver, params: dict[str, Any], members: set[str]
) -> None:
    received = await notified(broker, receiver, notification=params)
    assert received.entity.keys() == members


async def test_without_any_of_the_attributes_nothing_is_sent(broker: Client, receiver: Receiver) -> None:
    await broker.create(queue=5)
    await subscribe(broker, receiver, notification={"attributes": ["name"]})
    await change(broker)
    assert await receiver.nothing()


async def test_system_times_are_shown_on_demand(broker: Client, receiver: Receiver) -> None:
    entity = (await notified(broker, receiver, notification={"sysAttrs": True})).entity
    assert {"createdAt", "modifiedAt"} <= entity.keys()
    assert {"createdAt", "modifiedAt"} <= entity["queue"].keys()
    assert entity["queue"]["createdAt"] < entity["queue"]["modifiedAt"]


async def test_lang_chooses_a_language(broker: Client, receiver: Receiver) -> None:
    entity = (await notified(broker, receiver, lang="en")).entity
    assert entity["name"] == {"type": "Property", "value": "Kiosk (en)", "lang": "en"}


async def test_datasetId_filters_instances(broker: Client, receiver: Receiver) -> None:
    instances = [prop(1), prop(2, datasetId="urn:x:a"), prop(3, datasetId="urn:x:b")]
    await subscribe(broker, receiver, datasetId=["urn:x:b", "@none"])
    await broker.create(queue=instances, other=prop(4, datasetId="urn:x:c"))
    entity = (await receiver.next()).entity
    assert entity == {"id": KIOSK, "type": "Kiosk", "queue": [instances[0], instances[2]]}


async def test_join_inline_puts_linked_entities_within(broker: Client, receiver: Receiver) -> None:
    await broker.create(id=PARK, type="Park", name="P")
    await subscribe(broker, receiver, notification={"join": "inline"})
    await broker.create(queue=5, **{"in": rel(PARK)})
    entity = (await receiver.next()).entity
    assert entity["in"] == rel(PARK, entity={"id": PARK, "type": "Park", "name": prop("P")})


async def test_join_flat_appends_linked_entities(broker: Client, receiver: Receiver) -> None:
    await broker.create(id=PARK, type="Park", of=rel("urn:ngsi-ld:City:1"))
    await broker.create(id="urn:ngsi-ld:City:1", type="City")
    await subscribe(broker, receiver, notification={"join": "flat", "joinLevel": 2, "format": "simplified"})
    await broker.create(queue=5, **{"in": rel(PARK)})
    data = (await receiver.next()).data
    assert [entity["type"] for entity in data] == ["Kiosk", "Park", "City"]


PREVIOUS: dict[str, tuple[dict[str, Any], dict[str, Any], str]] = {
    "Property": (prop(1), prop(2), "previousValue"),
    "GeoProperty": (point(1, 1), point(2, 2), "previousValue"),
    "Relationship": (rel("urn:x:1"), rel("urn:x:2"), "previousObject"),
    "LanguageProperty": (
        {"type": "LanguageProperty", "languageMap": {"de": "a"}},
        {"type": "LanguageProperty", "languageMap": {"de": "b"}},
        "previousLanguageMap",
    ),
    "VocabProperty": (
        {"type": "VocabProperty", "vocab": "open"},
        {"type": "VocabProperty", "vocab": "shut"},
        "previousVocab",
    ),
    "JsonProperty": ({"type": "JsonProperty", "json": {"a": 1}}, {"type": "JsonProperty", "json": 2}, "previousJson"),
    "ListProperty": (
        {"type": "ListProperty", "valueList": [1]},
        {"type": "ListProperty", "valueList": [2]},
        "previousValueList",
    ),
    "ListRelationship": (
        {"type": "ListRelationship", "objectList": ["urn:x:1"]},
        {"type": "ListRelationship", "objectList": ["urn:x:2"]},
        "previousObjectList",
    ),
}


@pytest.mark.parametrize(("old", "new", "member"), PREVIOUS.values(), ids=PREVIOUS)
async def test_showChanges_puts_the_previous_value_beside_the_new(
    broker: Client, receiver: Receiver, old: dict[str, Any], new: dict[str, Any], member: str
) -> None:
    await subscribe(broker, receiver, notification={"showChanges": True}, notificationTrigger=ALL)
    await broker.create(a=old, b=1)
    assert (await receiver.next()).entity["a"] == old
    await broker.send("PATCH", f"/entities/{KIOSK}/attrs", {"a": new})
    entity = (await receiver.next()).entity
    (value,) = (name for name in old if name != "type")
    assert entity["a"] == new | {member: old[value]}
    assert entity["b"] == prop(1)
    assert (await broker.http.delete(f"/entities/{KIOSK}/attrs/a")).status_code == 204
    gone = (await receiver.next()).entity["a"]
    assert (gone["type"], gone[member]) == (old["type"], new[value])
    assert gone[value] in (NULL, [NULL], {"@none": NULL})


async def test_showChanges_tells_the_instance_that_changed(broker: Client, receiver: Receiver) -> None:
    await broker.create(queue=[prop(1), prop(2, datasetId="urn:x:a")])
    await subscribe(broker, receiver, notification={"showChanges": True})
    await broker.send("PATCH", f"/entities/{KIOSK}/attrs", {"queue": prop(3, datasetId="urn:x:a")})
    default, other = (await receiver.next()).entity["queue"]
    assert (default, other) == (prop(1), prop(3, datasetId="urn:x:a", previousValue=2))


@pytest.mark.parametrize("format_", ["normalized", "concise", "keyValues"])
async def test_a_deleted_attribute_is_the_null_urn(broker: Client, receiver: Receiver, format_: str) -> None:
    await broker.create(queue=5, name={"type": "LanguageProperty", "languageMap": {"de": "K"}}, stays=1)
    await subscribe(broker, receiver, notificationTrigger=ALL, notification={"format": format_})
    for name in ("queue", "name"):
        assert (await broker.http.delete(f"/entities/{KIOSK}/attrs/{name}")).status_code == 204
        entity = (await receiver.next()).entity
        assert entity[name] == NULL
        assert "stays" in entity


async def test_a_deleted_instance_names_its_dataset(broker: Client, receiver: Receiver) -> None:
    await broker.create(queue=[prop(1), prop(2, datasetId="urn:x:a")])
    await subscribe(broker, receiver, notificationTrigger=ALL)
    path = f"/entities/{KIOSK}/attrs/queue"
    assert (await broker.http.delete(path, params={"datasetId": "urn:x:a"})).status_code == 204
    assert (await receiver.next()).entity["queue"] == [prop(1), prop(NULL, datasetId="urn:x:a")]


async def test_with_system_times_a_deleted_attribute_tells_when(broker: Client, receiver: Receiver) -> None:
    await broker.create(queue=5)
    await subscribe(broker, receiver, notificationTrigger=ALL, notification={"sysAttrs": True})
    assert (await broker.http.delete(f"/entities/{KIOSK}/attrs/queue")).status_code == 204
    gone = (await receiver.next()).entity["queue"]
    assert (gone["type"], gone["value"]) == ("Property", NULL)
    assert DATE_TIME.fullmatch(gone["deletedAt"])


@pytest.mark.parametrize("format_", ["normalized", "keyValues"])
async def test_a_deleted_entity_is_id_type_and_deletedAt(broker: Client, receiver: Receiver, format_: str) -> None:
    await broker.create(queue=5)
    await subscribe(broker, receiver, notificationTrigger=ALL, notification={"format": format_, "pick": ["queue"]})
    assert (await broker.http.delete(f"/entities/{KIOSK}")).status_code == 204
    entity = (await receiver.next()).entity
    assert (entity["id"], entity["type"]) == (KIOSK, "Kiosk")
    assert DATE_TIME.fullmatch(entity["deletedAt"])
    assert len(entity) == 3


async def test_a_deleted_entity_with_system_times_and_changes(broker: Client, receiver: Receiver) -> None:
    await broker.create(queue=5)
    await subscribe(broker, receiver, notificationTrigger=ALL, notification={"sysAttrs": True, "showChanges": True})
    assert (await broker.http.delete(f"/entities/{KIOSK}")).status_code == 204
    entity = (await receiver.next()).entity
    assert {"createdAt", "modifiedAt", "deletedAt"} <= entity.keys()
    assert (entity["queue"]["value"], entity["queue"]["previousValue"]) == (NULL, 5)
