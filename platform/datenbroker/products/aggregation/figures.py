"""The figures of one period: which entities count, in which group, and which groups may be shown. Pure functions."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from math import fsum, isfinite
from typing import Any, NamedTuple

from datenbroker.products.product import Aggregation
from ngsi_ld.datetimes import parse_datetime
from ngsi_ld.jsonld.context import Context
from ngsi_ld.model.kinds import EntityDocument

ALL = "all"

Members = frozenset[str]


@dataclass(frozen=True, slots=True)
class Contribution:
    """What one entity brings to its group: a value for each measure, and its unit (UN/CEFACT code)."""

    entity: str
    group: str
    values: tuple[float, ...]
    units: tuple[str | None, ...] = ()


@dataclass(frozen=True, slots=True)
class Figures:
    """A group that may be shown: a figure for each measure, over `members`."""

    group: str
    values: tuple[float, ...]
    members: Members
    units: tuple[str | None, ...] = ()


@dataclass(frozen=True, slots=True)
class Rules:
    """An aggregation with its names as IRIs."""

    aggregation: Aggregation
    measures: tuple[str, ...]
    group_by: str | None

    @classmethod
    def of(cls, aggregation: Aggregation, context: Context) -> "Rules":
        group = aggregation.group_by
        iri = group if group in (None, "type", "scope") else context.expand(group)
        return cls(aggregation, tuple(context.expand(measure.attribute) for measure in aggregation.measures), iri)


def contribution(entity: EntityDocument, rules: Rules, since: datetime) -> Contribution | None:
    """None for an entity that lacks a measure or its group, or whose value was observed before `since`."""
    found = [measured for iri in rules.measures if (measured := _number(entity.get(iri, ()), since))]
    group = _group(entity, rules.group_by)
    if group is None or len(found) < len(rules.measures):
        return None
    return Contribution(entity["id"], group, tuple(one.value for one in found), tuple(one.unit for one in found))


def figures(
    contributions: Iterable[Contribution], aggregation: Aggregation, before: Mapping[str, Members]
) -> tuple[list[Figures], list[str]]:
    """The groups that may be shown, and those held back; `before` are the members when each was shown last.

    A group is shown if it has at least `floor` members with the same units, and none dominates a sum. Where its
    members have changed by fewer than `floor`, the difference of two snapshots would tell of these few: newcomers wait
    until they are enough to come in together, and a group that fewer than `floor` have left is held back.
    """
    groups: dict[str, dict[str, Contribution]] = {}
    for one in contributions:
        groups.setdefault(one.group, {})[one.entity] = one
    shown, held = [], []
    for name, members in sorted(groups.items()):
        known = before.get(name)
        if known is not None and 0 < len(known - members.keys()) < aggregation.floor:
            held.append(name)
            continue
        if known is not None and len(members.keys() - known) < aggregation.floor:
            members = {entity: one for entity, one in members.items() if entity in known}
        counted = list(members.values())
        if _may_be_shown(counted, aggregation):
            values = _measured([one.values for one in counted], aggregation)
            shown.append(Figures(name, values, frozenset(members), counted[0].units))
    return shown, held


def _may_be_shown(counted: Sequence[Contribution], aggregation: Aggregation) -> bool:
    if len(counted) < aggregation.floor or len({one.units for one in counted}) > 1:
        return False
    for column in zip(*(one.values for one in counted), strict=True):
        sizes = [abs(value) for value in column]
        if max(sizes) > aggregation.dominance * fsum(sizes):
            return False
    return True


def _measured(values: Sequence[tuple[float, ...]], aggregation: Aggregation) -> tuple[float, ...]:
    columns = zip(*values, strict=True)
    return tuple(
        fsum(column) / (len(column) if measure.function == "mean" else 1)
        for measure, column in zip(aggregation.measures, columns, strict=True)
    )


class _Measured(NamedTuple):
    value: float
    unit: str | None


def _number(instances: Iterable[Any], since: datetime) -> _Measured | None:
    for instance in instances:
        value = instance.get("value")
        if "datasetId" in instance or isinstance(value, bool) or not isinstance(value, int | float):
            continue
        observed = parse_datetime(instance.get("observedAt", ""))
        if isfinite(value) and (observed is None or observed > since):
            return _Measured(float(value), instance.get("unitCode"))
    return None


def _group(entity: EntityDocument, group_by: str | None) -> str | None:
    """Exactly one for each entity: groups that overlap could be told apart from one another by subtraction."""
    if group_by is None:
        return ALL
    if group_by == "type":
        return ",".join(sorted(entity["type"]))
    if group_by == "scope":
        return next(iter(entity.get("scope", ())), None)
    for instance in entity.get(group_by, ()):
        named = instance.get("object", instance.get("value"))
        if "datasetId" not in instance and isinstance(named, str) and 0 < len(named) <= 500:
            return named
    return None
