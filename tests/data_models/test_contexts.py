"""The city's @context, with PyLD as the oracle: every term of every model has its official IRI."""

import json
from functools import cache
from typing import Any

import pytest
from pyld import jsonld

from data_models import MODELS, SmartDataModel
from data_models.base import attribute_types
from data_models.contexts import CURRENT, by_path, official, published, released, versions
from data_models.generator.__main__ import other_contexts
from data_models.generator.context import DECIDED, PRECEDENCE, composed, conflicts, digest_of, documents, terms
from data_models.schemas import schema_types
from ngsi_ld.jsonld.context import CORE_URL, Context, activate, core_definitions
from ngsi_ld.names import DEFAULT_CONTEXT

SUBJECT = {name: subject for subject, name in schema_types()}
CITY = "https://daten.example" + CURRENT


@cache
def city() -> Context:
    return activate(CITY, {CITY: by_path()[CURRENT]})


def loaded(url: str, options: dict[str, Any]) -> dict[str, Any]:
    """The core without the scoped context of a term that needs the network."""
    assert url == CORE_URL
    core = {term: definition for term, definition in core_definitions().items() if term != "ngsildproof"}
    return {
        "contentType": "application/ld+json",
        "contextUrl": None,
        "documentUrl": url,
        "document": {"@context": core},
    }


def expanded(names: list[str], source: object) -> dict[str, str]:
    """What PyLD makes of names: each is the only key of an object, so that none can hide another."""
    parts = source if isinstance(source, list) else [source]
    core = loaded(CORE_URL, {})["document"]["@context"]
    local = [core if part == CORE_URL else part for part in parts]
    found = jsonld.expand(
        {"@context": local, "@graph": [{"@id": f"urn:n:{i}", "@type": name} for i, name in enumerate(names)]},
        {"base": ""},
    )
    return {name: node["@type"][0] for name, node in zip(names, found, strict=True)}


@cache
def by_the_city() -> dict[str, str]:
    """All names of all models, and all terms, by the city's context."""
    of_models = {name for model in MODELS for name in (model.__name__, *attribute_types(model))}
    of_core = {term for term in core_definitions() if not term.startswith("@")}
    return expanded(sorted({*of_models, *of_core, *terms(), "unknownTerm"}), composed()["@context"])


@pytest.mark.parametrize("model", MODELS, ids=lambda model: model.__name__)
def test_every_term_of_a_model_has_the_iri_of_its_subject_or_the_one_decided_on(model: type[SmartDataModel]) -> None:
    subject, decided = SUBJECT[model.__name__], {conflict.term: conflict for conflict in conflicts()}
    names = [model.__name__, *attribute_types(model)]
    own, found = expanded(names, [dict(official()[subject])]), by_the_city()
    for name in names:
        if name not in terms():
            assert name in core_definitions() or found[name] == DEFAULT_CONTEXT + name
        elif name not in official()[subject]:
            assert found[name] == official()[_home(name)][name], "an extension that another subject has as a term"
        elif name in decided:
            assert found[name] in {decided[name].iri} and subject in (decided[name].subject, *decided[name].others)
        else:
            assert found[name] == own[name] == official()[subject][name]


def _home(name: str) -> str:
    return next(subject for subject in PRECEDENCE if official()[subject].get(name) == terms()[name])


def test_the_broker_reads_the_context_as_pyld_does() -> None:
    found = by_the_city()
    keywords = {"id", "type", "ngsildproof"}  # the last is left out of the oracle's core
    wrong = {name: found[name] for name in found if name not in keywords and city().expand(name) != found[name]}
    assert wrong == {}


def test_every_term_is_compacted_to_itself() -> None:
    again = {name: city().compact(city().expand(name)) for name in terms()}
    assert {name: short for name, short in again.items() if short != name} == {}


def test_types_are_never_in_conflict() -> None:
    assert {conflict.term for conflict in conflicts()} & {model.__name__ for model in MODELS} == set()


def test_what_is_decided_is_in_conflict_and_every_subject_has_its_place() -> None:
    assert {conflict.term for conflict in conflicts()} >= DECIDED.keys()
    assert sorted(PRECEDENCE) == sorted(official())


def test_the_context_needs_no_other_but_the_core_and_takes_nothing_from_it() -> None:
    own, core = composed()["@context"]
    assert core == CORE_URL
    assert own.keys() & core_definitions().keys() == set()


def test_the_committed_context_is_what_the_generator_composes() -> None:
    assert other_contexts() == []
    assert [f"contexts/herne/v{versions()[-1]}.jsonld"] == list(documents())


@pytest.mark.parametrize("version", released())
def test_a_released_version_has_not_changed(version: int) -> None:
    assert published()[f"/contexts/herne/v{version}.jsonld"].digest == released()[version], (
        "a released @context must never change: restore the file; the generator then writes a new version"
    )


def test_all_versions_are_released_but_perhaps_the_newest() -> None:
    assert set(versions()[:-1]) <= released().keys() <= set(versions())


def test_a_change_of_a_released_context_is_a_new_version(monkeypatch: pytest.MonkeyPatch) -> None:
    newest = versions()[-1]
    monkeypatch.setattr("data_models.generator.context.released", lambda: {newest: digest_of("another")})
    assert list(documents()) == [f"contexts/herne/v{newest + 1}.jsonld"]


def test_the_current_context_is_the_newest_version() -> None:
    newest = published()[f"/contexts/herne/v{versions()[-1]}.jsonld"]
    assert published()[CURRENT].body == newest.body
    assert json.loads(newest.body) == composed()


def test_the_official_contexts_are_known_by_the_addresses_that_the_programme_s_examples_use() -> None:
    for path in ("/smart-data-models/dataModel.Parking/master/context.jsonld", "/dataModel.Weather/context.jsonld"):
        assert "id" in by_path()[path]
