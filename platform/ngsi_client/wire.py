"""The ways to a broker: httpx for whatever has no hurry, aiohttp and a plain call of an ASGI app for the hot path."""

import math
import time
from collections.abc import Mapping, MutableMapping
from email.utils import parsedate_to_datetime
from typing import Any, NamedTuple, Protocol
from urllib.parse import urlencode

import httpx
from starlette.types import ASGIApp

Params = Mapping[str, str | int]
CONTEXT_REL = "http://www.w3.org/ns/json-ld#context"
LONGEST_PAUSE = 300.0


class NoAnswer(Exception):
    """The broker cannot be reached, or does not answer in time."""


class Request(NamedTuple):
    """What a broker is asked; `path` begins with a slash."""

    method: str
    path: str
    params: Params
    headers: Mapping[str, str]
    content: bytes | None = None


class Answer(NamedTuple):
    """`pause`: seconds for which the broker wants to be left alone."""

    status: int
    body: bytes
    pause: float = 0.0


def pause_in(retry_after: str | None) -> float:
    """The seconds that a Retry-After header asks for (RFC 9110, 10.2.3), five minutes at most; 0 where it is silent."""
    try:
        asked = float(retry_after or 0)
    except ValueError:
        try:
            asked = parsedate_to_datetime(str(retry_after)).timestamp() - time.time()
        except ValueError:
            return 0.0
    return 0.0 if math.isnan(asked) else min(max(0.0, asked), LONGEST_PAUSE)


class Wire(Protocol):
    """Sends one request; `NoAnswer` where nothing comes back."""

    async def send(self, request: Request) -> Answer: ...


class HttpxWire:
    """By a client that its owner closes."""

    def __init__(self, http: httpx.AsyncClient) -> None:
        self._http = http

    async def send(self, request: Request) -> Answer:
        try:
            response = await self._http.request(
                request.method, request.path, params=request.params, content=request.content, headers=request.headers
            )
        except httpx.TransportError as error:
            raise NoAnswer(repr(error)) from error
        return Answer(response.status_code, response.content, pause_in(response.headers.get("retry-after")))


class WireInContext:
    """Another wire, on which every request names the @context by which its names are read (CIM 009, 6.3.5)."""

    def __init__(self, wire: Wire, url: str) -> None:
        self._wire, self._link = wire, {"Link": context_header(url)}

    async def send(self, request: Request) -> Answer:
        return await self._wire.send(request._replace(headers={**request.headers, **self._link}))


def context_header(url: str) -> str:
    """The value of the Link header that names an @context."""
    return f'<{url}>; rel="{CONTEXT_REL}"; type="application/ld+json"'


class AsgiWire:
    """A broker in this process: its app is called, without HTTP in between."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def send(self, request: Request) -> Answer:
        status, pause, parts = 0, 0.0, list[bytes]()

        async def receive() -> MutableMapping[str, Any]:
            return {"type": "http.request", "body": request.content or b"", "more_body": False}

        async def send(message: MutableMapping[str, Any]) -> None:
            nonlocal status, pause
            if message["type"] == "http.response.start":
                status = message["status"]
                if status >= 400:
                    pause = pause_in(dict(message.get("headers", ())).get(b"retry-after", b"").decode("latin-1"))
            else:
                parts.append(message.get("body", b""))

        await self._app(_scope(request), receive, send)
        return Answer(status, b"".join(parts), pause)


def _scope(request: Request) -> dict[str, Any]:
    headers = [
        (b"host", b"broker"),
        *((name.lower().encode(), text.encode()) for name, text in request.headers.items()),
    ]
    if request.content is not None:
        headers.append((b"content-length", str(len(request.content)).encode()))
    return {
        "type": "http",
        "asgi": {"version": "3.0"},
        "http_version": "1.1",
        "method": request.method,
        "scheme": "http",
        "path": request.path,
        "raw_path": request.path.encode(),
        "query_string": urlencode(request.params).encode(),
        "root_path": "",
        "headers": headers,
        "client": ("127.0.0.1", 0),
        "server": ("broker", 80),
    }
