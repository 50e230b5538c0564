"""Which types and attributes there are: /types and /attributes (CIM 009, 6.25-6.28; 5.7.5-5.7.10)."""

import uuid
from collections import defaultdict
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from context_broker.api.answers import in_context, listed
from context_broker.api.request_context import Place, linked_context
from context_broker.broker import Broker
from context_broker.http.negotiation import negotiate
from context_broker.http.request import Request
from context_broker.http.response import Header, Response
from context_broker.http.routes import Route
from context_broker.reading.inventory import Inventory, Use
from context_broker.reading.plan import PAGING
from ngsi_ld.errors import ResourceNotFound
from ngsi_ld.jsonld.context import Context
from ngsi_ld.names import check_name

P = TypeVar("P", bound=Place)


@dataclass(frozen=True, slots=True)
class Discovery(Generic[P]):
    """The four operations, of whatever place an inventory can be had of."""

    inventory: Callable[[P, Request], Awaitable[Inventory]]

    async def list_types(self, place: P, request: Request) -> Response:
        """Implements 6.25.3.1 Retrieve Available Entity Types (5.7.5, with details 5.7.6)."""
        context = await _context(place, request)
        known = await self.inventory(place, request)
        types, paging = _page(request, sorted(map(context.compact, await known.types())))
        if not request.flag("details"):
            body: Any = {"id": _fresh("EntityTypeList"), "type": "EntityTypeList", "typeList": types}
            return _answer(place, request, context, body, paging)
        attributes: dict[str, set[str]] = defaultdict(set)
        for use in await known.uses():
            attributes[context.compact(use.type)].add(context.compact(use.attribute))
        body = [
            {"id": context.expand(name), "type": "EntityType", "typeName": name, "attributeNames": sorted(found)}
            for name in types
            for found in [attributes[name]]
        ]
        return _answer(place, request, context, body, paging)

    async def describe_type(self, place: P, request: Request) -> Response:
        """Implements 6.26.3.1 Retrieve Available Entity Type Information (5.7.7)."""
        context = await _context(place, request)
        known = await self.inventory(place, request)
        iri = context.expand(check_name(request.path_values[0], "the type"))
        count = await known.entities_of(iri)
        if not count:
            raise ResourceNotFound(f"there is no entity of type {iri}")
        kinds = _kinds(use for use in await known.uses() if use.type == iri)
        body = {
            "id": iri,
            "type": "EntityTypeInfo",
            "typeName": context.compact(iri),
            "entityCount": count,
            "attributeDetails": [_attribute(context, name) | {"attributeTypes": kinds[name]} for name in sorted(kinds)],
        }
        return _answer(place, request, context, body)

    async def list_attributes(self, place: P, request: Request) -> Response:
        """Implements 6.27.3.1 Retrieve Available Attributes (5.7.8, with details 5.7.9)."""
        context = await _context(place, request)
        known = await self.inventory(place, request)
        if not request.flag("details"):
            names, paging = _page(request, sorted(map(context.compact, await known.attributes())))
            body: Any = {"id": _fresh("AttributeList"), "type": "AttributeList", "attributeList": names}
            return _answer(place, request, context, body, paging)
        types: dict[str, set[str]] = defaultdict(set)
        for use in await known.uses():
            types[use.attribute].add(context.compact(use.type))
        iris, paging = _page(request, sorted(types))
        body = [_attribute(context, iri) | {"typeNames": sorted(types[iri])} for iri in iris]
        return _answer(place, request, context, body, paging)

    async def describe_attribute(self, place: P, request: Request) -> Response:
        """Implements 6.28.3.1 Retrieve Available Attribute Information (5.7.10)."""
        context = await _context(place, request)
        known = await self.inventory(place, request)
        iri = context.expand(check_name(request.path_values[0], "the attribute"))
        count = await known.entities_with(iri)
        if not count:
            raise ResourceNotFound(f"no entity has the attribute {iri}")
        uses = [use for use in await known.uses() if use.attribute == iri]
        body = _attribute(context, iri) | {
            "attributeCount": count,
            "attributeTypes": sorted({use.kind for use in uses}),
            "typeNames": sorted({context.compact(use.type) for use in uses}),
        }
        return _answer(place, request, context, body)


@dataclass(frozen=True, slots=True)
class _Kept:
    """What the indexes of a tenant say."""

    broker: Broker
    tenant: int

    async def types(self) -> Mapping[str, int]:
        rows = self.broker.database.connection.execute(
            "SELECT iri, entities FROM type_count JOIN name ON name.id = type WHERE tenant = ? AND entities > 0",
            (self.tenant,),
        )
        return dict(rows.fetchall())

    async def attributes(self) -> set[str]:
        return {use.attribute for use in await self.uses()}

    async def uses(self) -> list[Use]:
        iris = self.broker.tenants.iris(self.tenant)
        rows = self.broker.database.connection.execute(
            "SELECT type, attribute, kind FROM type_attribute JOIN name ON name.id = type"
            " WHERE tenant = ? AND entities > 0",
            (self.tenant,),
        )
        return [Use(iris[type_], iris[attribute], kind) for type_, attribute, kind in rows]

    async def entities_of(self, type_: str) -> int:
        return (await self.types()).get(type_, 0)

    async def entities_with(self, attribute: str) -> int:
        number = self.broker.tenants.known_name(self.tenant, attribute)
        sql = "SELECT count(DISTINCT seq) FROM attribute_value WHERE attribute = ?"
        count: int = self.broker.database.connection.execute(sql, (number,)).fetchone()[0]
        return count


async def _kept(broker: Broker, request: Request) -> Inventory:
    return _Kept(broker, await broker.read(request))


async def _context(place: Place, request: Request) -> Context:
    """The request's context, once it is clear that the answer can be had as asked (6.3.4)."""
    negotiate(request.accept)
    return await linked_context(place, request)


def _kinds(uses: Iterable[Use]) -> dict[str, list[str]]:
    kinds: dict[str, set[str]] = defaultdict(set)
    for use in uses:
        kinds[use.attribute].add(use.kind)
    return {attribute: sorted(known) for attribute, known in kinds.items()}


def _attribute(context: Context, iri: str) -> dict[str, Any]:
    return {"id": iri, "type": "Attribute", "attributeName": context.compact(iri)}


def _page(request: Request, names: Sequence[str]) -> tuple[Sequence[str], list[Header]]:
    """The part that is asked for, and the headers of paging; all names where nobody asks for a part."""
    return (names, []) if PAGING.isdisjoint(request.params) else listed(request, names, negotiate(request.accept))


def _answer(place: Place, request: Request, context: Context, body: Any, paging: Iterable[Header] = ()) -> Response:
    response = in_context(place, request, body, context, negotiate(request.accept))
    response.headers += paging
    return response


def _fresh(kind: str) -> str:
    return f"urn:ngsi-ld:{kind}:{uuid.uuid4()}"


_DETAILS = PAGING | {"details", "local"}
_OWN = Discovery(_kept)
ROUTES = (
    Route("GET", "/types", "6.25.3.1", _OWN.list_types, _DETAILS),
    Route("GET", "/types/{}", "6.26.3.1", _OWN.describe_type, frozenset({"local"})),
    Route("GET", "/attributes", "6.27.3.1", _OWN.list_attributes, _DETAILS),
    Route("GET", "/attributes/{}", "6.28.3.1", _OWN.describe_attribute, frozenset({"local"})),
)
