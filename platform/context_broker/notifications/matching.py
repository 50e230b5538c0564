"""Which subscriptions a change concerns (CIM 009, 5.8.6).

Conditions are filed by the entity ids, types and watched attributes they name, and within these by what they compare
(`shelves`); equal conditions are evaluated once however many subscriptions share them.
"""

from collections import defaultdict
from collections.abc import Iterator

from context_broker.events import EntityEvent
from context_broker.notifications.shelves.group import Group
from context_broker.notifications.shelves.shelves import Shelves
from context_broker.notifications.subscription import Condition, Subscription
from ngsi_ld.model.kinds import EntityDocument
from ngsi_ld.query.q_evaluation import FindEntity, matches
from ngsi_ld.query.scope import matches_scope_query

_ATTRIBUTE_TRIGGERS = frozenset({"attributeCreated", "attributeUpdated", "attributeDeleted"})
_ENTITY_TRIGGERS = frozenset({"entityCreated", "entityDeleted"})
Key = tuple[int, str, str]
"""Tenant; an entity id, a type's IRI, or "" for conditions that name neither; a watched attribute, or "" for any."""


class Matcher:
    """The conditions of all event-driven subscriptions."""

    def __init__(self) -> None:
        self._groups: dict[tuple[int, Condition], Group] = {}
        self._shelves: defaultdict[Key, Shelves] = defaultdict(Shelves)

    def __bool__(self) -> bool:
        return bool(self._groups)

    def add(self, subscription: Subscription) -> None:
        condition = subscription.condition
        group = self._groups.get((subscription.tenant, condition))
        if group is None:
            group = self._groups[subscription.tenant, condition] = Group(condition)
            for key in _keys(subscription.tenant, condition):
                self._shelves[key].add(group)
        group.subscriptions[subscription.id] = subscription

    def remove(self, subscription: Subscription) -> None:
        condition = subscription.condition
        group = self._groups[subscription.tenant, condition]
        del group.subscriptions[subscription.id]
        if group.subscriptions:
            return
        del self._groups[subscription.tenant, condition]
        for key in _keys(subscription.tenant, condition):
            self._shelves[key].remove(group)
            if not self._shelves[key]:
                del self._shelves[key]

    def matching(self, event: EntityEvent, find: FindEntity) -> Iterator[Subscription]:
        """The subscriptions whose condition the event meets, each once."""
        seen: set[Group] = set()
        for shelves in self._candidates(event):
            for group in shelves.find(event.entity, find):
                if group not in seen:
                    seen.add(group)
                    if meets(group.condition, event, find):
                        yield from group.subscriptions.values()

    def _candidates(self, event: EntityEvent) -> Iterator[Shelves]:
        entity = event.entity
        changed = {"", *(change.attribute for change in event.changes)}
        for part in ("", entity["id"], *entity["type"]):
            for attribute in changed:
                shelves = self._shelves.get((event.tenant, part, attribute))
                if shelves is not None:
                    yield shelves


def _keys(tenant: int, condition: Condition) -> set[Key]:
    """Where a condition is filed: it can be met only by changes that look at one of these."""
    by_attribute = condition.watched and condition.triggers.isdisjoint(_ENTITY_TRIGGERS)
    attributes = condition.watched if by_attribute and condition.watched else {""}
    parts: set[str] = set()
    for selector in condition.selectors:
        if selector.ids:
            parts |= set(selector.ids)
        elif selector.types:
            parts |= {min(alternative) for alternative in selector.types}
        else:
            parts.add("")
    return {(tenant, part, attribute) for part in parts or {""} for attribute in attributes}


def meets(condition: Condition, event: EntityEvent, find: FindEntity) -> bool:
    """Whether trigger, selectors and filters hold for an event."""
    if not is_triggered(condition, event):
        return False
    entity = event.entity
    if condition.selectors and not any(selector.holds(entity, find) for selector in condition.selectors):
        return False
    return passes_filters(condition, entity, find)


def is_triggered(condition: Condition, event: EntityEvent) -> bool:
    """Whether the kind of change is one that is asked for; attribute changes only of watched attributes."""
    if event.trigger in condition.triggers and event.trigger != "entityUpdated":
        return True
    wanted = _ATTRIBUTE_TRIGGERS if "entityUpdated" in condition.triggers else condition.triggers
    if event.trigger == "entityDeleted":
        return False
    if event.trigger == "entityCreated" and "entityUpdated" in condition.triggers:
        wanted = condition.triggers
    watched = condition.watched
    return any(
        change.trigger in wanted and (watched is None or change.attribute in watched) for change in event.changes
    )


def passes_filters(condition: Condition, entity: EntityDocument, find: FindEntity) -> bool:
    """q AND geoQ AND scopeQ on the entity's state."""
    return (
        (condition.scopes is None or matches_scope_query(condition.scopes, entity.get("scope", ())))
        and (condition.q is None or matches(condition.q, entity, find))
        and (condition.geo is None or condition.geo.matches(entity))
    )
