"""Which types and attributes there are, whoever has looked: what the answers of 6.25-6.28 are made of."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from typing import Protocol


@dataclass(frozen=True, slots=True)
class Use:
    """Entities of a type have an attribute of a kind; all by IRI but the kind, as `GeoProperty`."""

    type: str
    attribute: str
    kind: str


class Inventory(Protocol):
    """Of one tenant, or of what is shown of one; names are IRIs."""

    async def types(self) -> Collection[str]:
        """Those that an entity has."""

    async def attributes(self) -> Collection[str]:
        """Those that an entity has."""

    async def uses(self) -> Iterable[Use]:
        """Each once."""

    async def entities_of(self, type_: str) -> int:
        """How many entities are of a type; 0 where there is none."""

    async def entities_with(self, attribute: str) -> int:
        """How many entities have an attribute."""
