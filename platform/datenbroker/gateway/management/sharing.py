"""The area of data products: what is behind /products and /grants, and who is let in without a key."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from starlette.types import ASGIApp, Receive, Scope, Send

from datenbroker.gateway.authentication import Authenticator
from datenbroker.gateway.downloads.pages import Pages
from datenbroker.products.grants import Grants
from datenbroker.products.products import Products

PATHS = ("/products", "/grants", "/catalog", "/inventory")

Inner = tuple[Callable[[Scope], bool], Callable[[Authenticator], ASGIApp]]
"""Which paths below a product an app answers, and the app, which asks itself who is there."""


@dataclass(frozen=True)
class Sharing:
    """What the area is made of; `inner` are the products' own endpoints, `pages` the way to read them."""

    products: Products
    grants: Grants
    inner: Sequence[Inner] = ()
    pages: Pages | None = None


class SharingDoor:
    """ASGI: a product's endpoint where the path is one of it, else the management API, which decides on callers.

    Open products are found and used without a key.
    """

    def __init__(self, authenticator: Authenticator, management: ASGIApp, sharing: Sharing) -> None:
        self._authenticator, self._management = authenticator, management
        self._inner = [(is_for, app(authenticator)) for is_for, app in sharing.inner]

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        for is_for, app in self._inner:
            if is_for(scope):
                await app(scope, receive, send)
                return
        await self._authenticator.visitor(scope)
        await self._management(scope, receive, send)
