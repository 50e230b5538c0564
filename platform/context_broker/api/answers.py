"""Answers that show entities (CIM 009, 6.3.6, 6.3.10, 6.3.15)."""

from typing import Any

import orjson

from context_broker.api.request_context import context_header
from context_broker.broker import Broker
from context_broker.http.links import page_link
from context_broker.http.request import GEO_JSON, LD_JSON, Request
from context_broker.http.response import Header, Response
from context_broker.reading.linked import Linking
from context_broker.reading.plan import Plan, View
from context_broker.storage.entity_cache import Stored
from context_broker.storage.search import Found, Page
from ngsi_ld.jsonld.context import Context, context_value
from ngsi_ld.model.kinds import EntityDocument
from ngsi_ld.model.projection import Projection
from ngsi_ld.model.representation import feature_collection


def one_entity(broker: Broker, request: Request, tenant: int, view: View, stored: Stored) -> Response:
    """A retrieval's answer: the entity, or with join=flat an array that begins with it."""
    headers = context_headers(broker, request, view)
    if view.join is None and view.media_type != GEO_JSON:
        return Response(200, view.render(stored), view.media_type, headers)
    documents = joined(broker, tenant, view, [stored])
    if view.join is not None and view.join.mode == "flat":
        return Response(200, _collection(request, view, documents), view.media_type, headers)
    payload = view.payload(*documents[0])
    if view.media_type == GEO_JSON and not _json_body(request):
        payload["@context"] = context_value(view.representation.context)
    return Response(200, orjson.dumps(payload), view.media_type, headers)


def many_entities(broker: Broker, request: Request, tenant: int, plan: Plan, found: Found) -> Response:
    """A query's answer: an array or FeatureCollection, with count and paging links."""
    view = plan.view
    headers = context_headers(broker, request, view) + page_headers(request, plan.page, found, view.media_type)
    if view.join is None and view.media_type != GEO_JSON:
        body = b"[" + b",".join([view.render(stored) for stored in found.entities]) + b"]"
        return Response(200, body, view.media_type, headers)
    documents = joined(broker, tenant, view, found.entities)
    return Response(200, _collection(request, view, documents), view.media_type, headers)


def joined(broker: Broker, tenant: int, view: View, stored: list[Stored]) -> list[tuple[EntityDocument, Projection]]:
    """The documents with their linked entities, within them or behind them, and what is shown of each."""
    documents = [item.document for item in stored]

    def find(id_: str) -> EntityDocument | None:
        linked = broker.search.get(tenant, id_)
        return linked.document if linked else None

    if view.join is not None:
        linking = Linking(view.join, find)
        if view.join.mode == "flat":
            return linking.flat(documents, view.projection)
        documents = [linking.inline(document, view.projection) for document in documents]
    return [(document, view.projection) for document in documents]


def context_headers(broker: Broker, request: Request, view: View) -> list[Header]:
    """The Link to the context, where the body does not carry it; Preference-Applied."""
    if view.media_type == LD_JSON:
        return []
    if view.media_type == GEO_JSON:
        if not _json_body(request):
            return []
        link = context_header(broker, request, view.representation.context)
        return [link, (b"preference-applied", b"body=json")]
    return [context_header(broker, request, view.representation.context)]


def page_headers(request: Request, page: Page, found: Found, media_type: str) -> list[Header]:
    """NGSILD-Results-Count and the links to the next and previous page (5.5.9)."""
    headers: list[Header] = []
    if found.total is not None:
        headers.append((b"ngsild-results-count", str(found.total).encode()))
    if not page.limit:
        return headers
    if found.more:
        headers.append((b"link", _link(request, page.limit, page.offset + page.limit, "next", media_type)))
    if page.offset > 0:
        headers.append((b"link", _link(request, page.limit, max(0, page.offset - page.limit), "prev", media_type)))
    return headers


def in_context(broker: Broker, request: Request, body: Any, context: Context, media_type: str) -> Response:
    """What is no entity, with its @context: in each object of JSON-LD, in the Link header of plain JSON (6.3.6)."""
    if media_type != LD_JSON:
        return Response(200, orjson.dumps(body), media_type, [context_header(broker, request, context)])
    value = context_value(context)
    body = [{**item, "@context": value} for item in body] if isinstance(body, list) else {**body, "@context": value}
    return Response(200, orjson.dumps(body), media_type)


def _link(request: Request, limit: int, offset: int, relation: str, media_type: str) -> bytes:
    params = {**request.params, "limit": str(limit), "offset": str(offset)}
    return page_link(request.path, params, relation, media_type)


def _collection(request: Request, view: View, documents: list[tuple[EntityDocument, Projection]]) -> bytes:
    payloads = [view.payload(*document) for document in documents]
    if view.media_type != GEO_JSON:
        return orjson.dumps(payloads)
    collection: dict[str, Any] = feature_collection(payloads)
    if not _json_body(request):
        collection["@context"] = context_value(view.representation.context)
    return orjson.dumps(collection)


def _json_body(request: Request) -> bool:
    """`Prefer: body=json` keeps the context out of GeoJSON (6.3.15)."""
    return "body=json" in (request.header(b"prefer") or "").replace(" ", "").replace('"', "")
