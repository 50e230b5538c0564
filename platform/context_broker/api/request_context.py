"""The @context of a request and of its answer (CIM 009, 5.5.7, 6.3.5, 6.3.6)."""

from typing import Any, Protocol

from context_broker.contexts import Contexts
from context_broker.hosted import HostedContexts
from context_broker.http.links import context_link, link_to_context
from context_broker.http.request import LD_JSON, Request
from ngsi_ld.errors import BadRequestData
from ngsi_ld.jsonld.context import CORE_URL, CORE_URLS, Context, ContextSource, core_context


class Place(Protocol):
    """What answers: by whose @contexts names are read, and the copies that it serves of those without an address."""

    @property
    def contexts(self) -> Contexts: ...

    @property
    def hosted(self) -> HostedContexts | None: ...


async def linked_context(place: Place, request: Request) -> Context:
    """Of a request without body, or with a plain JSON one: what the Link header names, else the core."""
    links = request.header_values(b"link")
    url = context_link(tuple(links)) if links else None
    if url is None:
        return core_context()
    return place.contexts.known(url) or await place.contexts.resolve(url)


async def body_context(place: Place, request: Request, media_type: str, payload: Any) -> Context:
    """Of a request with one JSON object: in the body for ld+json, in the Link header otherwise."""
    if media_type != LD_JSON:
        if isinstance(payload, dict) and "@context" in payload:
            raise BadRequestData("a body of application/json can't have an @context: send application/ld+json")
        return await linked_context(place, request)
    refuse_link(request)
    return await own_context(place, payload)


def refuse_link(request: Request) -> None:
    """A body of ld+json brings its own context."""
    links = request.header_values(b"link")
    if links and context_link(tuple(links)) is not None:
        raise BadRequestData("a body of application/ld+json can't be sent with a JSON-LD context Link")


async def own_context(place: Place, payload: Any) -> Context:
    """The @context member of an ld+json object."""
    if not isinstance(payload, dict) or "@context" not in payload:
        raise BadRequestData("a body of application/ld+json must have an @context")
    source = payload["@context"]
    if not isinstance(source, str | dict | list):
        raise BadRequestData("@context must be a URL, an object, or an array of these")
    return await place.contexts.resolve(source)


def context_headers(place: Place, request: Request, context: Context) -> list[tuple[bytes, bytes]]:
    """The Link header of an answer of plain JSON; none for a context that has no address and gets none here."""
    url = context_url(place, request, context.source)
    return [] if url is None else [(b"link", link_to_context(url))]


def context_url(place: Place, request: Request, source: ContextSource | None) -> str | None:
    """A URL that serves a context: its own, or that of the copy which is kept here (ImplicitlyCreated, 5.13)."""
    if source is None or isinstance(source, str):
        return source or CORE_URL
    parts = source if isinstance(source, list) else [source]
    own = [part for part in parts if not (isinstance(part, str) and part in CORE_URLS)]  # the core is always implied
    if len(own) == 1 and isinstance(own[0], str):
        return own[0]
    if not own:
        return str(next(iter(parts), CORE_URL))
    return None if place.hosted is None else place.hosted.implicit(source, base_url(request))


def base_url(request: Request) -> str:
    """Where the client reached the broker."""
    host = request.header(b"host") or "localhost"
    scheme = request.scope.get("scheme", "http")
    return f"{scheme}://{host}"
