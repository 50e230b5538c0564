"""What happened to an entity in one write: the material of notifications (and, later, of history)."""

from dataclasses import dataclass, field
from typing import Literal

from ngsi_ld.model.fragments import Change
from ngsi_ld.model.kinds import EntityDocument

EntityTrigger = Literal["entityCreated", "entityUpdated", "entityDeleted"]


@dataclass(slots=True)
class EntityEvent:
    """One entity before and after; `changes` names the attribute instances that differ."""

    tenant: int
    trigger: EntityTrigger
    before: EntityDocument | None
    after: EntityDocument | None
    changes: list[Change] = field(default_factory=list)
    operation: int = 0
    """Events of one request share the number: their entities go into one notification."""

    @property
    def entity(self) -> EntityDocument:
        """The state that filters look at: after the change, or before a deletion (7.4)."""
        state = self.after if self.after is not None else self.before
        assert state is not None
        return state
