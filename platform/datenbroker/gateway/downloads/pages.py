"""A product's entities page by page, as its NGSI-LD endpoint answers them."""

from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass, replace
from urllib.parse import parse_qsl, urlencode

from starlette.types import Message, Scope

from context_broker.http.links import link_to_context
from context_broker.http.response import Response
from datenbroker.gateway.problems import BadRequest
from datenbroker.gateway.products.door import Endpoint, opened
from datenbroker.identities.roles import Caller
from datenbroker.products.access import Access
from datenbroker.products.products import Products

Pairs = Sequence[tuple[str, str]]

PAGING = frozenset({"limit", "offset", "count"})
MOST_A_PAGE = 1000

OK = 200


class Refused(Exception):
    """The endpoint's own answer, to be passed on as it is."""

    def __init__(self, response: Response) -> None:
        super().__init__(response.status)
        self.response = response


@dataclass(frozen=True, slots=True)
class Asked:
    """Who asks a product for what; `link` names the @context of the answer, the product's own where it is None."""

    slug: str
    caller: Caller | None
    query: Pairs = ()
    link: bytes | None = None
    accept: bytes = b"application/json"

    @property
    def same(self) -> tuple[str, tuple[tuple[str, str], ...], bytes | None]:
        """Equal for those who ask for the same."""
        return self.slug, tuple(self.query), self.link

    def having(self, **changes: bytes) -> "Asked":
        return replace(self, **changes)  # type: ignore[arg-type]


class Pages:
    """The caller's access is decided anew for each page: a grant that ends while an export runs ends the export."""

    def __init__(self, products: Products, endpoint: Endpoint) -> None:
        self.products, self._endpoint = products, endpoint
        self._size = min(MOST_A_PAGE, endpoint.broker.limits.page_max)

    def open(self, asked: Asked) -> Access:
        """Raises the problem that the caller is answered where there is no way in."""
        return opened(self.products, asked.slug, asked.caller)

    async def of(self, asked: Asked) -> AsyncIterator[Response]:
        """At least one page; `Refused` where the endpoint answers anything but 200."""
        offset, more = 0, True
        while more:
            page = await self.page(asked, self._size, offset)
            more = any(name == b"link" and b'rel="next"' in value for name, value in page.headers)
            offset += self._size
            yield page

    async def page(self, asked: Asked, limit: int, offset: int = 0) -> Response:
        query = [*asked.query, ("limit", str(limit)), ("offset", str(offset)), ("local", "true")]
        return await self._answer(asked, b"entities", urlencode(query))

    async def _answer(self, asked: Asked, path: bytes, query: str) -> Response:
        access = self.open(asked)
        response = await self._endpoint.answer(access, path, _scope(asked, access, path, query), _nothing)
        if response.status != OK:
            raise Refused(response)
        return response


def pairs_of(scope: Scope, own: frozenset[str] = frozenset()) -> list[tuple[str, str]]:
    """The query of a request without `own` parameters; paging is not the client's here."""
    pairs = parse_qsl(scope["query_string"].decode("latin-1"), keep_blank_values=True)
    for name, _ in pairs:
        if name in PAGING:
            raise BadRequest(f"{name} has no meaning here: use the product's ngsi-ld/v1/entities for pages.")
    return [(name, value) for name, value in pairs if name not in own and name != "local"]


def _scope(asked: Asked, access: Access, path: bytes, query: str) -> Scope:
    headers = [(b"accept", asked.accept), (b"prefer", b"body=json")]
    context = access.selection.context
    if asked.link is not None:
        headers.append((b"link", asked.link))
    elif context is not None:
        headers.append((b"link", link_to_context(context)))
    whole = b"/products/%s/ngsi-ld/v1/%s" % (asked.slug.encode(), path)
    return {
        "type": "http",
        "method": "GET",
        "path": whole.decode(),
        "raw_path": whole,
        "root_path": "",
        "query_string": query.encode(),
        "headers": headers,
        "client": None,
        "server": None,
    }


async def _nothing() -> Message:
    """A request without a body."""
    return {"type": "http.request", "body": b"", "more_body": False}
