"""A query as if only a selection existed: what it means of the whole tenant (CIM 009, 5.7.2)."""

from collections.abc import Iterable
from dataclasses import dataclass, replace

from context_broker.reading.plan import Plan
from context_broker.storage.selection import Selection
from datenbroker.lens.lens import SYSTEM_IRIS, Lens, ScopeQuery
from ngsi_ld.errors import NotImplementedYet, TooComplexQuery
from ngsi_ld.query.geo import GeoQuery
from ngsi_ld.query.ordering import Criterion, Ordering
from ngsi_ld.query.q import And, Exists, Or, Path, Query
from ngsi_ld.query.types import TypeSelection

MAX_SCOPE_ALTERNATIVES = 200
TIMES = frozenset({"createdAt", "modifiedAt", "expiresAt"})
"""Members of the entity that q and orderBy may name, by these very words."""


@dataclass(frozen=True, slots=True)
class Selector:
    """Ids (none: any), a pattern for them, and types of which one alternative must be there."""

    types: TypeSelection
    ids: tuple[str, ...] = ()
    pattern: str | None = None


@dataclass(frozen=True, slots=True)
class Narrowed:
    """What the broker is asked. One of the selectors and all else must hold.

    `rest` is a second geo-query, which no request has room for: it is decided on the entities that come back.
    """

    selectors: tuple[Selector, ...]
    attributes: frozenset[str] | None = None
    scope: bool = True
    q: Query | None = None
    geo: GeoQuery | None = None
    scopes: ScopeQuery | None = None
    ordering: Ordering | None = None
    rest: GeoQuery | None = None


def everything(lens: Lens) -> Narrowed:
    """The whole selection."""
    narrowed = _narrowed(Selection(), lens)
    assert narrowed is not None
    return narrowed


def narrow(plan: Plan, lens: Lens) -> Narrowed | None:
    """What the broker is asked for a plan; None where nothing can match."""
    narrowed = _narrowed(plan.selection, lens)
    if narrowed is None or plan.ordering is None:
        return narrowed
    criteria = tuple(item for item in plan.ordering.criteria if _orders(item, lens))
    return replace(narrowed, ordering=Ordering(criteria, plan.ordering.origin) if criteria else None)


def narrow_selection(selection: Selection, lens: Lens) -> Narrowed | None:
    """The same for conditions alone."""
    return _narrowed(selection, lens)


def _narrowed(asked: Selection, lens: Lens) -> Narrowed | None:
    selectors = tuple(_selectors(asked.alternatives or (asked,), lens))
    q = conjunction([fold(asked.q, lens), _having(asked.attributes, lens), lens.q or True])
    hidden_geo = asked.geo is not None and not lens.shows(asked.geo.attribute)
    hidden_scope = asked.scopes is not None and "scope" not in lens.members
    if not selectors or q is False or hidden_geo or hidden_scope:
        return None
    return Narrowed(
        selectors,
        None if lens.attributes is None else lens.attributes - {"scope"},
        "scope" in lens.members,
        None if q is True else q,
        lens.geo or asked.geo,
        _both_scopes(asked.scopes, lens.scopes),
        rest=asked.geo if lens.geo else None,
    )


def _selectors(asked: Iterable[Selection], lens: Lens) -> Iterable[Selector]:
    for item in asked:
        types = tuple(frozenset({iri}) for iri in sorted(lens.types))
        if item.types is not None:
            types = tuple(dict.fromkeys(alternative for alternative in item.types if alternative <= lens.types))
        ids: tuple[str, ...] = tuple(dict.fromkeys(item.ids)) or tuple(sorted(lens.ids))
        if item.ids and lens.ids:
            ids = tuple(id_ for id_ in ids if id_ in lens.ids)
        pattern = item.id_pattern
        matching = ids if pattern is None else tuple(id_ for id_ in ids if pattern.search(id_))
        if types and (matching or not (item.ids or lens.ids)):
            yield Selector(types, matching, None if ids or pattern is None else pattern.pattern)


def fold(query: Query | None, lens: Lens) -> Query | bool:
    """The query without terms on what is hidden: as if it were missing, a term is false and its absence true."""
    if query is None:
        return True
    if isinstance(query, And):
        return conjunction([fold(item, lens) for item in query.items])
    if isinstance(query, Or):
        return disjunction([fold(item, lens) for item in query.items])
    if query.path.linked is not None:
        raise NotImplementedYet("q of a product can't follow relationships to other entities with {…}: ask for these")
    if _is_there(query.path, lens):
        return query
    return isinstance(query, Exists) and query.negated


def _is_there(path: Path, lens: Lens) -> bool:
    written, iri = path.names[0]
    if len(path.names) == 1 and written in TIMES:
        return written in lens.members
    return iri not in SYSTEM_IRIS and lens.shows(iri)


def conjunction(items: list[Query | bool]) -> Query | bool:
    """All of them; true where there are none."""
    if any(item is False for item in items):
        return False
    kept = [item for item in items if not isinstance(item, bool)]
    return (kept[0] if len(kept) == 1 else And(tuple(kept))) if kept else True


def disjunction(items: list[Query | bool]) -> Query | bool:
    """One of them; false where there are none."""
    if any(item is True for item in items):
        return True
    kept = [item for item in items if not isinstance(item, bool)]
    return (kept[0] if len(kept) == 1 else Or(tuple(kept))) if kept else False


def _having(attributes: frozenset[str] | None, lens: Lens) -> Query | bool:
    """`attrs` as a condition: one of them is there."""
    if attributes is None:
        return True
    return disjunction([Exists(Path(((iri, iri),))) for iri in sorted(attributes) if lens.shows(iri)])


def _both_scopes(one: ScopeQuery | None, other: ScopeQuery | None) -> ScopeQuery | None:
    """Both scope queries, as alternatives again."""
    if one is None or other is None:
        return one or other
    if len(one) * len(other) > MAX_SCOPE_ALTERNATIVES:
        raise TooComplexQuery(f"scopeQ has {len(one)} alternatives: that is more than this product can tell apart")
    return tuple(tuple(dict.fromkeys((*left, *right))) for left in one for right in other)


def _orders(criterion: Criterion, lens: Lens) -> bool:
    """Whether a criterion can tell two shown entities apart."""
    if criterion.path is not None:
        return _is_there(criterion.path, lens)
    if criterion.member == "type" and len(lens.types) > 1:
        raise NotImplementedYet("a product can't order by type: ask for one type after the other")
    return criterion.member not in (None, "type") and criterion.member in lens.members
