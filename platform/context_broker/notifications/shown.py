"""A subscription as it is shown: names compacted by the context of the request that asks (CIM 009, 5.8.3)."""

from typing import Any

from context_broker.notifications.subscription import Subscription
from ngsi_ld.datetimes import now
from ngsi_ld.jsonld.context import Context
from ngsi_ld.query.q_text import q_text
from ngsi_ld.query.types import type_selection_text


def shown_subscription(subscription: Subscription, context: Context, *, sys_attrs: bool) -> dict[str, Any]:
    """The document with status and counters; as it was sent where the contexts are the same."""
    shown: dict[str, Any] = dict(subscription.document)
    if any(source != context.source for source in subscription.contexts.values()):
        shown |= _compacted(subscription, context)
    shown["status"] = subscription.status(now())
    shown["notification"] = shown["notification"] | subscription.delivery.members()
    if sys_attrs:
        shown |= {"createdAt": subscription.created_at, "modifiedAt": subscription.modified_at}
    return shown


def _compacted(subscription: Subscription, context: Context) -> dict[str, Any]:
    document, condition = subscription.document, subscription.condition
    compacted: dict[str, Any] = {}
    if "entities" in document:
        compacted["entities"] = [
            {**item, "type": type_selection_text(selector.types, context) if selector.types else item["type"]}
            for item, selector in zip(document["entities"], condition.selectors, strict=True)
        ]
    for member in ("watchedAttributes", "expandValues"):
        if member in subscription.named:
            names = [context.compact(iri) for iri in subscription.named[member]]
            compacted[member] = ",".join(names) if isinstance(document[member], str) else names
    if condition.q is not None:
        compacted["q"] = q_text(condition.q, context)
    if condition.geo is not None and "geoproperty" in document["geoQ"]:
        compacted["geoQ"] = {**document["geoQ"], "geoproperty": context.compact(condition.geo.attribute)}
    compacted["notification"] = {**document["notification"], **_names(subscription, context)}
    return compacted


def _names(subscription: Subscription, context: Context) -> dict[str, list[str]]:
    projection, names = subscription.view.projection, dict[str, list[str]]()
    if "attributes" in subscription.named:
        names["attributes"] = [context.compact(iri) for iri in subscription.named["attributes"]]
    for member, chosen in (("pick", projection.pick), ("omit", projection.omit)):
        if chosen is not None and all(inner is None for inner in chosen.values()):
            names[member] = [context.compact(iri) for iri in chosen]
    return names
