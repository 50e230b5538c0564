"""Composes the city's @context of the official ones; where these disagree, the decisions stand here."""

import hashlib
import json
from collections.abc import Mapping
from functools import cache
from types import MappingProxyType
from typing import Any, NamedTuple

from data_models.base import attribute_types
from data_models.contexts import CITY, official, released, versions
from data_models.registry import MODELS
from data_models.schemas import schema_types
from ngsi_ld.jsonld.context import CORE_URL, core_definitions

PRECEDENCE = (
    *("Device", "Weather", "Environment", "Parking", "Transportation", "WasteManagement", "Energy", "GreenEnergy"),
    *("Streetlighting", "WaterQuality", "ParksAndGardens", "Agrifood", "DCAT-AP", "UrbanMobility", "Building"),
    *("WaterConsumption", "KeyPerformanceIndicator", "Alert"),
)
"""Where several subjects have an IRI of their own for a term, the first of those whose models here use it gives it:
what measures first, then what is measured, then the city's services by the number of their data."""

DECIDED = MappingProxyType(
    {
        "category": ("Parking", "most entities of a city that have a category are parking sites and bays"),
        "direction": ("Transportation", "of a lane's traffic; a device's direction means the flow of its data"),
        "powerFactor": ("Energy", "a quantity of electricity"),
        "provider": ("Parking", "whom drivers pay; a device's provider is a mobile network"),
    }
)
"""Term → (subject, why), where the precedence would choose one that misleads."""


class Conflict(NamedTuple):
    """A term with several official IRIs: the one that the city's context has, and why."""

    term: str
    subject: str
    iri: str
    others: tuple[str, ...]
    why: str


def composed() -> dict[str, Any]:
    """The document of the city's context. Terms of the NGSI-LD core are left to the core, which is its last part."""
    return {"@context": [dict(sorted(terms().items())), CORE_URL]}


@cache
def terms() -> Mapping[str, str]:
    """Term → IRI."""
    core = core_definitions()
    names = {name for context in official().values() for name in context if name not in core}
    return MappingProxyType({name: _iri(name, _subject_of(name)) for name in names})


@cache
def conflicts() -> tuple[Conflict, ...]:
    """Every term of which there are several official IRIs, in order."""
    found = []
    for term, iri in sorted(terms().items()):
        others = tuple(subject for subject in _subjects(term) if _iri(term, subject) != iri)
        if others:
            why = DECIDED[term][1] if term in DECIDED else "precedence"
            found.append(Conflict(term, _subject_of(term), iri, others, why))
    return tuple(found)


def documents() -> dict[str, str]:
    """File (relative to data_models/) → what it has to say. What differs from a released version is a new one."""
    text = json.dumps(composed(), indent=1, ensure_ascii=False) + "\n"
    newest = versions()[-1] if versions() else 1
    changed = newest in released() and released()[newest] != digest_of(text)
    return {f"contexts/{CITY}/v{newest + 1 if changed else newest}.jsonld": text}


def digest_of(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def _subjects(term: str) -> list[str]:
    return [subject for subject in PRECEDENCE if term in official()[subject]]


def _subject_of(term: str) -> str:
    if term in DECIDED:
        return DECIDED[term][0]
    subjects = _subjects(term)
    return next((subject for subject in subjects if term in _used()[subject]), subjects[0])


def _iri(term: str, subject: str) -> str:
    iri = official()[subject][term]
    if not isinstance(iri, str):
        raise ValueError(f"{subject} defines {term} by {iri!r}: the composition knows plain IRIs only")
    return iri


@cache
def _used() -> Mapping[str, frozenset[str]]:
    """Subject → the terms of its models."""
    subject_of = {name: subject for subject, name in schema_types()}
    names: dict[str, set[str]] = {subject: set() for subject in PRECEDENCE}
    for model in MODELS:
        names[subject_of[model.__name__]] |= {model.__name__, *attribute_types(model)}
    return {subject: frozenset(members) for subject, members in names.items()}
