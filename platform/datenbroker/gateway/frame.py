"""What every request gets, whatever it asks: an id, security headers, limits of size and time, a log line, figures."""

import asyncio
import logging
import re
from collections.abc import Callable
from dataclasses import dataclass, field
from random import getrandbits as _random
from time import perf_counter

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from datenbroker.audit.log import AuditLog
from datenbroker.audit.record import Decision
from datenbroker.gateway.authentication import CALLER
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
from datenbroker.process.logs import ACCESS, Answered, client_address
from datenbroker.process.logs import request_id as current_request_id

log = logging.getLogger("datenbroker.gateway")
access_log = logging.getLogger(ACCESS)

Measure = Callable[[str, str, int, float], None]
"""Told of each answer: path, method, status, seconds."""

REQUEST_ID = re.compile(rb"[A-Za-z0-9._-]{8,64}")

NO_SNIFFING = (b"x-content-type-options", b"nosniff")
FOR_PAGES = [(b"referrer-policy", b"no-referrer"), (b"x-frame-options", b"DENY")]
"""Not under /ngsi-ld: entities link to nothing, and what may frame them the policy below says (1.5 µs a header)."""

NOTHING_TO_LOAD = (b"content-security-policy", b"default-src 'none'; frame-ancestors 'none'")
OWN_FILES_ONLY = (
    b"content-security-policy",
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

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        exchange = _Exchange(scope, receive, send, self._bounds)
        origin = scope[ORIGIN] = self._bounds.origins.of(scope)
        token, address = current_request_id.set(exchange.request_id), client_address.set(origin)
        try:
            exchange.refuse_large()
            await self._app(scope, exchange.receive, exchange.send)
            exchange.refuse_read_body()
        except GatewayProblem as problem:
            scope[PROBLEM] = str(problem)
            await exchange.fail(problem)
        except Exception:
            log.exception("The request failed")
            await exchange.fail(InternalProblem(f"Something went wrong here. Please report {exchange.request_id}."))
        finally:
            self._tell(exchange, scope)
            current_request_id.reset(token)
            client_address.reset(address)

    def _tell(self, exchange: "_Exchange", scope: Scope) -> None:
        seconds, status, witnesses = perf_counter() - exchange.began, exchange.status, self._witnesses
        path, method, caller = scope["path"], scope["method"], scope.get(CALLER)
        witnesses.measure(path, method, status, seconds)
        exchange.log(seconds)
        if path.startswith(OBSERVERS):
            return
        if witnesses.usage is not None:
            organisation = None if caller is None else caller.organisation or "platform"
            witnesses.usage.count(organisation, scope.get(PRODUCT, ""), method, status)
        if status in DENIED and witnesses.audit is not None:
            # of somebody unknown only the first part of the path: a guesser must not be able to fill the log
            asked = scope["raw_path"].decode("latin-1")[:200] if caller else f"/{path[1:].partition('/')[0][:30]}"
            name = caller.name if caller else "anonymous"
            reason = scope.get(PROBLEM, str(status))
            witnesses.audit.note(name, "request.denied", f"{method} {asked}", reason)
        elif witnesses.reads and witnesses.audit is not None and _has_read(scope, status):
            # without the query, which may name what must not be kept
            asked = scope["raw_path"].decode("latin-1")[:200]
            name = caller.name if caller else "anonymous"
            witnesses.audit.note(name, "data.read", f"{method} {asked}", decision=Decision.ALLOWED)


class _Exchange:
    """One request and its answer."""

    __slots__ = (
        "_bounds",
        "_deadline",
        "_read",
        "_receive",
        "_scope",
        "_send",
        "_too_large",
        "began",
        "request_id",
        "status",
    )

    def __init__(self, scope: Scope, receive: Receive, send: Send, bounds: Bounds) -> None:
        self.began = perf_counter()
        self._scope, self._receive, self._send, self._bounds = scope, receive, send, bounds
        self.request_id = _request_id(scope)
        self.status = 0
        self._read = 0
        self._deadline: float | None = None
        self._too_large = False

    def refuse_large(self) -> None:
        if len(self._scope["raw_path"]) + len(self._scope["query_string"]) > self._bounds.url:
            raise UrlTooLong(
                f"An address may have {self._bounds.url} bytes at most: send long queries as "
                "POST /ngsi-ld/v1/entityOperations/query."
            )
        for name, value in self._scope["headers"]:
            if name == b"content-length":
                self._deadline = self.began + self._bounds.body_seconds
                if int(value) > self._bounds.body:
                    raise self._problem_of_size()
            elif name == b"transfer-encoding":
                self._deadline = self.began + self._bounds.body_seconds

    def refuse_read_body(self) -> None:
        """Where the app has swallowed the problem that reading the body raised."""
        if self._too_large:
            raise self._problem_of_size()

    async def receive(self) -> Message:
        if self._deadline is None:  # no body, or all of it is here: what comes next is the client's leaving
            return await self._receive()
        message = await self._part_of_body(self._deadline)
        self._read += len(message.get("body", b""))
        if self._read > self._bounds.body:
            self._too_large = True
            raise self._problem_of_size()
        if not message.get("more_body"):
            self._deadline = None
        return message

    async def _part_of_body(self, deadline: float) -> Message:
        left = deadline - perf_counter()
        try:
            async with asyncio.timeout(max(0.0, left)):
                return await self._receive()
        except TimeoutError:
            raise RequestTooSlow(
                f"The request's body was not here after {self._bounds.body_seconds:g} s: send less at once.",
                [(b"connection", b"close")],
            ) from None

    async def send(self, message: Message) -> None:
        if self._too_large:
            return  # whoever read the body may have caught the problem: its own answer would hide the reason
        if message["type"] == "http.response.start":
            self.status = message["status"]
            message = {**message, "headers": self._headers(message["headers"])}
        await self._send(message)

    async def fail(self, problem: GatewayProblem) -> None:
        """Answer with the problem, or break the connection where an answer has begun."""
        if self.status:
            raise problem
        if self._too_large:
            problem, self._too_large = self._problem_of_size(), False
        await answer(problem, self._scope["path"], self.send)

    def log(self, seconds: float) -> None:
        level = logging.DEBUG if self._scope["path"].startswith(OBSERVERS) else logging.INFO
        if not access_log.isEnabledFor(level):
            return
        scope, caller = self._scope, self._scope.get(CALLER)
        key, tenant = (caller.name, caller.tenant) if caller else (None, None)
        # the path still escaped: a decoded one could bring line breaks into the log
        asked = scope["method"], scope["raw_path"], self.status, seconds
        facts = (*asked, scope[ORIGIN], key, tenant, scope.get(PRODUCT))
        access_log.handle(Answered(level, facts, self.request_id))

    def _headers(self, own: HeaderList) -> list[tuple[bytes, bytes]]:
        headers = [*own, NO_SNIFFING, (b"x-request-id", self.request_id.encode())]
        if not self._scope["path"].startswith(NGSI_LD_PATH):
            headers += FOR_PAGES
        for name, _ in own:
            if name == b"content-security-policy":  # a page may say itself what it loads
                break
        else:
            headers.append(OWN_FILES_ONLY if self._scope["path"].startswith("/docs") else NOTHING_TO_LOAD)
        if self._bounds.https:
            headers.append(TRANSPORT)
        level = self._scope.get(LEVEL)
        if level is not None:
            headers += headers_of(level)
        return headers

    def _problem_of_size(self) -> BodyTooLarge:
        return BodyTooLarge(f"A request body may have {self._bounds.body} bytes at most: send several smaller ones.")


def _has_read(scope: Scope, status: int) -> bool:
    """Whether somebody known, or anybody through a product, was answered with what is kept here."""
    if status >= 400 or (scope.get(CALLER) is None and not scope.get(PRODUCT)):
        return False
    return scope["method"] in ("GET", "HEAD") or scope["path"].endswith(QUERIES)


def _request_id(scope: Scope) -> str:
    """The client's own id, so that traces can be joined, where it is harmless to log; else a new one.

    It names a request and opens nothing: it need not be hard to guess.
    """
    for name, value in scope["headers"]:
        if name == b"x-request-id" and REQUEST_ID.fullmatch(value):
            return str(value, "ascii")
    return f"{_random(64):016x}"
