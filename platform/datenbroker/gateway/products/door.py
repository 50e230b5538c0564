"""The door to products' NGSI-LD endpoints: /products/{slug}/ngsi-ld/v1/…, the read side, in the owner's tenant."""

import re
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass

from starlette.types import ASGIApp, Receive, Scope, Send

from context_broker.contexts import Contexts
from context_broker.http.request import HttpError, Request, segments_of
from context_broker.http.response import Response, http_problem, problem
from context_broker.limits import Limits
from datenbroker.following.book import Book
from datenbroker.gateway.authentication import Authenticator
from datenbroker.gateway.problems import BadRequest, Forbidden, GatewayProblem, NotFound
from datenbroker.gateway.products.resources import TABLE
from datenbroker.gateway.products.source import Source
from datenbroker.gateway.products.visit import Visit
from datenbroker.identities.roles import Caller
from datenbroker.lens.lens import Lens, lens_of
from datenbroker.products.access import Access, ProductRefused
from datenbroker.products.products import Products
from datenbroker.products.selection import Selection
from ngsi_ld.bounds import within
from ngsi_ld.errors import NgsiLdError
from ngsi_ld.jsonld.context import core_context

PATH = re.compile(rb"/products/([^/]*)/ngsi-ld/v1/(.*)", re.DOTALL)
LENSES = 20_000
"""Compiled selections that are kept."""
TENANT_HEADERS = frozenset({b"ngsild-tenant", b"fiware-service", b"fiware-servicepath"})


class Gone(GatewayProblem):
    """It was there, and will not be again."""

    status, title = 410, "Gone"


@dataclass(frozen=True, slots=True)
class Broker:
    """The context broker behind the products, the embedded one or another, and whose @contexts names are read by."""

    app: ASGIApp
    contexts: Callable[[], Contexts]
    limits: Limits


class Lenses:
    """The compiled selections of products, those last used."""

    def __init__(self, contexts: Callable[[], Contexts]) -> None:
        self._contexts = contexts
        self._known: OrderedDict[tuple[str, int], tuple[Selection, Lens]] = OrderedDict()

    async def of(self, access: Access) -> Lens:
        """`LdContextNotAvailable` where the product's own @context can't be had for the first time."""
        key = access.product.slug, access.product.version
        known = self._known.get(key)
        if known is not None and (known[0] is access.selection or known[0] == access.selection):
            return known[1]
        url = access.selection.context
        context = core_context() if url is None else await self._contexts().resolve(url)
        lens = lens_of(access.selection, context)
        self._known[key] = access.selection, lens
        while len(self._known) > LENSES:
            self._known.popitem(last=False)
        return lens


class Endpoint:
    """The NGSI-LD API of products: answers whoever has been let in.

    `near`: the embedded broker is asked without HTTP.
    """

    near = True

    def __init__(self, broker: Broker, book: Book | None = None) -> None:
        self.broker, self.lenses, self.book = broker, Lenses(broker.contexts), book

    async def answer(self, access: Access, rest: bytes, scope: Scope, receive: Receive) -> Response:
        """`rest` is the raw path behind ngsi-ld/v1/."""
        broker = self.broker
        try:
            with within(broker.limits):
                visit = await self.visit(access)
                request = Request(scope, receive, broker.limits)
                route, request.path_values = TABLE.find(request.method, segments_of(rest))
                route.check(request)
                return await route.handler(visit, request)
        except GatewayProblem:
            raise
        except NgsiLdError as error:
            return problem(error)
        except HttpError as error:
            return http_problem(error)

    async def visit(self, access: Access) -> Visit:
        """What a request to the product works with."""
        source = Source(self.broker.app, access.tenant, await self.lenses.of(access), self.near)
        return Visit(access, source, self.broker.contexts(), f"/products/{access.product.slug}", self.book)


class ProductDoor:
    """ASGI: everything under a product's NGSI-LD path. Other paths are not for it (`is_for`)."""

    def __init__(self, authenticator: Authenticator, products: Products, endpoint: Endpoint) -> None:
        self._authenticator, self._products, self._endpoint = authenticator, products, endpoint

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        slug, rest = _parts(scope)
        if any(name in TENANT_HEADERS for name, _ in scope["headers"]):
            raise BadRequest("A product has its own place: leave NGSILD-Tenant and Fiware-Service out.")
        access = opened(self._products, slug, await self._authenticator.visitor(scope))
        self._authenticator.limits.product(scope, access.product.slug)
        response = await self._endpoint.answer(access, rest, scope, receive)
        await response.send(send, head=scope["method"] == "HEAD")


def is_for(scope: Scope) -> bool:
    """Whether a path is one of a product's NGSI-LD endpoint."""
    return PATH.fullmatch(_raw(scope)) is not None


def opened(products: Products, slug: str, caller: Caller | None) -> Access:
    """The way in, or the problem to answer: 404, 403 with how to ask, 410."""
    try:
        return products.open_for(slug, caller)
    except ProductRefused as refused:
        problems: dict[int, type[GatewayProblem]] = {404: NotFound, 410: Gone}
        raise problems.get(refused.status, Forbidden)(str(refused)) from None


def _raw(scope: Scope) -> bytes:
    raw: bytes = scope.get("raw_path") or scope["path"].encode()
    return raw.partition(b"?")[0]


def _parts(scope: Scope) -> tuple[str, bytes]:
    found = PATH.fullmatch(_raw(scope))
    if found is None:
        raise NotFound(f"There is nothing at {scope['path']:.200}: the NGSI-LD API of a product is under ngsi-ld/v1/")
    return found[1].decode("latin-1"), found[2]
