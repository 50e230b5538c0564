"""Subscriptions: /subscriptions and /subscriptions/{subscriptionId} (CIM 009, 6.10 and 6.11; 5.8)."""

import uuid
from typing import Any

from context_broker.api.answers import in_context, listed
from context_broker.api.request_context import Place, body_context, context_url, linked_context
from context_broker.broker import Broker
from context_broker.http.negotiation import negotiate
from context_broker.http.request import Request
from context_broker.http.response import Response, created, no_content
from context_broker.http.routes import Route
from context_broker.notifications.registry import client_document, save
from context_broker.notifications.shown import shown_subscription
from context_broker.notifications.subscription import NAMING_MEMBERS, Subscription, check_id
from context_broker.storage.transaction import Transaction
from context_broker.targets import TargetRefused
from context_broker.tenancy import tenant_name
from ngsi_ld.datetimes import now
from ngsi_ld.errors import AlreadyExists, BadRequestData, ResourceNotFound, TooManyResults
from ngsi_ld.jsonld.context import Context
from ngsi_ld.model.entity import json_type
from ngsi_ld.names import NULL, check_uri


async def create_subscription(broker: Broker, request: Request) -> Response:
    """Implements 6.10.3.1 Create Subscription (5.8.1)."""
    context, document = await read_subscription(broker, request)
    document["id"] = check_id(document) or f"urn:ngsi-ld:Subscription:{uuid.uuid4()}"
    async with broker.subscriptions.changing(tenant_name(request), document["id"]):
        await _create(broker, request, document, context)
    return created("/ngsi-ld/v1/subscriptions", document["id"])


async def _create(broker: Broker, request: Request, document: dict[str, Any], context: Context) -> None:
    moment = now()
    meta: dict[str, Any] = {"created_at": moment, "modified_at": moment, "checked_at": moment}
    meta["context_url"] = context_url(broker, request, context.source)
    sources = {name: context.source for name in ("@context", *NAMING_MEMBERS)}
    subscription = await broker.subscriptions.build(0, document, sources, meta)
    _check_target(broker, subscription)

    def operation(transaction: Transaction, tenant: int) -> None:
        if broker.subscriptions.get(tenant, subscription.id) is not None:
            raise AlreadyExists(f"Subscription {subscription.id} exists already")
        if broker.subscriptions.count(tenant) >= broker.limits.subscriptions_per_tenant:
            most = broker.limits.subscriptions_per_tenant
            raise TooManyResults(f"the tenant has {most} subscriptions, no more fit (limit subscriptions_per_tenant)")
        subscription.tenant = tenant
        save(transaction, subscription)
        broker.subscriptions.keep_contexts(transaction, subscription)
        transaction.after_commit.append(lambda: broker.subscriptions.put(subscription))

    await broker.create(request, operation)


async def query_subscriptions(broker: Broker, request: Request) -> Response:
    """Implements 6.10.3.2 Query Subscriptions (5.8.4)."""
    context = await linked_context(broker, request)
    media_type = negotiate(request.accept)
    everything = broker.subscriptions.of_tenant(await broker.read(request))
    page, paging = listed(request, everything, media_type)
    shown = [_shown(item, context, request) for item in page]
    response = in_context(broker, request, shown, context, media_type)
    response.headers += paging
    return response


async def retrieve_subscription(broker: Broker, request: Request) -> Response:
    """Implements 6.11.3.1 Retrieve Subscription (5.8.3)."""
    context = await linked_context(broker, request)
    media_type = negotiate(request.accept)
    subscription = _existing(broker, await broker.read(request), request)
    return in_context(broker, request, _shown(subscription, context, request), context, media_type)


async def update_subscription(broker: Broker, request: Request) -> Response:
    """Implements 6.11.3.2 Update Subscription (5.8.2): members are replaced whole, NGSI-LD Null removes them."""
    id_ = check_uri(request.path_values[0], "the subscription's id")
    context, fragment = await read_subscription(broker, request)
    async with broker.subscriptions.changing(tenant_name(request), id_):
        await _update(broker, request, fragment, context)
    return no_content()


async def _update(broker: Broker, request: Request, fragment: dict[str, Any], context: Context) -> None:
    old = _existing(broker, await broker.read(request), request)
    for name in ("id", "type"):
        if fragment.get(name, old.document[name]) != old.document[name]:
            raise BadRequestData(f"the {name} of a subscription can't change")
    document = {**old.document, **fragment}
    document = {name: value for name, value in document.items() if value not in (None, NULL)}
    sources = {**old.contexts, **{name: context.source for name in fragment if name in NAMING_MEMBERS}}
    moment = now()
    meta = {"created_at": old.created_at, "modified_at": moment, "context_url": old.context_url}
    subscription = await broker.subscriptions.build(
        old.tenant, document, sources, meta | {"checked_at": moment if "expiresAt" in fragment else old.created_at}
    )
    subscription.delivery = old.delivery
    _check_target(broker, subscription)

    def adopt() -> None:
        broker.subscriptions.put(subscription)
        broker.outbox.retry_now(subscription)

    def operation(transaction: Transaction, tenant: int) -> None:
        _existing(broker, tenant, request)
        save(transaction, subscription)
        broker.subscriptions.keep_contexts(transaction, subscription)
        transaction.after_commit.append(adopt)

    await broker.write(request, operation)


async def delete_subscription(broker: Broker, request: Request) -> Response:
    """Implements 6.11.3.3 Delete Subscription (5.8.5)."""
    id_ = check_uri(request.path_values[0], "the subscription's id")

    def forget(subscription: Subscription) -> None:
        broker.subscriptions.drop(subscription)
        broker.outbox.forget(subscription)

    def operation(transaction: Transaction, tenant: int) -> None:
        subscription = _existing(broker, tenant, request)
        broker.subscriptions.erase(transaction, tenant, subscription.id)
        transaction.after_commit.append(lambda: forget(subscription))

    async with broker.subscriptions.changing(tenant_name(request), id_):
        await broker.write(request, operation)
    return no_content()


def _check_target(broker: Broker, subscription: Subscription) -> None:
    """An endpoint that would be refused at every delivery is refused at once; one by name is checked when used."""
    try:
        broker.guard.check_host(subscription.endpoint.host)
    except TargetRefused as refusal:
        raise BadRequestData(f"endpoint.uri: {refusal}") from None


async def read_subscription(place: Place, request: Request) -> tuple[Context, dict[str, Any]]:
    """The document of a request that makes or changes one, with the context that it is read by."""
    media_type = request.media_type()
    payload = await request.json()
    context = await body_context(place, request, media_type, payload)
    if not isinstance(payload, dict):
        raise BadRequestData(f"a subscription is a JSON object, not {json_type(payload)}")
    return context, client_document(payload)


def _existing(broker: Broker, tenant: int, request: Request) -> Subscription:
    id_ = check_uri(request.path_values[0], "the subscription's id")
    subscription = broker.subscriptions.get(tenant, id_)
    if subscription is None:
        raise ResourceNotFound(f"Subscription {id_} does not exist")
    return subscription


def _shown(subscription: Subscription, context: Context, request: Request) -> dict[str, Any]:
    return shown_subscription(subscription, context, sys_attrs="sysAttrs" in request.options)


_SYS_ATTRS = frozenset({"sysAttrs"})
_ONE = frozenset({"options", "local"})
ROUTES = (
    Route("POST", "/subscriptions", "6.10.3.1", create_subscription, frozenset({"local"})),
    Route("GET", "/subscriptions", "6.10.3.2", query_subscriptions, _ONE | {"limit", "offset", "count"}, _SYS_ATTRS),
    Route("GET", "/subscriptions/{}", "6.11.3.1", retrieve_subscription, _ONE, _SYS_ATTRS),
    Route("PATCH", "/subscriptions/{}", "6.11.3.2", update_subscription, frozenset({"local"})),
    Route("DELETE", "/subscriptions/{}", "6.11.3.3", delete_subscription, frozenset({"local"})),
)
