"""Problems as pages, where a person follows a link or types an address. Programs get problem details (RFC 9457)."""

import logging
import re
from typing import Any

import orjson
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from datenbroker.catalogue.pages.errors import words_of
from datenbroker.gateway.catalogue.negotiation import liked_best
from datenbroker.gateway.pages.layout import Site, language_of
from datenbroker.gateway.problems import NGSI_LD_PATH, PROBLEM_JSON

log = logging.getLogger(__name__)

PROGRAMS = (
    "/ngsi-ld",
    "/admin",
    "/contexts",
    "/deadletters",
    "/devices",
    "/grants",
    "/health",
    "/me",
    "/openapi.json",
    "/products",
    "/sources",
    "/webhooks",
)
"""What begins so is asked by programs (also by developers with a browser, who want to see what a program gets)."""
FILES = re.compile(r"/products/[^/]+/export\.\w+")
"""But these stand as links on pages."""
HTML = ("text/html", "application/xhtml+xml")
REPLACED = frozenset({b"content-type", b"content-length", b"content-security-policy", b"cache-control", b"vary"})


class ErrorPages:
    """ASGI, the outermost: what is a problem from inside leaves as a page where a person asked for one."""

    def __init__(self, app: ASGIApp, site: Site) -> None:
        self._app, self._site = app, site

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        # the hot path first: what is asked here is added to each request of a broker's client
        if scope["type"] == "http" and not scope["path"].startswith(NGSI_LD_PATH) and asked_by_person(scope):
            send = _Page(self._site, scope, send).send
        await self._app(scope, receive, send)


def asked_by_person(scope: Scope) -> bool:
    """Whether it is the address of a page, asked for by what likes HTML best, as browsers do when they go there."""
    path: str = scope["path"]
    if path.startswith(PROGRAMS) and not FILES.fullmatch(path):
        return False
    accept = next((value for name, value in scope["headers"] if name == b"accept"), b"")
    return liked_best(accept.decode("latin-1")) in HTML


class _Page:
    """Holds a problem back until it is whole."""

    def __init__(self, site: Site, scope: Scope, send: Send) -> None:
        self._site, self._scope, self._send = site, scope, send
        self._start: Message | None = None
        self._body = b""

    async def send(self, message: Message) -> None:
        if message["type"] == "http.response.start" and _is_problem(message):
            self._start = message
        elif self._start is None:
            await self._send(message)
        else:
            self._body += message.get("body", b"")
            if not message.get("more_body"):
                await self._show(self._start, orjson.loads(self._body))

    async def _show(self, start: Message, problem: dict[str, Any]) -> None:
        """The problem as it was where there cannot be a page of it."""
        try:
            headers, body = self._page(start, problem)
        except Exception:
            log.exception("The page of a problem could not be made")
            headers, body = start["headers"], self._body
        await self._send({**start, "headers": headers})
        await self._send({"type": "http.response.body", "body": body})

    def _page(self, start: Message, problem: dict[str, Any]) -> tuple[list[tuple[bytes, bytes]], bytes]:
        kept = [header for header in start["headers"] if header[0] not in REPLACED]
        told = {name: value.decode("latin-1") for name, value in kept}
        language, status = language_of(self._scope), start["status"]
        page = self._site.page(
            "error.html",
            self._scope,
            status=status,
            words=words_of(self._scope["path"], status, language),
            problem=problem,
            wait=told.get(b"retry-after"),
            request_id=told.get(b"x-request-id", "-"),
        ).encode()
        return [
            *kept,
            (b"content-type", b"text/html; charset=utf-8"),
            (b"content-length", b"%d" % len(page)),
            (b"content-language", language.encode()),
            (b"content-security-policy", self._site.policy.encode()),
            (b"cache-control", b"no-store"),
            (b"vary", b"Accept, Accept-Language, Authorization, X-API-Key, Cookie"),
        ], page


def _is_problem(message: Message) -> bool:
    return message["status"] >= 400 and (b"content-type", PROBLEM_JSON.encode()) in message["headers"]
