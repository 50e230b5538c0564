"""Which types and attributes there are: /types and /attributes (CIM 009, 6.25-6.28; 5.7.5-5.7.10)."""

import uuid
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from context_broker.api.answers import in_context, page_headers
from context_broker.api.request_context import linked_context
from context_broker.broker import Broker
from context_broker.http.negotiation import negotiate
from context_broker.http.request import Request
from context_broker.http.response import Header, Response
from context_broker.http.routes import Route
from context_broker.reading.plan import PAGING, make_page
from context_broker.storage.search import Found
from ngsi_ld.errors import ResourceNotFound
from ngsi_ld.jsonld.context import Context
from ngsi_ld.names import check_name


@dataclass(frozen=True, slots=True)
class _Use:
    """How many entities of a type have an attribute, of which kind."""

    type: str
    attribute: str
    kind: str
    entities: int


async def list_types(broker: Broker, request: Request) -> Response:
    """Implements 6.25.3.1 Retrieve Available Entity Types (5.7.5, with details 5.7.6)."""
    context = await _context(broker, request)
    tenant = await broker.read(request)
    types, paging = _page(broker, request, sorted(context.compact(iri) for iri in _type_counts(broker, tenant)))
    if not request.flag("details"):
        body: Any = {"id": _fresh("EntityTypeList"), "type": "EntityTypeList", "typeList": types}
        return _answer(broker, request, context, body, paging)
    attributes: dict[str, set[str]] = defaultdict(set)
    for use in _uses(broker, tenant):
        attributes[context.compact(use.type)].add(context.compact(use.attribute))
    return _answer(broker, request, context, [
        {"id": context.expand(name), "type": "EntityType", "typeName": name, "attributeNames": sorted(attributes[name])}
        for name in types
    ], paging)  # fmt: skip


async def describe_type(broker: Broker, request: Request) -> Response:
    """Implements 6.26.3.1 Retrieve Available Entity Type Information (5.7.7)."""
    context = await _context(broker, request)
    tenant = await broker.read(request)
    iri = context.expand(check_name(request.path_values[0], "the type"))
    count = _type_counts(broker, tenant).get(iri)
    if count is None:
        raise ResourceNotFound(f"there is no entity of type {iri}")
    kinds: dict[str, set[str]] = defaultdict(set)
    for use in _uses(broker, tenant):
        if use.type == iri:
            kinds[use.attribute].add(use.kind)
    details = [
        {"id": name, "type": "Attribute", "attributeName": context.compact(name), "attributeTypes": sorted(kinds[name])}
        for name in sorted(kinds)
    ]
    return _answer(broker, request, context, {
        "id": iri, "type": "EntityTypeInfo", "typeName": context.compact(iri), "entityCount": count,
        "attributeDetails": details,
    })  # fmt: skip


async def list_attributes(broker: Broker, request: Request) -> Response:
    """Implements 6.27.3.1 Retrieve Available Attributes (5.7.8, with details 5.7.9)."""
    context = await _context(broker, request)
    tenant = await broker.read(request)
    types: dict[str, set[str]] = defaultdict(set)
    for use in _uses(broker, tenant):
        types[use.attribute].add(context.compact(use.type))
    details = request.flag("details")
    iris, paging = _page(broker, request, sorted(types, key=None if details else context.compact))
    if not details:
        names = [context.compact(iri) for iri in iris]
        body: Any = {"id": _fresh("AttributeList"), "type": "AttributeList", "attributeList": names}
        return _answer(broker, request, context, body, paging)
    return _answer(broker, request, context, [
        {"id": iri, "type": "Attribute", "attributeName": context.compact(iri), "typeNames": sorted(types[iri])}
        for iri in iris
    ], paging)  # fmt: skip


async def describe_attribute(broker: Broker, request: Request) -> Response:
    """Implements 6.28.3.1 Retrieve Available Attribute Information (5.7.10)."""
    context = await _context(broker, request)
    tenant = await broker.read(request)
    iri = context.expand(check_name(request.path_values[0], "the attribute"))
    uses = [use for use in _uses(broker, tenant) if use.attribute == iri]
    if not uses:
        raise ResourceNotFound(f"no entity has the attribute {iri}")
    number = broker.tenants.known_name(tenant, iri)
    sql = "SELECT count(DISTINCT seq) FROM attribute_value WHERE attribute = ?"
    count = broker.database.connection.execute(sql, (number,)).fetchone()[0]
    return _answer(broker, request, context, {
        "id": iri, "type": "Attribute", "attributeName": context.compact(iri), "attributeCount": count,
        "attributeTypes": sorted({use.kind for use in uses}),
        "typeNames": sorted({context.compact(use.type) for use in uses}),
    })  # fmt: skip


async def _context(broker: Broker, request: Request) -> Context:
    """The request's context, once it is clear that the answer can be had as asked (6.3.4)."""
    negotiate(request.accept)
    return await linked_context(broker, request)


def _page(broker: Broker, request: Request, names: list[str]) -> tuple[list[str], list[Header]]:
    """The part that is asked for and the headers of paging (5.5.9); all names where nobody asks for a part."""
    if PAGING.isdisjoint(request.params):
        return names, []
    page = make_page(request.params, (broker.limits.page_default, broker.limits.page_max))
    end = page.offset + (page.limit or 0)
    found = Found([], end < len(names), len(names) if page.count else None)
    return names[page.offset : end], page_headers(request, page, found, negotiate(request.accept))


def _answer(broker: Broker, request: Request, context: Context, body: Any, paging: Iterable[Header] = ()) -> Response:
    response = in_context(broker, request, body, context, negotiate(request.accept))
    response.headers += paging
    return response


def _type_counts(broker: Broker, tenant: int) -> dict[str, int]:
    rows = broker.database.connection.execute(
        "SELECT iri, entities FROM type_count JOIN name ON name.id = type WHERE tenant = ? AND entities > 0", (tenant,)
    )
    return dict(rows.fetchall())


def _uses(broker: Broker, tenant: int) -> list[_Use]:
    iris = broker.tenants.iris(tenant)
    rows = broker.database.connection.execute(
        "SELECT type, attribute, kind, entities FROM type_attribute JOIN name ON name.id = type"
        " WHERE tenant = ? AND entities > 0",
        (tenant,),
    )
    return [_Use(iris[type_], iris[attribute], kind, entities) for type_, attribute, kind, entities in rows]


def _fresh(kind: str) -> str:
    return f"urn:ngsi-ld:{kind}:{uuid.uuid4()}"


_DETAILS = PAGING | {"details", "local"}
ROUTES = (
    Route("GET", "/types", "6.25.3.1", list_types, _DETAILS),
    Route("GET", "/types/{}", "6.26.3.1", describe_type, frozenset({"local"})),
    Route("GET", "/attributes", "6.27.3.1", list_attributes, _DETAILS),
    Route("GET", "/attributes/{}", "6.28.3.1", describe_attribute, frozenset({"local"})),
)
