"""What every request gets, whatever it asks: an id, security headers, limits of size and time, a log line, figures."""

import asyncio
import logging
import re
from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass, field
from random import getrandbits as _random
from time import perf_counter, time

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from datenbroker.audit.log import AuditLog
from datenbroker.audit.record import Decision
from datenbroker.gateway.authentication import CALLER
from datenbroker.gateway.limits.journal import Journal
from datenbroker.gateway.limits.origins import Origins
from datenbroker.gateway.limits.rates import LEVEL, ORIGIN, PRODUCT, headers_of
from datenbroker.gateway.limits.usage import Usage
from datenbroker.gateway.problems import (
    NGSI_LD_PATH,
    BodyTooLarge,
    GatewayProblem,
    HeaderList,
    InternalProblem,
    RequestTooSlow,
    UrlTooLong,
    answer,
)
from datenbroker.identities.roles import Caller
from datenbroker.process.logs import client_address
from datenbroker.process.logs import request_id as current_request_id

log = logging.getLogger("datenbroker.gateway")

Measure = Callable[[str, str, int, float], None]
"""Told of each answer: path, method, status, seconds."""

REQUEST_ID = re.compile(rb"[A-Za-z0-9._-]{8,64}")

NO_SNIFFING = (b"x-content-type-options", b"nosniff")
FOR_PAGES = ((b"referrer-policy", b"no-referrer"), (b"x-frame-options", b"DENY"))
"""Not under /ngsi-ld: entities link to nothing, and what may frame them the policy below says (1.5 µs a header)."""

POLICY = b"content-security-policy"
"""A page may say itself what it loads."""
NOTHING_TO_LOAD = (POLICY, b"default-src 'none'; frame-ancestors 'none'")
OWN_FILES_ONLY = (
    POLICY,
    b"default-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; frame-ancestors 'none'",
)
"""Swagger UI sets style attributes and data: images; scripts come from files of ours alone."""
TRANSPORT = (b"strict-transport-security", b"max-age=31536000; includeSubDomains")
"""Only where people reach the gateway by https."""

OBSERVERS = ("/health/", "/metrics")
"""Asked every few seconds by machines: their log lines would hide the others."""

QUERIES = "/entityOperations/query"
"""POST requests that only read."""

DENIED = frozenset({401, 403, 429})
PROBLEM = "datenbroker.problem"
"""Where whoever answers a problem itself leaves its text for the audit log."""


@dataclass(frozen=True)
class Bounds:
    """The largest body (bytes), the slowest one (s), the longest address (bytes), and who may say where it is from."""

    body: int = 4_000_000
    body_seconds: float = 30.0
    url: int = 16_384
    origins: Origins = field(default_factory=Origins)
    https: bool = False


@dataclass(frozen=True)
class Witnesses:
    """Who is told of each answer: the metrics, and where there are such, the usage and the audit log."""

    measure: Measure
    usage: Usage | None = None
    audit: AuditLog | None = None
    reads: bool = False
    """Whether the audit log is told of what was read, too."""


class Frame:
    """ASGI middleware, the outermost. A problem raised within becomes its answer; anything else a 500 with the id."""

    def __init__(self, app: ASGIApp, bounds: Bounds, witnesses: Witnesses) -> None:
        self._app, self._bounds, self._witnesses = app, bounds, witnesses
        self._journal = Journal(witnesses.measure, witnesses.usage)
        self._everywhere = (NO_SNIFFING, TRANSPORT) if bounds.https else (NO_SNIFFING,)
        self._of_broker = (*self._everywhere, NOTHING_TO_LOAD)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        constant = self._of_broker
        if not scope["path"].startswith(NGSI_LD_PATH):
            constant = (*self._everywhere, *FOR_PAGES)
            self._journal.tell()  # who reads the figures finds in them all that was before
        own_id, announced = _head(scope["headers"])
        exchange = _Exchange(scope, send, own_id or f"{_random(64):016x}", constant)
        origin = scope[ORIGIN] = self._bounds.origins.of(scope)
        token, address = current_request_id.set(exchange.request_id), client_address.set(origin)
        try:
            self._refuse_long(scope)
            if announced is None:
                await self._app(scope, receive, exchange.send)
            else:
                body = exchange.body = _Body(receive, self._bounds, announced)
                await self._app(scope, body.receive, exchange.send)
                body.refuse_large()  # where the app has swallowed the problem that reading it raised
        except GatewayProblem as problem:
            scope[PROBLEM] = str(problem)
            await exchange.fail(problem)
        except Exception:
            self._journal.tell()
            log.exception("The request failed")
            await exchange.fail(InternalProblem(f"Something went wrong here. Please report {exchange.request_id}."))
        finally:
            self._tell(scope, exchange)
            current_request_id.reset(token)
            client_address.reset(address)

    def _refuse_long(self, scope: Scope) -> None:
        if len(scope["raw_path"]) + len(scope["query_string"]) > self._bounds.url:
            raise UrlTooLong(
                f"An address may have {self._bounds.url} bytes at most: send long queries as "
                "POST /ngsi-ld/v1/entityOperations/query."
            )

    def _tell(self, scope: Scope, exchange: "_Exchange") -> None:
        caller, product, path = scope.get(CALLER), scope.get(PRODUCT), scope["path"]
        asked = scope["method"], path, scope["raw_path"], scope[ORIGIN]
        answered = exchange.status, perf_counter() - exchange.began, time(), exchange.request_id
        observing = path.startswith(OBSERVERS)
        self._journal.note((*asked, *answered, caller, product, observing))
        audit, status = self._witnesses.audit, exchange.status
        if audit is None or observing:
            return
        if status in DENIED:
            # of somebody unknown only the first part of the path: a guesser must not be able to fill the log
            asked_for = scope["raw_path"].decode("latin-1")[:200] if caller else f"/{path[1:].partition('/')[0][:30]}"
            reason = scope.get(PROBLEM, str(status))
            audit.note(_name(caller), "request.denied", f"{scope['method']} {asked_for}", reason)
        elif self._witnesses.reads and _has_read(scope, status):
            # without the query, which may name what must not be kept
            asked_for = scope["raw_path"].decode("latin-1")[:200]
            audit.note(_name(caller), "data.read", f"{scope['method']} {asked_for}", decision=Decision.ALLOWED)


class _Body:
    """A request's body as it comes: neither too large nor too slow."""

    __slots__ = ("_bounds", "_deadline", "_read", "_receive", "too_large")

    def __init__(self, receive: Receive, bounds: Bounds, announced: int) -> None:
        """`announced` is its length in bytes, 0 where it will show; `BodyTooLarge`."""
        self._receive, self._bounds = receive, bounds
        self._deadline: float | None = perf_counter() + bounds.body_seconds
        self._read, self.too_large = 0, announced > bounds.body
        self.refuse_large()

    def refuse_large(self) -> None:
        if self.too_large:
            raise self.problem()

    def problem(self) -> BodyTooLarge:
        return BodyTooLarge(f"A request body may have {self._bounds.body} bytes at most: send several smaller ones.")

    async def receive(self) -> Message:
        if self._deadline is None:  # all of it is here: what comes next is the client's leaving
            return await self._receive()
        message = await self._part(self._deadline)
        self._read += len(message.get("body", b""))
        self.too_large = self._read > self._bounds.body
        self.refuse_large()
        if not message.get("more_body"):
            self._deadline = None
        return message

    async def _part(self, deadline: float) -> Message:
        left = deadline - perf_counter()
        try:
            async with asyncio.timeout(max(0.0, left)):
                return await self._receive()
        except TimeoutError:
            raise RequestTooSlow(
                f"The request's body was not here after {self._bounds.body_seconds:g} s: send less at once.",
                [(b"connection", b"close")],
            ) from None


class _Exchange:
    """One request and its answer."""

    __slots__ = ("_constant", "_scope", "_send", "began", "body", "request_id", "status")

    def __init__(self, scope: Scope, send: Send, request_id: str, constant: HeaderList) -> None:
        """`constant` are headers of every answer of its kind."""
        self.began = perf_counter()
        self._scope, self._send, self._constant = scope, send, constant
        self.request_id, self.status = request_id, 0
        self.body: _Body | None = None

    def send(self, message: Message) -> Awaitable[None]:
        if self.body is not None and self.body.too_large:
            return _nothing()  # whoever read the body may have caught the problem: its answer would hide the reason
        if message["type"] == "http.response.start":
            self.status = message["status"]
            message = {**message, "headers": self._headers(message["headers"])}
        return self._send(message)

    async def fail(self, problem: GatewayProblem) -> None:
        """Answer with the problem, or break the connection where an answer has begun."""
        if self.status:
            raise problem
        if self.body is not None and self.body.too_large:
            problem, self.body = self.body.problem(), None
        await answer(problem, self._scope["path"], self.send)

    def _headers(self, own: HeaderList) -> list[tuple[bytes, bytes]]:
        headers = [*own, *self._constant, (b"x-request-id", self.request_id.encode())]
        level = self._scope.get(LEVEL)
        if level is not None:
            headers += headers_of(level)
        if NOTHING_TO_LOAD not in self._constant and not any(name == POLICY for name, _ in own):
            headers.append(OWN_FILES_ONLY if self._scope["path"].startswith("/docs") else NOTHING_TO_LOAD)
        return headers


async def _nothing() -> None:
    return


def _name(caller: Caller | None) -> str:
    return caller.name if caller else "anonymous"


def _has_read(scope: Scope, status: int) -> bool:
    """Whether somebody known, or anybody through a product, was answered with what is kept here."""
    if status >= 400 or (scope.get(CALLER) is None and not scope.get(PRODUCT)):
        return False
    return scope["method"] in ("GET", "HEAD") or scope["path"].endswith(QUERIES)


def _head(headers: Iterable[tuple[bytes, bytes]]) -> tuple[str | None, int | None]:
    """The client's own id of the request, and how long a body is announced: 0 where it will show, None without one.

    The id, by which traces are joined, is taken where it is harmless to log. It names a request and opens nothing.
    """
    own_id, announced = None, None
    for name, value in headers:
        if name == b"content-length":
            announced = int(value)
        elif name == b"transfer-encoding":
            announced = announced or 0
        elif name == b"x-request-id" and REQUEST_ID.fullmatch(value):
            own_id = own_id or str(value, "ascii")
    return own_id, announced
