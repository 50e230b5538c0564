"""6.25-6.28 /types and /attributes: what there is (5.7.5-5.7.10)."""

from typing import Any

import pytest

from ngsi_ld.names import is_uri
from tests.conformance.client import DEFAULT, KIOSK, Client, context_link, is_problem, point, prop, rel
from tests.conformance.context_server import ContextServer

pytestmark = pytest.mark.anyio


@pytest.fixture
async def city(broker: Client) -> Client:
    await broker.create(id="urn:x:a", queue=prop(1, note="n"), location=point(1, 1))
    await broker.create(id="urn:x:b", queue=rel("urn:x:a"))
    await broker.create(id="urn:x:c", type=["Kiosk", "Shop"], name=[prop(1), prop(2, datasetId="urn:d:1")])
    return broker


async def read(broker: Client, path: str) -> Any:
    answer = await broker.http.get(path)
    assert answer.status_code == 200, answer.text
    return answer.json()


async def test_the_types_are_listed(city: Client) -> None:
    body = await read(city, "/types")
    assert is_uri(body["id"])
    assert (body["type"], sorted(body["typeList"])) == ("EntityTypeList", ["Kiosk", "Shop"])


async def test_the_types_have_details(city: Client) -> None:
    kiosk, shop = sorted(await read(city, "/types?details=true"), key=lambda item: str(item["typeName"]))
    assert {**kiosk, "attributeNames": sorted(kiosk["attributeNames"])} == {
        "id": DEFAULT + "Kiosk",
        "type": "EntityType",
        "typeName": "Kiosk",
        "attributeNames": ["location", "name", "queue"],
    }
    assert (shop["typeName"], shop["attributeNames"]) == ("Shop", ["name"])


async def test_a_type_has_a_description(city: Client) -> None:
    body = await read(city, "/types/Kiosk")
    details = {item["attributeName"]: item for item in body.pop("attributeDetails")}
    assert body == {"id": DEFAULT + "Kiosk", "type": "EntityTypeInfo", "typeName": "Kiosk", "entityCount": 3}
    assert details["queue"] == {
        "id": DEFAULT + "queue",
        "type": "Attribute",
        "attributeName": "queue",
        "attributeTypes": ["Property", "Relationship"],
    }
    assert set(details) == {"queue", "location", "name"}
    assert await read(city, "/types/" + DEFAULT.replace("/", "%2F") + "Shop") == await read(city, "/types/Shop")


async def test_the_attributes_are_listed(city: Client) -> None:
    body = await read(city, "/attributes")
    assert is_uri(body["id"])
    assert (body["type"], sorted(body["attributeList"])) == ("AttributeList", ["location", "name", "queue"])


async def test_the_attributes_have_details(city: Client) -> None:
    details = {item["attributeName"]: item for item in await read(city, "/attributes?details=true")}
    assert details["name"] == {
        "id": DEFAULT + "name",
        "type": "Attribute",
        "attributeName": "name",
        "typeNames": ["Kiosk", "Shop"],
    }
    assert set(details) == {"location", "name", "queue"}


async def test_an_attribute_has_a_description(city: Client) -> None:
    assert await read(city, "/attributes/queue") == {
        "id": DEFAULT + "queue",
        "type": "Attribute",
        "attributeName": "queue",
        "attributeCount": 2,
        "attributeTypes": ["Property", "Relationship"],
        "typeNames": ["Kiosk"],
    }
    assert (await read(city, "/attributes/name"))["attributeCount"] == 1


async def test_what_no_entity_has_is_not_found(city: Client) -> None:
    for path in ("/types/Park", "/attributes/area", "/attributes/note"):
        assert is_problem(await city.http.get(path), 404, "ResourceNotFound")
    for path in ("/types/1a", "/attributes/a%20b", "/types?details=maybe", "/attributes?details=maybe"):
        assert is_problem(await city.http.get(path), 400, "BadRequestData")


async def test_without_entities_the_lists_are_empty(broker: Client) -> None:
    assert (await read(broker, "/types"))["typeList"] == (await read(broker, "/attributes"))["attributeList"] == []
    assert await read(broker, "/types?details=true") == await read(broker, "/attributes?details=true") == []


async def test_what_is_deleted_is_no_longer_there(city: Client) -> None:
    for id_ in ("urn:x:a", "urn:x:c"):
        await city.send("DELETE", f"/entities/{id_}", None)
    assert (await read(city, "/types"))["typeList"] == ["Kiosk"]
    await city.send("DELETE", "/entities/urn:x:b/attrs/queue", None)
    assert (await read(city, "/attributes"))["attributeList"] == []
    assert await read(city, "/types?details=true") == [
        {"id": DEFAULT + "Kiosk", "type": "EntityType", "typeName": "Kiosk", "attributeNames": []}
    ]


async def test_names_are_those_of_the_requests_context(broker: Client, contexts: ContextServer) -> None:
    await broker.create(queue=1)
    url = contexts.add("c", {"Bude": DEFAULT + "Kiosk", "schlange": DEFAULT + "queue"})
    headers = context_link(url)
    names = (await broker.http.get("/types", headers=headers)).json()["typeList"]
    described = (await broker.http.get("/types/Bude", headers=headers)).json()
    attribute = await broker.http.get("/attributes/schlange", headers={**headers, "Accept": "application/ld+json"})
    assert (names, described["typeName"], described["id"]) == (["Bude"], "Bude", DEFAULT + "Kiosk")
    assert (attribute.json()["attributeName"], attribute.json()["@context"][0]) == ("schlange", url)
    assert KIOSK in (await broker.http.get("/entities?type=Bude", headers=headers)).text


@pytest.mark.parametrize(("path", "member"), [("/types", "typeList"), ("/attributes", "attributeList")])
async def test_lists_may_be_read_in_pages(city: Client, path: str, member: str) -> None:
    everything = (await read(city, path))[member]
    first = await city.http.get(path, params={"limit": 1, "count": "true"})
    assert first.json()[member] == everything[:1]
    assert first.headers["ngsild-results-count"] == str(len(everything))
    assert [link.partition(";")[0] for link in first.headers.get_list("link") if 'rel="next"' in link] == [
        f"</ngsi-ld/v1{path}?limit=1&count=true&offset=1>"
    ]
    assert await read(city, f"{path}?details=true&limit=1&offset=1") == (await read(city, f"{path}?details=true"))[1:2]
    assert is_problem(await city.http.get(path, params={"limit": 0}), 400, "BadRequestData")
