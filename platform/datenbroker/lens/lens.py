"""What a selection shows, its names expanded."""

from dataclasses import dataclass, field

from context_broker.storage.selection import Selection as Condition
from datenbroker.products.selection import Selection
from ngsi_ld.jsonld.context import Context
from ngsi_ld.model.kinds import ENTITY_MEMBERS, EntityDocument
from ngsi_ld.names import NGSI_LD
from ngsi_ld.query.geo import GeoQuery, parse_geo_query
from ngsi_ld.query.q import Query, parse_q
from ngsi_ld.query.scope import parse_scope_query

ScopeQuery = tuple[tuple[str, ...], ...]

SYSTEM_IRIS = frozenset(NGSI_LD + name for name in ENTITY_MEMBERS)
"""The IRIs of what is no attribute but a member of the entity itself."""


@dataclass(frozen=True, eq=False)
class Lens:
    """A compiled selection. What it shows is, by definition, what a tenant would hold that has been filled with this
    copy of the owner's tenant:

    - entities that have one of `types` and, where these are given, one of `ids`, and meet `q`, `geo` and `scopes`;
    - of each its id, those of its types that are in `types` (others stay unsaid), createdAt, expiresAt;
    - the attributes in `attributes`, with all instances and sub-attributes; where `attributes` is None, all there are.
      An entity that has none of them is shown with id and type;
    - where `attributes` is None, scope and modifiedAt too; otherwise scope only if it is named among the attributes,
      and modifiedAt never: it moves when a hidden attribute changes. Attributes keep their own times.
    """

    types: frozenset[str]
    ids: frozenset[str] = frozenset()
    attributes: frozenset[str] | None = None
    q: Query | None = None
    geo: GeoQuery | None = None
    scopes: ScopeQuery | None = None
    members: frozenset[str] = field(init=False)
    """Which of the entity's own members are shown."""
    condition: Condition = field(init=False)
    """What an entity must meet to be shown."""

    def __post_init__(self) -> None:
        members = ENTITY_MEMBERS
        if self.attributes is not None:
            members = members - {"modifiedAt", "scope"} | (self.attributes & {"scope"})
        object.__setattr__(self, "members", members)
        types = tuple(frozenset({iri}) for iri in sorted(self.types))
        condition = Condition(tuple(sorted(self.ids)), None, types, None, self.q, self.geo, self.scopes)
        object.__setattr__(self, "condition", condition)

    def holds(self, entity: EntityDocument) -> bool:
        """Whether an entity of the owner's is shown; the condition follows no relationships."""
        return self.condition.holds(entity, lambda _: None)

    def shows(self, iri: str) -> bool:
        """Whether an attribute is shown, if an entity has it."""
        return iri not in SYSTEM_IRIS and (self.attributes is None or iri in self.attributes)

    def shown(self, entity: EntityDocument) -> EntityDocument:
        """The entity's part of the copy. The broker was asked for no more: this holds even where it sent more."""
        return {
            member: [iri for iri in value if iri in self.types] if member == "type" else value
            for member, value in entity.items()
            if (member in self.members if member in ENTITY_MEMBERS else self.shows(member))
        }


def lens_of(selection: Selection, context: Context) -> Lens:
    """The lens of a selection, whose names are read by `context`."""
    return Lens(
        frozenset(map(context.expand, selection.types)),
        frozenset(selection.ids),
        frozenset(name if name == "scope" else context.expand(name) for name in selection.attributes) or None,
        parse_q(selection.q, context) if selection.q else None,
        parse_geo_query(selection.geo.members, context) if selection.geo else None,
        parse_scope_query(selection.scopes) if selection.scopes else None,
    )
