"""A query as if only a selection existed: what it means of the whole tenant (CIM 009, 5.7.2)."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace

from context_broker.reading.plan import Plan
from context_broker.storage.selection import Selection
from datenbroker.lens.lens import SYSTEM_IRIS, Lens, ScopeQuery
from ngsi_ld.model.kinds import EntityDocument
from ngsi_ld.query.ordering import Criterion, Ordering
from ngsi_ld.query.q import And, Exists, Or, Path, Query
from ngsi_ld.query.q_evaluation import FindEntity

MAX_SCOPE_ALTERNATIVES = 200
TIMES = frozenset({"createdAt", "modifiedAt", "expiresAt"})
"""Members of the entity that q and orderBy may name, by these very words."""


@dataclass(frozen=True, slots=True)
class Narrowed:
    """What a broker is asked: `selection` finds, of the whole tenant, no more than what the product shows of it.

    `rest` is what no request of NGSI-LD can say of a part of a tenant: a second geo-query, a scope query beside one
    with which it has very many alternatives, and conditions on linked entities, of which only the shown ones count. It
    is decided on entities as they are shown. The embedded broker decides it while it searches (`selection.last`); of
    another one, whoever asks it does.
    """

    selection: Selection
    attributes: frozenset[str] | None = None
    scope: bool = True
    ordering: Ordering | None = None
    rest: Selection | None = None
    sorting: Ordering | None = None
    """An order that only shows in what is shown, by which the broker can't sort: by types."""

    @property
    def needs_times(self) -> bool:
        """Whether what is decided on what comes back may ask for its system times."""
        return self.sorting is not None or (self.rest is not None and self.rest.q is not None)

    @property
    def selectors(self) -> tuple[Selection, ...]:
        """Ids (none: any), a pattern for them, and types; an entity meets one of the selectors."""
        return self.selection.alternatives or (self.selection,)


def everything(lens: Lens) -> Narrowed:
    """The whole selection."""
    narrowed = narrow_selection(Selection(), lens)
    assert narrowed is not None
    return narrowed


def narrow(plan: Plan, lens: Lens) -> Narrowed | None:
    """What the broker is asked for a plan; None where nothing can match."""
    narrowed = narrow_selection(plan.selection, lens)
    if narrowed is None or plan.ordering is None:
        return narrowed
    criteria = tuple(item for item in plan.ordering.criteria if _orders(item, lens))
    ordering = Ordering(criteria, plan.ordering.origin) if criteria else None
    by_types = any(item.member == "type" for item in criteria)
    return replace(narrowed, sorting=ordering) if by_types else replace(narrowed, ordering=ordering)


def narrow_selection(asked: Selection, lens: Lens) -> Narrowed | None:
    """The same for conditions alone."""
    selectors = tuple(_selectors(asked.alternatives or (asked,), lens))
    q = conjunction([fold(asked.q, lens), _having(asked.attributes, lens), lens.q or True])
    hidden_geo = asked.geo is not None and not lens.shows(asked.geo.attribute)
    hidden_scope = asked.scopes is not None and "scope" not in lens.members
    if not selectors or q is False or hidden_geo or hidden_scope:
        return None
    rest = _rest(asked, lens)
    selection = replace(
        selectors[0] if len(selectors) == 1 else Selection(alternatives=selectors),
        q=None if isinstance(q, bool) else q,
        geo=lens.geo or asked.geo,
        scopes=_both_scopes(asked.scopes, lens.scopes),
        last=None if rest is None else _as_shown(rest, lens),
    )
    attributes = None if lens.attributes is None else lens.attributes - {"scope"}
    return Narrowed(selection, attributes, "scope" in lens.members, rest=rest)


def _rest(asked: Selection, lens: Lens) -> Selection | None:
    linked = asked.q is not None and any(path.linked is not None for path in paths_of(asked.q))
    rest = Selection(
        q=asked.q if linked else None,
        geo=asked.geo if lens.geo else None,
        scopes=asked.scopes if _are_many(asked.scopes, lens.scopes) else None,
    )
    return None if rest == Selection() else rest


def paths_of(query: Query) -> Iterator[Path]:
    """The paths of its terms."""
    if isinstance(query, And | Or):
        for item in query.items:
            yield from paths_of(item)
    else:
        yield query.path


def _as_shown(rest: Selection, lens: Lens) -> Callable[[EntityDocument, FindEntity], bool]:
    """A condition of entities as they are shown, and of those linked to them that are shown too."""

    def holds(entity: EntityDocument, find: FindEntity) -> bool:
        def find_shown(id_: str) -> EntityDocument | None:
            linked = find(id_)
            return lens.shown(linked) if linked is not None and lens.holds(linked) else None

        return rest.holds(lens.shown(entity), find_shown)

    return holds


def _selectors(asked: Iterable[Selection], lens: Lens) -> Iterable[Selection]:
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
            says_something = pattern is not None and pattern.pattern and not ids
            yield Selection(matching, pattern if says_something else None, types)


def fold(query: Query | None, lens: Lens) -> Query | bool:
    """The query without terms on what is hidden: as if it were missing, a term is false and its absence true.

    Of a term on linked entities it says no more than that there is a link: the rest is decided on what is shown.
    """
    if query is None:
        return True
    if isinstance(query, And):
        return conjunction([fold(item, lens) for item in query.items])
    if isinstance(query, Or):
        return disjunction([fold(item, lens) for item in query.items])
    is_absence = isinstance(query, Exists) and query.negated
    if not _is_there(query.path, lens):
        return is_absence
    if query.path.linked is not None:
        return is_absence or Exists(Path(query.path.names))
    return query


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
    """Both scope queries, as alternatives again; of very many the second one alone."""
    if one is None or other is None:
        return one or other
    if _are_many(one, other):
        return other
    return tuple(tuple(dict.fromkeys((*left, *right))) for left in one for right in other)


def _are_many(one: ScopeQuery | None, other: ScopeQuery | None) -> bool:
    return one is not None and other is not None and len(one) * len(other) > MAX_SCOPE_ALTERNATIVES


def _orders(criterion: Criterion, lens: Lens) -> bool:
    """Whether a criterion can tell two shown entities apart."""
    if criterion.path is not None:
        return _is_there(criterion.path, lens)
    if criterion.member == "type":
        return len(lens.types) > 1
    return criterion.member in lens.members
