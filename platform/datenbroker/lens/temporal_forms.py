"""The past as a broker sent it, without whatever a product does not show; and the forms in which it leaves.

CIM 009, 4.5.6-4.5.9 and 4.5.19.
"""

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime
from typing import Any

from datenbroker.lens.documents import read_document
from datenbroker.lens.lens import Lens
from datenbroker.lens.temporal import Interval, Past
from datenbroker.lens.temporal_wire import Asked
from ngsi_ld.datetimes import parse_datetime
from ngsi_ld.errors import NotImplementedYet
from ngsi_ld.jsonld.context import Context
from ngsi_ld.model.kinds import ENTITY_MEMBERS, KIND_OF, SYSTEM_TIMES, VALUE_MEMBERS, EntityDocument, Instance
from ngsi_ld.model.representation import Representation
from ngsi_ld.names import NULL

UNTOLD = frozenset({"deletedAt", "scope"})
"""Of an entity itself: a deletion leaves no trace, and a scope has no time of observation."""

AGGREGATED_MEMBERS = frozenset({"type", "datasetId"})


def read_past(payload: dict[str, Any], given: Context, asked: Asked, lens: Lens) -> EntityDocument:
    """One entity's history, its names expanded by `given`: of its instances those that were asked for and are shown."""
    if asked.past.form == "aggregatedValues":
        entity = _aggregated(payload, given, asked.past)
    else:
        entity = {
            member: value if member in ENTITY_MEMBERS else _shown(value, asked.past)
            for member, value in read_document(payload, given).items()
        }
    return {
        member: value
        for member, value in lens.shown(entity).items()
        if member not in UNTOLD and (member in ENTITY_MEMBERS or _is_asked(member, value, asked))
    }


def _is_asked(member: str, instances: list[Instance], asked: Asked) -> bool:
    return bool(instances) and (asked.attributes is None or member in asked.attributes)


def _shown(instances: list[Instance], past: Past) -> list[Instance]:
    """No traces of deletions, and nothing of another time."""
    return [one for one in instances if not _is_trace(one) and _is_within(one.get(past.time_property), past.interval)]


def _is_trace(instance: Instance) -> bool:
    value = instance.get(KIND_OF[instance["type"]].value) if instance.get("type") in KIND_OF else NULL
    return "deletedAt" in instance or value in (NULL, [NULL], {"@none": NULL})


def _is_within(time: Any, interval: Interval | None) -> bool:
    if interval is None:
        return True
    moment = parse_datetime(time) if isinstance(time, str) else None
    return moment is not None and interval.holds(moment)


def _aggregated(payload: dict[str, Any], given: Context, past: Past) -> EntityDocument:
    entity = read_document({name: value for name, value in payload.items() if name in ENTITY_MEMBERS}, given)
    for name, value in payload.items():
        if name not in ENTITY_MEMBERS and name != "@context":
            figures = (_figures(one, past) for one in (value if isinstance(value, list) else [value]))
            entity[given.expand(name)] = [one for one in figures if any(one.get(method) for method in past.methods)]
    return entity


def _figures(instance: Any, past: Past) -> Instance:
    """The methods asked for, each a list of figures with their periods."""
    if not isinstance(instance, dict) or not VALUE_MEMBERS.isdisjoint(instance):
        raise NotImplementedYet("the broker behind this product does not aggregate: ask for temporalValues")
    return {
        member: [row for row in value if _begins_within(row, past.interval)] if member in past.methods else value
        for member, value in instance.items()
        if member in past.methods or member in AGGREGATED_MEMBERS
    }


def _begins_within(row: Any, interval: Interval | None) -> bool:
    """A period may not have begun before what is shown."""
    low = interval.low if interval else None
    begun = parse_datetime(row[1]) if isinstance(row, list) and len(row) == 3 and isinstance(row[1], str) else None
    return begun is not None and (low is None or low <= begun)


def moments(entities: Iterable[EntityDocument], time_property: str) -> list[datetime]:
    """The times of all instances."""
    found = (
        parse_datetime(instance.get(time_property, ""))
        for entity in entities
        for member, instances in entity.items()
        if member not in ENTITY_MEMBERS
        for instance in instances
    )
    return [moment for moment in found if moment is not None]


def within(entity: EntityDocument, interval: Interval, time_property: str) -> EntityDocument:
    """Only what lies in the interval."""
    kept = {
        member: value
        if member in ENTITY_MEMBERS
        else [one for one in value if _is_within(one.get(time_property), interval)]
        for member, value in entity.items()
    }
    return {member: value for member, value in kept.items() if value}


def rendered(entity: EntityDocument, past: Past, form: Representation) -> dict[str, Any]:
    """JSON of an entity's history; every attribute is an array of instances where it is normalized."""
    members = {name: value for name, value in entity.items() if name in ENTITY_MEMBERS}
    shown = form.entity(members)
    for name, instances in entity.items():
        if name not in ENTITY_MEMBERS:
            shown[form.context.compact(name)] = _attribute(instances, past, form)
    return shown


def _attribute(instances: list[Instance], past: Past, form: Representation) -> Any:
    if past.form == "aggregatedValues":
        return instances[0] if len(instances) == 1 else instances
    normalized = [_normalized(instance, past, form) for instance in instances]
    return normalized if past.form == "normalized" else _values(instances, normalized, past, form)


def _normalized(instance: Instance, past: Past, form: Representation) -> dict[str, Any]:
    shown: dict[str, Any] = form.attribute([instance])
    if past.time_property in SYSTEM_TIMES and past.time_property in instance:
        shown[past.time_property] = instance[past.time_property]
    return shown


def _values(instances: list[Instance], normalized: list[dict[str, Any]], past: Past, form: Representation) -> Any:
    """Of each kind and dataset all values with their times."""
    simple = replace(form, format="simplified")
    lists: dict[tuple[str, str | None], list[Any]] = {}
    for instance, shown in zip(instances, normalized, strict=True):
        bare = {name: value for name, value in instance.items() if name != "datasetId"}
        row = [simple.attribute([bare]), instance.get(past.time_property)]
        lists.setdefault((shown["type"], instance.get("datasetId")), []).append(row)
    series = [
        {"type": kind, KIND_OF[kind].value + "s": rows} | ({"datasetId": dataset} if dataset else {})
        for (kind, dataset), rows in lists.items()
    ]
    return series[0] if len(series) == 1 else series
