"""Batch operations: /entityOperations/… (CIM 009, 6.14-6.17, 6.23, 6.31). Partial success is 207, never silence."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Literal

from context_broker.api.answers import many_entities
from context_broker.api.entities import merge_form, run_query
from context_broker.api.outcomes import batch_error
from context_broker.api.request_context import Place, body_context, linked_context, own_context, refuse_link
from context_broker.broker import Broker
from context_broker.http.negotiation import negotiate
from context_broker.http.request import LD_JSON, Request
from context_broker.http.response import Response, json_response, no_content
from context_broker.http.routes import Route
from context_broker.reading.plan import PAGING, VIEW_OPTIONS, Plan
from context_broker.reading.post_query import plan_of_query
from context_broker.storage.entity_cache import Stored
from context_broker.storage.transaction import Transaction
from ngsi_ld.datetimes import now
from ngsi_ld.errors import AlreadyExists, BadRequestData, Conflict, InvalidRequest, NgsiLdError, ResourceNotFound
from ngsi_ld.jsonld.context import Context
from ngsi_ld.model import fragments
from ngsi_ld.model.entity import read_entity, read_fragment, stamp
from ngsi_ld.model.kinds import EntityDocument
from ngsi_ld.model.merge_payload import MergeForm, complete
from ngsi_ld.names import check_uri

Made = Literal["created", "changed"]


@dataclass(slots=True)
class _Result:
    """Ids by what became of them, in the order of the request."""

    created: list[str] = field(default_factory=list)
    changed: list[str] = field(default_factory=list)
    errors: list[dict[str, Any]] = field(default_factory=list)

    def add(self, id_: str, made: Made) -> None:
        (self.created if made == "created" else self.changed).append(id_)

    def response(self) -> Response:
        """201 with the created ids, 204 where there are none, 207 where something failed (5.2.16)."""
        if self.errors:
            success = list(dict.fromkeys([*self.created, *self.changed]))
            return json_response({"success": success, "errors": self.errors}, 207)
        return json_response(self.created, 201) if self.created else no_content()


@dataclass(frozen=True, slots=True)
class _Item:
    """One element of the array, with the context it is read by."""

    id: str
    payload: Any
    context: Context


Apply = Callable[[Transaction, int, EntityDocument, Stored | None, str], Made]
Read = Callable[[Any, Context], EntityDocument]


async def create_batch(broker: Broker, request: Request) -> Response:
    """Implements 6.14.3.1 Batch Entity Creation (5.6.7)."""

    def apply(
        transaction: Transaction, tenant: int, entity: EntityDocument, stored: Stored | None, moment: str
    ) -> Made:
        if stored is not None:
            raise AlreadyExists(f"Entity {entity['id']} exists already")
        transaction.create(tenant, stamp(entity, moment))
        return "created"

    return await _run(broker, request, read_entity, apply, creates=True)


async def upsert_batch(broker: Broker, request: Request) -> Response:
    """Implements 6.15.3.1 Batch Entity Upsert (5.6.8): options=replace (default) or update."""
    if request.options >= {"update", "replace"}:
        raise InvalidRequest("options=update and options=replace exclude each other")
    update = "update" in request.options

    def apply(
        transaction: Transaction, tenant: int, entity: EntityDocument, stored: Stored | None, moment: str
    ) -> Made:
        if stored is None:
            transaction.create(tenant, stamp(entity, moment))
            return "created"
        change = fragments.append if update else fragments.replace
        outcome = change(stored.document, entity, moment)
        transaction.replace(tenant, stored, outcome.entity, outcome.changes)
        return "changed"

    return await _run(broker, request, read_entity, apply, creates=True)


async def update_batch(broker: Broker, request: Request) -> Response:
    """Implements 6.16.3.1 Batch Entity Update (5.6.9)."""
    overwrite = "noOverwrite" not in request.options

    def apply(
        transaction: Transaction, tenant: int, entity: EntityDocument, stored: Stored | None, moment: str
    ) -> Made:
        known = _found(stored, entity)
        outcome = fragments.append(known.document, entity, moment, overwrite=overwrite)
        if outcome.updated or not outcome.not_updated:
            transaction.replace(tenant, known, outcome.entity, outcome.changes)
        if outcome.not_updated:
            left = ", ".join(name for name, _ in outcome.not_updated)
            raise _Kept(f"noOverwrite: already there and left as they were: {left}")
        return "changed"

    return await _run(broker, request, _read_update, apply)


def _read_update(payload: Any, context: Context) -> EntityDocument:
    return read_fragment(payload, context, nulls=False)


async def merge_batch(broker: Broker, request: Request) -> Response:
    """Implements 6.31.3.1 Batch Entity Merge (5.6.20)."""
    form, observed_at = merge_form(request)

    def apply(
        transaction: Transaction, tenant: int, entity: EntityDocument, stored: Stored | None, moment: str
    ) -> Made:
        known = _found(stored, entity)
        fragment = _completed(entity, known.document, form)
        outcome = fragments.merge(known.document, fragment, moment, observed_at=observed_at)
        transaction.replace(tenant, known, outcome.entity, outcome.changes)
        return "changed"

    return await _run(broker, request, _read_merge, apply)


def _read_merge(payload: Any, context: Context) -> EntityDocument:
    """The fragment as sent: it is completed once the stored entity is at hand."""
    named = {"id": payload.get("id", payload.get("@id"))} if isinstance(payload, dict) else payload
    return {"id": read_fragment(named, context, nulls=True)["id"], "payload": payload, "context": context}


def _completed(sent: EntityDocument, stored: EntityDocument, form: MergeForm) -> EntityDocument:
    payload = complete(sent["payload"], stored, sent["context"], form)
    return read_fragment(payload, sent["context"], nulls=True, partial=True)


async def delete_batch(broker: Broker, request: Request) -> Response:
    """Implements 6.17.3.1 Batch Entity Delete (5.6.10)."""
    request.media_type()
    ids = _array(await request.json(), broker)

    def operation(transaction: Transaction, tenant: int) -> _Result:
        result = _Result()
        for id_ in ids:
            try:
                stored = transaction.get(tenant, check_uri(id_, "the entity's id"))
                if stored is None:
                    raise ResourceNotFound(f"Entity {id_} does not exist")
                transaction.delete(tenant, stored)
                result.add(id_, "changed")
            except NgsiLdError as error:
                result.errors.append(batch_error(id_ if isinstance(id_, str) else "", error))
        return result

    return (await broker.write(request, operation)).response()


async def query_batch(broker: Broker, request: Request) -> Response:
    """Implements 6.23.3.1 Query Entities by POST (5.7.2)."""
    plan = await posted_plan(broker, request)
    tenant = await broker.read(request)
    return many_entities(broker, request, tenant, plan, await run_query(broker, tenant, plan))


async def posted_plan(place: Place, request: Request) -> Plan:
    """What a query by POST asks for."""
    body_type = request.media_type()
    media_type = negotiate(request.accept, geo=True)
    payload = await request.json()
    context = await body_context(place, request, body_type, payload)
    sizes = request.limits.page_default, request.limits.page_max
    return plan_of_query(payload, request.params, context, media_type, sizes)


async def _run(broker: Broker, request: Request, read: Read, apply: Apply, *, creates: bool = False) -> Response:
    media_type = request.media_type()
    items = _array(await request.json(), broker)
    contexts = await _contexts(broker, request, media_type, items)
    read_items = [_read_item(payload, context, read) for payload, context in zip(items, contexts, strict=True)]
    refused = [batch_error(id_, error) for id_, error in read_items if isinstance(error, NgsiLdError)]
    if creates and len(refused) == len(items):  # no tenant begins with nothing in it
        return _Result(errors=refused).response()

    def operation(transaction: Transaction, tenant: int) -> _Result:
        result, moment = _Result(), now()
        for id_, entity in read_items:
            try:
                if isinstance(entity, NgsiLdError):
                    raise entity
                result.add(id_, apply(transaction, tenant, entity, transaction.get(tenant, id_), moment))
            except NgsiLdError as error:
                result.errors.append(batch_error(id_, error))
        return result

    result = await (broker.create if creates else broker.write)(request, operation)
    return result.response()


def _array(payload: Any, broker: Broker) -> list[Any]:
    if not isinstance(payload, list) or not payload:
        raise BadRequestData("the body of a batch operation is a non-empty array")
    if any(item is None for item in payload):
        raise BadRequestData("an element of the batch is null")
    if len(payload) > broker.limits.batch_entities:
        most = broker.limits.batch_entities
        raise BadRequestData(f"the batch has {len(payload)} elements; {most} are allowed (limit batch_entities)")
    return payload


async def _contexts(broker: Broker, request: Request, media_type: str, items: list[Any]) -> list[Context | NgsiLdError]:
    """The context of each element: one for all by Link, or each its own in ld+json (2.2)."""
    if media_type != LD_JSON:
        shared = await linked_context(broker, request)
        refusal = BadRequestData("an element of application/json can't have an @context: send application/ld+json")
        return [refusal if isinstance(item, dict) and "@context" in item else shared for item in items]
    refuse_link(request)
    contexts: list[Context | NgsiLdError] = []
    for item in items:
        try:
            contexts.append(await own_context(broker, item))
        except NgsiLdError as error:
            contexts.append(error)
    return contexts


def _read_item(payload: Any, context: Context | NgsiLdError, read: Read) -> tuple[str, EntityDocument | NgsiLdError]:
    sent = payload.get("id", payload.get("@id")) if isinstance(payload, dict) else None
    id_ = sent if isinstance(sent, str) else ""
    if isinstance(context, NgsiLdError):
        return id_, context
    try:
        entity = read(payload, context)
        if not entity.get("id"):
            raise BadRequestData("an element of the batch has no id")
    except NgsiLdError as error:
        return id_, error
    return entity["id"], entity


def _found(stored: Stored | None, entity: EntityDocument) -> Stored:
    if stored is None:
        raise ResourceNotFound(f"Entity {entity['id']} does not exist")
    return stored


class _Kept(Conflict):
    """Attributes that noOverwrite left as they were, told as an error of their entity."""

    status, title = 400, "Bad Request Data"

    @classmethod
    def type_uri(cls) -> str:
        return BadRequestData.type_uri()


_LOCAL = frozenset({"local"})
_MERGE_OPTIONS = frozenset({"keyValues", "simplified", "normalized", "concise"})
ROUTES = (
    Route("POST", "/entityOperations/create", "6.14.3.1", create_batch, _LOCAL),
    Route(
        "POST",
        "/entityOperations/upsert",
        "6.15.3.1",
        upsert_batch,
        _LOCAL | {"options"},
        frozenset({"update", "replace"}),
    ),
    Route(
        "POST",
        "/entityOperations/update",
        "6.16.3.1",
        update_batch,
        _LOCAL | {"options"},
        frozenset({"noOverwrite", "overwrite"}),
    ),
    Route("POST", "/entityOperations/delete", "6.17.3.1", delete_batch, _LOCAL),
    Route(
        "POST",
        "/entityOperations/merge",
        "6.31.3.1",
        merge_batch,
        _LOCAL | {"options", "format", "observedAt", "lang"},
        _MERGE_OPTIONS,
    ),
    Route(
        "POST",
        "/entityOperations/query",
        "6.23.3.1",
        query_batch,
        PAGING | {"options", "format", "local", "entityMap", "splitEntities"},
        VIEW_OPTIONS,
    ),
)
