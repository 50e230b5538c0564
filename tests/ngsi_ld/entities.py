"""Random entities for hypothesis: every attribute kind, sub-attributes, instances, in normalized form."""

from typing import Any

from hypothesis import strategies as st

SCALARS = st.one_of(
    st.integers(-5, 5),
    st.sampled_from([0.5, -1.5, 2.0, 1e30]),
    st.booleans(),
    st.sampled_from(["", "a", "b", "ab", "ä", "x" * 70, "x" * 69 + "y", "2031-02-03", "10:00:00Z", "urn:x:a"]),
    st.sampled_from(["2031-02-03T10:00:00Z", "2031-02-03T10:00:00.5Z", "2031-02-03T10:00:00.50Z"]),
)
OBJECTS = st.dictionaries(
    st.sampled_from(["a", "b", "type", "value", "object", "@type", "coordinates"]), SCALARS, max_size=3
)
VALUES = st.one_of(
    SCALARS,
    OBJECTS,
    st.lists(st.one_of(SCALARS, OBJECTS), max_size=3),
    st.just({"type": "Point", "coordinates": [1, 2]}),
    st.just({"@type": "DateTime", "@value": "2031-02-03T10:00:00Z"}),
    st.just([{"type": "Property", "value": 1}]),
)
POSITIONS = st.tuples(st.integers(-3, 3), st.integers(-3, 3)).map(list)
GEOMETRIES = st.one_of(
    POSITIONS.map(lambda position: {"type": "Point", "coordinates": position}),
    st.lists(POSITIONS, min_size=2, max_size=3).map(lambda line: {"type": "LineString", "coordinates": line}),
)
URIS = st.sampled_from(["urn:x:a", "urn:x:b", "urn:x:c"])
TEXTS = st.sampled_from(["a", "b", "ab"])
LANGUAGES = st.dictionaries(
    st.sampled_from(["de", "en", "@none"]), st.one_of(TEXTS, st.lists(TEXTS, max_size=2)), min_size=1
)
KINDS: list[tuple[str, str, st.SearchStrategy[Any]]] = [
    ("Property", "value", VALUES),
    ("GeoProperty", "value", GEOMETRIES),
    ("Relationship", "object", st.one_of(URIS, st.lists(URIS, min_size=1, max_size=2))),
    ("LanguageProperty", "languageMap", LANGUAGES),
    ("VocabProperty", "vocab", st.one_of(TEXTS, st.lists(TEXTS, min_size=1, max_size=2))),
    ("JsonProperty", "json", st.one_of(SCALARS, OBJECTS, st.none())),
    ("ListProperty", "valueList", st.lists(st.one_of(SCALARS, OBJECTS), max_size=3)),
    ("ListRelationship", "objectList", st.lists(URIS, max_size=3)),
]
NAMES = ["p", "q", "r", "s"]


@st.composite
def instances(draw: st.DrawFn, depth: int = 1) -> dict[str, Any]:
    kind, member, values = draw(st.sampled_from(KINDS))
    instance = {"type": kind, member: draw(values)}
    if draw(st.booleans()):
        instance["observedAt"] = "2031-02-03T10:00:00Z"
    if kind in ("Property", "ListProperty") and draw(st.booleans()):
        instance["unitCode"] = "C62"
    if depth and draw(st.booleans()):
        instance[draw(st.sampled_from(NAMES))] = draw(instances(depth - 1))
    return instance


@st.composite
def attributes(draw: st.DrawFn) -> Any:
    first = draw(instances())
    if not draw(st.booleans()):
        return first
    return [first, {**draw(instances()), "datasetId": "urn:d:1"}]


def entities(id_: str = "urn:x:e") -> st.SearchStrategy[dict[str, Any]]:
    """Entities of type T with some of the attributes p, q, r, s."""
    return st.dictionaries(st.sampled_from(NAMES), attributes(), max_size=4).map(
        lambda found: {"id": id_, "type": "T", **found}
    )
