"""Subscriptions and events without a broker around them."""

import sqlite3
from contextlib import closing
from typing import Any

from context_broker.contexts import Contexts
from context_broker.events import EntityEvent, EntityTrigger
from context_broker.limits import Limits
from context_broker.notifications.registry import SubscriptionRegistry
from context_broker.notifications.subscription import Subscription
from context_broker.targets import TargetGuard
from ngsi_ld.jsonld.context import CORE_URL, core_context
from ngsi_ld.model.entity import read_entity, stamp
from ngsi_ld.model.fragments import Change
from ngsi_ld.model.kinds import ENTITY_MEMBERS

NOW = "2026-01-01T00:00:00.000Z"


async def made(document: dict[str, Any], tenant: int = 1) -> Subscription:
    """The subscription of a document."""
    contexts = Contexts(Limits(), TargetGuard(allow_private=True))
    meta = {"created_at": NOW, "modified_at": NOW, "checked_at": NOW, "context_url": CORE_URL}
    with closing(sqlite3.connect(":memory:")) as connection:
        return await SubscriptionRegistry(connection, contexts).build(tenant, document, {}, meta)


def event(entity: dict[str, Any], changed: set[str], trigger: EntityTrigger = "entityUpdated") -> EntityEvent:
    """An entity whose attributes of these names were changed (created, when the entity was)."""
    context = core_context()
    after = stamp(read_entity(entity, context), NOW)
    kind: Any = "attributeCreated" if trigger == "entityCreated" else "attributeUpdated"
    names = [name for name in after if name not in ENTITY_MEMBERS and context.compact(name) in changed]
    changes = [Change(kind, name, None, None) for name in names]
    if trigger == "entityDeleted":
        return EntityEvent(1, trigger, after, None, [])
    return EntityEvent(1, trigger, None, after, changes)
