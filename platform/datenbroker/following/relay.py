"""From the broker's notification to the subscriber's: the right is asked for again, the form is the subscriber's own.

The broker's tries and pauses hold: what the subscriber did not take is answered so, and comes again.
"""

import hmac
import logging
import re
from dataclasses import dataclass
from typing import Any

import orjson

from context_broker.http.request import GEO_JSON
from context_broker.limits import Limits
from context_broker.notifications.delivery.channels import Channels, headers_of
from context_broker.notifications.delivery.failures import DeliveryFailed
from context_broker.notifications.notification import build_notification
from context_broker.notifications.subscription import Subscription
from datenbroker.following.book import Book
from datenbroker.following.record import COLLECTION, Record, subscription_of
from datenbroker.following.watched import narrowed_condition
from datenbroker.gateway.products.entities import joined
from datenbroker.gateway.products.source import Source
from datenbroker.lens.documents import read_document
from datenbroker.lens.lens import Lens
from datenbroker.products.access import Access
from ngsi_ld.bounds import within
from ngsi_ld.datetimes import now
from ngsi_ld.errors import NgsiLdError
from ngsi_ld.jsonld.context import activate, core_context
from ngsi_ld.model.kinds import ENTITY_MEMBERS, EntityDocument
from ngsi_ld.names import NULL

log = logging.getLogger(__name__)

PATH = re.compile(r".*/(urn:ngsi-ld:Subscription:[0-9a-f]{32})/([0-9a-f]{64})")
TAKEN, GONE, MALFORMED, LATER = 204, 410, 400, 503


@dataclass
class Relay:
    """What the broker notifies; `channels` are the ways to subscribers."""

    book: Book
    channels: Channels
    limits: Limits

    async def take(self, path: str, body: bytes) -> int:
        """The status that the broker gets: 204, 410 for what has ended, 400 for good, 503 to be tried again."""
        found = PATH.fullmatch(path)
        document = await self.book.store.get(COLLECTION, found[1]) if found else None
        if found is None or document is None or not hmac.compare_digest(document["secret"], found[2]):
            return GONE
        record = Record.read(document)
        access = self.book.access(record)
        if access is None:
            return GONE
        try:
            with within(self.limits):
                await self._pass_on(record, access, orjson.loads(body))
        except DeliveryFailed as failed:
            return MALFORMED if failed.is_final else LATER
        except (orjson.JSONDecodeError, KeyError, TypeError):
            log.error("What the broker sends for a subscription to %s is no notification", record.slug)
            return MALFORMED
        except NgsiLdError as error:
            log.warning("A notification of %s waits: %s", record.slug, error.detail)
            return LATER
        return TAKEN

    async def _pass_on(self, record: Record, access: Access, payload: dict[str, Any]) -> None:
        subscription = await subscription_of(record, self.book.contexts())
        lens: Lens = await self.book.lens_of(access)
        context = activate(record.terms, {}) if record.terms else core_context()
        entities = [lens.shown(read_document(item, context)) for item in payload["data"]]
        source = Source(self.book.broker, access.tenant, lens)
        kept = await _belonging(entities, subscription, source)
        data = await shown(subscription, source, kept)
        if data:
            body = build_notification(subscription, data, payload.get("notifiedAt") or now())
            await self.channels.send(subscription, headers_of(subscription, "", []), body)


async def _belonging(
    entities: list[EntityDocument], subscription: Subscription, source: Source
) -> list[EntityDocument]:
    """What can still be decided here: the selection as it is now, and what the broker could not be asked."""
    lens = source.lens
    narrowed = narrowed_condition(subscription, lens)
    if narrowed is None:
        return []
    shown = [one for one in entities if one["type"] and (not lens.ids or one["id"] in lens.ids)]
    there = await source.meeting(narrowed.rest, [one for one in shown if "deletedAt" not in one])
    ids = {one["id"] for one in there}
    return [one for one in shown if "deletedAt" in one or one["id"] in ids]


async def shown(subscription: Subscription, source: Source, entities: list[EntityDocument]) -> list[dict[str, Any]]:
    """The entities in the form that the subscription asks for; none where nothing of one is left to show."""
    view = subscription.view
    gone = [entity for entity in entities if "deletedAt" in entity]
    there = [entity for entity in entities if "deletedAt" not in entity and view.projection.has_any(entity)]
    data = [view.payload(*item, context=False) for item in await joined(source, view, there)]
    return [_with_bare_nulls(item) for item in data if item] + [_deleted(subscription, entity) for entity in gone]


def _with_bare_nulls(shown: dict[str, Any]) -> dict[str, Any]:
    """A deleted attribute of which no more is said is the bare URN (7.6)."""
    members = shown["properties"] if shown.get("type") == "Feature" and "properties" in shown else shown
    members.update({name: NULL for name, value in members.items() if value == {"type": "Property", "value": NULL}})
    return shown


def _deleted(subscription: Subscription, entity: EntityDocument) -> dict[str, Any]:
    """`id`, `type`, `deletedAt`, and with showChanges what the attributes were."""
    view = subscription.view
    own = {name: value for name, value in entity.items() if name in ENTITY_MEMBERS}
    representation = view.representation.with_times(frozenset({"deletedAt"}))
    rendered = representation.entity(view.projection.apply(entity) | own)
    if subscription.endpoint.accept != GEO_JSON:
        return rendered
    properties = {name: value for name, value in rendered.items() if name != "id"}
    return {"id": entity["id"], "type": "Feature", "geometry": None, "properties": properties}
