"""The door to a product's exports, sample and stream: /products/{slug}/export.csv, …/sample, …/stream."""

import asyncio
import re
from collections.abc import AsyncIterator
from contextlib import aclosing
from datetime import UTC, datetime
from http import HTTPStatus

from starlette.types import Receive, Scope, Send

from datenbroker.gateway.authentication import Authenticator
from datenbroker.gateway.downloads.exports import FORMATS, Wanted
from datenbroker.gateway.downloads.pages import Asked, Pages, Refused, pairs_of
from datenbroker.gateway.downloads.slots import Slots
from datenbroker.gateway.downloads.stream import Streams
from datenbroker.gateway.limits.rates import ORIGIN
from datenbroker.gateway.problems import BadRequest, GatewayProblem, NotFound
from datenbroker.products.product import Product
from datenbroker.products.vocabulary import LICENCES

PATH = re.compile(r"/products/([^/]+)/(export\.[a-z]+|sample|stream)")
SAMPLED = 10

EXPORTS_EACH = 4
"""Exports that one caller, or one address, may have under way."""

CHUNK, STALLED_SECONDS = 65_536, 60.0
"""Bytes that are sent at once, and after how long a client that does not take them is let go."""

TENANT_HEADERS = frozenset({b"ngsild-tenant", b"fiware-service", b"fiware-servicepath"})

Headers = list[tuple[bytes, bytes]]


class NotAllowedHere(GatewayProblem):
    status, title = 405, HTTPStatus.METHOD_NOT_ALLOWED.phrase


def is_for(scope: Scope) -> bool:
    return PATH.fullmatch(scope["path"]) is not None


class DownloadsDoor:
    """ASGI: the caller is let into the product first, then it is read page by page."""

    def __init__(self, authenticator: Authenticator, pages: Pages, streams: Streams, at_once: int) -> None:
        self._authenticator, self._pages, self._streams = authenticator, pages, streams
        self._slots = Slots("exports", at_once, EXPORTS_EACH, again=10)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        found = PATH.fullmatch(scope["path"])
        if found is None:
            raise NotFound(f"There is nothing at {scope['path']:.200}.")
        if scope["method"] not in ("GET", "HEAD"):
            raise NotAllowedHere("Only GET and HEAD are understood here.", [(b"allow", b"GET, HEAD")])
        slug, what = found.groups()
        asked = await self._asked(scope, slug)
        product = self._pages.open(asked).product
        self._authenticator.limits.product(scope, slug)
        try:
            if what == "stream":
                await self._stream(scope, receive, send, asked)
            elif what == "sample":
                await (await self._pages.page(asked, SAMPLED)).send(send, head=scope["method"] == "HEAD")
            else:
                await self._export(scope, receive, send, self._wanted(scope, asked, product))
        except Refused as refused:
            await refused.response.send(send)

    async def _asked(self, scope: Scope, slug: str) -> Asked:
        headers = dict(scope["headers"])
        if TENANT_HEADERS & headers.keys():
            raise BadRequest("A product has its own place: leave NGSILD-Tenant and Fiware-Service out.")
        caller = await self._authenticator.visitor(scope)
        return Asked(slug, caller, pairs_of(scope, frozenset({"locale"})), headers.get(b"link"))

    def _wanted(self, scope: Scope, asked: Asked, product: Product) -> Wanted:
        locale = next((value for name, value in _query(scope) if name == "locale"), "en")
        return Wanted(self._pages, asked, product, locale)

    async def _export(self, scope: Scope, receive: Receive, send: Send, wanted: Wanted) -> None:
        ending = scope["path"].rpartition(".")[2]
        chosen = FORMATS.get(ending)
        if chosen is None:
            raise NotFound(f"There is no export.{ending:.20}: there are {', '.join(FORMATS)}.")
        chosen.check(wanted)
        with self._slots.taken(_who(scope, wanted.asked)):
            async with aclosing(chosen.write(wanted)) as pieces:  # type: ignore[type-var]
                headers = _headers(wanted.product, chosen.media_type, ending)
                await _send(scope, receive, send, headers, pieces)

    async def _stream(self, scope: Scope, receive: Receive, send: Send, asked: Asked) -> None:
        last = dict(scope["headers"]).get(b"last-event-id", b"").decode("latin-1")
        async with self._streams.reading(asked, _who(scope, asked), last or None) as events:
            headers = [(b"content-type", b"text/event-stream"), (b"cache-control", b"no-store")]
            await _send(scope, receive, send, [*headers, (b"x-accel-buffering", b"no")], events)


def _who(scope: Scope, asked: Asked) -> str:
    """As whom a caller counts against the bounds: itself, or its address."""
    return asked.caller.name if asked.caller else str(scope.get(ORIGIN) or "-")


def _query(scope: Scope) -> list[tuple[str, str]]:
    return pairs_of(scope)


def _headers(product: Product, media_type: str, ending: str) -> Headers:
    name = f"{product.slug}-{datetime.now(UTC):%Y-%m-%d}.{ending}"
    return [
        (b"content-type", media_type.encode()),
        (b"content-disposition", f'attachment; filename="{name}"'.encode()),
        (b"link", f'<{LICENCES}{product.licence}>; rel="license"'.encode()),
        (b"cache-control", b"no-store"),
    ]


async def _send(scope: Scope, receive: Receive, send: Send, headers: Headers, pieces: AsyncIterator[bytes]) -> None:
    """The first piece is had before the status is sent, so that what goes wrong at once has a status of its own.

    What goes wrong later breaks the connection off: half an export must not look like a whole one.
    """
    piece = await anext(pieces, b"")
    await send({"type": "http.response.start", "status": 200, "headers": headers})
    if scope["method"] == "HEAD":
        await send({"type": "http.response.body", "body": b""})
        return
    gone = asyncio.create_task(_disconnected(receive))
    try:
        while piece:
            for start in range(0, len(piece), CHUNK):
                body = {"type": "http.response.body", "body": piece[start : start + CHUNK], "more_body": True}
                await asyncio.wait_for(send(body), STALLED_SECONDS)
            following = asyncio.ensure_future(anext(pieces, b""))
            await asyncio.wait({following, gone}, return_when=asyncio.FIRST_COMPLETED)
            if gone.done():
                following.cancel()
                await asyncio.gather(following, return_exceptions=True)
                return
            piece = following.result()
        await send({"type": "http.response.body", "body": b""})
    finally:
        gone.cancel()


async def _disconnected(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass
