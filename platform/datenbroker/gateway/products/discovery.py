"""Which types and attributes a product has: /types and /attributes (CIM 009, 6.25-6.28; 5.7.5-5.7.10).

Worked out from the selection itself, never from the broker's own lists, which tell of all that the owner has.
"""

import uuid
from collections import defaultdict
from dataclasses import dataclass, field
from time import monotonic
from typing import Any
from weakref import WeakKeyDictionary

import orjson

from context_broker.http.negotiation import negotiate
from context_broker.http.request import JSON, LD_JSON, Request
from context_broker.http.response import Response
from context_broker.storage.search import Page
from context_broker.storage.selection import Selection
from datenbroker.gateway.products.entities import context_link_header
from datenbroker.gateway.products.source import Source
from datenbroker.gateway.products.visit import Visit
from datenbroker.lens.lens import Lens
from datenbroker.lens.narrowing import everything, narrow_selection
from ngsi_ld.errors import ResourceNotFound
from ngsi_ld.jsonld.context import Context, context_value
from ngsi_ld.model.kinds import EntityDocument, attributes_of
from ngsi_ld.names import check_name

LARGE = 1000
KEPT_SECONDS = 30.0


@dataclass
class Inventory:
    """How often types occur, and which attributes of which kinds they have."""

    types: defaultdict[str, int] = field(default_factory=lambda: defaultdict(int))
    attributes: defaultdict[str, int] = field(default_factory=lambda: defaultdict(int))
    kinds: defaultdict[tuple[str, str], set[str]] = field(default_factory=lambda: defaultdict(set))
    """By type and attribute."""

    def count(self, entity: EntityDocument) -> None:
        for attribute in attributes_of(entity):
            self.attributes[attribute] += 1
        for type_ in entity["type"]:
            self.types[type_] += 1
            for attribute in attributes_of(entity):
                self.kinds[type_, attribute] |= {instance["type"] for instance in entity[attribute]}

    def of_type(self, type_: str) -> dict[str, set[str]]:
        return {attribute: kinds for (name, attribute), kinds in self.kinds.items() if name == type_}

    def of_attribute(self, attribute: str) -> dict[str, set[str]]:
        return {type_: kinds for (type_, name), kinds in self.kinds.items() if name == attribute}


_kept: WeakKeyDictionary[Lens, tuple[float, Inventory]] = WeakKeyDictionary()


async def inventory(source: Source) -> Inventory:
    """Counted entity by entity; `TooComplexQuery` where the product has more than are looked at for one request.

    That of a large product is kept for some seconds: many may ask, and each time all is read.
    """
    kept = _kept.get(source.lens)
    if kept is not None and monotonic() - kept[0] < KEPT_SECONDS:
        return kept[1]
    known, seen = Inventory(), 0
    async for entity in source.all(everything(source.lens)):
        seen += 1
        known.count(entity)
    if seen > LARGE:
        _kept[source.lens] = monotonic(), known
    return known


async def _types_there(source: Source) -> list[str]:
    """The types of which there are entities: asked one by one, whatever their number."""
    return [iri for iri in sorted(source.lens.types) if await _any(source, Selection(types=(frozenset({iri}),)))]


async def _attributes_there(source: Source) -> list[str]:
    """The shown attributes that an entity has; looked for entity by entity only where all are shown."""
    attributes = source.lens.attributes
    if attributes is None:
        return sorted((await inventory(source)).attributes)
    named = sorted(attributes - {"scope"})
    return [iri for iri in named if await _any(source, Selection(attributes=frozenset({iri})))]


async def _any(source: Source, asked: Selection) -> bool:
    hits = await source.find(narrow_selection(asked, source.lens), Page(1))
    return bool(hits.entities)


async def list_types(visit: Visit, request: Request) -> Response:
    """6.25.3.1 Retrieve Available Entity Types (5.7.5, with details 5.7.6)."""
    context = await _context(visit, request)
    if not request.flag("details"):
        there = sorted(map(context.compact, await _types_there(visit.source)))
        return _answer(request, context, _list("EntityTypeList", "typeList", there))
    known = await inventory(visit.source)
    names = sorted(map(context.compact, known.types))
    return _answer(request, context, [
        {"id": context.expand(name), "type": "EntityType", "typeName": name,
         "attributeNames": sorted(map(context.compact, known.of_type(context.expand(name))))}
        for name in names
    ])  # fmt: skip


async def describe_type(visit: Visit, request: Request) -> Response:
    """6.26.3.1 Retrieve Available Entity Type Information (5.7.7)."""
    context = await _context(visit, request)
    iri = context.expand(check_name(request.path_values[0], "the type"))
    known = await inventory(visit.source) if iri in visit.source.lens.types else Inventory()
    if iri not in known.types:
        raise ResourceNotFound(f"there is no entity of type {iri}")
    kinds = known.of_type(iri)
    details = [
        {"id": name, "type": "Attribute", "attributeName": context.compact(name), "attributeTypes": sorted(kinds[name])}
        for name in sorted(kinds)
    ]
    return _answer(request, context, {
        "id": iri, "type": "EntityTypeInfo", "typeName": context.compact(iri), "entityCount": known.types[iri],
        "attributeDetails": details,
    })  # fmt: skip


async def list_attributes(visit: Visit, request: Request) -> Response:
    """6.27.3.1 Retrieve Available Attributes (5.7.8, with details 5.7.9)."""
    context = await _context(visit, request)
    if not request.flag("details"):
        names = sorted(map(context.compact, await _attributes_there(visit.source)))
        return _answer(request, context, _list("AttributeList", "attributeList", names))
    known = await inventory(visit.source)
    return _answer(request, context, [
        {"id": iri, "type": "Attribute", "attributeName": context.compact(iri),
         "typeNames": sorted(map(context.compact, known.of_attribute(iri)))}
        for iri in sorted(known.attributes)
    ])  # fmt: skip


async def describe_attribute(visit: Visit, request: Request) -> Response:
    """6.28.3.1 Retrieve Available Attribute Information (5.7.10)."""
    context = await _context(visit, request)
    iri = context.expand(check_name(request.path_values[0], "the attribute"))
    known = await inventory(visit.source) if visit.source.lens.shows(iri) else Inventory()
    if iri not in known.attributes:
        raise ResourceNotFound(f"no entity has the attribute {iri}")
    types = known.of_attribute(iri)
    return _answer(request, context, {
        "id": iri, "type": "Attribute", "attributeName": context.compact(iri),
        "attributeCount": known.attributes[iri], "attributeTypes": sorted(set().union(*types.values())),
        "typeNames": sorted(map(context.compact, types)),
    })  # fmt: skip


async def _context(visit: Visit, request: Request) -> Context:
    negotiate(request.header(b"accept"))
    return await visit.linked_context(request)


def _list(kind: str, member: str, names: list[str]) -> dict[str, Any]:
    return {"id": f"urn:ngsi-ld:{kind}:{uuid.uuid4()}", "type": kind, member: names}


def _answer(request: Request, context: Context, body: Any) -> Response:
    if negotiate(request.header(b"accept")) != LD_JSON:
        return Response(200, orjson.dumps(body), JSON, context_link_header(context))
    value = context_value(context)
    body = [{**item, "@context": value} for item in body] if isinstance(body, list) else {**body, "@context": value}
    return Response(200, orjson.dumps(body), LD_JSON)
