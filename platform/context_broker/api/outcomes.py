"""What operations on existing entities have in common: finding the entity, and telling what was done to it."""

from typing import Any

from context_broker.http.request import Request
from context_broker.http.response import Response, json_response, no_content
from context_broker.storage.entity_cache import Stored
from context_broker.storage.transaction import Transaction
from ngsi_ld.errors import NgsiLdError, ResourceNotFound
from ngsi_ld.jsonld.context import Context
from ngsi_ld.model.fragments import Outcome
from ngsi_ld.query.types import matches_types, parse_type_selection


def existing(transaction: Transaction, tenant: int, id_: str, request: Request, context: Context) -> Stored:
    """The entity, of the type asked for where one is; `ResourceNotFound` otherwise."""
    stored = transaction.get(tenant, id_)
    if stored is None:
        raise ResourceNotFound(f"Entity {id_} does not exist")
    wanted = request.params.get("type")
    if wanted and wanted != "*" and not matches_types(parse_type_selection(wanted, context), stored.document["type"]):
        raise ResourceNotFound(f"Entity {id_} is not of type {wanted}")
    return stored


def attribute_outcome(outcome: Outcome) -> Response:
    """204, or 207 with an UpdateResult where something was left as it was (5.2.18)."""
    if not outcome.not_updated:
        return no_content()
    not_updated = [{"attributeName": name, "reason": reason} for name, reason in outcome.not_updated]
    return json_response({"updated": outcome.updated, "notUpdated": not_updated}, 207)


def batch_error(id_: str, error: NgsiLdError) -> dict[str, Any]:
    """A BatchEntityError (5.2.17)."""
    return {"entityId": id_, "error": error.problem()}
