"""Whether an entity satisfies a query: the exact meaning of q (CIM 009, 4.9; the table in the digest, 6.2)."""

from collections.abc import Callable, Iterable, Iterator
from operator import ge, gt, le, lt
from typing import Any

from ngsi_ld.datetimes import DATE, TIME, parse_datetime
from ngsi_ld.model.kinds import KIND_OF, EntityDocument, Instance
from ngsi_ld.query.patterns import compile_pattern
from ngsi_ld.query.q import And, Compare, Exists, Match, Or, Path, Query, Value

FindEntity = Callable[[str], EntityDocument | None]
"""How linked entities are found by their id."""

_TIMES = frozenset({"createdAt", "modifiedAt", "expiresAt"})
_MEMBERS = _TIMES | {"observedAt", "deletedAt", "unitCode", "datasetId", "objectType", "valueType"}


def matches(query: Query, entity: EntityDocument, find: FindEntity = lambda _: None) -> bool:
    """Evaluate the tree on one expanded entity."""
    if isinstance(query, And):
        return all(matches(item, entity, find) for item in query.items)
    if isinstance(query, Or):
        return any(matches(item, entity, find) for item in query.items)
    values = targets(query.path, entity, find)
    if isinstance(query, Exists):
        return any(True for _ in values) is not query.negated
    if isinstance(query, Match):
        return any(_matches_pattern(target, query) for target in values)
    return any(_compares(target, query) for target in values)


def targets(path: Path, entity: EntityDocument, find: FindEntity) -> Iterator[Any]:
    """Every value that the path leads to; none where a part of it is missing."""
    written, iri = path.names[0]
    if len(path.names) == 1 and written in _TIMES:
        if written in entity:
            yield entity[written]
        return
    instances: Iterable[Instance] = entity.get(iri, ())
    if path.linked:
        yield from _linked_targets(path, instances, find)
        return
    for _, sub_iri in path.names[1:-1]:
        instances = [item for instance in instances for item in instance.get(sub_iri, ())]
    last, last_iri = path.names[-1]
    if len(path.names) > 1 and last in _MEMBERS:
        yield from (instance[last] for instance in instances if last in instance)
        return
    if len(path.names) > 1:
        instances = [item for instance in instances for item in instance.get(last_iri, ())]
    for instance in instances:
        yield from _values(instance, path.keys)


def linked_ids(instance: Instance) -> list[str]:
    """The ids that a Relationship or ListRelationship points to; none for other kinds."""
    objects = instance.get("object") or instance.get("objectList") or []
    return [objects] if isinstance(objects, str) else list(objects)


def _linked_targets(path: Path, instances: Iterable[Instance], find: FindEntity) -> Iterator[Any]:
    assert path.linked is not None
    for instance in instances:
        for target in linked_ids(instance):
            entity = find(target)
            if entity and (not path.types or not set(path.types).isdisjoint(entity["type"])):
                yield from targets(path.linked, entity, find)


def _values(instance: Instance, keys: tuple[str, ...]) -> Iterator[Any]:
    kind = instance["type"]
    value = instance.get(KIND_OF[kind].value)
    if kind == "LanguageProperty" and isinstance(value, dict):
        yield from _texts(value, keys)
        return
    for key in keys:
        if not isinstance(value, dict) or key not in value:
            return
        value = value[key]
    if not keys and kind in ("Relationship", "ListRelationship"):
        yield Targets(value if isinstance(value, list) else [value])
    else:
        yield value["@value"] if isinstance(value, dict) and "@value" in value else value


class Targets(list[Any]):
    """What a relationship points to: compared for equality alone (6.2)."""


def _texts(language_map: dict[str, Any], keys: tuple[str, ...]) -> Iterator[Any]:
    if keys and keys[0] != "*":
        if keys[0] in language_map:
            yield language_map[keys[0]]
    else:
        yield from language_map.values()


def _matches_pattern(target: Any, query: Match) -> bool:
    if isinstance(target, Targets):
        return False
    pattern = compile_pattern(query.pattern, "q")
    texts = [item for item in (target if isinstance(target, list) else [target]) if isinstance(item, str)]
    if query.negated:
        return bool(texts) and not any(pattern.search(text) for text in texts)
    return any(pattern.search(text) for text in texts)


def _compares(target: Any, query: Compare) -> bool:
    items = target if isinstance(target, list) else [target]
    if query.operator == "!=":
        return not any(_equals_any(item, query) for item in items)
    if query.operator == "==":
        return any(_equals_any(item, query) for item in items)
    return not isinstance(target, Targets) and any(_ordered(item, query.operator, query.values[0]) for item in items)


def _equals_any(item: Any, query: Compare) -> bool:
    if query.is_range:
        low, high = query.values
        return _ordered(item, ">=", low) and _ordered(item, "<=", high)
    return any(_equals(item, value) for value in query.values)


def _equals(item: Any, value: Value) -> bool:
    comparable = comparable_pair(item, value)
    return comparable is not None and bool(comparable[0] == comparable[1])


def _ordered(item: Any, operator: str, value: Value) -> bool:
    comparable = comparable_pair(item, value)
    if comparable is None or value.kind in ("bool", "uri"):
        return False
    left, right = comparable
    return bool(_ORDER[operator](left, right))


_ORDER: dict[str, Callable[[Any, Any], bool]] = {">": gt, ">=": ge, "<": lt, "<=": le}


def comparable_pair(item: Any, value: Value) -> tuple[Any, Any] | None:
    """Both sides in one ordered type, or None where their types differ (then only `!=` matches)."""
    if value.kind == "bool":
        return (item, value.value) if isinstance(item, bool) else None
    if value.kind == "number":
        return (item, value.value) if isinstance(item, int | float) and not isinstance(item, bool) else None
    if not isinstance(item, str):
        return None
    if value.kind == "datetime":
        moment = parse_datetime(item)
        return (moment, parse_datetime(value.value)) if moment else None
    if value.kind == "date":
        return (item, value.value) if DATE.fullmatch(item) else None
    if value.kind == "time":
        return (_time(item), _time(value.value)) if TIME.fullmatch(item) else None
    return item, value.value


def _time(text: str) -> str:
    return text.replace(",", ".").removesuffix("Z")
