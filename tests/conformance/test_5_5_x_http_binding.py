"""6.3 The HTTP binding: negotiation, lengths, verbs, parameters, errors (digest 3)."""

from typing import Any

import httpx
import pytest

from tests.conformance.client import CORE, KIOSK, LD, Client, is_problem, prop

pytestmark = pytest.mark.anyio
ENTITY = f"/entities/{KIOSK}"
JSON, LD_JSON, GEO_JSON = "application/json", "application/ld+json", "application/geo+json"
WRITES = [
    ("POST", "/entities"),
    ("PUT", ENTITY),
    ("PATCH", ENTITY),
    ("POST", ENTITY + "/attrs"),
    ("PATCH", ENTITY + "/attrs"),
    ("PATCH", ENTITY + "/attrs/queue"),
    ("PUT", ENTITY + "/attrs/queue"),
    *(("POST", f"/entityOperations/{name}") for name in ("create", "upsert", "update", "merge", "delete", "query")),
    ("POST", "/jsonldContexts"),
]


@pytest.mark.parametrize(
    ("accept", "media"),
    [
        (None, JSON),
        ("*/*", JSON),
        ("application/*", JSON),
        (JSON, JSON),
        (LD_JSON, LD_JSON),
        ("application/json;charset=utf-8", JSON),
        (f"{LD_JSON}, {JSON}", JSON),
        (f"{JSON};q=0.5, {LD_JSON}", LD_JSON),
        (f"{JSON};q=0.5, {LD_JSON};q=0.4, text/html", JSON),
        ("text/html, */*;q=0.1", JSON),
        (f"{LD_JSON}, */*;q=0.1", LD_JSON),
        (GEO_JSON, GEO_JSON),
        (f"{GEO_JSON};q=0.9, {LD_JSON};q=0.8", GEO_JSON),
        ("APPLICATION/LD+JSON", LD_JSON),
    ],
)
async def test_the_best_media_type_answers(broker: Client, accept: str | None, media: str) -> None:
    await broker.create()
    headers = {"Accept": accept} if accept else {}
    del broker.http.headers["Accept"]
    for path in (ENTITY, "/entities?type=Kiosk"):
        answer = await broker.http.get(path, headers=headers)
        assert (answer.status_code, answer.headers["content-type"]) == (200, media)
    query = {"type": "Query", "entities": [{"type": "Kiosk"}]}
    answer = await broker.http.post("/entityOperations/query", json=query, headers=headers)
    assert answer.headers["content-type"] == media


@pytest.mark.parametrize(
    "accept", ["text/html", "text/*", "application/xml", f"{JSON};q=0", "image/png, text/plain;q=0.5"]
)
async def test_an_accept_that_admits_nothing_is_406_with_what_there_is(broker: Client, accept: str) -> None:
    for path in (ENTITY, "/entities?type=A", "/types", "/attributes", "/jsonldContexts", "/info/sourceIdentity"):
        answer = await broker.http.get(path, headers={"Accept": accept})
        assert answer.status_code == 406
        assert "application/ld+json" in answer.json()["detail"]


async def test_geojson_is_only_for_entities(broker: Client) -> None:
    for path in ("/types", "/types/A", "/attributes", "/attributes/a", "/info/sourceIdentity"):
        assert (await broker.http.get(path, headers={"Accept": GEO_JSON})).status_code == 406


@pytest.mark.parametrize(("method", "path"), WRITES)
async def test_another_media_type_is_415_without_a_body(broker: Client, method: str, path: str) -> None:
    for media in ("text/plain", "application/xml", "application/geo+json", "", "application/jsonx"):
        answer = await broker.http.request(
            method, path, content=b"{}", headers={"Content-Type": media} if media else {}
        )
        assert (answer.status_code, answer.content) == (415, b"")
    if method != "PATCH":
        headers = {"Content-Type": "application/merge-patch+json"}
        assert (await broker.http.request(method, path, content=b"{}", headers=headers)).status_code == 415


@pytest.mark.parametrize(("method", "path"), WRITES)
async def test_a_body_without_length_is_411_without_a_body(broker: Client, method: str, path: str) -> None:
    request = broker.http.build_request(method, path, headers={"Content-Type": JSON})
    request.headers.pop("Content-Length", None)
    answer = await broker.http.send(request)
    assert (answer.status_code, answer.content) == (411, b"")


@pytest.mark.parametrize(("method", "path"), WRITES)
async def test_a_body_that_is_no_json_is_an_invalid_request(broker: Client, method: str, path: str) -> None:
    for body in (b"", b"{", b"{'a': 1}", b"\x00", b'{"a": 1e999}', b'"\\ud800"', b"[" * 10_000):
        answer = await broker.http.request(method, path, content=body, headers={"Content-Type": JSON})
        assert is_problem(answer, 400, "InvalidRequest")


async def test_a_chunked_body_is_read(broker: Client) -> None:
    async def chunks() -> Any:
        yield b'{"id": "urn:x:a",'
        yield b' "type": "Kiosk"}'

    answer = await broker.http.post("/entities", content=chunks(), headers={"Content-Type": JSON})
    assert answer.status_code == 201


async def test_a_body_that_is_too_long_is_413(broker: Client) -> None:
    headers = {"Content-Type": JSON, "Content-Length": str(2**40)}
    assert (await broker.http.post("/entities", content=b"{}", headers=headers)).status_code == 413

    async def chunks() -> Any:
        for _ in range(40):
            yield b" " * 2**20

    assert (await broker.http.post("/entities", content=chunks(), headers={"Content-Type": JSON})).status_code == 413


async def test_only_utf8_is_read(broker: Client) -> None:
    body = b'{"id": "urn:x:a", "type": "Kiosk"}'
    for charset, status in (("iso-8859-1", 400), ("utf-8", 201), ('"UTF-8"', 409)):
        headers = {"Content-Type": f"application/json; charset={charset}"}
        assert (await broker.http.post("/entities", content=body, headers=headers)).status_code == status


@pytest.mark.parametrize(
    ("path", "allow"),
    [
        ("/entities", "DELETE, GET, HEAD, OPTIONS, POST"),
        (ENTITY, "DELETE, GET, HEAD, OPTIONS, PATCH, PUT"),
        (ENTITY + "/attrs", "OPTIONS, PATCH, POST"),
        (ENTITY + "/attrs/queue", "DELETE, OPTIONS, PATCH, PUT"),
        ("/entityOperations/upsert", "OPTIONS, POST"),
        ("/types", "GET, HEAD, OPTIONS"),
        ("/types/A", "GET, HEAD, OPTIONS"),
        ("/attributes/a", "GET, HEAD, OPTIONS"),
        ("/jsonldContexts", "GET, HEAD, OPTIONS, POST"),
        ("/jsonldContexts/a", "DELETE, GET, HEAD, OPTIONS"),
        ("/info/sourceIdentity", "GET, HEAD, OPTIONS"),
    ],
)
async def test_other_verbs_are_405_with_allow_and_options_tells_them(broker: Client, path: str, allow: str) -> None:
    for method in {"GET", "POST", "PUT", "PATCH", "DELETE", "TRACE", "FOO"} - set(allow.split(", ")):
        answer = await broker.http.request(method, path)
        assert (answer.status_code, answer.headers["allow"]) == (405, allow)
    options = await broker.http.options(path)
    assert (options.status_code, options.headers["allow"], options.content) == (204, allow, b"")


async def test_a_trailing_slash_counts_for_nothing(broker: Client) -> None:
    await broker.send("POST", "/entities/", {"id": KIOSK, "type": "Kiosk", "queue": 1}, 201)
    for path in (ENTITY + "/", "/entities/?type=Kiosk", "/types/", "/attributes/queue/"):
        assert (await broker.http.get(path)).status_code == 200
    await broker.send("POST", ENTITY + "/attrs/", {"queue": 2})


async def test_what_is_no_resource_is_404(broker: Client) -> None:
    for path in (
        "/",
        "/nothing",
        ENTITY + "/attrs/a/b",
        "/types/A/b",
        "/info",
        "http://broker/",
        "http://broker/ngsi-ld",
    ):
        for method in ("GET", "POST", "OPTIONS"):
            assert (await broker.http.request(method, path)).status_code == 404


@pytest.mark.parametrize(
    ("method", "path"),
    [
        *WRITES,
        ("DELETE", ENTITY),
        ("GET", ENTITY),
        ("GET", "/types"),
        ("GET", "/attributes/a"),
        ("GET", "/jsonldContexts"),
    ],
)
async def test_an_unknown_parameter_is_an_invalid_request(broker: Client, method: str, path: str) -> None:
    await broker.create(queue=1)
    body: Any = {} if (method, path) in WRITES else None
    answer = await broker.http.request(method, path, params={"unknown": "1"}, json=body)
    assert is_problem(answer, 400, "InvalidRequest")
    assert "unknown" in answer.json()["detail"]


async def test_local_is_a_boolean_everywhere(broker: Client) -> None:
    await broker.create(queue=1)
    for value in ("true", "false", "TRUE"):
        assert (await broker.http.get(ENTITY, params={"local": value})).status_code == 200
    for method, path in (("GET", ENTITY), ("DELETE", ENTITY), ("GET", "/types"), ("PATCH", ENTITY + "/attrs")):
        answer = await broker.http.request(method, path, params={"local": "1"}, json={"queue": 2})
        assert is_problem(answer, 400, "BadRequestData")


async def test_a_malformed_query_string_is_an_invalid_request(broker: Client) -> None:
    for query in ("type=%ff", "q=%c3%28", "&".join(f"a{number}=1" for number in range(200))):
        assert is_problem(await broker.http.get(f"/entities?{query}"), 400, "InvalidRequest")


async def test_parameters_are_decoded_once(broker: Client) -> None:
    await broker.create(name="a b", code="a%20b")
    assert await broker.ids(type="Kiosk", q='name=="a b"') == ["4"]
    assert (await broker.http.get('/entities?type=Kiosk&q=name%3D%3D"a+b"')).json() != []
    assert (await broker.http.get("/entities?type=Kiosk&q=code==%22a%2520b%22")).json() != []


async def test_context_of_json_is_a_link_and_of_jsonld_in_the_body(broker: Client) -> None:
    await broker.create(queue=1)
    for path in (ENTITY, "/entities?type=Kiosk", "/types", "/types/Kiosk", "/attributes", "/attributes?details=true"):
        plain = await broker.http.get(path)
        assert (
            plain.headers["link"] == f'<{CORE}>; rel="http://www.w3.org/ns/json-ld#context"; type="application/ld+json"'
        )
        assert "@context" not in plain.text
        linked = await broker.http.get(path, headers={"Accept": LD_JSON})
        body = linked.json()
        assert "link" not in linked.headers
        assert (body[0] if isinstance(body, list) else body)["@context"] == CORE


async def test_an_error_is_plain_json_without_context(broker: Client) -> None:
    answer = await broker.http.get(ENTITY, headers={"Accept": LD_JSON})
    assert is_problem(answer, 404, "ResourceNotFound")
    assert "link" not in answer.headers
    assert set(answer.json()) == {"type", "title", "status", "detail"}


async def test_json_with_a_context_and_jsonld_without_or_with_a_link_are_bad_request_data(broker: Client) -> None:
    entity = {"id": KIOSK, "type": "Kiosk", "queue": 1}
    link = {"Link": f'<{CORE}>; rel="http://www.w3.org/ns/json-ld#context"; type="application/ld+json"'}
    for method, path in WRITES[:7]:
        with_context = {**entity, "@context": CORE}
        cases: list[tuple[Any, dict[str, str]]] = [(with_context, {}), (entity, LD), (with_context, {**LD, **link})]
        for body, headers in cases:
            answer = await broker.http.request(method, path, json=body, headers=headers)
            assert is_problem(answer, 400, "BadRequestData")


@pytest.mark.parametrize(
    "context", [None, 5, True, [5], [None], {"a": 5}, {"a": {"@id": 5}}, {"a": {"@id": "urn:a:b", "@context": {}}}]
)
async def test_a_context_that_is_none_is_bad_request_data(broker: Client, context: Any) -> None:
    entity = {"id": KIOSK, "type": "Kiosk", "@context": context}
    assert is_problem(await broker.http.post("/entities", json=entity, headers=LD), 400, "BadRequestData")


async def test_parts_that_are_not_offered_say_so(broker: Client) -> None:
    for method, path in (
        ("GET", "/temporal/entities"),
        ("POST", "/csourceRegistrations"),
        ("GET", "/entityMaps/urn:x:a"),
    ):
        answer = await broker.http.request(method, path, params={"anything": "goes"})
        assert is_problem(answer, 501, "OperationNotSupported")


async def test_the_source_tells_its_identity(broker: Client) -> None:
    answer = await broker.http.get("/info/sourceIdentity")
    body = answer.json()
    assert body["type"] == "ContextSourceIdentity"
    assert {"id", "contextSourceAlias", "contextSourceUptime", "contextSourceTimeAt"} <= set(body)


async def test_other_links_are_ignored_and_two_contexts_refused(broker: Client) -> None:
    await broker.create(queue=prop(1))
    rel = "http://www.w3.org/ns/json-ld#context"
    for link in (
        "<http://a.example>; rel=next",
        f'<{CORE}>; type=application/ld+json; rel="{rel}"',
        f"<{CORE}>;rel={rel}",
    ):
        assert (await broker.http.get(ENTITY, headers={"Link": link})).status_code == 200
    twice = httpx.Headers([("Link", f'<{CORE}>; rel="{rel}"'), ("Link", f'<{CORE}>; rel="{rel}"')])
    assert is_problem(await broker.http.get(ENTITY, headers=twice), 400, "BadRequestData")


async def test_several_accept_lines_are_one_list(broker: Client) -> None:
    await broker.create()
    lines = [("Accept", "text/html"), ("Accept", "application/ld+json;q=0.5")]
    answer = await broker.http.get(f"/entities/{KIOSK}", headers=lines)
    assert answer.headers["content-type"] == "application/ld+json"
