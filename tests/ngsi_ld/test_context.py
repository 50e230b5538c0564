"""Expansion and compaction of names, with PyLD as the oracle: the user's context first, the core last."""

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pyld import jsonld

from ngsi_ld.errors import BadRequestData
from ngsi_ld.jsonld.context import Context, activate, core_context, core_definitions

TERMS = st.sampled_from(["alpha", "beta", "gamma", "ex", "two", "ex:term", "two:x"])
IRIS = st.sampled_from(
    [
        "https://a.example/",
        "https://a.example/x#",
        "https://b.example/name",
        "ex:tail",
        "two:tail",
        "urn:a:b",
        "alpha:x",
    ]
)
DEFINITIONS = st.one_of(IRIS, IRIS.map(lambda iri: {"@id": iri}), IRIS.map(lambda iri: {"@id": iri, "@prefix": True}))
CONTEXTS = st.lists(st.dictionaries(TERMS, DEFINITIONS, max_size=4), min_size=1, max_size=2)
NAMES = [
    "alpha", "beta", "gamma", "ex:rest", "two:rest", "ex:term", "two:x", "unknown", "alpha:x", "nope:x",
    "https://a.example/rest", "location", "title", "urn:a:b", "ngsi-ld:thing",
]  # fmt: skip


def expanded(source: list[Any], name: str) -> str | None:
    core = {key: value for key, value in core_definitions().items() if key not in ("@protected", "ngsildproof")}
    try:
        result = jsonld.expand({"@context": [*source, core], "@type": [name]}, {"base": ""})
    except jsonld.JsonLdError:
        return None
    types: list[str] = result[0]["@type"] if result else [""]
    return types[0]


@settings(max_examples=60, deadline=None)
@given(CONTEXTS, st.sampled_from(NAMES))
def test_names_expand_as_jsonld_says(source: list[Any], name: str) -> None:
    due = expanded(source, name)
    if due is not None:
        assert activate(source, {}).expand(name) == due


@settings(max_examples=150, deadline=None)
@given(CONTEXTS, st.sampled_from(NAMES))
def test_what_is_expanded_is_compacted_to_a_name_of_the_same_meaning(source: list[Any], name: str) -> None:
    try:
        context = activate(source, {})
    except BadRequestData:
        return
    iri = context.expand(name)
    assert context.expand(context.compact(iri)) == iri


@settings(max_examples=60, deadline=None)
@given(
    st.dictionaries(st.sampled_from(["alpha", "beta", "gamma"]), st.sampled_from(["https://a.example/x", "urn:a:b"]))
)
def test_names_compact_as_jsonld_says(source: dict[str, str]) -> None:
    core = {key: value for key, value in core_definitions().items() if key not in ("@protected", "ngsildproof")}
    for iri in ("https://a.example/x", "urn:a:b", "https://uri.etsi.org/ngsi-ld/default-context/other"):
        due = jsonld.compact({"@type": [iri]}, [source, core], {"base": ""})
        assert activate(source, {}).compact(iri) == due[next(name for name in due if name in ("@type", "type"))]


def test_the_core_wins_over_the_users_terms() -> None:
    context = activate({"location": "https://a.example/l", "@vocab": "https://a.example/"}, {})
    assert context.expand("location") == "https://uri.etsi.org/ngsi-ld/location"
    assert context.expand("unknown") == core_context().expand("unknown")


def test_a_users_vocabulary_completes_the_users_own_terms() -> None:
    context = activate({"@vocab": "https://a.example/", "name": {"@type": "@id"}, "label": "tag"}, {})
    assert (context.expand("name"), context.expand("label")) == ("https://a.example/name", "https://a.example/tag")


def test_a_context_is_the_core_where_nothing_is_added() -> None:
    assert activate({}, {}) is activate([], {}) is core_context()
    assert isinstance(core_context(), Context)


@pytest.mark.parametrize(
    "source", [{"a": "b:x", "b": "a:x"}, {"a": 5}, {"a": {"@id": 5}}, {"a": {"@id": "x:y", "@context": {}}}]
)
def test_definitions_that_make_no_sense_are_bad_request_data(source: Any) -> None:
    with pytest.raises(BadRequestData):
        activate(source, {})
