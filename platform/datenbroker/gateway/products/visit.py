"""One request to a product: who asks, for what, and by which @context it is read."""

from dataclasses import dataclass
from typing import Any

from context_broker.api.request_context import refuse_link
from context_broker.contexts import Contexts
from context_broker.http.links import context_link
from context_broker.http.request import LD_JSON, Request
from datenbroker.following.book import Book
from datenbroker.gateway.products.source import Source
from datenbroker.products.access import Access
from ngsi_ld.errors import BadRequestData
from ngsi_ld.jsonld.context import Context, core_context


@dataclass(frozen=True, slots=True)
class Visit:
    """`base` is the product's path, as /products/parking; without `book` nobody can subscribe.

    `straight`: the broker is the embedded one, which reads names by the very same contexts.
    """

    access: Access
    source: Source
    contexts: Contexts
    base: str
    book: Book | None = None
    straight: bool = False

    def goes_straight(self, context: Context) -> bool:
        """Whether the broker would read names by this very object, not by another copy fetched meanwhile."""
        source = context.source
        return self.straight and (
            source is None or (isinstance(source, str) and self.contexts.known(source) is context)
        )

    async def linked_context(self, request: Request) -> Context:
        """Of a request without body, or with a plain JSON one: what the Link header names, else the core."""
        links = request.header_values(b"link")
        url = context_link(tuple(links)) if links else None
        if url is None:
            return core_context()
        return self.contexts.known(url) or await self.contexts.resolve(url)

    async def body_context(self, request: Request, media_type: str, payload: Any) -> Context:
        """Of a request with one JSON object: in the body for ld+json, in the Link header otherwise."""
        if media_type != LD_JSON:
            if isinstance(payload, dict) and "@context" in payload:
                raise BadRequestData("a body of application/json can't have an @context: send application/ld+json")
            return await self.linked_context(request)
        refuse_link(request)
        if not isinstance(payload, dict) or "@context" not in payload:
            raise BadRequestData("a body of application/ld+json must have an @context")
        source = payload["@context"]
        if not isinstance(source, str | dict | list):
            raise BadRequestData("@context must be a URL, an object, or an array of these")
        return await self.contexts.resolve(source)
