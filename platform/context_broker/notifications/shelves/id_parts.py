"""Conditions by what the id pattern of their entity selectors demands of an id."""

from collections import defaultdict
from collections.abc import Iterator

from context_broker.notifications.shelves.group import Group, Groups
from context_broker.notifications.subscription import Condition
from ngsi_ld.model.kinds import EntityDocument
from ngsi_ld.query.patterns import required_text
from ngsi_ld.query.q_evaluation import FindEntity


class IdParts:
    """By a text that an id must contain to match the pattern; texts are cut to few lengths, for a quick look."""

    LENGTHS = (32, 16, 8, 4, 2, 1)

    def __init__(self) -> None:
        self._lengths: defaultdict[int, defaultdict[str, Groups]] = defaultdict(lambda: defaultdict(dict))

    @classmethod
    def takes(cls, condition: Condition) -> bool:
        return bool(condition.selectors) and all(
            not selector.ids and selector.id_pattern and required_text(selector.id_pattern.pattern)
            for selector in condition.selectors
        )

    def add(self, group: Group) -> None:
        for text in self._texts(group.condition):
            self._lengths[len(text)][text][group] = None

    def remove(self, group: Group) -> None:
        for text in self._texts(group.condition):
            by_text = self._lengths[len(text)]
            del by_text[text][group]
            if not by_text[text]:
                del by_text[text]
            if not by_text:
                del self._lengths[len(text)]

    def find(self, entity: EntityDocument, find: FindEntity) -> Iterator[Group]:
        id_: str = entity["id"]
        for length, by_text in self._lengths.items():
            for start in range(len(id_) - length + 1):
                yield from by_text.get(id_[start : start + length], ())

    def _texts(self, condition: Condition) -> set[str]:
        texts = set()
        for selector in condition.selectors:
            assert selector.id_pattern is not None
            text = required_text(selector.id_pattern.pattern)
            texts.add(text[-next(length for length in self.LENGTHS if length <= len(text)) :])
        return texts
