"""Subscriptions that share one condition, and what a shelf is that files them."""

from collections.abc import Iterable
from typing import Protocol

from context_broker.notifications.subscription import Condition, Subscription
from ngsi_ld.model.kinds import EntityDocument
from ngsi_ld.query.q_evaluation import FindEntity


class Group:
    """The subscriptions that share one condition, by id. Compared by identity, which is quick."""

    __slots__ = ("condition", "subscriptions")

    def __init__(self, condition: Condition) -> None:
        self.condition = condition
        self.subscriptions: dict[str, Subscription] = {}


Groups = dict[Group, None]
"""Groups in the order of their filing."""


class Shelf(Protocol):
    @staticmethod
    def takes(condition: Condition) -> bool:
        """Whether the shelf can file a condition."""

    def add(self, group: Group) -> None: ...
    def remove(self, group: Group) -> None: ...
    def find(self, entity: EntityDocument, find: FindEntity) -> Iterable[Group]:
        """All groups that the entity may meet; some perhaps more than once."""
