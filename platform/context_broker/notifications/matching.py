"""Which subscriptions a change concerns (CIM 009, 5.8.6).

Conditions are filed by the entity ids, types and watched attributes they name, so that a change looks only at those
that could match; equal conditions are evaluated once however many subscriptions share them.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator

from context_broker.events import EntityEvent
from context_broker.notifications.subscription import Condition, Subscription
from ngsi_ld.model.kinds import EntityDocument
from ngsi_ld.query.q_evaluation import FindEntity, matches
from ngsi_ld.query.scope import matches_scope_query

_ATTRIBUTE_TRIGGERS = frozenset({"attributeCreated", "attributeUpdated", "attributeDeleted"})
Key = tuple[int, str]
"""Tenant, and an entity id, a type's IRI, or "" for conditions that name neither."""


class Matcher:
    """The conditions of all event-driven subscriptions."""

    def __init__(self) -> None:
        self._by_key: defaultdict[Key, dict[Condition, dict[str, Subscription]]] = defaultdict(dict)

    def add(self, subscription: Subscription) -> None:
        for key in _keys(subscription):
            self._by_key[key].setdefault(subscription.condition, {})[subscription.id] = subscription

    def remove(self, subscription: Subscription) -> None:
        for key in _keys(subscription):
            conditions = self._by_key[key]
            conditions[subscription.condition].pop(subscription.id, None)
            if not conditions[subscription.condition]:
                del conditions[subscription.condition]
            if not conditions:
                del self._by_key[key]

    def matching(self, event: EntityEvent, find: FindEntity) -> Iterator[Subscription]:
        """The subscriptions whose condition the event meets, each once."""
        told: set[str] = set()
        for condition, subscriptions in self._candidates(event):
            if meets(condition, event, find):
                yield from (item for id_, item in subscriptions.items() if id_ not in told)
                told |= subscriptions.keys()

    def _candidates(self, event: EntityEvent) -> Iterable[tuple[Condition, dict[str, Subscription]]]:
        entity = event.entity
        for part in ("", entity["id"], *entity["type"]):
            conditions = self._by_key.get((event.tenant, part))
            if conditions:
                yield from conditions.items()


def _keys(subscription: Subscription) -> set[Key]:
    keys: set[Key] = set()
    for selector in subscription.condition.selectors:
        if selector.ids:
            keys |= {(subscription.tenant, id_) for id_ in selector.ids}
        elif selector.types:
            keys |= {(subscription.tenant, min(alternative)) for alternative in selector.types}
        else:
            keys.add((subscription.tenant, ""))
    return keys or {(subscription.tenant, "")}


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
