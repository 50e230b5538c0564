"""6.29, 6.30 /jsonldContexts (5.13), and user @contexts by Link and in bodies (5.5.6, 5.5.7, 6.3.5, 6.3.6)."""

import asyncio
from pathlib import Path
from typing import Any
from urllib.parse import quote

import httpx
import pytest

from context_broker.app import ContextBroker
from context_broker.limits import Limits
from tests.conformance.client import CORE, KIOSK, LD, Client, context_link, is_problem, prop
from tests.conformance.context_server import ContextServer

pytestmark = pytest.mark.anyio
TERMS = {"Bude": "https://a.example/Kiosk", "schlange": "https://a.example/queue", "ex": "https://a.example/"}
SENT = {"id": KIOSK, "type": "Bude", "schlange": prop(1)}


async def test_a_linked_context_expands_and_compacts(broker: Client, contexts: ContextServer) -> None:
    headers = context_link(contexts.add("c", TERMS))
    await broker.send("POST", "/entities", SENT, 201, headers=headers)
    assert await broker.get() == {"id": KIOSK, "type": "https://a.example/Kiosk", "https://a.example/queue": prop(1)}
    answer = await broker.http.get(f"/entities/{KIOSK}", headers=headers)
    assert (answer.json(), answer.headers["link"]) == (SENT, headers["Link"])
    found = await broker.http.get("/entities", params={"type": "Bude", "q": "schlange==1"}, headers=headers)
    assert found.json() == [SENT]
    await broker.send("PATCH", f"/entities/{KIOSK}/attrs/schlange", {"value": 2}, headers=headers)
    assert (await broker.attribute("https://a.example/queue"))["value"] == 2
    assert contexts.hits == ["c"]


async def test_jsonld_answers_with_the_clients_context_and_the_core(broker: Client, contexts: ContextServer) -> None:
    url = contexts.add("c", TERMS)
    await broker.send("POST", "/entities", SENT, 201, headers=context_link(url))
    headers = {**context_link(url), "Accept": "application/ld+json"}
    one = await broker.http.get(f"/entities/{KIOSK}", headers=headers)
    assert one.json() == {**SENT, "@context": [url, CORE]}
    assert (await broker.http.get("/entities?type=Bude", headers=headers)).json() == [{**SENT, "@context": [url, CORE]}]
    features = await broker.http.get("/entities?type=Bude", headers={**headers, "Accept": "application/geo+json"})
    assert features.json()["@context"] == [url, CORE]
    assert "@context" not in features.json()["features"][0]


@pytest.mark.parametrize("form", ["url", "array", "inline", "mixed", "core last", "core first"])
async def test_a_context_in_the_body_may_have_any_form(broker: Client, contexts: ContextServer, form: str) -> None:
    url = contexts.add("c", TERMS)
    old = "https://uri.etsi.org/ngsi-ld/v1/ngsi-ld-core-context-v1.3.jsonld"
    context: Any = {
        "url": url, "array": [url], "inline": TERMS, "mixed": [{"Bude": "urn:wrong:x"}, url],
        "core last": [url, old], "core first": [old, TERMS],
    }[form]  # fmt: skip
    await broker.send("POST", "/entities", {**SENT, "@context": context}, 201, headers=LD)
    assert await broker.get() == {"id": KIOSK, "type": "https://a.example/Kiosk", "https://a.example/queue": prop(1)}


async def test_the_core_wins_over_the_users_definition_of_its_terms(broker: Client) -> None:
    context = [CORE, {"location": "https://a.example/place", "value": "https://a.example/v", "Property": "urn:a:b"}]
    entity = {"id": KIOSK, "type": "Kiosk", "location": {"type": "Point", "coordinates": [1, 2]}, "queue": prop(1)}
    await broker.send("POST", "/entities", {**entity, "@context": context}, 201, headers=LD)
    assert (await broker.get())["location"]["type"] == "GeoProperty"
    assert await broker.attribute("queue") == prop(1)


@pytest.mark.parametrize("version", ["", *(f"-v1.{minor}" for minor in range(3, 10))])
async def test_every_version_of_the_core_is_built_in_and_named_back(broker: Client, version: str) -> None:
    url = f"https://uri.etsi.org/ngsi-ld/v1/ngsi-ld-core-context{version}.jsonld"
    await broker.send("POST", "/entities", {"id": KIOSK, "type": "Kiosk", "@context": [url]}, 201, headers=LD)
    answer = await broker.http.get(f"/entities/{KIOSK}", headers=context_link(url))
    assert answer.headers["link"] == context_link(url)["Link"]
    answer = await broker.http.get(f"/entities/{KIOSK}", headers={**context_link(url), "Accept": "application/ld+json"})
    assert answer.json()["@context"] == url


async def test_prefixes_expand_and_compact(broker: Client) -> None:
    entity = {
        "id": "ex:kiosk",
        "type": "ex:Shop",
        "ex:open": prop(True),
        "at": {"object": "ex:park"},
        "@context": TERMS,
    }
    await broker.send("POST", "/entities", entity, 201, headers=LD)
    stored = await broker.get("https%3A%2F%2Fa.example%2Fkiosk")
    assert stored["type"] == "https://a.example/Shop"
    assert stored["https://a.example/open"] == prop(True)
    assert stored["at"]["object"] == "https://a.example/park"


async def test_vocabulary_and_types_of_objects_are_expanded(broker: Client, contexts: ContextServer) -> None:
    link = context_link(contexts.add("c", {"small": "https://a.example/small", "Park": "https://a.example/Park"}))
    kind = {"type": "VocabProperty", "vocab": ["small", "other"]}
    park = {"type": "Relationship", "object": "urn:x:p", "objectType": "Park"}
    size = prop(1, valueType="small")
    await broker.send(
        "POST", "/entities", {"id": KIOSK, "type": "A", "kind": kind, "in": park, "size": size}, 201, headers=link
    )
    plain = await broker.get()
    assert plain["kind"]["vocab"] == ["https://a.example/small", "other"]
    assert (plain["in"]["objectType"], plain["size"]["valueType"]) == (
        "https://a.example/Park",
        "https://a.example/small",
    )
    linked = (await broker.http.get(f"/entities/{KIOSK}", headers=link)).json()
    assert (linked["kind"], linked["in"], linked["size"]) == (kind, park, size)
    simple = (await broker.http.get(f"/entities/{KIOSK}?format=simplified", headers=link)).json()
    assert simple["kind"] == {"vocab": ["small", "other"]}


async def test_values_are_neither_expanded_nor_compacted(broker: Client, contexts: ContextServer) -> None:
    link = context_link(contexts.add("c", {"city": "https://a.example/city", "lang": "@language"}))
    value = {"city": "Bern", "small": {"city": 1}}
    raw = {"type": "JsonProperty", "json": {"city": 1, "lang": "de", "@id": "x"}}
    await broker.send("POST", "/entities", {"id": KIOSK, "type": "A", "a": prop(value), "b": raw}, 201, headers=link)
    assert (await broker.attribute("a"), await broker.attribute("b")) == (prop(value), raw)


@pytest.mark.parametrize("status", [404, 500, 204])
async def test_a_context_that_can_not_be_had_is_not_available(
    broker: Client, contexts: ContextServer, status: int
) -> None:
    contexts.documents["broken"] = status
    for url in (f"{contexts.url}/broken", "http://127.0.0.1:1/c", "http://no-such-host.invalid/c", "ftp://a.example/c"):
        answer = await broker.http.get("/entities?type=A", headers=context_link(url))
        assert is_problem(answer, 504, "LdContextNotAvailable")
        answer = await broker.http.post("/entities", json={**SENT, "@context": [url]}, headers=LD)
        assert is_problem(answer, 504, "LdContextNotAvailable")
    answer = await broker.send("POST", "/entityOperations/create", [{**SENT, "@context": url}], 207, headers=LD)
    assert answer.json()["errors"][0]["error"]["status"] == 504


@pytest.mark.parametrize(
    "body", [b"", b"{", b"<html>", b"[]", b"{}", b'{"@context": 5}', b'{"@context": [null]}', b'{"@context": {"a": 5}}',
             b'{"@context": ' + b"[" * 900 + b"]" * 900 + b"}", b"[" * 10_000]
)  # fmt: skip
async def test_what_is_fetched_and_no_context_is_bad_request_data(
    broker: Client, contexts: ContextServer, body: bytes
) -> None:
    contexts.documents["broken"] = body
    answer = await broker.http.get("/entities?type=A", headers=context_link(f"{contexts.url}/broken"))
    assert is_problem(answer, 400, "BadRequestData")


async def test_contexts_that_refer_in_a_circle_or_multiply_are_bad_request_data(
    broker: Client, contexts: ContextServer
) -> None:
    contexts.add("a", [f"{contexts.url}/b"])
    contexts.add("b", [{"x": "urn:a:b"}, f"{contexts.url}/a"])
    for number in range(15):
        contexts.add(f"m{number}", [f"{contexts.url}/m{number + 1}"] * 15)
    contexts.add("m15", {"x": "urn:a:b"})
    chain = {f"t{number}": f"t{number + 1}:x" for number in range(2000)}
    for context in (f"{contexts.url}/a", f"{contexts.url}/m0", {"a": "b:x", "b": "a:y"}, {**chain, "t2000": "urn:x:"}):
        answer = await broker.http.post("/entities", json={**SENT, "@context": context}, headers=LD)
        assert is_problem(answer, 400, "BadRequestData")


async def test_private_targets_are_refused_by_default(tmp_path: Path, contexts: ContextServer) -> None:
    app = ContextBroker(tmp_path)
    await app.start()
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app=app), base_url="http://broker/ngsi-ld/v1") as http:
        port = contexts.url.rpartition(":")[2]
        contexts.add("c", TERMS)
        for host in ("127.0.0.1", "localhost", "[::1]", "[::ffff:127.0.0.1]", "0.0.0.0", "10.0.0.1", "169.254.169.254"):
            answer = await http.get("/entities?type=A", headers=context_link(f"http://{host}:{port}/c"))
            assert is_problem(answer, 504, "LdContextNotAvailable")
        answer = await http.post("/jsonldContexts", json={"@context": f"{contexts.url}/c"})
        assert is_problem(answer, 504, "LdContextNotAvailable")
    await app.stop()
    assert contexts.hits == []


async def test_a_hosted_context_is_served_and_used(broker: Client) -> None:
    added = await broker.send("POST", "/jsonldContexts", {"@context": TERMS, "more": 1}, 201)
    path = added.headers["location"]
    assert (path.startswith("/ngsi-ld/v1/jsonldContexts/"), added.content) == (True, b"")
    assert (await broker.http.get(f"http://broker{path}")).json() == {"@context": TERMS}
    headers = context_link(f"http://broker{path}")
    await broker.send("POST", "/entities", SENT, 201, headers=headers)
    assert (await broker.http.get(f"/entities/{KIOSK}", headers=headers)).json() == SENT
    assert (await broker.get())["type"] == "https://a.example/Kiosk"
    assert (await broker.http.delete(f"http://broker{path}")).status_code == 204
    assert is_problem(await broker.http.get(f"http://broker{path}"), 404, "ResourceNotFound")
    assert is_problem(await broker.http.delete(f"http://broker{path}"), 404, "ResourceNotFound")


async def test_contexts_are_listed_by_kind(broker: Client, contexts: ContextServer) -> None:
    url = contexts.add("c", TERMS)
    hosted = (await broker.send("POST", "/jsonldContexts", {"@context": TERMS}, 201)).headers["location"]
    await broker.http.get("/entities?type=A", headers=context_link(url))
    lists = {
        kind: (await broker.http.get("/jsonldContexts", params={"kind": kind} if kind else {})).json()
        for kind in ("", "Cached", "Hosted", "ImplicitlyCreated")
    }
    assert lists["Cached"] == [url]
    assert lists["Hosted"] == [f"http://broker{hosted}"]
    assert (lists["ImplicitlyCreated"], len(lists[""])) == ([], 2)
    for query in ("kind=Other", "details=maybe"):
        assert is_problem(await broker.http.get(f"/jsonldContexts?{query}"), 400, "BadRequestData")


async def test_contexts_have_metadata(broker: Client, contexts: ContextServer) -> None:
    url = contexts.add("c", TERMS)
    await broker.http.get("/entities?type=A", headers=context_link(url))
    hosted = (await broker.send("POST", "/jsonldContexts", {"@context": [url, TERMS]}, 201)).headers["location"]
    details = {item["kind"]: item for item in (await broker.http.get("/jsonldContexts?details=true")).json()}
    assert details["Cached"]["URL"] == url
    assert details["Hosted"] == {**details["Hosted"], "URL": f"http://broker{hosted}", "localId": hosted[-32:]}
    assert all(item["createdAt"].endswith("Z") for item in details.values())
    one = await broker.http.get(f"http://broker{hosted}?details=true")
    assert one.json() == details["Hosted"]
    encoded = url.replace(":", "%3A").replace("/", "%2F")
    assert (await broker.http.get(f"/jsonldContexts/{encoded}?details=true")).json()["kind"] == "Cached"
    assert is_problem(await broker.http.get(f"/jsonldContexts/{encoded}"), 422, "OperationNotSupported")


async def test_a_cached_context_is_reloaded_or_forgotten(broker: Client, contexts: ContextServer) -> None:
    url = contexts.add("c", TERMS)
    path = "/jsonldContexts/" + url.replace(":", "%3A").replace("/", "%2F")
    await broker.send("POST", "/entities", SENT, 201, headers=context_link(url))
    contexts.add("c", {"Laden": "https://a.example/Kiosk"})
    assert (await broker.http.delete(path + "?reload=true")).status_code == 204
    read = await broker.http.get(f"/entities/{KIOSK}", headers=context_link(url))
    assert read.json()["type"] == "Laden"
    contexts.documents["c"] = b"broken"
    assert is_problem(await broker.http.delete(path + "?reload=true"), 504, "LdContextNotAvailable")
    read = await broker.http.get(f"/entities/{KIOSK}", headers=context_link(url))
    assert read.json()["type"] == "Laden"
    assert (await broker.http.delete(path)).status_code == 204
    assert is_problem(await broker.http.delete(path), 404, "ResourceNotFound")
    assert (await broker.http.get(f"/entities/{KIOSK}", headers=context_link(url))).status_code == 400


async def test_reload_is_for_cached_contexts_and_the_core_stays(broker: Client) -> None:
    hosted = (await broker.send("POST", "/jsonldContexts", {"@context": TERMS}, 201)).headers["location"]
    core = "/jsonldContexts/" + CORE.replace(":", "%3A").replace("/", "%2F")
    for path in (f"http://broker{hosted}?reload=true", f"http://broker{hosted}?reload=x", core):
        assert is_problem(await broker.http.delete(path), 400, "BadRequestData")


@pytest.mark.parametrize(
    "body", [{}, {"@context": None}, {"@context": 5}, {"@context": [5]}, {"@context": {"a": 5}}, [], "x"]
)
async def test_what_is_no_context_is_not_added(broker: Client, body: Any) -> None:
    assert is_problem(await broker.http.post("/jsonldContexts", json=body), 400, "BadRequestData")


async def test_stored_contexts_are_bounded(tmp_path: Path) -> None:
    broker = ContextBroker(tmp_path, Limits(contexts_stored=2))
    await broker.start()
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app=broker), base_url="http://b/ngsi-ld/v1") as http:
        for number in range(4):
            context = {"@context": {"a": f"https://example.org/{number}"}}
            query = {"type": "Query", "entities": [{"type": "A"}]} | context
            link = (await http.post("/entityOperations/query", json=query, headers=LD)).headers["link"]
            assert (await http.get(link[1 : link.index(">")])).json() == context
        assert len((await http.get("/jsonldContexts")).json()) == 2
        refused = await http.post("/jsonldContexts", json={"@context": {"b": "https://example.org/b"}})
        assert refused.status_code == 403
    await broker.stop()


async def test_a_context_is_fetched_again_when_its_time_is_over(broker: Client, contexts: ContextServer) -> None:
    contexts.headers["Cache-Control"] = "max-age=1"
    headers = context_link(contexts.add("c", TERMS))
    await broker.send("POST", "/entities", SENT, 201, headers=headers)
    contexts.add("c", {"Bude": "https://b.example/Kiosk", "kiosk": "https://a.example/Kiosk"})
    assert (await broker.http.get(f"/entities/{KIOSK}", headers=headers)).json()["type"] == "Bude"
    await asyncio.sleep(1.05)
    assert (await broker.http.get(f"/entities/{KIOSK}", headers=headers)).json()["type"] == "kiosk"
    contexts.documents["c"] = 503
    await asyncio.sleep(1.05)
    assert (await broker.http.get(f"/entities/{KIOSK}", headers=headers)).json()["type"] == "kiosk"
    assert contexts.hits == ["c"] * 3


async def test_the_metadata_of_a_cached_context_count_its_uses(broker: Client, contexts: ContextServer) -> None:
    url = contexts.add("c", TERMS)
    await broker.create()
    for _ in range(3):
        await broker.http.get(f"/entities/{KIOSK}", headers=context_link(url))
    described = (await broker.http.get(f"/jsonldContexts/{quote(url, safe='')}", params={"details": "true"})).json()
    assert described["numberOfHits"] == 3
    assert described["createdAt"] <= described["lastUsage"] < described["expiresAt"]


async def test_a_context_of_one_url_and_the_core_is_linked_by_its_url(broker: Client, contexts: ContextServer) -> None:
    url, queried = contexts.add("straße", TERMS), {"type": "Query", "entities": [{"type": "Bude"}]}
    for context in ([url, CORE], [CORE, url], [url], url):
        query = {**queried, "@context": context}
        answer = await broker.http.post("/entityOperations/query", json=query, headers=LD)
        assert answer.headers["link"] == context_link(url.replace("ß", "%C3%9F"))["Link"]
    for context in ([CORE], CORE, []):
        query = {**queried, "@context": context}
        answer = await broker.http.post("/entityOperations/query", json=query, headers=LD)
        assert answer.headers["link"] == context_link(CORE)["Link"]
    assert (await broker.http.get("/jsonldContexts", params={"kind": "ImplicitlyCreated"})).json() == []
