"""Attributes: /entities/{entityId}/attrs and below (CIM 009, 6.6 and 6.7)."""

from context_broker.api.entities import check_same_id, entity_request
from context_broker.api.outcomes import attribute_outcome, existing
from context_broker.api.request_context import linked_context
from context_broker.broker import Broker
from context_broker.http.request import Request
from context_broker.http.response import Response, no_content
from context_broker.http.routes import Route
from context_broker.storage.transaction import Transaction
from ngsi_ld.datetimes import now
from ngsi_ld.errors import BadRequestData, ResourceNotFound
from ngsi_ld.jsonld.context import Context
from ngsi_ld.model import fragments
from ngsi_ld.model.attribute import Reading, check_geo_attribute
from ngsi_ld.model.entity import read_fragment
from ngsi_ld.model.kinds import EntityDocument
from ngsi_ld.model.merge_payload import patch_of
from ngsi_ld.names import NULL, check_name, check_uri


async def append_attributes(broker: Broker, request: Request) -> Response:
    """Implements 6.6.3.1 Append Attributes (5.6.3)."""
    id_, context, payload = await entity_request(broker, request)
    fragment = read_fragment(payload, context, nulls=False)
    check_same_id(id_, fragment)
    overwrite = "noOverwrite" not in request.options

    def operation(transaction: Transaction, tenant: int) -> Response:
        stored = existing(transaction, tenant, id_, request, context)
        outcome = fragments.append(stored.document, fragment, now(), overwrite=overwrite)
        transaction.replace(tenant, stored, outcome.entity, outcome.changes)
        return attribute_outcome(outcome)

    return await broker.write(request, operation)


async def update_attributes(broker: Broker, request: Request) -> Response:
    """Implements 6.6.3.2 Update Attributes (5.6.2)."""
    id_, context, payload = await entity_request(broker, request)
    fragment = read_fragment(payload, context, nulls=True)
    check_same_id(id_, fragment)

    def operation(transaction: Transaction, tenant: int) -> Response:
        stored = existing(transaction, tenant, id_, request, context)
        outcome = fragments.update(stored.document, fragment, now())
        transaction.replace(tenant, stored, outcome.entity, outcome.changes)
        return attribute_outcome(outcome)

    return await broker.write(request, operation)


async def partial_update(broker: Broker, request: Request) -> Response:
    """Implements 6.7.3.1 Partial Attribute Update (5.6.4)."""
    id_, context, payload = await entity_request(broker, request)
    name, iri = _attribute(request, context)
    dataset = _dataset_of(payload, context)

    def operation(transaction: Transaction, tenant: int) -> None:
        stored = existing(transaction, tenant, id_, request, context)
        moment = now()
        outcome = fragments.patch_instance(
            stored.document, iri, dataset, lambda old: patch_of(payload, name, old, context, moment), moment
        )
        transaction.replace(tenant, stored, outcome.entity, outcome.changes)

    await broker.write(request, operation)
    return no_content()


async def replace_attribute(broker: Broker, request: Request) -> Response:
    """Implements 6.7.3.3 Replace Attribute (5.6.19)."""
    id_, context, payload = await entity_request(broker, request)
    name, iri = _attribute(request, context)
    if isinstance(payload, dict):
        payload = {member: value for member, value in payload.items() if member != "@context"}
    instances = Reading(context).attribute(name, payload)
    check_geo_attribute(iri, name, instances, nulls=False)

    def operation(transaction: Transaction, tenant: int) -> None:
        stored = existing(transaction, tenant, id_, request, context)
        outcome = fragments.replace_attribute(stored.document, iri, instances, now())
        transaction.replace(tenant, stored, outcome.entity, outcome.changes)

    await broker.write(request, operation)
    return no_content()


async def delete_attribute(broker: Broker, request: Request) -> Response:
    """Implements 6.7.3.2 Delete Attribute (5.6.5)."""
    id_ = check_uri(request.path_values[0], "the entity's id")
    context = await linked_context(broker, request)
    every = request.flag("deleteAll")
    dataset = request.params.get("datasetId")
    dataset = None if dataset in (None, "@none") else check_uri(dataset, "datasetId")
    scope = request.path_values[1] == "scope"
    iri = "" if scope else _attribute(request, context)[1]

    def operation(transaction: Transaction, tenant: int) -> None:
        stored = existing(transaction, tenant, id_, request, context)
        moment = now()
        if scope:
            transaction.replace(tenant, stored, _without_scope(stored.document, moment), [])
            return
        outcome = fragments.delete_attribute(stored.document, iri, moment, dataset=dataset, all_instances=every)
        transaction.replace(tenant, stored, outcome.entity, outcome.changes)

    await broker.write(request, operation)
    return no_content()


def _without_scope(entity: EntityDocument, moment: str) -> EntityDocument:
    if "scope" not in entity:
        raise ResourceNotFound(f"Entity {entity['id']} has no scope")
    return {member: value for member, value in entity.items() if member != "scope"} | {"modifiedAt": moment}


def _attribute(request: Request, context: Context) -> tuple[str, str]:
    name = check_name(request.path_values[1], "the attribute")
    if name in ("scope", "id", "type"):
        raise BadRequestData(f"'{name}' is no attribute and can't be changed here")
    return name, context.expand(name)


def _dataset_of(payload: object, context: Context) -> str | None:
    dataset = payload.get("datasetId") if isinstance(payload, dict) else None
    if dataset in (None, "@none"):
        return None
    if dataset == NULL:
        raise BadRequestData("a datasetId can't be an NGSI-LD Null")
    return check_uri(context.expand_reference(dataset) if isinstance(dataset, str) else dataset, "datasetId")


_CHANGE = frozenset({"type", "local"})
ROUTES = (
    Route(
        "POST",
        "/entities/{}/attrs",
        "6.6.3.1",
        append_attributes,
        _CHANGE | {"options"},
        frozenset({"noOverwrite", "overwrite"}),
    ),
    Route("PATCH", "/entities/{}/attrs", "6.6.3.2", update_attributes, _CHANGE),
    Route("PATCH", "/entities/{}/attrs/{}", "6.7.3.1", partial_update, _CHANGE),
    Route("DELETE", "/entities/{}/attrs/{}", "6.7.3.2", delete_attribute, _CHANGE | {"deleteAll", "datasetId"}),
    Route("PUT", "/entities/{}/attrs/{}", "6.7.3.3", replace_attribute, _CHANGE),
)
