"""Nothing that a client sends makes a 5xx (but 501 and 504 where due) or a hang."""

import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any
from urllib.parse import quote

import httpx
import orjson
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from context_broker.app import ROUTES, ContextBroker
from context_broker.broker import Broker
from context_broker.http.routes import Route
from tests.conformance.client import CORE, KIOSK, Client, is_problem, point, prop, rel

pytestmark = pytest.mark.anyio
BODIES = [route for route in ROUTES if route.method in ("POST", "PUT", "PATCH")]
ODD_TEXTS = st.sampled_from(
    [
        "",
        " ",
        "\x00",
        "a\x00b",
        "\ufffe",
        "😀" * 50,
        "x" * 5000,
        "(" * 500,
        "[" * 500,
        "{" * 300,
        "(a+)+$",
        "a" * 40 + "!",
        "..",
        "%",
        "%zz",
        "%00",
        "'; DROP TABLE entity; --",
        "urn:ngsi-ld:null",
        "1e999",
        "9" * 400,
        "-1",
        "NaN",
        "null",
        "true",
        "[1e308,1e308]",
        "[[[0,0],[1,1],[0,1],[1,0],[0,0]]]",
        "2031-99-99T99:99:99Z",
        "9999-12-31T23:59:59.999999Z",
        "within",
        "near;maxDistance==1e308",
        "Polygon",
        "*",
        "/#",
        "a{b{c{d}}}",
        "q==1..",
        '"',
        "\\",
        "~=(((((",
        "@none",
        "inline",
        "flat",
    ]
)
TEXTS = st.one_of(ODD_TEXTS, st.text(max_size=20))
SCALARS = st.one_of(
    st.none(), st.booleans(), st.integers(-(2**63), 2**64 - 1), st.floats(allow_nan=False, allow_infinity=False), TEXTS
)
MEMBERS = st.one_of(
    TEXTS,
    st.sampled_from(
        [
            "id",
            "type",
            "value",
            "object",
            "objectList",
            "languageMap",
            "json",
            "vocab",
            "valueList",
            "@context",
            "@id",
            "@type",
            "@value",
            "coordinates",
            "scope",
            "expiresAt",
            "observedAt",
            "datasetId",
            "unitCode",
            "location",
            "entities",
            "q",
            "geoQ",
            "georel",
            "geometry",
            "attrs",
            "ordering",
            "orderBy",
            "notification",
            "endpoint",
            "uri",
            "watchedAttributes",
            "joinLevel",
        ]
    ),
)
GEOMETRIES = st.builds(
    lambda kind, coordinates: {"type": kind, "coordinates": coordinates},
    st.sampled_from(["Point", "LineString", "Polygon", "MultiPoint", "MultiPolygon", "Circle"]),
    st.recursive(
        st.one_of(st.floats(allow_nan=False, allow_infinity=False), SCALARS), lambda inner: st.lists(inner, max_size=5)
    ),
)
JSON = st.recursive(
    st.one_of(SCALARS, GEOMETRIES),
    lambda inner: st.one_of(st.lists(inner, max_size=4), st.dictionaries(MEMBERS, inner, max_size=5)),
    max_leaves=12,
)
ENTITIES = st.builds(
    lambda extra, id_, type_: {"id": id_, "type": type_, **extra},
    st.dictionaries(MEMBERS, JSON, max_size=4),
    st.one_of(st.sampled_from([KIOSK, "urn:x:new"]), TEXTS),
    st.one_of(st.sampled_from(["Kiosk", "Query", "Subscription", "Property"]), JSON),
)
PAYLOADS = st.one_of(JSON, ENTITIES, st.lists(ENTITIES, min_size=1, max_size=3))

Talk = Callable[[httpx.AsyncClient], Awaitable[None]]


def with_broker(talk: Talk) -> None:
    """Run a conversation with a broker that holds one kiosk and answers each request within ten seconds."""

    async def run(folder: str) -> None:
        app = ContextBroker(Path(folder))
        await app.start()
        transport = httpx.ASGITransport(app=app)
        try:  # hypothesis ends some conversations in the middle
            async with httpx.AsyncClient(transport=transport, base_url="http://broker/ngsi-ld/v1") as http:
                entity = {"id": KIOSK, "type": "Kiosk", "queue": prop(1), "location": point(1, 1), "in": rel("urn:x:p")}
                assert (await http.post("/entities", json=entity)).status_code == 201
                await asyncio.wait_for(talk(http), timeout=10)
        finally:
            await app.stop()

    with TemporaryDirectory() as folder:
        asyncio.run(run(folder))


def fits(answer: httpx.Response) -> None:
    assert answer.status_code < 500 or answer.status_code in (501, 504), answer.text
    if answer.status_code >= 400 and answer.status_code not in (411, 415) and answer.request.method != "HEAD":
        assert answer.json()["status"] == answer.status_code


def path_of(route: Route[Broker], values: list[str]) -> str:
    waiting = iter(values)
    return "/".join(quote(next(waiting), safe="") or "x" if part == "{}" else part for part in route.path.split("/"))


@settings(max_examples=60, deadline=None)
@given(st.lists(st.tuples(st.sampled_from(BODIES), PAYLOADS, st.booleans()), min_size=12, max_size=12))
def test_any_json_as_a_body_is_answered(requests: list[tuple[Route[Broker], Any, bool]]) -> None:
    async def talk(http: httpx.AsyncClient) -> None:
        for route, payload, linked in requests:
            if linked and isinstance(payload, dict):
                payload = {"@context": CORE, **payload}
            headers = {"Content-Type": "application/ld+json" if linked else "application/json"}
            path = path_of(route, [KIOSK, "queue", "urn:x:i"])
            fits(await http.request(route.method, path, content=orjson.dumps(payload), headers=headers))

    with_broker(talk)


@settings(max_examples=60, deadline=None)
@given(st.lists(st.tuples(st.sampled_from(ROUTES), st.data()), min_size=1, max_size=1), st.data())
def test_any_parameters_are_answered(_: Any, data: st.DataObject) -> None:
    async def talk(http: httpx.AsyncClient) -> None:
        for _ in range(12):
            route = data.draw(st.sampled_from([route for route in ROUTES if isinstance(route.params, frozenset)]))
            names = sorted(frozenset.__iter__(route.params)) or ["x"]
            params = data.draw(st.dictionaries(st.sampled_from(names), TEXTS, max_size=4))
            path = path_of(route, [data.draw(st.one_of(st.just(KIOSK), TEXTS)) for _ in range(3)])
            body = {"a": 1} if route in BODIES else None
            fits(await http.request(route.method, path, params=params, json=body))

    with_broker(talk)


@settings(max_examples=60, deadline=None)
@given(st.lists(st.binary(max_size=60), min_size=8, max_size=8))
def test_any_bytes_as_path_query_and_headers_are_answered(noise: list[bytes]) -> None:
    async def talk(http: httpx.AsyncClient) -> None:
        for raw in noise:
            text = quote(raw, safe="%/?&=")
            fits(await http.get(f"http://broker/ngsi-ld/v1/entities/{text}"))
            fits(await http.get(f"http://broker/ngsi-ld/v1/entities?type=Kiosk&{text}"))
            clean = raw.replace(b"\r", b"").replace(b"\n", b"")
            headers = {name: clean for name in (b"Link", b"Accept", b"NGSILD-Tenant", b"Prefer", b"Content-Type")}
            fits(await http.post("/entities", content=raw, headers=headers))

    with_broker(talk)


@pytest.mark.parametrize(
    "q",
    [
        "queue~=(a+)+$",
        'name~="(x+x+)+y"',
        "name~=((((((((((a*)*)*)*)*)*)*)*)*)*b",
        "name~=(a|a)*c",
        "name~=a{1000}{1000}",
        "name~=" + "(" * 400,
    ],
)
async def test_a_regex_that_explodes_is_answered_at_once(broker: Client, q: str) -> None:
    await broker.create(queue="a" * 50_000, name="x" * 50_000)
    async with asyncio.timeout(3):
        for params in ({"type": "Kiosk", "q": q}, {"idPattern": q.partition("=")[2]}):
            fits(await broker.http.get("/entities", params=params))


async def test_strings_of_ten_megabytes_are_kept_or_refused(broker: Client) -> None:
    huge = "ä" * 5_000_000
    await broker.create(name=huge)
    assert (await broker.attribute("name"))["value"] == huge
    assert await broker.ids(type="Kiosk", q='name~="ä$"') == ["4"]
    for entity in (
        {"id": "urn:x:" + huge, "type": "A"},
        {"id": "urn:x:a", "type": huge},
        {"id": "urn:x:a", "type": "A", huge: 1},
    ):
        answer = await broker.http.post("/entities", json=entity)
        assert is_problem(answer, 400, "BadRequestData")
        assert len(answer.content) < 1000


@pytest.mark.parametrize("depth", [70, 1000, 10_000])
async def test_deep_nesting_is_refused(broker: Client, depth: int) -> None:
    for opening, closing in ((b"[", b"]"), (b'{"a":', b"}")):
        body = b'{"id":"urn:x:a","type":"A","p":' + opening * depth + b"1" + closing * depth + b"}"
        answer = await broker.http.post("/entities", content=body, headers={"Content-Type": "application/json"})
        assert answer.status_code == 400
    fits(
        await broker.http.get(
            "/entities", params={"georel": "within", "geometry": "Polygon", "coordinates": "[" * 900 + "]" * 900}
        )
    )


async def test_a_geometry_in_a_string_brings_no_depth_with_it(broker: Client) -> None:
    text = '{"type":"Point","coordinates":[1,1],"deep":' + "[" * 500 + "]" * 500 + "}"
    await broker.create(location={"type": "GeoProperty", "value": text})
    assert await broker.attribute("location") == point(1, 1)


@pytest.mark.parametrize("coordinates", [[1e6, -1e6], [-1e6, 5e-324], [400, 91], [0, -90]])
async def test_places_outside_the_world_are_answered(broker: Client, coordinates: list[float]) -> None:
    await broker.create(location=point(*coordinates))
    await broker.create(id="urn:x:b", location=point(1, 91))
    text = orjson.dumps(coordinates).decode()
    for georel in ("near;maxDistance==1", "near;minDistance==1", "within", "intersects", "equals", "disjoint"):
        for place in (text, "[1,1]"):
            fits(
                await broker.http.get("/entities", params={"georel": georel, "geometry": "Point", "coordinates": place})
            )
    params = {"orderBy": "location;dist-asc", "orderFrom": text, "local": "true"}
    fits(await broker.http.get("/entities", params=params))


@pytest.mark.parametrize("coordinates", [[1e308, 0], [0, -1e7], [2**63, 1]])
async def test_places_far_outside_the_world_are_bad_request_data(broker: Client, coordinates: list[float]) -> None:
    answer = await broker.http.post("/entities", json={"id": KIOSK, "type": "A", "location": point(*coordinates)})
    assert is_problem(answer, 400, "BadRequestData")


async def test_a_polygon_that_crosses_itself_is_answered(broker: Client) -> None:
    bow = [[[0, 0], [2, 2], [2, 0], [0, 2], [0, 0]]]
    await broker.create(location={"type": "Polygon", "coordinates": bow})
    for georel in ("within", "contains", "intersects", "equals", "disjoint", "overlaps", "near;maxDistance==5"):
        params = {"georel": georel, "geometry": "Polygon", "coordinates": orjson.dumps(bow).decode()}
        fits(await broker.http.get("/entities", params=params))


async def test_numbers_at_the_edge_are_answered(broker: Client) -> None:
    for text in (
        "9007199254740993",
        "18446744073709551615",
        "18446744073709551616",
        "1e308",
        "-0.0",
        "5e-324",
        "1" + "0" * 300,
    ):
        body = f'[{{"id":"urn:x:a","type":"A","p":{text}}}]'
        answer = await broker.http.post(
            "/entityOperations/upsert", content=body, headers={"Content-Type": "application/json"}
        )
        assert answer.status_code in (201, 204)
        assert await broker.ids(local="true", q=f"p=={text}") == ["a"]
        assert await broker.ids(local="true", q=f"p>={text}") == ["a"]


@pytest.mark.parametrize(
    "body",
    [
        {"pick": ["a{" * 3000]},
        {"pick": ["a{" * 3000 + "b" + "}" * 3000], "join": "inline"},
        {"pick": ["a{" * 100 + "b" + "}" * 100], "join": "inline"},
        {"scopeQ": "/A," * 30_000 + "/A"},
        {"entities": [{"type": ",".join(["A"] * 30_000)}]},
        {"ordering": {"orderBy": ["p"] * 3000}},
        {"lang": ",".join(["fr"] * 30_000)},
        {"q": "|".join(["p"] * 300)},
    ],
)
async def test_a_query_that_asks_too_much_is_too_complex(broker: Client, body: dict[str, Any]) -> None:
    query = {"type": "Query", "entities": [{"type": "A"}], **body}
    answer = await broker.http.post("/entityOperations/query?local=true", json=query)
    assert is_problem(answer, 403, "TooComplexQuery")


async def test_a_query_of_many_alternatives_is_answered(broker: Client) -> None:
    await broker.create(type=["A1", "B2"], scope="/S5", queue=1)
    first, second = (",".join(f"{letter}{number}" for number in range(30)) for letter in "AB")
    scopes = ",".join(f"/S{number}" for number in range(900))
    selectors = [{"type": f"(A1;B{number})"} for number in range(700)]
    await broker.create(
        id="urn:x:all", type=[f"A{number}" for number in range(30)] + [f"B{number}" for number in range(700)]
    )
    assert await broker.ids(type=f"({first});({second})", q="queue") == ["4"]
    assert await broker.ids(type="A1", scopeQ=scopes) == ["4"]
    answer = await broker.send("POST", "/entityOperations/query", {"type": "Query", "entities": selectors}, 200)
    assert [entity["id"] for entity in answer.json()] == [KIOSK, "urn:x:all"]
