"""A query tree as text again, with the names of another context (CIM 009, 5.8.3: q of a subscription is compacted)."""

import orjson

from ngsi_ld.jsonld.context import Context
from ngsi_ld.query.q import And, Compare, Exists, Or, Path, Query, Value


def q_text(query: Query, context: Context) -> str:
    """The text that `parse_q` reads as the same tree, given the same context."""
    if isinstance(query, Or):
        return "|".join(q_text(item, context) for item in query.items)
    if isinstance(query, And):
        return ";".join(_grouped(item, context) for item in query.items)
    path = _path_text(query.path, context)
    if isinstance(query, Exists):
        return f"!{path}" if query.negated else path
    if isinstance(query, Compare):
        separator = ".." if query.is_range else ","
        return f"{path}{query.operator}{separator.join(_value_text(value) for value in query.values)}"
    pattern = query.pattern.replace('"', '\\"')
    return f'{path}{"!~=" if query.negated else "~="}"{pattern}"'


def _grouped(query: Query, context: Context) -> str:
    text = q_text(query, context)
    return f"({text})" if isinstance(query, Or) else text


def _path_text(path: Path, context: Context) -> str:
    names = ".".join(context.compact(iri) for _, iri in path.names)
    if path.linked is not None:
        types = ",".join(context.compact(iri) for iri in path.types)
        inner = _path_text(path.linked, context)
        return f"{names}{{{types}:{inner}}}" if types else f"{names}{{{inner}}}"
    return f"{names}[{'.'.join(path.keys)}]" if path.keys else names


def _value_text(value: Value) -> str:
    if value.kind == "string":
        return orjson.dumps(value.value).decode()
    if value.kind == "bool":
        return "true" if value.value else "false"
    return str(value.value)
