"""Entities: /entities and /entities/{entityId} (CIM 009, 6.4 and 6.5)."""

from functools import partial
from typing import Any

from context_broker.api.answers import many_entities, one_entity
from context_broker.api.outcomes import attribute_outcome, existing
from context_broker.api.request_context import body_context, linked_context
from context_broker.broker import Broker
from context_broker.http.negotiation import negotiate
from context_broker.http.request import JSON, Request
from context_broker.http.response import Response, created, no_content
from context_broker.http.routes import Route
from context_broker.reading.plan import (
    ORDERING,
    PAGING,
    QUERY_PARAMS,
    RETRIEVE_PARAMS,
    SELECTION,
    VIEW_OPTIONS,
    Plan,
    make_plan,
    plan_of,
)
from context_broker.storage.search import Found, Page, cut
from context_broker.storage.transaction import Transaction
from ngsi_ld.datetimes import check_datetime, now
from ngsi_ld.errors import AlreadyExists, BadRequestData, ResourceNotFound
from ngsi_ld.jsonld.context import Context
from ngsi_ld.model import fragments
from ngsi_ld.model.entity import read_entity, read_fragment, stamp
from ngsi_ld.model.kinds import attributes_of
from ngsi_ld.model.merge_payload import MergeForm, complete
from ngsi_ld.model.projection import parse_attrs
from ngsi_ld.names import check_uri
from ngsi_ld.query.types import matches_types, parse_type_selection

TOO_WIDE = "the query is too wide: give at least one of type, attrs, q, georel, id, idPattern, or local=true (5.7.2.4)"


async def create_entity(broker: Broker, request: Request) -> Response:
    """Implements 6.4.3.1 Create Entity (5.6.1)."""
    media_type = request.media_type()
    payload = await request.json()
    entity = read_entity(payload, await body_context(broker, request, media_type, payload))

    def operation(transaction: Transaction, tenant: int) -> None:
        if transaction.get(tenant, entity["id"]) is not None:
            raise AlreadyExists(f"Entity {entity['id']} exists already")
        transaction.create(tenant, stamp(entity, now()))

    await broker.create(request, operation)
    return created("/ngsi-ld/v1/entities", entity["id"])


async def query_entities(broker: Broker, request: Request) -> Response:
    """Implements 6.4.3.2 Query Entities (5.7.2)."""
    media_type = negotiate(request.accept, geo=True)
    context = await linked_context(broker, request)
    plan = plan_of(request.scope["query_string"], context, media_type, broker.limits)
    tenant = await broker.read(request)
    return many_entities(broker, request, tenant, plan, await run_query(broker, tenant, plan))


async def run_query(broker: Broker, tenant: int, plan: Plan) -> Found:
    """The entities of a plan's page; `BadRequestData` where the query is too wide."""
    if not plan.restricted:
        raise BadRequestData(TOO_WIDE)
    if plan.ordering is None:
        return await broker.search.find(tenant, plan.selection, plan.page)
    everything = await broker.search.find(tenant, plan.selection, Page())
    ordered = plan.ordering.sort(everything.entities, lambda stored: stored.document)
    return cut(ordered, plan.page)


async def purge_entities(broker: Broker, request: Request) -> Response:
    """Implements 6.4.3.3 Purge Entities (5.6.21): delete what matches, or with drop/keep some of its attributes."""
    context = await linked_context(broker, request)
    params = {name: value for name, value in request.params.items() if name not in ("drop", "keep")}
    plan = make_plan(params, context, JSON, (1, 1))
    if not plan.restricted:
        raise BadRequestData(TOO_WIDE)
    drop, keep = (_attributes(request, name, context) for name in ("drop", "keep"))
    tenant = await broker.read(request)
    found = await broker.search.find(tenant, plan.selection, Page())
    ids = [stored.id for stored in found.entities]
    for start in range(0, len(ids), 500):
        chunk = ids[start : start + 500]
        await broker.write(request, partial(_purge, ids=chunk, drop=drop, keep=keep))
    return no_content()


def _attributes(request: Request, name: str, context: Context) -> frozenset[str] | None:
    names = request.names(name)
    return None if names is None else parse_attrs(names, context, name)


def _purge(
    transaction: Transaction, tenant: int, ids: list[str], drop: frozenset[str] | None, keep: frozenset[str] | None
) -> None:
    for id_ in ids:
        stored = transaction.get(tenant, id_)
        if stored is None:
            continue
        if drop is None and keep is None:
            transaction.delete(tenant, stored)
            continue
        names = [name for name in attributes_of(stored.document) if _goes(name, drop, keep)]
        moment, entity = now(), stored.document
        changes: list[fragments.Change] = []
        for name in names:
            outcome = fragments.delete_attribute(entity, name, moment, all_instances=True)
            entity = outcome.entity
            changes += outcome.changes
        if changes:
            transaction.replace(tenant, stored, entity, changes)


def _goes(name: str, drop: frozenset[str] | None, keep: frozenset[str] | None) -> bool:
    return (drop is not None and name in drop) or (keep is not None and name not in keep)


async def retrieve_entity(broker: Broker, request: Request) -> Response:
    """Implements 6.5.3.1 Retrieve Entity (5.7.1)."""
    media_type = negotiate(request.accept, geo=True)
    context = await linked_context(broker, request)
    id_ = check_uri(request.path_values[0], "the entity's id")
    plan = plan_of(request.scope["query_string"], context, media_type, broker.limits)
    tenant = await broker.read(request)
    stored = broker.search.get(tenant, id_)
    if stored is None:
        raise ResourceNotFound(f"Entity {id_} does not exist")
    types = plan.selection.types
    if types is not None and not matches_types(types, stored.document["type"]):
        raise ResourceNotFound(f"Entity {id_} is not of the type asked for")
    if plan.view.projection.attrs is not None and not plan.view.projection.has_any(stored.document):
        raise ResourceNotFound(f"Entity {id_} has none of the attributes asked for")
    return one_entity(broker, request, tenant, plan.view, stored)


async def replace_entity(broker: Broker, request: Request) -> Response:
    """Implements 6.5.3.3 Replace Entity (5.6.18)."""
    id_, context, payload = await entity_request(broker, request)
    content = read_fragment(payload, context, nulls=False)
    check_same_id(id_, content)

    def operation(transaction: Transaction, tenant: int) -> None:
        stored = existing(transaction, tenant, id_, request, context)
        outcome = fragments.replace(stored.document, content, now())
        transaction.replace(tenant, stored, outcome.entity, outcome.changes)

    await broker.write(request, operation)
    return no_content()


async def merge_entity(broker: Broker, request: Request) -> Response:
    """Implements 6.5.3.4 Merge Entity (5.6.17)."""
    id_, context, payload = await entity_request(broker, request)
    form, observed_at = merge_form(request)
    if not form.simplified:
        read_fragment(payload, context, nulls=True, partial=True)

    def operation(transaction: Transaction, tenant: int) -> Response:
        stored = existing(transaction, tenant, id_, request, context)
        fragment = read_fragment(complete(payload, stored.document, context, form), context, nulls=True, partial=True)
        check_same_id(id_, fragment)
        outcome = fragments.merge(stored.document, fragment, now(), observed_at=observed_at)
        transaction.replace(tenant, stored, outcome.entity, outcome.changes)
        return attribute_outcome(outcome)

    return await broker.write(request, operation)


def merge_form(request: Request) -> tuple[MergeForm, str | None]:
    """How a merge is written, and the observedAt it gives (6.5.3.4)."""
    form = request.params.get("format")
    asked = {form} if form else request.options
    observed_at = request.params.get("observedAt")
    if observed_at is not None:
        observed_at = check_datetime(observed_at, "observedAt")
    return MergeForm(bool(asked & {"keyValues", "simplified"}), request.params.get("lang")), observed_at


async def delete_entity(broker: Broker, request: Request) -> Response:
    """Implements 6.5.3.2 Delete Entity (5.6.6)."""
    id_ = check_uri(request.path_values[0], "the entity's id")
    context = await linked_context(broker, request)

    def operation(transaction: Transaction, tenant: int) -> None:
        transaction.delete(tenant, existing(transaction, tenant, id_, request, context))

    await broker.write(request, operation)
    return no_content()


async def entity_request(broker: Broker, request: Request) -> tuple[str, Context, Any]:
    """Id, context and JSON of a request that changes one entity."""
    media_type = request.media_type()
    id_ = check_uri(request.path_values[0], "the entity's id")
    payload = await request.json()
    context = await body_context(broker, request, media_type, payload)
    if "type" in request.params:
        parse_type_selection(request.params["type"], context)
    return id_, context, payload


def check_same_id(id_: str, fragment: dict[str, Any]) -> None:
    if fragment.get("id", id_) != id_:
        raise BadRequestData(f"the body is of entity {fragment['id']}, the path of {id_}")


_MERGE_OPTIONS = frozenset({"keyValues", "simplified", "normalized", "concise"})
ROUTES = (
    Route("POST", "/entities", "6.4.3.1", create_entity, frozenset({"local"})),
    Route("GET", "/entities", "6.4.3.2", query_entities, QUERY_PARAMS, VIEW_OPTIONS),
    Route(
        "DELETE",
        "/entities",
        "6.4.3.3",
        purge_entities,
        (SELECTION - PAGING - ORDERING) | {"drop", "keep", "datasetId"},
    ),
    Route("GET", "/entities/{}", "6.5.3.1", retrieve_entity, RETRIEVE_PARAMS, VIEW_OPTIONS),
    Route("DELETE", "/entities/{}", "6.5.3.2", delete_entity, frozenset({"type", "local"})),
    Route("PUT", "/entities/{}", "6.5.3.3", replace_entity, frozenset({"type", "local"})),
    Route(
        "PATCH",
        "/entities/{}",
        "6.5.3.4",
        merge_entity,
        frozenset({"type", "local", "format", "options", "observedAt", "lang"}),
        _MERGE_OPTIONS,
    ),
)
