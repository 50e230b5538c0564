"""What a fragment makes of an entity: append, update, merge, replace, delete, as pure functions.

CIM 009, 5.5.8, 5.5.12, 5.6.2-5.6.5, 5.6.17-5.6.19. Each takes the stored document, leaves it as it was and returns
an `Outcome` with the new one and what changed in it.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Literal, NamedTuple

from ngsi_ld.errors import BadRequestData, ResourceNotFound
from ngsi_ld.model.attribute import is_null
from ngsi_ld.model.entity import stamp_instances
from ngsi_ld.model.kinds import VALUE_MEMBER, EntityDocument, Instance, attributes_of
from ngsi_ld.names import NULL

Trigger = Literal["attributeCreated", "attributeUpdated", "attributeDeleted"]


class Change(NamedTuple):
    """One attribute instance that became, changed or went: its IRI, datasetId, and what it was before."""

    trigger: Trigger
    attribute: str
    dataset: str | None
    previous: Instance | None


@dataclass(slots=True)
class Outcome:
    """The new document, what changed, and which attributes were left as they were, with the reason."""

    entity: EntityDocument
    changes: list[Change] = field(default_factory=list)
    updated: list[str] = field(default_factory=list)
    not_updated: list[tuple[str, str]] = field(default_factory=list)


def append(entity: EntityDocument, fragment: EntityDocument, now: str, *, overwrite: bool = True) -> Outcome:
    """Append (5.6.3): instances are added or, with `overwrite`, replaced as a whole."""
    outcome = _begin(entity, fragment, now)
    if "scope" in fragment:
        old = [] if overwrite else outcome.entity.get("scope", [])
        outcome.entity["scope"] = list(dict.fromkeys([*old, *fragment["scope"]]))
    for name in attributes_of(fragment):
        _put_attribute(outcome, name, fragment[name], now, overwrite)
    return outcome


def update(entity: EntityDocument, fragment: EntityDocument, now: str) -> Outcome:
    """Update (5.6.2): instances are replaced as a whole, added where absent, deleted by NGSI-LD Null."""
    outcome = _begin(entity, fragment, now)
    if "scope" in fragment and "scope" in entity:
        _set_or_drop(outcome.entity, "scope", fragment["scope"])
    for name in attributes_of(fragment):
        _put_attribute(outcome, name, [_without_inner_nulls(item) for item in fragment[name]], now, True)
    return outcome


def replace(entity: EntityDocument, content: EntityDocument, now: str) -> Outcome:
    """Replace (5.6.18): all content is new; createdAt of the entity and of replaced attributes stays."""
    new: EntityDocument = {"id": entity["id"], "type": content.get("type", entity["type"])}
    new |= {member: content[member] for member in ("scope", "expiresAt") if member in content}
    outcome = Outcome(new | {"createdAt": entity["createdAt"], "modifiedAt": now})
    for name in attributes_of(entity):
        if name in content:
            outcome.entity[name] = entity[name]
            _drop_instances(outcome, name, {instance.get("datasetId") for instance in content[name]})
        else:
            outcome.changes += [_deleted(name, instance) for instance in entity[name]]
    for name in attributes_of(content):
        _put_attribute(outcome, name, content[name], now, True)
    return outcome


def merge(entity: EntityDocument, fragment: EntityDocument, now: str, *, observed_at: str | None = None) -> Outcome:
    """Merge (5.6.17, 5.5.12): member by member after RFC 7396, NGSI-LD Null deletes at every level.

    `observed_at` is given to merged instances that already had an observedAt and bring none.
    """
    outcome = _begin(entity, fragment, now)
    if "scope" in fragment:
        _set_or_drop(outcome.entity, "scope", fragment["scope"])
    for name in attributes_of(fragment):
        _merge_attribute(outcome, name, fragment[name], now, observed_at)
    return outcome


def replace_attribute(entity: EntityDocument, name: str, instances: list[Instance], now: str) -> Outcome:
    """Replace one attribute (5.6.19): each instance named by the request must exist."""
    for instance in instances:
        _existing(entity, name, instance.get("datasetId"))
    outcome = _begin(entity, {}, now)
    _put_attribute(outcome, name, instances, now, True)
    return outcome


def patch_instance(
    entity: EntityDocument, name: str, dataset: str | None, patch: Callable[[Instance], Instance], now: str
) -> Outcome:
    """Partial attribute update (5.6.4): `patch` makes the new instance out of the old one."""
    old = _existing(entity, name, dataset)
    outcome = _begin(entity, {}, now)
    new = patch(old)
    new["createdAt"], new["modifiedAt"] = old["createdAt"], now
    _replace_instance(outcome, name, old, new)
    return outcome


def delete_attribute(
    entity: EntityDocument, name: str, now: str, *, dataset: str | None = None, all_instances: bool = False
) -> Outcome:
    """Delete an attribute (5.6.5): one instance, or all."""
    if not all_instances:
        _existing(entity, name, dataset)
    elif name not in entity:
        raise ResourceNotFound(f"Entity {entity['id']} has no attribute {name}")
    outcome = _begin(entity, {}, now)
    keep = {instance.get("datasetId") for instance in entity[name]} - {dataset}
    _drop_instances(outcome, name, set() if all_instances else keep)
    return outcome


def _begin(entity: EntityDocument, fragment: EntityDocument, now: str) -> Outcome:
    """A shallow copy that shares unchanged instances; types are added, expiresAt is replaced."""
    if "id" in fragment and fragment["id"] != entity["id"]:
        raise BadRequestData(f"the fragment is of {fragment['id']}, the request of {entity['id']}")
    new = {**entity, "modifiedAt": now}
    if "type" in fragment:
        new["type"] = list(dict.fromkeys([*entity["type"], *fragment["type"]]))
    if "expiresAt" in fragment:
        _set_or_drop(new, "expiresAt", fragment["expiresAt"])
    return Outcome(new)


def _set_or_drop(document: dict[str, Any], member: str, value: object) -> None:
    if value == NULL:
        document.pop(member, None)
    else:
        document[member] = value


def _put_attribute(outcome: Outcome, name: str, instances: list[Instance], now: str, overwrite: bool) -> None:
    left = False
    for instance in instances:
        old = _find(outcome.entity, name, instance.get("datasetId"))
        if is_null(instance):
            _delete_instance(outcome, name, old, instance.get("datasetId"))
        elif old is None:
            stamp_instances([instance], now)
            _add_instance(outcome, name, instance)
        elif overwrite:
            stamp_instances([instance], now, old["createdAt"])
            _replace_instance(outcome, name, old, instance)
        else:
            left = True
    if left:
        outcome.not_updated.append((name, "the attribute exists already and noOverwrite was asked"))
    elif not outcome.not_updated or name not in dict(outcome.not_updated):
        outcome.updated.append(name)


def _merge_attribute(outcome: Outcome, name: str, instances: list[Instance], now: str, observed_at: str | None) -> None:
    for instance in instances:
        old = _find(outcome.entity, name, instance.get("datasetId"))
        if is_null(instance):
            _delete_instance(outcome, name, old, instance.get("datasetId"), missing_ok=True)
        elif old is None:
            fresh = _complete(name, _without_nulls(instance))
            stamp_instances([fresh], now)
            _add_instance(outcome, name, fresh)
        else:
            merged = merge_instance(name, old, instance, now)
            if observed_at and "observedAt" in old and "observedAt" not in instance:
                merged["observedAt"] = observed_at
            _replace_instance(outcome, name, old, merged)


def merge_instance(name: str, old: Instance, new: Instance, now: str) -> Instance:
    """One instance merged into another of the same kind; sub-attributes and value objects member by member."""
    if old["type"] != new["type"]:
        raise BadRequestData(f"{name} is a {old['type']}; merging can't make it a {new['type']}")
    merged = dict(old)
    for member, value in new.items():
        if member in ("createdAt", "modifiedAt"):
            continue
        if ":" in member and isinstance(value, list):
            _merge_sub_attribute(merged, member, value, now)
        else:
            _set_or_drop(merged, member, _merge_json(old.get(member), value))
    merged["modifiedAt"] = now
    return merged


def patch_members(old: Instance, new: Instance, now: str) -> Instance:
    """Partial update (5.5.8): each member of the new instance replaces the old one's as a whole; Nulls remove."""
    patched = dict(old)
    for member, value in new.items():
        if ":" in member and isinstance(value, list):
            _patch_sub_attribute(patched, member, value, now)
        else:
            _set_or_drop(patched, member, value)
    return patched


def _patch_sub_attribute(instance: Instance, name: str, instances: list[Instance], now: str) -> None:
    known = {item.get("datasetId"): item for item in instance.pop(name, [])}
    for new in instances:
        old = known.pop(new.get("datasetId"), None)
        if not is_null(new):
            fresh = _complete(name, _without_nulls(new))
            stamp_instances([fresh], now, old["createdAt"] if old else None)
            known[new.get("datasetId")] = fresh
    if known:
        instance[name] = list(known.values())


def _merge_sub_attribute(instance: Instance, name: str, instances: list[Instance], now: str) -> None:
    current: list[Instance] = list(instance.get(name, []))
    for new in instances:
        old = next((item for item in current if item.get("datasetId") == new.get("datasetId")), None)
        if old is not None:
            current.remove(old)
        if is_null(new):
            continue
        if old is None:
            fresh = _complete(name, _without_nulls(new))
            stamp_instances([fresh], now)
            current.append(fresh)
        else:
            current.append(merge_instance(name, old, new, now))
    if current:
        instance[name] = current
    else:
        instance.pop(name, None)


def _merge_json(old: object, new: object) -> object:
    """RFC 7396 with NGSI-LD Null in the part of null."""
    if not isinstance(new, dict):
        return new
    merged = dict(old) if isinstance(old, dict) else {}
    for key, value in new.items():
        if value == NULL:
            merged.pop(key, None)
        else:
            merged[key] = _merge_json(merged.get(key), value)
    return merged


def _without_nulls(instance: Instance) -> Instance:
    """A new instance out of a fragment: what it would delete is not there anyway."""
    fresh: Instance = {}
    for member, value in instance.items():
        if ":" in member and isinstance(value, list):
            kept = [_without_nulls(item) for item in value if not is_null(item)]
            if kept:
                fresh[member] = kept
        elif value != NULL:
            fresh[member] = _merge_json(None, value)
    return fresh


def _complete(name: str, instance: Instance) -> Instance:
    member = VALUE_MEMBER[instance["type"]]
    if member not in instance:
        raise BadRequestData(f"{instance['type']} {name} is new and has no {member}")
    return instance


def _without_inner_nulls(instance: Instance) -> Instance:
    return instance if is_null(instance) else _without_nulls(instance)


def _find(entity: EntityDocument, name: str, dataset: str | None) -> Instance | None:
    for instance in entity.get(name, ()):
        if instance.get("datasetId") == dataset:
            found: Instance = instance
            return found
    return None


def _existing(entity: EntityDocument, name: str, dataset: str | None) -> Instance:
    instance = _find(entity, name, dataset)
    if instance is None:
        which = f" with datasetId {dataset}" if dataset else (" without datasetId" if name in entity else "")
        raise ResourceNotFound(f"Entity {entity['id']} has no attribute {name}{which}")
    return instance


def _add_instance(outcome: Outcome, name: str, instance: Instance) -> None:
    outcome.entity[name] = [*outcome.entity.get(name, []), instance]
    outcome.changes.append(Change("attributeCreated", name, instance.get("datasetId"), None))


def _replace_instance(outcome: Outcome, name: str, old: Instance, new: Instance) -> None:
    instances = outcome.entity[name]
    outcome.entity[name] = [new] if len(instances) == 1 else [new if item is old else item for item in instances]
    if not same_content(old, new):
        outcome.changes.append(Change("attributeUpdated", name, old.get("datasetId"), old))


def _delete_instance(
    outcome: Outcome, name: str, old: Instance | None, dataset: str | None, missing_ok: bool = False
) -> None:
    if old is not None:
        _drop_instances(outcome, name, {instance.get("datasetId") for instance in outcome.entity[name]} - {dataset})
    elif not missing_ok:
        outcome.not_updated.append((name, "the attribute does not exist and can't be deleted"))


def _drop_instances(outcome: Outcome, name: str, keep: set[str | None]) -> None:
    kept = [instance for instance in outcome.entity[name] if instance.get("datasetId") in keep]
    outcome.changes += [_deleted(name, item) for item in outcome.entity[name] if item not in kept]
    if kept:
        outcome.entity[name] = kept
    else:
        del outcome.entity[name]


def _deleted(name: str, instance: Instance) -> Change:
    return Change("attributeDeleted", name, instance.get("datasetId"), instance)


def same_content(one: Instance, other: Instance) -> bool:
    """Whether two instances differ in their system times alone, at every depth: then nothing changed (7.4)."""
    if len(one) != len(other):
        return False
    for member, value in one.items():
        if member in _TIMES:
            continue
        if member not in other or (value != other[member] and not _same_instances(member, value, other[member])):
            return False
    return True


def _same_instances(member: str, one: Any, other: Any) -> bool:
    is_sub_attribute = ":" in member and isinstance(one, list)
    return is_sub_attribute and len(one) == len(other) and all(map(same_content, one, other))


_TIMES = frozenset({"createdAt", "modifiedAt"})
