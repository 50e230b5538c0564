"""Selections, tenants and requests of all kinds for the comparison of a product with the copy of what it shows."""

from dataclasses import dataclass, field
from typing import Any

from hypothesis import strategies as st

from datenbroker.products.selection import Area, Selection
from tests.ngsi_ld.entities import NAMES, entities

DEFAULT = "https://uri.etsi.org/ngsi-ld/default-context/"
SDM = "https://example.org/dataModel.Waste/"
TRICKS: dict[str, Any] = {
    "https://example.org/plain.jsonld": {"level": DEFAULT + "p", "Meter": DEFAULT + "T"},
    "https://example.org/alias.jsonld": {"p": DEFAULT + "q", "q": DEFAULT + "r", "T": DEFAULT + "U", "x": "p"},
    "https://example.org/iri.jsonld": {DEFAULT + "p": DEFAULT + "s", DEFAULT + "q": DEFAULT + "r", "s": DEFAULT + "s"},
    "https://example.org/vocab.jsonld": {"@vocab": SDM, "p": DEFAULT + "p", "location": SDM + "location"},
    "https://example.org/prefix.jsonld": {"d": {"@id": DEFAULT, "@prefix": True}, "https": "https://example.org/x/"},
}
"""@contexts of clients by URL: names changed about, IRIs given another meaning."""

PLACES = st.tuples(st.integers(-3, 3), st.integers(-3, 3)).map(
    lambda place: {"type": "GeoProperty", "value": {"type": "Point", "coordinates": list(place)}}
)
SQUARE = ((-1.5, -1.5), (2.5, -1.5), (2.5, 2.5), (-1.5, 2.5), (-1.5, -1.5))
SCOPES = st.lists(st.sampled_from(["/A", "/A/B", "/A/B/C", "/B"]), max_size=2, unique=True)
TYPES = st.sampled_from([["T"], ["U"], ["V"], ["T", "U"], ["T", "V"], ["V", "U", "T"]])


@st.composite
def tenants(draw: st.DrawFn) -> list[dict[str, Any]]:
    """Up to six entities urn:x:0 …, as they are sent to a broker."""
    made = []
    for number in range(draw(st.sampled_from([0, 1, 3, 4, 5, 6]))):
        entity = {**draw(entities()), "id": f"urn:x:{'abcdef'[number]}", "type": draw(TYPES)}
        if draw(st.booleans()):
            entity["location"] = draw(PLACES)
        if draw(st.booleans()):
            entity[SDM + "fill"] = {"type": "Property", "value": draw(st.integers(0, 3))}
        if scopes := draw(SCOPES):
            entity["scope"] = scopes
        made.append(entity)
    return made


@st.composite
def selections(draw: st.DrawFn) -> Selection:
    """With each part or without."""
    area = Area(type="Polygon", coordinates=(SQUARE,), geoproperty="location")
    return Selection(
        types=tuple(draw(st.lists(st.sampled_from(["T", "U"]), min_size=1, unique=True))),
        ids=tuple(draw(st.one_of(st.just([]), st.just([]), st.just(["urn:x:a", "urn:x:c"])))),
        attributes=tuple(
            draw(st.lists(st.sampled_from(["p", "q", "location", "scope", SDM + "fill"]), unique=True, max_size=4))
        ),
        q=draw(st.sampled_from([None, None, "p", "!r", "s|p", 'r!="a"', "s;r|q>0", "p.observedAt"])),
        geo=draw(st.sampled_from([None, None, area])),
        scopes=draw(st.sampled_from([None, None, "/A/#", "/A,/B"])),
    )


def copy_of(selection: Selection, entities: list[dict[str, Any]], ids: list[str]) -> list[dict[str, Any]]:
    """What the product shows, by its definition, as it is sent to a broker."""
    own = {"id", "type"} if selection.attributes else {"id", "type", "scope"}
    return [
        {
            member: [name for name in value if name in selection.types] if member == "type" else value
            for member, value in entity.items()
            if member in own or not selection.attributes or member in selection.attributes
        }
        for entity in entities
        if entity["id"] in ids
    ]


@dataclass(frozen=True)
class Ask:
    """One request."""

    method: str
    path: str
    params: list[tuple[str, str]] = field(default_factory=list)
    headers: dict[str, str] = field(default_factory=dict)
    json: Any = None


ATTRIBUTES = st.sampled_from(
    [*NAMES, "location", "x", "level", "scope", "d:p", "d:r", *(DEFAULT + name for name in NAMES), SDM + "fill", "fill"]
)
PATHS = st.one_of(
    ATTRIBUTES,
    st.tuples(
        st.sampled_from([*NAMES, "level", "x", "d:r", "fill"]),
        st.sampled_from([".p", ".q", ".observedAt", ".unitCode", "[a]", "[de]", "[*]", '["a"]', ".createdAt"]),
    ).map("".join),
    st.sampled_from(["createdAt", "expiresAt", "type", "id", "p{q}"]),
)
LITERALS = st.sampled_from(
    ["0", "1", "-1.5", "1e30", '"a"', '"ab"', '""', "true", "urn:x:a", "2031-02-03", "2031-02-03T10:00:00Z", '"a\\"b"']
)
PATTERNS = st.sampled_from(["a", "^a", "x$", ".", '"a|b"', '(\\";s)', '"a\\\\"', '("|s)', '"\\""', "a\\.b"])
TERMS = st.one_of(
    PATHS,
    PATHS.map("!{}".format),
    st.tuples(PATHS, st.sampled_from(["==", "!=", "<", "<=", ">", ">="]), LITERALS).map("".join),
    st.tuples(PATHS, st.sampled_from(["==", "!="]), LITERALS, st.sampled_from([",", ".."]), LITERALS).map("".join),
    st.tuples(PATHS, st.sampled_from(["~=", "!~="]), PATTERNS).map("".join),
)
QUERIES = st.recursive(
    TERMS,
    lambda inner: st.tuples(inner, st.sampled_from([";", "|"]), inner).map(lambda it: f"({it[0]}{it[1]}{it[2]})"),
    max_leaves=5,
)
MEMBERS = st.lists(st.one_of(ATTRIBUTES, st.sampled_from(["id", "type", "createdAt"])), min_size=1, max_size=3)
TYPE_NAMES = st.sampled_from(
    ["T", "T", "T,U", "T,U", "U", "V", "T,U", "(T;U)", "T;V|U", "T,V,W", "*", DEFAULT + "V", "Meter", "d:V"]
)
GEO = st.tuples(
    st.sampled_from(["near;maxDistance==200000", "near;minDistance==100000", "within", "intersects", "disjoint"]),
    st.sampled_from([("Point", "[0,0]"), ("Polygon", "[[[0,0],[3,0],[3,3],[0,3],[0,0]]]")]),
    st.sampled_from([[], [], [("geoproperty", "p")], [("geoproperty", "r")], [("geoproperty", DEFAULT + "s")]]),
).map(lambda it: [("georel", it[0]), ("geometry", it[1][0]), ("coordinates", it[1][1]), *it[2]])
CONDITIONS: dict[str, st.SearchStrategy[str]] = {
    "id": st.lists(st.sampled_from(["urn:x:a", "urn:x:b", "urn:x:c", "urn:x:zz"]), min_size=1).map(",".join),
    "idPattern": st.sampled_from(["a$", "[bc]", "urn", ":d|:e"]),
    "q": QUERIES,
    "scopeQ": st.sampled_from(["/A", "/A/+", "/A/#", "(/A;/B)", "/A/B,/B", "/#"]),
    "attrs": MEMBERS.map(",".join),
}
VIEWS: dict[str, st.SearchStrategy[str]] = {
    "pick": MEMBERS.map(",".join),
    "omit": MEMBERS.map(",".join),
    "lang": st.sampled_from(["de", "en,*"]),
    "datasetId": st.sampled_from(["urn:d:1", "@none", "@none,urn:d:1"]),
    "options": st.sampled_from(["keyValues", "concise", "sysAttrs", "sysAttrs,concise"]),
    "format": st.sampled_from(["simplified", "concise", "normalized"]),
}
JOINS = st.tuples(
    st.sampled_from(["inline", "flat"]),
    st.sampled_from([[], [("joinLevel", "2")], [("containedBy", "urn:x:b")]]),
).map(lambda it: [("join", it[0]), *it[1]])
ORDERS = st.tuples(
    st.one_of(PATHS.map("{};desc".format), PATHS, st.sampled_from(["id", "scope", "location;dist-asc", "r;dist-desc"])),
    st.sampled_from(["", ",id;desc"]),
).map(lambda it: [("orderBy", it[0] + it[1]), ("orderFrom", "[1,1]"), ("local", "true")])
PAGES = st.tuples(
    st.sampled_from([[], [], [("limit", "1")], [("limit", "2")]]),
    st.sampled_from([[], [], [("offset", "1")], [("offset", "2")]]),
    st.sampled_from([[], [("count", "true")]]),
).map(lambda parts: [pair for part in parts for pair in part])
BROKEN = st.sampled_from(
    [
        *(("type", text) for text in ("", "T,", "T;(U")),
        *(("limit", text) for text in ("0", "1001", "x", "1,2")),
        *(("q", text) for text in ("p==", "s<<1", "(s", "r;;q", "p==1;s==x y")),
        *(("georel", text) for text in ("nowhere", "within")),
        *(("options", text) for text in ("count", "keyValues,concise")),
        ("idPattern", "("),
        ("id", "a"),
        ("scopeQ", "//"),
        ("datasetId", "x"),
        ("format", "csv"),
        ("geometryProperty", "r"),
        ("attrs", ""),
        ("pick", "s{p}"),
        ("joinLevel", "0"),
        ("orderBy", "s;up"),
        ("tenant", "other"),
        ("s", "1"),
        ("type", "V"),
        ("pick", "s"),
    ]
).map(lambda pair: [pair])
LINKS = st.sampled_from([None, None, None, *TRICKS])
ACCEPTS = st.sampled_from([None, None, None, "application/ld+json", "application/geo+json"])


def headers(accepts: st.SearchStrategy[str | None]) -> st.SearchStrategy[dict[str, str]]:
    return st.tuples(accepts, LINKS, st.booleans()).map(
        lambda it: {
            **({"Accept": it[0]} if it[0] else {}),
            **({"Link": f'<{it[1]}>; rel="http://www.w3.org/ns/json-ld#context"'} if it[1] else {}),
            **({"Prefer": "body=json"} if it[2] else {}),
        }
    )


Params = st.SearchStrategy[list[tuple[str, str]]]


def some(parts: dict[str, st.SearchStrategy[str]], most: int) -> Params:
    """A few of the parameters."""
    one = st.sampled_from(sorted(parts)).flatmap(lambda name: st.tuples(st.just(name), parts[name]))
    return st.lists(one, max_size=most, unique_by=lambda pair: pair[0])


def seldom(strategy: Params, times: int = 4) -> Params:
    return st.sampled_from([False] * times + [True]).flatmap(lambda wanted: strategy if wanted else st.just([]))


def joined(*parts: Params) -> Params:
    """Each once: the first counts."""
    return st.tuples(*parts).map(lambda them: list(dict(reversed([pair for part in them for pair in part])).items()))


TYPED = st.one_of(TYPE_NAMES.map(lambda name: [("type", name)]), st.just([("local", "true")]))
QUERY_PARAMS = joined(
    TYPED,
    some(CONDITIONS, 2),
    seldom(GEO, 3),
    some(VIEWS, 2),
    seldom(JOINS),
    seldom(ORDERS),
    PAGES,
)
ODD_PARAMS = st.tuples(QUERY_PARAMS, seldom(BROKEN, 8)).map(lambda parts: parts[0] + parts[1])
IDS = st.sampled_from(["urn:x:a", "urn:x:b", "urn:x:c", "urn:x:a", "urn:x:none"])
NAMED = st.one_of(
    st.sampled_from(["T", "U", "V", "Meter"]).map("/types/{}".format),
    st.sampled_from(["p", "r", "x", "location", "level"]).map("/attributes/{}".format),
)
SELECTORS = st.lists(
    st.one_of(
        TYPE_NAMES.map(lambda name: {"type": name}),
        st.tuples(TYPE_NAMES, CONDITIONS["idPattern"]).map(lambda it: {"type": it[0], "idPattern": it[1]}),
        st.tuples(TYPE_NAMES, st.lists(IDS, min_size=1)).map(lambda it: {"type": it[0], "id": it[1]}),
    ),
    min_size=1,
    max_size=3,
)


@st.composite
def posted(draw: st.DrawFn) -> dict[str, Any]:
    """A Query, now and then with a @context of its own."""
    query: dict[str, Any] = {"type": "Query", "entities": draw(SELECTORS)}
    query |= {name: value for name, value in draw(some(CONDITIONS, 1)) if name in ("q", "scopeQ")}
    for name, value in draw(some(VIEWS, 1)):
        if name in ("pick", "omit"):
            query[name] = value.split(",")
    if geo := dict(draw(seldom(GEO, 3))):
        query["geoQ"] = geo
    if draw(st.sampled_from([False, False, True])):
        query["@context"] = draw(st.sampled_from([*TRICKS, *TRICKS.values(), [*TRICKS][:2]]))
    return query


PLAIN = st.sampled_from([None, None, "application/ld+json", "text/html"])
ASKS = st.one_of(
    st.builds(Ask, st.just("GET"), st.just("/entities"), ODD_PARAMS, headers(ACCEPTS)),
    st.builds(
        Ask,
        st.just("GET"),
        IDS.map("/entities/{}".format),
        joined(some(VIEWS, 2), seldom(JOINS, 2), seldom(TYPED.filter(lambda pairs: pairs[0][1] != "*"), 2)),
        headers(ACCEPTS),
    ),
    st.builds(
        Ask,
        st.just("GET"),
        st.sampled_from(["/types", "/attributes"]),
        seldom(st.just([("details", "true")]), 1),
        headers(PLAIN),
    ),
    st.builds(
        Ask,
        st.just("POST"),
        st.just("/entityOperations/query"),
        joined(PAGES, some({name: VIEWS[name] for name in ("options", "format")}, 1)),
        headers(ACCEPTS),
        posted(),
    ),
    st.builds(Ask, st.just("GET"), NAMED, st.just([]), headers(PLAIN)),
)
