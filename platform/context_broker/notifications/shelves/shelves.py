"""Where conditions are filed so that a change finds those it may meet without looking at the others.

Each shelf takes the conditions that it can tell apart by something they all need of the entity: a value, a threshold,
an area, a part of the id. What it finds is a superset: the exact evaluation decides.
"""

from collections.abc import Iterable, Iterator

from context_broker.notifications.shelves.areas import Areas
from context_broker.notifications.shelves.group import Group, Groups, Shelf
from context_broker.notifications.shelves.id_parts import IdParts
from context_broker.notifications.shelves.values import EqualValues, Thresholds
from context_broker.notifications.subscription import Condition
from ngsi_ld.model.kinds import EntityDocument
from ngsi_ld.query.q_evaluation import FindEntity


class Shelves:
    """The shelves of conditions on the same ids, types and watched attributes; each is made when first needed."""

    def __init__(self) -> None:
        self._shelves: dict[type[Shelf], Shelf] = {}
        self._count = 0

    def __bool__(self) -> bool:
        return self._count > 0

    def add(self, group: Group) -> None:
        self._count += 1
        kind = _kind_for(group.condition)
        if kind not in self._shelves:
            self._shelves[kind] = kind()
        self._shelves[kind].add(group)

    def remove(self, group: Group) -> None:
        self._count -= 1
        self._shelves[_kind_for(group.condition)].remove(group)

    def find(self, entity: EntityDocument, find: FindEntity) -> Iterator[Group]:
        for shelf in self._shelves.values():
            yield from shelf.find(entity, find)


class Rest:
    """Conditions that nothing tells apart."""

    def __init__(self) -> None:
        self._groups: Groups = {}

    @staticmethod
    def takes(condition: Condition) -> bool:
        return True

    def add(self, group: Group) -> None:
        self._groups[group] = None

    def remove(self, group: Group) -> None:
        del self._groups[group]

    def find(self, entity: EntityDocument, find: FindEntity) -> Iterable[Group]:
        return self._groups


_KINDS: tuple[type[Shelf], ...] = (EqualValues, Thresholds, Areas, IdParts, Rest)


def _kind_for(condition: Condition) -> type[Shelf]:
    return next(kind for kind in _KINDS if kind.takes(condition))
