"""The @context of a request and of its answer (CIM 009, 5.5.7, 6.3.5, 6.3.6)."""

from typing import Any

from context_broker.broker import Broker
from context_broker.http.links import context_link, link_to_context
from context_broker.http.request import LD_JSON, Request
from ngsi_ld.errors import BadRequestData
from ngsi_ld.jsonld.context import CORE_URL, CORE_URLS, Context, ContextSource, core_context


async def linked_context(broker: Broker, request: Request) -> Context:
    """Of a request without body, or with a plain JSON one: what the Link header names, else the core."""
    links = request.header_values(b"link")
    url = context_link(tuple(links)) if links else None
    if url is None:
        return core_context()
    return broker.contexts.known(url) or await broker.contexts.resolve(url)


async def body_context(broker: Broker, request: Request, media_type: str, payload: Any) -> Context:
    """Of a request with one JSON object: in the body for ld+json, in the Link header otherwise."""
    if media_type != LD_JSON:
        if isinstance(payload, dict) and "@context" in payload:
            raise BadRequestData("a body of application/json can't have an @context: send application/ld+json")
        return await linked_context(broker, request)
    refuse_link(request)
    return await own_context(broker, payload)


def refuse_link(request: Request) -> None:
    """A body of ld+json brings its own context."""
    links = request.header_values(b"link")
    if links and context_link(tuple(links)) is not None:
        raise BadRequestData("a body of application/ld+json can't be sent with a JSON-LD context Link")


async def own_context(broker: Broker, payload: Any) -> Context:
    """The @context member of an ld+json object."""
    if not isinstance(payload, dict) or "@context" not in payload:
        raise BadRequestData("a body of application/ld+json must have an @context")
    source = payload["@context"]
    if not isinstance(source, str | dict | list):
        raise BadRequestData("@context must be a URL, an object, or an array of these")
    return await broker.contexts.resolve(source)


def context_header(broker: Broker, request: Request, context: Context) -> tuple[bytes, bytes]:
    """The Link header of an answer of plain JSON."""
    return b"link", link_to_context(context_url(broker, request, context.source))


def context_url(broker: Broker, request: Request, source: ContextSource | None) -> str:
    """A URL that serves a context: its own, or that of the copy which the broker keeps (ImplicitlyCreated, 5.13)."""
    if source is None or isinstance(source, str):
        return source or CORE_URL
    parts = source if isinstance(source, list) else [source]
    own = [part for part in parts if not (isinstance(part, str) and part in CORE_URLS)]  # the core is always implied
    if len(own) == 1 and isinstance(own[0], str):
        return own[0]
    return broker.hosted.implicit(source, base_url(request)) if own else str(next(iter(parts), CORE_URL))


def base_url(request: Request) -> str:
    """Where the client reached the broker."""
    host = request.header(b"host") or "localhost"
    scheme = request.scope.get("scheme", "http")
    return f"{scheme}://{host}"
