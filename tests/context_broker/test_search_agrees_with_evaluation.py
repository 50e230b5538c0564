"""What the indexes narrow and the documents decide is what evaluating every document decides."""

import asyncio
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st
from pytest import MonkeyPatch

from context_broker.broker import Broker
from context_broker.limits import Limits
from context_broker.storage import search
from context_broker.storage.search import Page
from context_broker.storage.selection import Selection
from context_broker.storage.tenants import DEFAULT_TENANT
from context_broker.storage.transaction import Transaction
from ngsi_ld.errors import BadRequestData
from ngsi_ld.jsonld.context import core_context
from ngsi_ld.model.entity import read_entity, stamp
from ngsi_ld.model.kinds import EntityDocument
from ngsi_ld.query.geo import parse_geo_query
from ngsi_ld.query.patterns import compile_pattern
from ngsi_ld.query.q import Query, parse_q
from ngsi_ld.query.scope import parse_scope_query
from ngsi_ld.query.types import parse_type_selection
from tests.ngsi_ld.entities import NAMES, entities

CONTEXT = core_context()
MOMENT = "2031-02-03T10:00:00.000Z"
PATHS = st.one_of(
    st.sampled_from(NAMES),
    st.tuples(
        st.sampled_from(NAMES), st.sampled_from([".p", ".q", ".unitCode", ".observedAt", "[a]", "[de]", "[*]"])
    ).map("".join),
    st.just("createdAt"),
)
LITERALS = st.sampled_from(
    [
        "0",
        "1",
        "-1.5",
        "2",
        "1e30",
        '"a"',
        '"ab"',
        '""',
        '"ä"',
        f'"{"x" * 70}"',
        f'"{"x" * 69}y"',
        "true",
        "false",
        "urn:x:a",
        "2031-02-03",
        "10:00:00Z",
        "2031-02-03T10:00:00Z",
        "2031-02-03T10:00:00.500Z",
        '"2031-02-03"',
        '"C62"',
    ]
)
TERMS = st.one_of(
    PATHS,
    PATHS.map("!{}".format),
    st.tuples(PATHS, st.sampled_from(["==", "!=", "<", "<=", ">", ">="]), LITERALS).map("".join),
    st.tuples(PATHS, st.sampled_from(["==", "!="]), LITERALS, LITERALS).map(
        lambda it: f"{it[0]}{it[1]}{it[2]},{it[3]}"
    ),
    st.tuples(PATHS, st.sampled_from(["==", "!="]), LITERALS, LITERALS).map(
        lambda it: f"{it[0]}{it[1]}{it[2]}..{it[3]}"
    ),
    st.tuples(PATHS, st.sampled_from(["~=", "!~="]), st.sampled_from(["a", "^a", "x$", "."])).map("".join),
)
QUERIES = st.recursive(
    TERMS,
    lambda inner: st.tuples(inner, st.sampled_from([";", "|"]), inner).map(lambda it: f"({it[0]}{it[1]}{it[2]})"),
    max_leaves=4,
)
SCOPES = st.lists(st.sampled_from(["/A", "/A/B", "/A/B/C", "/AX", "/B"]), max_size=2, unique=True)
ID_PATTERNS = [
    "^urn:x:",
    "^urn:x:1",
    "^urn:x:1?",
    "^urn:x:[02]$",
    "1$",
    "^urn:x:1|2",
    "x",
    "^urn.x",
    "^(urn:x:)+3",
    "z",
]
CITIES = st.lists(st.tuples(entities(), SCOPES, st.sampled_from([["T"], ["U"], ["T", "U"]])), min_size=1, max_size=6)


def document(number: int, sent: dict[str, Any], scopes: list[str], types: list[str]) -> EntityDocument:
    entity = {**sent, "id": f"urn:x:{number}", "type": types, **({"scope": scopes} if scopes else {})}
    return stamp(read_entity(entity, CONTEXT), MOMENT)


async def found_by_search(
    folder: Path, documents: list[EntityDocument], selections: list[Selection]
) -> list[list[str]]:
    """The ids that each selection finds in a broker that holds the documents and, in another tenant, their doubles."""
    broker = Broker(folder, Limits())

    def fill(transaction: Transaction) -> None:
        other = transaction.tenants.ensure("other")
        for tenant in (DEFAULT_TENANT, other):
            for entity in documents:
                transaction.create(tenant, entity)

    await broker.writer.write(fill)
    found = []
    for selection in selections:
        ids = []
        for page in (Page(), Page(limit=2, count=True), Page(limit=2, offset=2, count=True)):
            result = await broker.search.find(DEFAULT_TENANT, selection, page)
            ids.append([stored.id for stored in result.entities])
            assert result.total in (None, len(ids[0]))
        assert ids[1] + ids[2] == ids[0][:4]
        found.append(ids[0])
    await broker.stop()
    return found


def check(cities: list[Any], selections: list[Selection]) -> None:
    documents = [document(number, *city) for number, city in enumerate(cities)]
    due = [[entity["id"] for entity in documents if each.holds(entity, lambda _: None)] for each in selections]
    for selective in (20_000, 1):
        with MonkeyPatch.context() as patch, TemporaryDirectory() as folder:
            patch.setattr(search, "SELECTIVE", selective)
            patch.setattr(search, "CHUNK", 2)
            patch.setattr(search, "TRIED", 2)
            assert asyncio.run(found_by_search(Path(folder), documents, selections)) == due


def parsed(text: str) -> Query | None:
    try:
        return parse_q(text, CONTEXT)
    except BadRequestData:
        return None


@settings(max_examples=40, deadline=None)
@given(CITIES, st.lists(QUERIES, min_size=8, max_size=8))
def test_q_finds_what_evaluation_finds(cities: list[Any], queries: list[str]) -> None:
    trees = [query for text in queries if (query := parsed(text)) is not None]
    types, names = parse_type_selection("T", CONTEXT), frozenset(map(CONTEXT.expand, NAMES[:2]))
    selections = [Selection(q=query) for query in trees]
    selections += [Selection(q=query, types=types) for query in trees]
    check(cities, selections + [Selection(q=query, attributes=names) for query in trees])


@settings(max_examples=25, deadline=None)
@given(CITIES, st.data())
def test_types_scopes_and_attributes_find_what_evaluation_finds(cities: list[Any], data: st.DataObject) -> None:
    types = data.draw(st.lists(st.sampled_from(["T", "U", "(T;U)", "T,U", "V", "(T;V),U"]), min_size=3, max_size=3))
    scopes = data.draw(
        st.lists(st.sampled_from(["/A", "/A/#", "/+/B", "/#", "(/A;/B),/AX", "/A/+/#"]), min_size=3, max_size=3)
    )
    names = data.draw(st.lists(st.sets(st.sampled_from(NAMES), min_size=1), min_size=3, max_size=3))
    selections = []
    for type_, scope, chosen in zip(types, scopes, names, strict=True):
        one = Selection(types=parse_type_selection(type_, CONTEXT))
        two = Selection(scopes=parse_scope_query(scope))
        three = Selection(attributes=frozenset(map(CONTEXT.expand, chosen)))
        four = Selection(types=one.types, scopes=two.scopes, attributes=three.attributes)
        five = Selection(types=one.types, ids=("urn:x:0", "urn:x:2", "urn:x:none"))
        selections += [one, two, three, four, Selection(alternatives=(one, four)), Selection(alternatives=(four, five))]
    check(cities, selections)


@settings(max_examples=25, deadline=None)
@given(CITIES, st.data())
def test_geo_queries_find_what_evaluation_finds(cities: list[Any], data: st.DataObject) -> None:
    relations = [
        "near;maxDistance==150000",
        "near;minDistance==150000",
        "within",
        "contains",
        "intersects",
        "disjoint",
        "equals",
    ]
    selections = []
    for name in NAMES:
        polygon = [[[-2, -2], [1, -2], [1, 1], [-2, 1], [-2, -2]]]
        shape, coordinates = data.draw(st.sampled_from([("Point", [1, 1]), ("Point", [0, -1]), ("Polygon", polygon)]))
        members = {"georel": data.draw(st.sampled_from(relations)), "geometry": shape, "coordinates": coordinates}
        selections.append(Selection(geo=parse_geo_query({**members, "geoproperty": name}, CONTEXT)))
    check(cities, selections)


@settings(max_examples=25, deadline=None)
@given(CITIES, st.lists(st.sampled_from(ID_PATTERNS), min_size=4, max_size=4))
def test_id_patterns_find_what_evaluation_finds(cities: list[Any], patterns: list[str]) -> None:
    types = parse_type_selection("T", CONTEXT)
    selections = [Selection(id_pattern=compile_pattern(pattern, "idPattern")) for pattern in patterns]
    check(cities, selections + [replace(each, types=types) for each in selections])
