"""The official JSON Schemas of the Smart Data Models as package data; nothing here reads the network.

From github.com/smart-data-models, CC BY 4.0: see ATTRIBUTION.md beside the files.
"""

import json
from collections.abc import Sequence
from functools import cache
from importlib.resources import files
from typing import Any, NamedTuple

from jsonschema import Draft202012Validator
from referencing import Registry
from referencing.jsonschema import DRAFT202012

COMMON_SCHEMA = "https://smart-data-models.github.io/data-models/common-schema.json"
Schema = dict[str, Any]


@cache
def schema_types() -> tuple[tuple[str, str], ...]:
    """(subject, type) of every bundled schema, in order."""
    subjects = [folder for folder in files(__name__).iterdir() if folder.is_dir() and not folder.name.startswith("_")]
    names = [(folder.name, file.name) for folder in subjects for file in folder.iterdir()]
    return tuple(sorted((subject, name.removesuffix(".json")) for subject, name in names if name.endswith(".json")))


class Deviation(NamedTuple):
    """Where this project overrules an official schema: keywords of an attribute that go, or say something else.

    `words` are taken beside those that are published.
    """

    type: str
    attribute: str
    reason: str
    drop: Sequence[str] = ()
    replace: Schema | None = None
    words: Sequence[str] = ()


class Kind(NamedTuple):
    """A kind of thing without an official type: the nearest type, how it is told, and why that one."""

    kind: str
    type: str
    told_by: str
    why: str


@cache
def official(subject: str, name: str) -> Schema:
    """The official schema of a type, as published; `FileNotFoundError` where there is none."""
    return _read(f"{subject}/{name}.json")


@cache
def bundled(subject: str, name: str) -> Schema:
    """The official schema with this project's deviations; `FileNotFoundError` where there is none."""
    schema: Schema = json.loads(json.dumps(official(subject, name)))
    for deviation in deviations():
        if deviation.type == name:
            _overrule(schema, deviation)
    return schema


@cache
def deviations() -> tuple[Deviation, ...]:
    """Every place in which an official schema is not followed, with the reason."""
    return tuple(Deviation(**each) for each in _read("deviations.json")["deviations"])


@cache
def extensions() -> dict[str, dict[str, Schema]]:
    """Type → the attributes that this project adds to it."""
    known = {name for _, name in schema_types()}
    return {name: members for name, members in _read("extensions.json").items() if name in known}


@cache
def kinds() -> tuple[Kind, ...]:
    """What has no official type, and the one that this project takes for it."""
    return tuple(Kind(kind=kind, **told) for kind, told in _read("extensions.json")["kinds"].items())


@cache
def registry() -> Registry[Any]:
    """Every schema that a `$ref` may name, by its `$id`."""
    shared = {COMMON_SCHEMA: _read("common-schema.json")}
    shared |= {uri: schema for uri, schema in _read("unbundled.json").items() if isinstance(schema, dict)}
    resources = [(uri, DRAFT202012.create_resource(schema)) for uri, schema in shared.items()]
    return Registry().with_resources(resources)


def schema_at(reference: str) -> Schema:
    """What an absolute `$ref` names; `referencing.exceptions.Unresolvable` where it is not bundled."""
    found: Schema = registry().resolver().lookup(reference).contents
    return found


@cache
def validator_of(name: str) -> Draft202012Validator:
    """The validator of a type's keyValues form; `KeyError` for an unknown type."""
    subjects = {known: subject for subject, known in schema_types()}
    return Draft202012Validator(bundled(subjects[name], name), registry=registry())


def validate(entity: dict[str, Any]) -> list[str]:
    """What the schema of its type (official, but for `deviations`) says against a keyValues entity; empty if valid."""
    errors = validator_of(entity["type"]).iter_errors(entity)
    return [f"{error.json_path}: {error.message}" for error in errors]


def _overrule(schema: Schema, deviation: Deviation) -> None:
    """`KeyError` where the schema does not say what is overruled: then the deviation has gone out of date."""
    parts = [part for part in schema["allOf"] if deviation.attribute in part.get("properties", {})]
    member = parts[0]["properties"][deviation.attribute] if parts else {}
    for keyword in deviation.drop:
        del member[keyword]
    for keyword, value in (deviation.replace or {}).items():
        if member[keyword] == value:
            raise KeyError(f"{deviation.type}.{deviation.attribute} says {keyword} {value!r} by itself")
        member[keyword] = value
    if deviation.words:
        told = schema_at(member["$ref"])["description"] if "$ref" in member else member["description"]
        published = dict(member)
        member.clear()
        member |= {"description": told, "anyOf": [published, {"enum": list(deviation.words)}]}


def _read(path: str) -> Schema:
    content: Schema = json.loads(files(__name__).joinpath(path).read_text(encoding="utf-8"))
    return content
