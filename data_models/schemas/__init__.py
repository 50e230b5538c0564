"""The official JSON Schemas of the Smart Data Models as package data; nothing here reads the network.

From github.com/smart-data-models, CC BY 4.0: see ATTRIBUTION.md beside the files.
"""

import json
from functools import cache
from importlib.resources import files
from typing import Any

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


@cache
def bundled(subject: str, name: str) -> Schema:
    """The official schema of a type; `FileNotFoundError` where there is none."""
    return _read(f"{subject}/{name}.json")


@cache
def extensions() -> dict[str, dict[str, Schema]]:
    """Type → the attributes that this project adds to it."""
    return {name: members for name, members in _read("extensions.json").items() if isinstance(members, dict)}


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
    """What the official schema of its type says against a keyValues entity; empty where it is valid."""
    errors = validator_of(entity["type"]).iter_errors(entity)
    return [f"{error.json_path}: {error.message}" for error in errors]


def _read(path: str) -> Schema:
    content: Schema = json.loads(files(__name__).joinpath(path).read_text(encoding="utf-8"))
    return content
