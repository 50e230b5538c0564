"""Conditions by what q compares: values that must be equal, numbers that must be reached."""

from bisect import bisect_left, bisect_right, insort
from collections import defaultdict
from collections.abc import Callable, Hashable, Iterator
from typing import Any

from context_broker.notifications.shelves.group import Group, Groups
from context_broker.notifications.subscription import Condition
from ngsi_ld.model.kinds import EntityDocument
from ngsi_ld.query.q import And, Compare, Path
from ngsi_ld.query.q_evaluation import FindEntity, targets


class EqualValues:
    """By the values that a comparison with == admits."""

    def __init__(self) -> None:
        self._paths: defaultdict[Path, defaultdict[Hashable, Groups]] = defaultdict(lambda: defaultdict(dict))

    @staticmethod
    def takes(condition: Condition) -> bool:
        return _term(condition, _is_equality) is not None

    def add(self, group: Group) -> None:
        term = _known_term(group.condition, _is_equality)
        for value in term.values:
            self._paths[term.path][_value_key(value.value)][group] = None

    def remove(self, group: Group) -> None:
        term = _known_term(group.condition, _is_equality)
        by_value = self._paths[term.path]
        for key in {_value_key(value.value) for value in term.values}:
            del by_value[key][group]
            if not by_value[key]:
                del by_value[key]
        if not by_value:
            del self._paths[term.path]

    def find(self, entity: EntityDocument, find: FindEntity) -> Iterator[Group]:
        for path, by_value in self._paths.items():
            for value in _values(path, entity, find):
                if isinstance(value, bool | int | float | str):
                    yield from by_value.get(_value_key(value), ())


class Thresholds:
    """By the number that a value must reach (or, for < and <=, must not exceed)."""

    def __init__(self) -> None:
        self._paths: defaultdict[tuple[Path, bool], tuple[list[float], defaultdict[float, Groups]]] = defaultdict(
            lambda: ([], defaultdict(dict))
        )

    @staticmethod
    def takes(condition: Condition) -> bool:
        return _term(condition, _is_threshold) is not None

    def add(self, group: Group) -> None:
        key, bound = _threshold(group.condition)
        bounds, groups = self._paths[key]
        if bound not in groups:
            insort(bounds, bound)
        groups[bound][group] = None

    def remove(self, group: Group) -> None:
        key, bound = _threshold(group.condition)
        bounds, groups = self._paths[key]
        del groups[bound][group]
        if not groups[bound]:
            del groups[bound]
            del bounds[bisect_left(bounds, bound)]
        if not bounds:
            del self._paths[key]

    def find(self, entity: EntityDocument, find: FindEntity) -> Iterator[Group]:
        for (path, is_lower), (bounds, groups) in self._paths.items():
            numbers = [item for item in _values(path, entity, find) if _is_number(item)]
            if not numbers:
                continue
            met = (
                bounds[: bisect_right(bounds, max(numbers))]
                if is_lower
                else bounds[bisect_left(bounds, min(numbers)) :]
            )
            for bound in met:
                yield from groups[bound]


def _term(condition: Condition, is_fit: Callable[[Compare], bool]) -> Compare | None:
    """The first comparison that must hold and is fit for filing."""
    terms = condition.q.items if isinstance(condition.q, And) else (condition.q,)
    return next((term for term in terms if isinstance(term, Compare) and not term.path.linked and is_fit(term)), None)


def _known_term(condition: Condition, is_fit: Callable[[Compare], bool]) -> Compare:
    term = _term(condition, is_fit)
    assert term is not None
    return term


def _is_equality(term: Compare) -> bool:
    plain = all(value.kind in ("number", "string", "bool", "uri") for value in term.values)
    return term.operator == "==" and not term.is_range and plain


def _is_threshold(term: Compare) -> bool:
    bounded = term.is_range if term.operator == "==" else term.operator != "!="
    return bounded and term.values[0].kind == "number"


def _threshold(condition: Condition) -> tuple[tuple[Path, bool], float]:
    """Path and whether the number is a lower bound, and the number; of a range, its lower end."""
    term = _known_term(condition, _is_threshold)
    return (term.path, term.operator in (">", ">=", "==")), term.values[0].value


def _values(path: Path, entity: EntityDocument, find: FindEntity) -> Iterator[Any]:
    for target in targets(path, entity, find):
        if isinstance(target, list):
            yield from target
        else:
            yield target


def _value_key(value: Any) -> Hashable:
    """True is no 1 in q."""
    return (value,) if isinstance(value, bool) else value


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)
