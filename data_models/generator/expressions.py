"""From a JSON Schema to the Python type expression that accepts the same values."""

import re
from collections.abc import Callable, Iterable, Iterator
from typing import Any, TypeVar

from data_models.generator.schemas import Schema
from data_models.schemas import COMMON_SCHEMA, schema_at

T = TypeVar("T")
LONGEST_INLINE = 80
"""A list of values that is longer gets a name of its own."""

COMMON = f"{COMMON_SCHEMA}#/definitions/"
NAMED = {
    f"{COMMON}Location-Commons/properties/location": "Geometry",
    f"{COMMON}Location-Commons/properties/address": "PostalAddress",
    f"{COMMON}Contact-Commons/properties/contactPoint": "ContactPoint",
    f"{COMMON}DateTime-Commons/properties/openingHoursSpecification": "list[OpeningHours]",
}
"""Definitions that have a class of their own in data_models."""
FORMATS = {"date-time": "DateTime", "date": "Date", "uri": "Uri"}
MUNICIPALITY = {"cityId", "stateName", "ulbName"}
"""Members by which an object is a data_models.commons.MunicipalityInfo."""
SHARED_SHAPES: dict[tuple[str, ...], str] = {("L1", "L2", "L3"): "Phases"}
"""Member names of an object → the name of its class, where several attributes of a subject share it."""
BOUNDS = {"ge": "minimum", "gt": "exclusiveMinimum", "le": "maximum", "lt": "exclusiveMaximum"}
NAMED_RANGES = {
    ("Number", "ge=0"): "NonNegative",
    ("Number", "ge=0, le=1"): "Share",
    ("Number", "ge=0, le=1.0"): "Share",
    ("Integer", "ge=0"): "Count",
}
CONTAINERS = {(True, True): "Distinct", (True, False): "Unique", (False, True): "NonEmpty", (False, False): "list"}
"""(uniqueItems, minItems) → the type of the array."""
KIND = re.compile(r"^\s*(Property|Relationship|GeoProperty)\.?\s*")


class Names:
    """The classes and value lists of one subject, each shape once: named after the attribute, or type and attribute."""

    def __init__(self, reserved: Iterable[str] = ()) -> None:
        self.owner = ""
        self._reserved = set(reserved)
        self.structures: dict[str, dict[str, str]] = {}
        self.literals: dict[str, str] = {}

    def structure(self, schema: Schema, hint: str) -> str:
        members = schema["properties"]
        if members.keys() >= MUNICIPALITY:
            return "MunicipalityInfo"
        shape = {name: expression(member, hint + capital(name), self) for name, member in members.items()}
        required = schema.get("required", ())
        shape = {name: found if name in required else f"{found} | None" for name, found in shape.items()}
        return self._named(self.structures, shape, SHARED_SHAPES.get(tuple(sorted(members)), hint))

    def literal(self, values: list[Any], hint: str) -> str:
        inline = f"Literal[{', '.join(_literal(value) for value in values)}]"
        return inline if len(inline) <= LONGEST_INLINE else self._named(self.literals, inline, hint)

    def _named(self, known: dict[str, T], shape: T, hint: str) -> str:
        same = next((name for name, other in known.items() if other == shape), None)
        if same:
            return same
        taken = {*self.structures, *self.literals, *self._reserved}
        candidates = [hint, self.owner + hint, *(f"{self.owner}{hint}{number}" for number in range(2, 100))]
        name = next(name for name in candidates if name not in taken)
        known[name] = shape
        return name


def attribute_expression(schema: Schema, hint: str, names: Names) -> str:
    """The type of an attribute's value, marked as a Relationship or GeoProperty where it is one."""
    found = expression(schema, hint, names)
    if found == "Geometry":
        return "GeoProperty"
    if kind_of(schema) == "Relationship":
        return re.sub(r"\b(Uri|str)\b", "Relationship", found)
    return found


def kind_of(schema: Schema) -> str:
    """Property, Relationship or GeoProperty, as the description begins with."""
    match = KIND.match(description_of(schema))
    return match[1] if match else "Property"


def description_of(schema: Schema) -> str:
    if schema.get("description") or "$ref" not in schema:
        return str(schema.get("description", ""))
    return str(_resolved(schema["$ref"]).get("description", ""))


def expression(schema: Schema, hint: str, names: Names) -> str:
    """The Python type of a value; `hint` names the class where it is an object with members."""
    if "$ref" in schema:
        named = NAMED.get(schema["$ref"])
        return named or expression(_resolved(schema["$ref"]), hint, names)
    if "enum" in schema:
        return names.literal(schema["enum"], hint)
    for choice in ("anyOf", "oneOf"):
        if choice in schema:
            return _union(expression(part, hint, names) for part in schema[choice])
    write = BY_TYPE.get(schema.get("type", "string"))
    if write is None:
        raise ValueError(f"{hint}: a schema of type {schema['type']!r} has no Python type yet")
    return write(schema, hint, names)


def _resolved(reference: str) -> Schema:
    return schema_at(reference if "://" in reference else COMMON_SCHEMA + reference)


def _union(choices: Iterator[str]) -> str:
    distinct = list(dict.fromkeys(choices))
    if "str" in distinct and "Uri" in distinct:
        distinct.remove("Uri")
    return " | ".join(distinct)


def _number(schema: Schema, hint: str, names: Names) -> str:
    base = "Integer" if schema["type"] == "integer" else "Number"
    limits = {argument: schema[word] for argument, word in BOUNDS.items() if word in schema}
    if "gt" in limits and limits.get("ge", limits["gt"]) <= limits["gt"]:
        limits.pop("ge", None)
    if not limits:
        return base
    bounds = ", ".join(f"{name}={value}" for name, value in limits.items())
    return NAMED_RANGES.get((base, bounds)) or f"Annotated[{base}, Field({bounds})]"


def _object(schema: Schema, hint: str, names: Names) -> str:
    return names.structure(schema, hint) if schema.get("properties") else "JsonObject"


def _boolean(schema: Schema, hint: str, names: Names) -> str:
    return "Boolean"


def _array(schema: Schema, hint: str, names: Names) -> str:
    item = expression(schema["items"], hint, names) if "items" in schema else "Any"
    container = CONTAINERS[bool(schema.get("uniqueItems")), bool(schema.get("minItems"))]
    return f"{container}[{item}]"


def _string(schema: Schema, hint: str, names: Names) -> str:
    if schema.get("format") in FORMATS:
        return FORMATS[schema["format"]]
    if "pattern" in schema and schema.get("maxLength") != 256:  # 256: any NGSI v2 identifier
        return f'Annotated[str, Field(pattern=re.compile(r"{schema["pattern"]}"))]'
    if "minLength" in schema and "pattern" not in schema:
        return f"Annotated[str, Field(min_length={schema['minLength']})]"
    return "str"


def _literal(value: Any) -> str:
    return '"' + value + '"' if isinstance(value, str) and '"' not in value and "\\" not in value else repr(value)


def capital(name: str) -> str:
    return "".join(part[:1].upper() + part[1:] for part in re.split(r"\W+", name))


BY_TYPE: dict[str, Callable[[Schema, str, Names], str]] = {
    "array": _array,
    "boolean": _boolean,
    "integer": _number,
    "number": _number,
    "object": _object,
    "string": _string,
}
