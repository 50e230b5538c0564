"""Reading the bundled JSON Schemas: where an attribute is defined, what is required, what a `$ref` means."""

from collections.abc import Iterator
from typing import Any, NamedTuple

from data_models.schemas import COMMON_SCHEMA, bundled, extensions, schema_at, schema_types

Schema = dict[str, Any]

COMMON_BASES = {
    f"{COMMON_SCHEMA}#/definitions/GSMA-Commons": "Commons",
    f"{COMMON_SCHEMA}#/definitions/Location-Commons": "Located",
    f"{COMMON_SCHEMA}#/definitions/PhysicalObject-Commons": "PhysicalObject",
}
"""The common definitions that are base classes, written by hand in data_models/commons.py."""


class TypeSchema(NamedTuple):
    """One type: its bases, its own attributes (official and extensions) and those that are required."""

    subject: str
    name: str
    version: str
    description: str
    bases: tuple[str, ...]
    attributes: dict[str, Schema]
    extensions: dict[str, Schema]
    required: tuple[str, ...]


def read_types() -> Iterator[TypeSchema]:
    """Every bundled type, by subject and name."""
    for subject, name in schema_types():
        schema = bundled(subject, name)
        yield TypeSchema(
            subject,
            name,
            str(schema.get("$schemaVersion", "")),
            str(schema.get("description", "")),
            tuple(COMMON_BASES[part["$ref"]] for part in schema["allOf"] if part.get("$ref") in COMMON_BASES),
            _attributes(schema),
            extensions().get(name, {}),
            tuple(schema.get("required", ())),
        )


def _attributes(schema: Schema) -> dict[str, Schema]:
    attributes: dict[str, Schema] = {}
    for part in schema["allOf"]:
        if part.get("$ref") in COMMON_BASES:
            continue
        definition = schema_at(part["$ref"]) if "$ref" in part else part
        attributes |= definition.get("properties", {})
    return {name: member for name, member in attributes.items() if name not in ("id", "type")}
