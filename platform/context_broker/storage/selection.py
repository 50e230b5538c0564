"""The conditions of a query, and whether an entity satisfies them."""

from collections.abc import Callable
from dataclasses import dataclass

from ngsi_ld.model.kinds import EntityDocument
from ngsi_ld.query.geo import GeoQuery
from ngsi_ld.query.patterns import Pattern
from ngsi_ld.query.q import Query
from ngsi_ld.query.q_evaluation import FindEntity, matches
from ngsi_ld.query.scope import matches_scope_query
from ngsi_ld.query.types import TypeSelection, matches_types


@dataclass(frozen=True, slots=True)
class Selection:
    """The conditions of a query (5.7.2.4); all that are given must hold. None or empty: no condition."""

    ids: tuple[str, ...] = ()
    id_pattern: Pattern | None = None
    types: TypeSelection | None = None
    attributes: frozenset[str] | None = None
    q: Query | None = None
    geo: GeoQuery | None = None
    scopes: tuple[tuple[str, ...], ...] | None = None
    alternatives: tuple["Selection", ...] = ()
    """Entity selectors of a POST query: one of them must hold (5.2.23)."""
    last: Callable[[EntityDocument, FindEntity], bool] | None = None
    """A condition that no index knows, asked of entities that meet all others."""

    def holds(self, entity: EntityDocument, find: FindEntity) -> bool:
        """Whether the entity satisfies every condition, exactly."""
        return (
            (not self.ids or entity["id"] in self.ids)
            and (self.types is None or matches_types(self.types, entity["type"]))
            and (self.id_pattern is None or self.id_pattern.search(entity["id"]) is not None)
            and (self.attributes is None or not self.attributes.isdisjoint(entity))
            and (self.scopes is None or matches_scope_query(self.scopes, entity.get("scope", ())))
            and (self.q is None or matches(self.q, entity, find))
            and (self.geo is None or self.geo.matches(entity))
            and (not self.alternatives or any(item.holds(entity, find) for item in self.alternatives))
            and (self.last is None or self.last(entity, find))
        )
