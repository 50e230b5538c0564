"""Stored @contexts: /jsonldContexts (CIM 009, 6.29, 6.30; 5.13)."""

from datetime import UTC, datetime
from typing import Any

from context_broker.api.request_context import base_url
from context_broker.broker import Broker
from context_broker.contexts import CachedDocument
from context_broker.hosted import PATH, described
from context_broker.http.negotiation import negotiate
from context_broker.http.request import Request
from context_broker.http.response import Response, created, json_response, no_content
from context_broker.http.routes import Route
from ngsi_ld.datetimes import render
from ngsi_ld.errors import BadRequestData, OperationNotSupported, ResourceNotFound
from ngsi_ld.jsonld.context import CORE_URL, CORE_URLS, core_definitions

KINDS = ("Cached", "Hosted", "ImplicitlyCreated")


async def add_context(broker: Broker, request: Request) -> Response:
    """Implements 6.29.3.1 Add @context (5.13.2)."""
    request.media_type()
    payload = await request.json()
    body = payload.get("@context") if isinstance(payload, dict) else None
    if not isinstance(body, str | dict | list):
        raise BadRequestData("the body is an object with an @context: a URL, an object, or an array of these")
    await broker.contexts.resolve(body)
    return created(PATH.rstrip("/"), broker.hosted.add(body))


async def list_contexts(broker: Broker, request: Request) -> Response:
    """Implements 6.29.3.2 List @contexts (5.13.3)."""
    kind = request.params.get("kind")
    if kind is not None and kind not in KINDS:
        raise BadRequestData(f"kind {kind!r:.40} is none of {', '.join(KINDS)}")
    entries = [_cached(url, document) for url, document in broker.contexts.documents.items()]
    entries += [described(hosted, base_url(request)) for hosted in broker.hosted.all()]
    chosen = [entry for entry in entries if kind in (None, entry["kind"])]
    return _answer(request, chosen if request.flag("details") else [entry["URL"] for entry in chosen])


async def serve_context(broker: Broker, request: Request) -> Response:
    """Implements 6.30.3.1 Serve @context (5.13.4)."""
    id_ = request.path_values[0]
    details = request.flag("details")
    if id_ in CORE_URLS:
        if details:
            return _answer(
                request, {"URL": CORE_URL, "localId": CORE_URL, "kind": "Cached", "createdAt": "2025-01-01T00:00:00Z"}
            )
        return _answer(request, {"@context": dict(core_definitions())})
    hosted = broker.hosted.get(id_.removeprefix(base_url(request) + PATH))
    if hosted is not None:
        return _answer(request, described(hosted, base_url(request)) if details else {"@context": hosted.body})
    cached = broker.contexts.documents.get(id_)
    if cached is None:
        raise ResourceNotFound(f"there is no @context {id_}")
    if not details:
        raise OperationNotSupported(f"the @context {id_} is cached from elsewhere: it is not served, only described")
    return _answer(request, _cached(id_, cached))


async def delete_context(broker: Broker, request: Request) -> Response:
    """Implements 6.30.3.2 Delete and Reload @context (5.13.5)."""
    id_ = request.path_values[0]
    reload = request.flag("reload")
    if id_ in CORE_URLS:
        raise BadRequestData("the core @context is built in and can't be deleted")
    local = id_.removeprefix(base_url(request) + PATH)
    if local in broker.hosted:
        if reload:
            raise BadRequestData("only a Cached @context can be reloaded")
        broker.hosted.delete(local)
    elif id_ not in broker.contexts.documents:
        raise ResourceNotFound(f"there is no @context {id_}")
    elif reload:
        await broker.contexts.reload(id_)
    else:
        broker.contexts.forget(id_)
    return no_content()


def _answer(request: Request, payload: Any) -> Response:
    """JSON, or the same as JSON-LD where that is preferred."""
    response = json_response(payload)
    response.media_type = negotiate(request.accept)
    return response


def _cached(url: str, document: CachedDocument) -> dict[str, Any]:
    return {
        "URL": url,
        "localId": url,
        "kind": "Cached",
        "createdAt": render(datetime.fromtimestamp(document.created_at, UTC)),
        "expiresAt": render(datetime.fromtimestamp(document.expires_at, UTC)),
        "lastUsage": render(datetime.fromtimestamp(document.last_used, UTC)),
        "numberOfHits": document.hits,
    }


ROUTES = (
    Route("POST", "/jsonldContexts", "6.29.3.1", add_context),
    Route("GET", "/jsonldContexts", "6.29.3.2", list_contexts, frozenset({"details", "kind"})),
    Route("GET", "/jsonldContexts/{}", "6.30.3.1", serve_context, frozenset({"details"})),
    Route("DELETE", "/jsonldContexts/{}", "6.30.3.2", delete_context, frozenset({"reload"})),
)
