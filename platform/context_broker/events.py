"""What happened to an entity in one write: the material of notifications (and, later, of history)."""

from dataclasses import dataclass, field
from typing import Literal

from ngsi_ld.model.fragments import Change
from ngsi_ld.model.kinds import EntityDocument, attributes_of

EntityTrigger = Literal["entityCreated", "entityUpdated", "entityDeleted"]


@dataclass(slots=True)
class EntityEvent:
    """One entity before and after; `changed` names the attribute instances that differ, of a new entity none."""

    tenant: int
    trigger: EntityTrigger
    before: EntityDocument | None
    after: EntityDocument | None
    changed: list[Change] = field(default_factory=list)
    operation: int = 0
    """Events of one request share the number: their entities go into one notification."""

    @property
    def changes(self) -> list[Change]:
        """The attribute instances that differ, of a new entity all: worked out only where somebody asks."""
        if self.trigger != "entityCreated" or self.after is None:
            return self.changed
        return [
            Change("attributeCreated", name, instance.get("datasetId"), None)
            for name in attributes_of(self.after)
            for instance in self.after[name]
        ]

    @property
    def entity(self) -> EntityDocument:
        """The state that filters look at: after the change, or before a deletion (7.4)."""
        state = self.after if self.after is not None else self.before
        assert state is not None
        return state
