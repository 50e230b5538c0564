"""Which members of an entity are shown: attrs, pick, omit, datasetId (CIM 009, 4.21, 5.7.1, 5.7.2)."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from ngsi_ld.bounds import check_length, check_names, current, exceeded
from ngsi_ld.errors import BadRequestData
from ngsi_ld.jsonld.context import Context
from ngsi_ld.model.kinds import ENTITY_MEMBERS, EntityDocument
from ngsi_ld.names import check_name

Names = Mapping[str, "Names | None"]
"""Picked or omitted members by IRI (core members by their name), each with what is inside a linked entity."""

_TOKEN = re.compile(r"[{},|]|[^{},|]+")


@dataclass(frozen=True, slots=True)
class Projection:
    """A choice of members; empty parts choose everything."""

    attrs: frozenset[str] | None = None
    pick: Names | None = None
    omit: Names | None = None
    datasets: frozenset[str] | None = None

    @property
    def is_everything(self) -> bool:
        return self.attrs is None and self.pick is None and self.omit is None and self.datasets is None

    def apply(self, entity: EntityDocument) -> EntityDocument:
        """The entity with what is chosen."""
        if self.is_everything:
            return entity
        chosen = {member: value for member, value in entity.items() if self._shows(member)}
        return chosen if self.datasets is None else self._with_datasets(chosen, self.datasets)

    def inside(self, member: str) -> "Projection":
        """The projection that holds within the entities linked by a picked or omitted member (4.21)."""
        picked, omitted = (self.pick or {}).get(member), (self.omit or {}).get(member)
        return Projection(pick=picked or None, omit=omitted or None, datasets=self.datasets)

    def has_any(self, entity: EntityDocument) -> bool:
        """Whether the entity has one of `attrs`, where given (5.7.1.4, 5.7.2.4)."""
        return self.attrs is None or not self.attrs.isdisjoint(entity)

    def _shows(self, member: str) -> bool:
        if self.attrs is not None and member not in self.attrs and member not in ENTITY_MEMBERS:
            return False
        if self.pick is not None and member not in self.pick:
            return False
        return self.omit is None or member not in self.omit or self.omit[member] is not None

    def _with_datasets(self, entity: EntityDocument, datasets: frozenset[str]) -> EntityDocument:
        shown: EntityDocument = {}
        for member, value in entity.items():
            if member in ENTITY_MEMBERS:
                shown[member] = value
            elif kept := [item for item in value if item.get("datasetId", "@none") in datasets]:
                shown[member] = kept
        return shown


@dataclass(slots=True)
class _Parser:
    context: Context
    what: str
    tokens: list[str]
    depth: int = 0
    deepest: int = field(default=0)

    def names(self, closing: bool = False) -> dict[str, Names | None]:
        found: dict[str, Names | None] = {}
        while True:
            name = self._name()
            inner = None
            if self.tokens and self.tokens[0] == "{":
                self.tokens.pop(0)
                self.depth += 1
                self.deepest = max(self.deepest, self.depth)
                if self.depth > current().projection_depth:
                    raise exceeded("projection_depth", f"{self.what} reaches into {self.depth} linked entities")
                inner = self.names(closing=True)
                self.depth -= 1
            found[name] = inner
            if not self.tokens and not closing:
                return found
            separator = self.tokens.pop(0) if self.tokens else ""
            if closing and separator == "}":
                return found
            if separator not in (",", "|"):
                raise BadRequestData(f"{self.what}: expected ',' between names, found {separator!r:.40}")

    def _name(self) -> str:
        name = self.tokens.pop(0).strip() if self.tokens else ""
        if not name or name in "{},|":
            raise BadRequestData(f"{self.what}: a name is missing")
        check_name(name, f"a member of {self.what}")
        return name if name in ENTITY_MEMBERS else self.context.expand(name)


def parse_names(text: str, context: Context, what: str) -> tuple[Names, int]:
    """The members named by `pick` or `omit`, and how deep they reach into linked entities (0: not at all)."""
    parser = _Parser(context, what, _TOKEN.findall(check_length(text, what)))
    return parser.names(), parser.deepest


def parse_attrs(names: Sequence[str], context: Context, what: str = "attrs") -> frozenset[str]:
    """Attribute names of `attrs` and its like, expanded."""
    return frozenset(
        context.expand(check_name(name.strip(), f"a member of {what}")) for name in check_names(names, what)
    )
