"""Answers that show entities (CIM 009, 6.3.6, 6.3.10, 6.3.15), of the broker or of whoever shows a part of it."""

from collections.abc import Sequence
from typing import Any, TypeVar

import orjson

from context_broker.api.request_context import Place, context_headers
from context_broker.broker import Broker
from context_broker.http.links import page_link
from context_broker.http.request import GEO_JSON, LD_JSON, Request
from context_broker.http.response import Header, Response
from context_broker.reading.linked import Documents, with_linked
from context_broker.reading.plan import Plan, View, make_page
from context_broker.storage.entity_cache import Stored
from context_broker.storage.search import Found, Page
from ngsi_ld.jsonld.context import Context, context_value
from ngsi_ld.model.kinds import EntityDocument
from ngsi_ld.model.representation import feature_collection

T = TypeVar("T")


def one_entity(broker: Broker, request: Request, tenant: int, view: View, stored: Stored) -> Response:
    """A retrieval's answer, of what is kept."""
    if view.join is None and view.media_type != GEO_JSON:
        return Response(200, view.render(stored), view.media_type, view_headers(broker, request, view))
    return one_document(broker, request, view, _joined(broker, tenant, view, [stored]))


def one_document(place: Place, request: Request, view: View, documents: Documents) -> Response:
    """A retrieval's answer: the entity, or with join=flat an array that begins with it."""
    headers = view_headers(place, request, view)
    if view.join is not None and view.join.mode == "flat":
        return Response(200, collection(request, view, documents), view.media_type, headers)
    payload = view.payload(*documents[0])
    if view.media_type == GEO_JSON and not _json_body(request):
        payload["@context"] = context_value(view.representation.context)
    return Response(200, orjson.dumps(payload), view.media_type, headers)


def many_entities(broker: Broker, request: Request, tenant: int, plan: Plan, found: Found) -> Response:
    """A query's answer: an array or FeatureCollection, with count and paging links."""
    view = plan.view
    headers = query_headers(broker, request, plan, more=found.more, total=found.total)
    if view.join is None and view.media_type != GEO_JSON:
        return Response(200, rendered(view, found.entities), view.media_type, headers)
    documents = _joined(broker, tenant, view, found.entities)
    return Response(200, collection(request, view, documents), view.media_type, headers)


def rendered(view: View, entities: list[Stored]) -> bytes:
    """An array of what is kept ready to send."""
    return b"[" + b",".join([view.render(stored) for stored in entities]) + b"]"


def query_headers(place: Place, request: Request, plan: Plan, *, more: bool, total: int | None) -> list[Header]:
    """The context, the count, and links to the pages before and after."""
    view = plan.view
    return view_headers(place, request, view) + page_headers(request, plan.page, view.media_type, more, total)


def _joined(broker: Broker, tenant: int, view: View, stored: list[Stored]) -> Documents:
    def find(id_: str) -> EntityDocument | None:
        linked = broker.search.get(tenant, id_)
        return linked.document if linked else None

    return with_linked(view, [item.document for item in stored], find)


def view_headers(place: Place, request: Request, view: View) -> list[Header]:
    """The Link to the context, where the body does not carry it; Preference-Applied."""
    if view.media_type == LD_JSON:
        return []
    if view.media_type == GEO_JSON:
        if not _json_body(request):
            return []
        links = context_headers(place, request, view.representation.context)
        return [*links, (b"preference-applied", b"body=json")]
    return context_headers(place, request, view.representation.context)


def page_headers(request: Request, page: Page, media_type: str, more: bool, total: int | None) -> list[Header]:
    """NGSILD-Results-Count and the links to the next and previous page (5.5.9)."""
    headers: list[Header] = []
    if total is not None:
        headers.append((b"ngsild-results-count", str(total).encode()))
    if not page.limit:
        return headers
    if more:
        headers.append((b"link", _link(request, page.limit, page.offset + page.limit, "next", media_type)))
    if page.offset > 0:
        headers.append((b"link", _link(request, page.limit, max(0, page.offset - page.limit), "prev", media_type)))
    return headers


def listed(request: Request, items: Sequence[T], media_type: str) -> tuple[Sequence[T], list[Header]]:
    """The page that is asked for of a list at hand, and the headers of paging (5.5.9)."""
    page = make_page(request.params, (request.limits.page_default, request.limits.page_max))
    end = page.offset + (page.limit or 0)
    total = len(items) if page.count else None
    return items[page.offset : end], page_headers(request, page, media_type, end < len(items), total)


def in_context(place: Place, request: Request, body: Any, context: Context, media_type: str) -> Response:
    """What is no entity, with its @context: in each object of JSON-LD, in the Link header of plain JSON (6.3.6)."""
    if media_type != LD_JSON:
        return Response(200, orjson.dumps(body), media_type, context_headers(place, request, context))
    value = context_value(context)
    body = [{**item, "@context": value} for item in body] if isinstance(body, list) else {**body, "@context": value}
    return Response(200, orjson.dumps(body), media_type)


def _link(request: Request, limit: int, offset: int, relation: str, media_type: str) -> bytes:
    params = {**request.params, "limit": str(limit), "offset": str(offset)}
    return page_link(request.path, params, relation, media_type)


def collection(request: Request, view: View, documents: Documents) -> bytes:
    """An array, or a FeatureCollection."""
    payloads = [view.payload(*document) for document in documents]
    if view.media_type != GEO_JSON:
        return orjson.dumps(payloads)
    features: dict[str, Any] = feature_collection(payloads)
    if not _json_body(request):
        features["@context"] = context_value(view.representation.context)
    return orjson.dumps(features)


def _json_body(request: Request) -> bool:
    """`Prefer: body=json` keeps the context out of GeoJSON (6.3.15)."""
    return "body=json" in (request.header(b"prefer") or "").replace(" ", "").replace('"', "")
