"""Type selection expressions (CIM 009, 4.17): `A,B` one of, `(A;B)` both, and their combinations."""

from collections.abc import Iterable
from functools import lru_cache

from ngsi_ld.bounds import Bounds, check_length, current, exceeded
from ngsi_ld.errors import BadRequestData
from ngsi_ld.jsonld.context import Context
from ngsi_ld.names import check_name

TypeSelection = tuple[frozenset[str], ...]
"""Alternatives; an entity matches one of them when it has all its types (IRIs)."""


def parse_type_selection(text: str, context: Context) -> TypeSelection:
    """The disjunctive form of an expression; `BadRequestData` where it breaks the grammar."""
    return _parse(check_length(text, "type"), context, current())


@lru_cache(maxsize=1024)
def _parse(text: str, context: Context, bounds: Bounds) -> TypeSelection:
    parser = _Parser(text, context, bounds)
    selection = parser.disjunction()
    if parser.rest:
        raise BadRequestData(f"type: unexpected {parser.rest[:40]!r} in {text[:100]!r}")
    return selection


def matches_types(selection: TypeSelection, types: Iterable[str]) -> bool:
    known = set(types)
    return any(alternative <= known for alternative in selection)


class _Parser:
    def __init__(self, text: str, context: Context, bounds: Bounds) -> None:
        self.rest = text.strip()
        self._text = text
        self._context = context
        self._bounds = bounds
        self._depth = 0

    def disjunction(self) -> TypeSelection:
        selection = self._conjunction()
        while self.rest[:1] in (",", "|"):
            self.rest = self.rest[1:]
            selection += self._conjunction()
        return selection

    def _conjunction(self) -> TypeSelection:
        selection = self._item()
        while self.rest.startswith(";"):
            self.rest = self.rest[1:]
            right = self._item()
            if (alternatives := len(selection) * len(right)) > self._bounds.type_alternatives:
                raise exceeded("type_alternatives", f"type multiplies out to {alternatives}", BadRequestData)
            selection = tuple(left | other for left in selection for other in right)
        return selection

    def _item(self) -> TypeSelection:
        self.rest = self.rest.lstrip()
        if not self.rest.startswith("("):
            return (frozenset({self._name()}),)
        self._depth += 1
        if self._depth > self._bounds.expression_nesting:
            raise exceeded("expression_nesting", f"type has {self._depth} groups in one another")
        self.rest = self.rest[1:]
        selection = self.disjunction()
        if not self.rest.startswith(")"):
            raise BadRequestData(f"type: a ')' is missing in {self._text[:100]!r}")
        self.rest = self.rest[1:].lstrip()
        self._depth -= 1
        return selection

    def _name(self) -> str:
        end = next((place for place, char in enumerate(self.rest) if char in ",;|()"), len(self.rest))
        name, self.rest = self.rest[:end].strip(), self.rest[end:]
        return self._context.expand(check_name(name, "a type"))


def type_selection_text(selection: TypeSelection, context: Context) -> str:
    """The expression again, with the names of another context."""
    parts = [[context.compact(iri) for iri in sorted(alternative)] for alternative in selection]
    return ",".join(names[0] if len(names) == 1 else f"({';'.join(names)})" for names in parts)
