"""A query tree as SQL that narrows: it selects at least every entity that matches, and says when it selects just those.

What SQL can't say, the evaluation of the documents decides (`ngsi_ld.query`).
"""

import json
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

from context_broker.storage.entity_index import FALSE, OTHER, TEXT_PREFIX, TRUE, key_of
from context_broker.storage.selection import Selection
from ngsi_ld.query.geo import GeoQuery
from ngsi_ld.query.patterns import Pattern, required_prefix
from ngsi_ld.query.q import And, Compare, Exists, Match, Or, Query, Value
from ngsi_ld.query.types import TypeSelection

MAX_PARTS = 200
"""SELECTs in one compound: SQLite takes 500."""
MAX_NESTING = 4
"""SELECTs in one another for a q: SQLite's parser goes about 100 tokens deep."""
LAST = "\U0010ffff"
"""Behind every text that begins alike."""
KnownName = Callable[[str], int | None]
"""The number of an IRI; None where no entity of the tenant ever had it."""


@dataclass(frozen=True, slots=True)
class Narrowing:
    """`sql` selects `seq`; `exact` where it selects no entity that does not match.

    `costly` where even a few rows may need a look at the whole index: for `Listing` only, whose functions it may call.
    """

    sql: str
    params: tuple[Any, ...]
    exact: bool = False
    costly: bool = False


def narrow(selection: Selection, tenant: int, known: KnownName) -> list[Narrowing]:
    """What each condition of the selection says to an index; empty where none says anything."""
    possible = (
        narrow_types(selection.types, known) if selection.types is not None else None,
        _narrow_ids(tenant, selection.ids) if selection.ids else None,
        narrow_id_pattern(tenant, selection.id_pattern) if selection.id_pattern is not None else None,
        narrow_attributes(selection.attributes, known) if selection.attributes is not None else None,
        narrow_scopes(tenant, selection.scopes) if selection.scopes is not None else None,
        narrow_geo(selection.geo, known) if selection.geo is not None else None,
        narrow_q(selection.q, known) if selection.q is not None else None,
        _narrow_alternatives(selection.alternatives, tenant, known),
    )
    return [narrowing for narrowing in possible if narrowing is not None]


def _narrow_alternatives(alternatives: tuple[Selection, ...], tenant: int, known: KnownName) -> Narrowing | None:
    parts = [narrow(each, tenant, known) for each in alternatives]
    if not all(parts):
        return None
    if sum(map(len, parts)) > MAX_PARTS:  # a superset: those named by id, and all of the types of the others
        ids = tuple(id_ for each in alternatives for id_ in each.ids)
        types = [each.types for each in alternatives if not each.ids]
        if None in types:
            return None
        merged = tuple(alternative for selection in types for alternative in selection or ())
        wide = [_narrow_ids(tenant, ids)] if ids else []
        return replace(_joined(" UNION ", [*wide, *([narrow_types(merged, known)] if merged else [])]), exact=False)
    return _joined(" UNION ", [_joined(" INTERSECT ", part) for part in parts]) if parts else None


def _narrow_ids(tenant: int, ids: tuple[str, ...]) -> Narrowing:
    sql = "SELECT seq FROM entity WHERE tenant = ? AND id IN (SELECT value FROM json_each(?))"
    return Narrowing(sql, (tenant, json.dumps(ids)), exact=True)


NOTHING = Narrowing("SELECT seq FROM entity WHERE 0", (), exact=True)


def narrow_types(selection: TypeSelection, known: KnownName) -> Narrowing:
    """Exact: the type index has a row for each type of each entity."""
    alternatives = [[known(iri) for iri in sorted(alternative)] for alternative in selection]
    possible = [numbers for numbers in alternatives if None not in numbers]
    if not possible:
        return NOTHING
    if all(len(numbers) == 1 for numbers in possible):
        return Narrowing(_ONE_TYPE.format(_marks(possible)), tuple(numbers[0] for numbers in possible), exact=True)
    if len(possible) > MAX_PARTS:  # a superset: all that have the first type of an alternative
        firsts = tuple(numbers[0] for numbers in possible)
        return Narrowing(_ONE_TYPE.format(_marks(possible)), firsts)
    parts = " UNION ".join(
        "SELECT seq FROM (" + " INTERSECT ".join([_ONE_TYPE.format("?")] * len(numbers)) + ")" for numbers in possible
    )
    return Narrowing(parts, tuple(number for numbers in possible for number in numbers), exact=True)


def narrow_attributes(attributes: frozenset[str], known: KnownName) -> Narrowing:
    """Entities that have one of the attributes, exactly."""
    numbers = [number for iri in sorted(attributes) if (number := known(iri)) is not None]
    if not numbers:
        return NOTHING
    return Narrowing(f"SELECT seq FROM attribute_value WHERE attribute IN ({_marks(numbers)})", tuple(numbers), True)


def narrow_id_pattern(tenant: int, pattern: Pattern) -> Narrowing:
    """By the index of ids alone: its range, where the pattern begins with plain text, and the pattern itself."""
    prefix = required_prefix(pattern.pattern)
    sql, params = "SELECT seq FROM entity WHERE tenant = ?", [tenant, *([prefix, prefix + LAST] if prefix else ())]
    if prefix:
        sql += " AND id >= ? AND id < ?"
    if pattern.pattern == "^" + prefix:
        return Narrowing(sql, tuple(params))
    return Narrowing(sql + " AND id REGEXP ?", (*params, pattern.pattern), costly=True)


def narrow_scopes(tenant: int, query: tuple[tuple[str, ...], ...]) -> Narrowing:
    """By the scopes alone: the patterns of an alternative together, then all alternatives."""
    if sum(map(len, query)) > MAX_PARTS:  # a superset: the scopes that the first pattern of any alternative means
        firsts = json.dumps([patterns[0] for patterns in query])
        return Narrowing(
            "SELECT seq FROM entity_scope WHERE tenant = ? AND in_any_scope(scope, ?)", (tenant, firsts), costly=True
        )
    alternatives = [_joined(" INTERSECT ", [_narrow_scope(tenant, each) for each in patterns]) for patterns in query]
    return _joined(" UNION ", alternatives)


def _narrow_scope(tenant: int, pattern: str) -> Narrowing:
    fixed, wildcard, _ = pattern.partition("+") if "+" in pattern else pattern.partition("#")
    if not wildcard:
        return Narrowing("SELECT seq FROM entity_scope WHERE tenant = ? AND scope = ?", (tenant, fixed))
    fixed = fixed.rstrip("/")  # /A/# is /A itself too; "0" is the character after "/"
    sql = "SELECT seq FROM entity_scope WHERE tenant = ? AND scope >= ? AND scope < ?"
    if wildcard == "#":
        return Narrowing(sql, (tenant, fixed, fixed + "0"))
    return Narrowing(f"{sql} AND in_scope(scope, ?)", (tenant, fixed, fixed + "0", pattern), costly=True)


def narrow_geo(query: GeoQuery, known: KnownName) -> Narrowing | None:
    """Superset: the boxes that meet the reference's; None where the relation may hold anywhere."""
    number = known(query.attribute)
    if number is None:
        return NOTHING
    box = query.bounds()
    if box is None:
        return Narrowing("SELECT seq FROM attribute_value WHERE attribute = ?", (number,))
    west, south, east, north = box
    return Narrowing(
        "SELECT seq FROM place WHERE west <= ? AND east >= ? AND south <= ? AND north >= ? AND attribute = ?",
        (east, west, north, south, number),
    )


def narrow_q(query: Query, known: KnownName, nesting: int = MAX_NESTING) -> Narrowing | None:
    """Superset of what a query matches; None where nothing is known, or it nests deep."""
    if isinstance(query, And | Or) and not nesting:
        return None
    if isinstance(query, And):
        parts = [part for item in query.items if (part := narrow_q(item, known, nesting - 1)) is not None]
        return _joined(" INTERSECT ", parts) if parts else None
    if isinstance(query, Or):
        branches = [narrow_q(item, known, nesting - 1) for item in query.items]
        return None if None in branches else _joined(" UNION ", [part for part in branches if part])
    if isinstance(query, Exists) and query.negated:
        return None
    return _narrow_term(query, known)


def _narrow_term(term: Exists | Compare | Match, known: KnownName) -> Narrowing | None:
    if len(term.path.names) == 1 and term.path.names[0][0] in ("createdAt", "modifiedAt", "expiresAt"):
        return None
    number = known(term.path.attribute)
    if number is None:
        return NOTHING
    condition, params = _ANY
    if len(term.path.names) == 1 and term.path.linked is None:
        condition, params = _condition(term)
    if condition and term.path.keys:
        condition, params = f"({condition} OR value = ?)", (*params, OTHER)
    where = f" AND {condition}" if condition else ""
    return Narrowing(f"SELECT seq FROM attribute_value WHERE attribute = ?{where}", (number, *params))


def _condition(term: Exists | Compare | Match) -> tuple[str, tuple[Any, ...]]:
    if isinstance(term, Exists) or (isinstance(term, Match) and term.negated):
        return _ANY
    if isinstance(term, Match):
        return "value >= '' AND value < x''", ()
    if term.operator == "!=":
        return _ANY
    if term.is_range:
        low, high = (_bounds(value) for value in term.values)
        return "value >= ? AND value <= ?", (low[0], high[1])
    if term.operator == "==":
        ranges = [_bounds(value) for value in term.values]
        if all(low == high for low, high in ranges):
            return f"value IN ({_marks(ranges)})", tuple(low for low, _ in ranges)
        return "(" + " OR ".join(["value >= ? AND value <= ?"] * len(ranges)) + ")", tuple(sum(ranges, ()))
    return _open_range(term.operator, term.values[0])


def _open_range(operator: str, value: Value) -> tuple[str, tuple[Any, ...]]:
    low, high = _bounds(value)
    numeric = value.kind == "number"
    if operator.startswith(">"):
        return ("value >= ? AND value < ''", (low,)) if numeric else ("value >= ? AND value < x''", (low,))
    return ("value <= ?", (high,)) if numeric else ("value >= '' AND value <= ?", (high,))


def _bounds(value: Value) -> tuple[Any, Any]:
    """The least and the greatest index key that a value equal to this one can have."""
    if value.kind == "bool":
        key = TRUE if value.value else FALSE
        return key, key
    if value.kind in ("datetime", "time"):  # the same moment may be written with other fractions of the second
        seconds = value.value.removesuffix("Z").partition(".")[0]
        return seconds, seconds + LAST
    key = key_of(value.value)
    if isinstance(key, str) and len(key) == TEXT_PREFIX:
        return key, key + LAST
    return key, key


def _joined(operator: str, parts: list[Narrowing]) -> Narrowing:
    if len(parts) == 1:
        return parts[0]
    sql = operator.join(f"SELECT seq FROM ({part.sql})" for part in parts)
    params = tuple(param for part in parts for param in part.params)
    return Narrowing(sql, params, all(part.exact for part in parts), any(part.costly for part in parts))


def _marks(values: list[Any]) -> str:
    return ", ".join("?" * len(values))


_ANY: tuple[str, tuple[Any, ...]] = ("", ())
_ONE_TYPE = "SELECT seq FROM entity_type WHERE type IN ({})"
