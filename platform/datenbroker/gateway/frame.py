"""What every request gets, whatever it asks: an id, security headers, a size limit, a log line, a measurement."""

import logging
import re
import secrets
from collections.abc import Callable
from time import perf_counter

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from datenbroker.gateway.doors import CALLER
from datenbroker.gateway.problems import BodyTooLarge, GatewayProblem, InternalProblem, answer
from datenbroker.process.logs import request_id as current_request_id

log = logging.getLogger("datenbroker.gateway")
access_log = logging.getLogger("datenbroker.access")

Measure = Callable[[str, str, int, float], None]
"""Told of each answer: path, method, status, seconds."""

REQUEST_ID = re.compile(rb"[A-Za-z0-9._-]{8,64}")

SECURITY_HEADERS = [
    (b"x-content-type-options", b"nosniff"),
    (b"referrer-policy", b"no-referrer"),
    (b"x-frame-options", b"DENY"),
]
NOTHING_TO_LOAD = (b"content-security-policy", b"default-src 'none'; frame-ancestors 'none'")
OWN_FILES_ONLY = (
    b"content-security-policy",
    b"default-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; frame-ancestors 'none'",
)
"""Swagger UI sets style attributes and data: images; scripts come from files of ours alone."""

OBSERVERS = ("/health/", "/metrics")
"""Asked every few seconds by machines: their log lines would hide the others."""


class Frame:
    """ASGI middleware, the outermost. A problem raised within becomes its answer; anything else a 500 with the id."""

    def __init__(self, app: ASGIApp, body_limit: int, measure: Measure) -> None:
        self._app, self._body_limit, self._measure = app, body_limit, measure

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        exchange = _Exchange(scope, receive, send, self._body_limit)
        token = current_request_id.set(exchange.request_id)
        try:
            exchange.refuse_large_body()
            await self._app(scope, exchange.receive, exchange.send)
            exchange.refuse_read_body()
        except GatewayProblem as problem:
            await exchange.fail(problem)
        except Exception:
            log.exception("The request failed")
            await exchange.fail(InternalProblem(f"Something went wrong here. Please report {exchange.request_id}."))
        finally:
            seconds = perf_counter() - exchange.began
            self._measure(scope["path"], scope["method"], exchange.status, seconds)
            exchange.log(seconds)
            current_request_id.reset(token)


class _Exchange:
    """One request and its answer."""

    __slots__ = ("_limit", "_read", "_receive", "_scope", "_send", "_too_large", "began", "request_id", "status")

    def __init__(self, scope: Scope, receive: Receive, send: Send, limit: int) -> None:
        self.began = perf_counter()
        self._scope, self._receive, self._send, self._limit = scope, receive, send, limit
        self.request_id = _request_id(scope)
        self.status = 0
        self._read = 0
        self._too_large = False

    def refuse_large_body(self) -> None:
        for name, value in self._scope["headers"]:
            if name == b"content-length" and int(value) > self._limit:
                raise self._problem_of_size()

    def refuse_read_body(self) -> None:
        """Where the app has swallowed the problem that reading the body raised."""
        if self._too_large:
            raise self._problem_of_size()

    async def receive(self) -> Message:
        message = await self._receive()
        self._read += len(message.get("body", b""))
        if self._read > self._limit:
            self._too_large = True
            raise self._problem_of_size()
        return message

    async def send(self, message: Message) -> None:
        if self._too_large:
            return  # whoever read the body may have caught the problem: its own answer would hide the reason
        if message["type"] == "http.response.start":
            self.status = message["status"]
            message = {**message, "headers": [*message["headers"], *self._headers()]}
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
        # still escaped: a decoded path could bring line breaks into the log
        path = self._scope["raw_path"].decode("latin-1")
        caller = self._scope.get(CALLER)
        fields = {
            "method": self._scope["method"],
            "path": path,
            "status": self.status,
            "ms": round(seconds * 1000, 1),
            "client": (self._scope.get("client") or ("",))[0],
            "key": caller and caller.name,
            "tenant": caller and caller.tenant,
        }
        access_log.log(level, "%s %s %s", fields["method"], path, self.status, extra={"fields": fields})

    def _headers(self) -> list[tuple[bytes, bytes]]:
        policy = OWN_FILES_ONLY if self._scope["path"].startswith("/docs") else NOTHING_TO_LOAD
        return [*SECURITY_HEADERS, policy, (b"x-request-id", self.request_id.encode())]

    def _problem_of_size(self) -> BodyTooLarge:
        return BodyTooLarge(f"A request body may have {self._limit} bytes at most: send several smaller ones.")


def _request_id(scope: Scope) -> str:
    """The client's own id, so that traces can be joined, where it is harmless to log; else a new one."""
    for name, value in scope["headers"]:
        if name == b"x-request-id" and REQUEST_ID.fullmatch(value):
            return str(value, "ascii")
    return secrets.token_hex(8)
