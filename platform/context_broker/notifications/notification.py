"""The notification itself: entities as the subscription wants to see them (CIM 009, 5.3.1; digest 7.5, 7.6)."""

import uuid
from typing import Any

import orjson

from context_broker.events import EntityEvent
from context_broker.http.request import GEO_JSON, LD_JSON
from context_broker.notifications.subscription import Subscription
from context_broker.reading.linked import Linking
from context_broker.reading.plan import View
from ngsi_ld.errors import TooManyResults
from ngsi_ld.jsonld.context import context_value
from ngsi_ld.model.fragments import Change
from ngsi_ld.model.kinds import ENTITY_MEMBERS, KIND_OF, EntityDocument, Instance
from ngsi_ld.model.projection import Projection
from ngsi_ld.model.representation import feature_collection
from ngsi_ld.names import NULL
from ngsi_ld.query.q_evaluation import FindEntity


def build_notification(subscription: Subscription, data: list[dict[str, Any]] | bytes, notified_at: str) -> bytes:
    """The JSON that is sent: `{"id", "type", "subscriptionId", "notifiedAt", "data"}`.

    `data`: the entities as the subscription shows them, or the JSON of their array.
    """
    view, accept = subscription.view, subscription.endpoint.accept
    entities: Any = orjson.Fragment(data) if isinstance(data, bytes) else data
    body: dict[str, Any] = {
        "id": f"urn:ngsi-ld:Notification:{uuid.uuid4()}",
        "type": "Notification",
        "subscriptionId": subscription.id,
        "notifiedAt": notified_at,
        "data": entities,
    }
    if accept == LD_JSON:
        body["@context"] = context_value(view.representation.context)
    elif accept == GEO_JSON:
        collection: dict[str, Any] = feature_collection(entities)
        if not subscription.endpoint.wants_plain_json:
            collection["@context"] = context_value(view.representation.context)
        body["data"] = collection
    return orjson.dumps(body)


def entity_data(
    subscription: Subscription, events: list[EntityEvent], now: str, find: FindEntity
) -> list[dict[str, Any]]:
    """The entities of one operation as the subscription shows them; none where nothing of them is left to show."""
    view = subscription.view
    gone = [_deleted_entity(subscription, event.entity, now) for event in events if event.after is None]
    changed = [event for event in events if event.after is not None and _shows_any(view, event)]
    shown = current_data(view, [_with_changes(subscription, event, now) for event in changed], find)
    if any(change.trigger == "attributeDeleted" for event in changed for change in event.changes):
        for item in shown:
            members = item["properties"] if view.media_type == GEO_JSON else item
            members.update({name: NULL for name, value in members.items() if _is_plain_null(value)})
    return [item for item in shown if item] + gone


def _is_plain_null(value: Any) -> bool:
    """Whether a rendered attribute says no more than that it was deleted: then the bare URN is sent (7.6)."""
    if isinstance(value, dict):
        content = [item for member, item in value.items() if member != "type"]
        return len(content) == 1 and content[0] in (NULL, [NULL], {"@none": NULL})
    return isinstance(value, list) and value == [NULL]


def current_data(view: View, entities: list[EntityDocument], find: FindEntity) -> list[dict[str, Any]]:
    """Entities with what is linked to them; without it where that would be more than one answer may hold."""
    try:
        shown = _joined(view, entities, find)
    except TooManyResults:
        shown = [(entity, view.projection) for entity in entities]
    return [view.payload(*item, context=False) for item in shown]


def _joined(view: View, entities: list[EntityDocument], find: FindEntity) -> list[tuple[EntityDocument, Projection]]:
    if view.join is None:
        return [(entity, view.projection) for entity in entities]
    linking = Linking(view.join, find)
    if view.join.mode == "flat":
        return linking.flat(entities, view.projection)
    return [(linking.inline(entity, view.projection), view.projection) for entity in entities]


def _shows_any(view: View, event: EntityEvent) -> bool:
    names = set(event.entity) | {change.attribute for change in event.changes}
    return view.projection.attrs is None or not view.projection.attrs.isdisjoint(names)


def _with_changes(subscription: Subscription, event: EntityEvent, now: str) -> EntityDocument:
    """The entity after the change, with deleted attributes as NGSI-LD Null and, where asked, previous values."""
    entity = dict(event.entity)
    detailed = subscription.show_changes or subscription.view.representation.sys_attrs
    for change in event.changes:
        if change.trigger == "attributeDeleted" and change.previous is not None:
            gone = _null_instance(change.previous, subscription.show_changes, now if detailed else None)
            entity[change.attribute] = [*entity.get(change.attribute, []), gone]
        elif subscription.show_changes and change.previous is not None and change.attribute in entity:
            entity[change.attribute] = [_with_previous(item, change) for item in entity[change.attribute]]
    return entity


def _with_previous(instance: Instance, change: Change) -> Instance:
    if change.previous is None or instance.get("datasetId") != change.dataset:
        return instance
    kind = KIND_OF[change.previous["type"]]
    return {**instance, kind.previous: change.previous[kind.value]}


def _null_instance(previous: Instance, show_changes: bool, deleted_at: str | None) -> Instance:
    kind = KIND_OF[previous["type"]]
    null: Any = {"@none": NULL} if kind.name == "LanguageProperty" else NULL
    if kind.name in ("ListProperty", "ListRelationship"):
        null = [NULL]
    gone: Instance = {"type": kind.name, kind.value: null}
    if "datasetId" in previous:
        gone["datasetId"] = previous["datasetId"]
    if deleted_at is not None:
        gone["deletedAt"] = deleted_at
    if show_changes:
        gone[kind.previous] = previous[kind.value]
    return gone


def _deleted_entity(subscription: Subscription, entity: EntityDocument, now: str) -> dict[str, Any]:
    """`{"id", "type", "deletedAt"}`; with showChanges every attribute as Null beside its previous value (7.6)."""
    representation = subscription.view.representation
    shown: EntityDocument = {"id": entity["id"], "type": entity["type"], "deletedAt": now}
    if representation.sys_attrs:
        shown |= {name: entity[name] for name in ("createdAt", "modifiedAt") if name in entity}
    if subscription.show_changes:
        for name, instances in subscription.view.projection.apply(entity).items():
            if name not in ENTITY_MEMBERS:
                shown[name] = [_null_instance(instance, True, now) for instance in instances]
    rendered = representation.with_times(frozenset({"deletedAt"})).entity(shown)
    if subscription.endpoint.accept != GEO_JSON:
        return rendered
    properties = {name: value for name, value in rendered.items() if name != "id"}
    return {"id": entity["id"], "type": "Feature", "geometry": None, "properties": properties}
