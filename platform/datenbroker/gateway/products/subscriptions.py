"""A product's subscriptions: each is seen and changed by its maker alone (CIM 009, 6.10 and 6.11; 5.8)."""

import secrets
from typing import Any

from context_broker.api.answers import in_context, listed
from context_broker.api.request_context import context_url, linked_context
from context_broker.api.subscriptions import read_subscription
from context_broker.http.negotiation import negotiate
from context_broker.http.request import JSON, Request
from context_broker.http.response import Response, created, no_content
from context_broker.notifications.shown import shown_subscription
from context_broker.notifications.subscription import NAMING_MEMBERS, Subscription, check_id
from context_broker.targets import TargetGuard, TargetRefused
from datenbroker.following.book import Book, new_key
from datenbroker.following.record import Record, maker_of, subscription_of
from datenbroker.gateway.problems import Forbidden, Unauthenticated
from datenbroker.gateway.products.visit import Visit
from datenbroker.identities.roles import Caller, Right
from ngsi_ld.datetimes import now
from ngsi_ld.errors import BadRequestData, OperationNotSupported, ResourceNotFound
from ngsi_ld.jsonld.context import CORE_URL, Context
from ngsi_ld.names import NULL, check_uri


async def create_subscription(visit: Visit, request: Request) -> Response:
    """6.10.3.1 Create Subscription (5.8.1)."""
    book, caller = _subscriber(visit)
    context, document = await read_subscription(visit, request)
    key, moment = new_key(), now()
    document["id"] = check_id(document) or f"urn:ngsi-ld:Subscription:{secrets.token_hex(16)}"
    record = Record(
        key=key,
        id=document["id"],
        slug=visit.access.product.slug,
        tenant=visit.access.tenant,
        maker=maker_of(caller),
        document=document,
        sources={name: context.source for name in ("@context", *NAMING_MEMBERS)},
        context_url=context_url(visit, request, context.source) or CORE_URL,
        created_at=moment,
        modified_at=moment,
        secret=secrets.token_hex(32),
    )
    subscription = await subscription_of(record, visit.contexts, moment)
    _check_endpoint(visit, request, subscription)
    await book.create(record, subscription, visit.access)
    return created(f"{visit.base}/ngsi-ld/v1/subscriptions", record.id)


async def query_subscriptions(visit: Visit, request: Request) -> Response:
    """6.10.3.2 Query Subscriptions (5.8.4)."""
    book, caller = _subscriber(visit)
    context = await linked_context(visit, request)
    media_type = negotiate(request.accept)
    page, paging = listed(request, await book.of(caller, visit.access.product.slug), media_type)
    shown = [await _shown(visit, book, record, request, context) for record in page]
    response = in_context(visit, request, shown, context, media_type)
    response.headers += paging
    return response


async def retrieve_subscription(visit: Visit, request: Request) -> Response:
    """6.11.3.1 Retrieve Subscription (5.8.3)."""
    book, caller = _subscriber(visit)
    context = await linked_context(visit, request)
    media_type = negotiate(request.accept)
    record = await _existing(book, caller, visit, request)
    shown = await _shown(visit, book, record, request, context)
    return in_context(visit, request, shown, context, media_type)


async def update_subscription(visit: Visit, request: Request) -> Response:
    """6.11.3.2 Update Subscription (5.8.2): members are replaced whole, NGSI-LD Null removes them."""
    book, caller = _subscriber(visit)
    context, fragment = await read_subscription(visit, request)
    old = await _existing(book, caller, visit, request)
    for name in ("id", "type"):
        if fragment.get(name, old.document[name]) != old.document[name]:
            raise BadRequestData(f"the {name} of a subscription can't change")
    document = {name: value for name, value in (old.document | fragment).items() if value not in (None, NULL)}
    changed = {name: context.source for name in fragment if name in NAMING_MEMBERS}
    moment = now()
    record = old.having(document=document, sources=old.sources | changed, modified_at=moment)
    checked_at = moment if "expiresAt" in fragment else old.created_at
    subscription = await subscription_of(record, visit.contexts, checked_at)
    _check_endpoint(visit, request, subscription)
    await book.change(record, subscription, visit.access)
    return no_content()


async def delete_subscription(visit: Visit, request: Request) -> Response:
    """6.11.3.3 Delete Subscription (5.8.5)."""
    book, caller = _subscriber(visit)
    await book.end(await _existing(book, caller, visit, request))
    return no_content()


def _subscriber(visit: Visit) -> tuple[Book, Caller]:
    caller = visit.access.caller
    if visit.book is None or not visit.access.product.subscriptions:
        raise OperationNotSupported("this product offers no subscriptions: ask it again from time to time")
    if caller is None:
        raise Unauthenticated("A subscription has a maker: send your key, also to an open product.")
    if Right.SUBSCRIBE not in caller.rights:
        raise Forbidden(f"{caller} may not subscribe: ask for a key that may.")
    return visit.book, caller


async def _existing(book: Book, caller: Caller, visit: Visit, request: Request) -> Record:
    id_ = check_uri(request.path_values[0], "the subscription's id")
    record = await book.one(caller, visit.access.product.slug, id_)
    if record is None:
        raise ResourceNotFound(f"Subscription {id_} does not exist")
    return record


async def _shown(visit: Visit, book: Book, record: Record, request: Request, context: Context) -> dict[str, Any]:
    subscription = await subscription_of(record, visit.contexts)
    subscription.delivery = await book.delivery(record)
    return shown_subscription(subscription, context, sys_attrs="sysAttrs" in request.options)


def _check_endpoint(visit: Visit, request: Request, subscription: Subscription) -> None:
    """What would go wrong at every delivery is refused at once; an endpoint by name is checked when used."""
    source = subscription.view.representation.context.source
    if subscription.endpoint.accept == JSON and context_url(visit, request, source) is None:
        raise BadRequestData(
            "a @context without an address can't be named in notifications of application/json: send its address, or"
            " set endpoint.accept to application/ld+json"
        )
    try:
        TargetGuard(allow_private=request.limits.allow_private_targets).check_host(subscription.endpoint.host)
    except TargetRefused as refusal:
        raise BadRequestData(f"endpoint.uri: {refusal}") from None
