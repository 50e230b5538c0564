"""How much a payload or an expression may ask: bounds that keep the work for every client's request small.

They are settings of who answers (the broker): `within` says whose bounds hold for what runs inside it.
"""

from collections.abc import Sequence
from contextvars import ContextVar, Token
from dataclasses import dataclass, field
from typing import Any, TypeVar

from ngsi_ld.errors import NgsiLdError, TooComplexQuery

T = TypeVar("T")


def up_to(most: int, default: int) -> Any:
    """A bound that can't be set above `most`: deeper nesting would exhaust the interpreter's stack."""
    return field(default=default, metadata={"most": most})


@dataclass(frozen=True, slots=True, eq=False)
class Bounds:
    """Counts. Compared by identity: cached parses are kept apart by whose bounds they were made within."""

    expression_characters: int = 8000
    """Characters of `q`, `type`, `scopeQ`, `pick`, `omit`, `orderBy`, `lang`: 403 TooComplexQuery beyond it."""
    expression_nesting: int = up_to(50, 20)
    """Groups of AND and OR in one another in `q` and `type`: 403 TooComplexQuery beyond it."""
    q_terms: int = 200
    """Most terms of `q`, and most parentheses: 403 TooComplexQuery beyond it."""
    q_links: int = up_to(60, 20)
    """Relationships that a path of `q` follows one behind the other: 403 TooComplexQuery beyond it."""
    pattern_characters: int = 1000
    """Characters of a regular expression: 400 beyond it."""
    type_alternatives: int = 1000
    """Alternatives that a `type` expression multiplies out to: 400 beyond it."""
    order_criteria: int = 20
    """Most criteria of `orderBy`: 403 TooComplexQuery beyond it."""
    query_ids: int = 10_000
    """Most ids in one query or subscription, in all its entity selectors: 403 TooComplexQuery beyond it."""
    query_selectors: int = 1000
    """Most entity selectors in one query or subscription: 403 TooComplexQuery beyond it."""
    query_names: int = 1000
    """Most members of `attrs`, `expandValues`, `datasetId`, `containedBy` or `watchedAttributes`, each: 403
    TooComplexQuery beyond it."""
    query_points: int = 10_000
    """Most positions in the geometry of a query or of `orderFrom`: 403 TooComplexQuery beyond it."""
    projection_depth: int = up_to(100, 30)
    """Linked entities in one another that `pick` and `omit` reach into: 403 TooComplexQuery beyond it."""
    join_levels: int = up_to(30, 30)
    """Largest `joinLevel`: 403 TooComplexQuery beyond it."""
    linked_entities: int = 10_000
    """Most linked entities in one answer, by `join`: 403 TooManyResults beyond it; a notification goes without them."""
    uri_characters: int = 2048
    """Characters of an id, a name or another URI: 400 beyond it."""
    entity_types: int = 1000
    """Most types of one entity: 400 beyond it."""
    entity_scopes: int = 1000
    """Most scopes of one entity: 400 beyond it."""
    entity_attributes: int = 10_000
    """Most attributes of one entity or fragment: 400 beyond it."""
    attribute_depth: int = up_to(30, 16)
    """Sub-attributes in one another: 400 beyond it."""
    geometry_points: int = 100_000
    """Most positions of a GeoProperty: 400 beyond it."""
    context_terms: int = 100_000
    """Most terms that a user @context defines in all: 400 beyond it."""
    context_parts: int = up_to(300, 200)
    """Most documents, arrays and objects that a user @context consists of: 400 beyond it."""
    context_chain: int = up_to(150, 50)
    """Terms of a user @context that lean on one another: 400 beyond it."""


_bounds: ContextVar[Bounds] = ContextVar("bounds", default=Bounds())  # noqa: B039 - it is frozen
current = _bounds.get
"""The bounds that hold here: those of the nearest `within`, else the defaults."""


class within:
    """`with within(bounds):` for what runs inside it, and for the tasks that begin there."""

    __slots__ = ("_bounds", "_token")

    def __init__(self, bounds: Bounds) -> None:
        self._bounds = bounds

    def __enter__(self) -> None:
        self._token: Token[Bounds] = _bounds.set(self._bounds)

    def __exit__(self, *_: object) -> None:
        _bounds.reset(self._token)


def exceeded(limit: str, what: str, error: type[NgsiLdError] = TooComplexQuery) -> NgsiLdError:
    """The error of a bound: what there is too much of, how much is allowed, and which setting says so."""
    return error(f"{what}; at most {getattr(current(), limit)} allowed (limit {limit})")


def check_length(text: str, what: str) -> str:
    """An expression itself, or `TooComplexQuery`."""
    if len(text) > current().expression_characters:
        raise exceeded("expression_characters", f"{what} has {len(text)} characters")
    return text


def check_names(names: Sequence[T], what: str, limit: str = "query_names") -> Sequence[T]:
    """A list of names, ids or selectors itself, or `TooComplexQuery`."""
    if len(names) > getattr(current(), limit):
        raise exceeded(limit, f"{what} has {len(names)} members")
    return names
