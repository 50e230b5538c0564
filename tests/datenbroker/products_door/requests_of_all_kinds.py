"""Requests to every reading operation: each parameter with good and odd values, headers and bodies of all kinds."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import orjson

from context_broker.http.routes import Route
from datenbroker.gateway.products.resources import TABLE
from datenbroker.gateway.products.visit import Visit

CONTEXT = "http://www.w3.org/ns/json-ld#context"
TERMS = "https://example.org/terms.jsonld"
SQUARE = "[[[-9,-9],[9,-9],[9,9],[-9,9],[-9,-9]]]"
VALUES: dict[str, list[str]] = {
    "id": ["urn:x:a", "urn:x:b,urn:x:a", "urn:x:none", "a", "", "urn:x:a,,urn:x:b"],
    "type": ["T", "T,U", "(T;U)", "*", "", "T;(U", "Tee", "d:T", "https://uri.etsi.org/ngsi-ld/default-context/T"],
    "idPattern": ["[ab]$", "(", "", "."],
    "attrs": ["p", "p,q", "", "nothing", "createdAt", "p,,q"],
    "pick": ["id,p", "p", "p{q}", "", "rel{id}", "createdAt", "id,type,scope"],
    "omit": ["p", "id", "type", "", "p{q}"],
    "q": ["p>1", "p==1;q", "rel{p}==1", "p==", "!p", "", "createdAt", "p~=(", 'name[de]=="x"', "rel=='urn:x:b'"],
    "expandValues": ["p", ""],
    "jsonKeys": ["p", ""],
    "csf": ["p==1", "p=="],
    "georel": ["within", "near;maxDistance==9", "nowhere", ""],
    "geometry": ["Polygon", "Point"],
    "coordinates": [SQUARE, "[0,0]", "x"],
    "geoproperty": ["location", "p"],
    "scopeQ": ["/A", "/A/#", "//", "", "A"],
    "local": ["true", "false", "yes", ""],
    "lang": ["de", "", "en,*;q=0"],
    "datasetId": ["urn:d:1", "@none", "x", ""],
    "geometryProperty": ["location", "p", ""],
    "join": ["inline", "flat", "@none", "x"],
    "joinLevel": ["2", "0", "x", "31"],
    "containedBy": ["urn:x:b", "x", ""],
    "format": ["simplified", "concise", "normalized", "keyValues", "csv", ""],
    "options": ["keyValues", "concise", "sysAttrs", "keyValues,concise", "count", "", "sysAttrs, keyValues"],
    "entityMap": ["true", "x"],
    "entityMapLifetime": ["PT1H"],
    "splitEntities": ["true", "x"],
    "limit": ["1", "0", "1000", "1001", "x", "-1", "1,2"],
    "offset": ["1", "x", "100"],
    "count": ["true", "false", "x"],
    "orderBy": ["p", "type", "p;desc,id", "id;up", "location;dist-asc", "", "rel{p}"],
    "collation": ["de", "zz"],
    "orderFrom": ["[1,1]", "x"],
    "orderGeometry": ["Point", "x"],
    "details": ["true", "false", "x", ""],
    "unknown": ["1"],
}
TOGETHER = (
    "type=T&count=true&limit=0",
    "type=T,U&limit=1&offset=1&count=true",
    f"georel=within&geometry=Polygon&coordinates={SQUARE}",
    "georel=near%3BmaxDistance==9&geometry=Point&coordinates=[1,1]&type=T",
    "type=T&attrs=p&pick=p",
    "type=T&pick=p&omit=p",
    "type=T&join=inline&joinLevel=2&q=rel{p}==1",
    "type=T&join=flat&q=rel{T:p}>0",
    "type=T&join=inline&q=!rel{p}",
    "orderBy=type,id&local=true",
    "orderBy=location;dist-desc&orderFrom=[1,1]&local=true",
    "type=T&local=false&orderBy=p",
    "type=*&local=false",
    "type=T&type=U",
    "type=T&q=%FF",
    "type=T&x=%",
    "q=createdAt",
    "limit=1&count=true",
)
ACCEPTS: tuple[tuple[str, ...], ...] = (
    ("application/json",),
    ("application/ld+json",),
    ("application/geo+json",),
    ("text/html",),
    ("*/*",),
    ("",),
    ("application/*;q=0.5, application/ld+json",),
    ("application/json;q=0, */*",),
    ("text/html", "application/ld+json"),
    ("application/json;q=0.1", "application/geo+json;q=x"),
    (",",),
)
LINKS = (
    f'<{TERMS}>; rel="{CONTEXT}"; type="application/ld+json"',
    f'<{TERMS}>; rel="{CONTEXT}", <https://example.org/other>; rel="{CONTEXT}"',
    f'<>; rel="{CONTEXT}"',
    f'<ftp://example.org/x>; rel="{CONTEXT}"',
    '<https://example.org/x>; rel="next"',
    "nonsense",
)
ANY = {"entities": [{"type": "T"}]}
BODIES: tuple[Any, ...] = (
    ANY,
    ANY | {"q": "p>1", "pick": ["id", "p"]},
    ANY | {"q": "rel{p}==1", "join": "inline"},
    ANY | {"attrs": ["p"]},
    ANY | {"geoQ": {"georel": "within", "geometry": "Polygon", "coordinates": orjson.loads(SQUARE)}},
    ANY | {"geoQ": {"georel": "within"}},
    ANY | {"ordering": {"orderBy": ["type", "p;desc"]}},
    ANY | {"scopeQ": "/A", "lang": "de"},
    ANY | {"temporalQ": {"timerel": "before"}},
    ANY | {"more": 1},
    ANY | {"@context": TERMS},
    {"entities": []},
    {"entities": [{"type": "*"}], "ordering": {"orderBy": ["id"]}},
    {"entities": [{"id": "urn:x:a"}]},
    {"entities": [{"type": "T", "id": ["urn:x:a", "urn:x:b"]}, {"type": "U", "idPattern": "b"}]},
    {"entities": "T"},
    {"q": "p"},
    {"q": "createdAt"},
    {"attrs": []},
    {"omit": ["p"], "q": 1},
    {},
)
RAW: tuple[tuple[bytes, str], ...] = (
    (b"", "application/json"),
    (b"{", "application/json"),
    (b"[]", "application/json"),
    (b'"x"', "application/json"),
    (b'{"type": "Query", "entities": [{"type": "T"}]}', "text/plain"),
    (b'{"type": "Query", "entities": [{"type": "T"}]}', "application/json; charset=latin-1"),
    (b'{"type": "Query", "entities": [{"type": "T"}]}', "application/ld+json"),
    (
        b'{"type": "Query", "@context": {"Tee": "https://x.example/T"}, "entities": [{"type": "Tee"}]}',
        "application/ld+json",
    ),
    (b'{"type": "Query", "@context": 1, "entities": [{"type": "T"}]}', "application/ld+json"),
)


@dataclass(frozen=True)
class Sent:
    """One request; `target` is path and query below ngsi-ld/v1."""

    method: str
    target: str
    headers: tuple[tuple[str, str], ...] = ()
    body: bytes | None = None


def reading() -> list[Route[Visit]]:
    """The operations on what the broker holds now."""
    return [one for one in TABLE.routes if not one.path.startswith(("/temporal", "/subscriptions"))]


def places(route: Route[Visit]) -> list[str]:
    """Paths with something and nothing behind them."""
    names = ["urn:x:a", "urn:x:none", "a"] if route.path.startswith("/entities") else ["T", "p", "none", "d:p", "%FF"]
    return [route.path.replace("{}", name) for name in names] if "{}" in route.path else [route.path]


def asked() -> Iterator[Sent]:
    """Of all kinds."""
    for route in reading():
        for path in places(route):
            yield from _of_method(route.method, path)
            yield from (Sent("OPTIONS", path + more) for more in ("", "?x=1"))
            if route.method == "GET":
                yield from (Sent("HEAD", path + more) for more in ("", "?limit=x", "?type=T"))
    yield from (Sent("GET", path) for path in ("/", "/entities/", "/entities/urn:x:a/", "/types/T/x", "/nothing"))


def _of_method(method: str, path: str) -> Iterator[Sent]:
    body = orjson.dumps({"type": "Query"} | ANY) if method == "POST" else None
    sort = (("Content-Type", "application/json"),) if method == "POST" else ()
    base = "?type=T&" if path == "/entities" else "?"
    for name, values in VALUES.items():
        for value in values:
            yield Sent(method, f"{path}?{name}={value}", sort, body)
            yield from [Sent(method, f"{path}{base}{name}={value}", sort, body)] if base != "?" else []
    yield from (Sent(method, f"{path}?{query}", sort, body) for query in TOGETHER)
    for accepts in ACCEPTS:
        yield Sent(method, path + base, (*sort, *(("Accept", value) for value in accepts)), body)
    for link in LINKS:
        yield Sent(method, path + base, (*sort, ("Link", link)), body)
        yield Sent(method, path + base, (*sort, ("Link", link), ("Link", LINKS[0])), body)
    for prefer in ("body=json", "body=ld+json"):
        yield Sent(method, path + base, (*sort, ("Accept", "application/geo+json"), ("Prefer", prefer)), body)
    if method == "POST":
        yield from _posted(path)


def _posted(path: str) -> Iterator[Sent]:
    for body in BODIES:
        for query in ("", "?count=true&limit=1", "?options=keyValues"):
            kind = "application/ld+json" if "@context" in body else "application/json"
            yield Sent("POST", path + query, (("Content-Type", kind),), orjson.dumps({"type": "Query"} | body))
    for raw, kind in RAW:
        yield Sent("POST", path, (("Content-Type", kind),), raw)
        yield Sent("POST", path, (("Content-Type", kind), ("Link", LINKS[0])), raw)
