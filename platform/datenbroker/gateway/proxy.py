"""The way to a context broker of another process: a streaming reverse proxy."""

from collections.abc import AsyncIterator, Iterable

import aiohttp
from starlette.types import Receive, Scope, Send
from yarl import URL

from datenbroker.gateway.problems import BrokerBroken, BrokerDown, BrokerSlow

HOP_BY_HOP = frozenset(
    {
        b"connection",
        b"keep-alive",
        b"proxy-authenticate",
        b"proxy-authorization",
        b"proxy-connection",
        b"te",
        b"trailer",
        b"transfer-encoding",
        b"upgrade",
    }
)
"""RFC 9110, 7.6.1: they belong to one connection, as do those that Connection names."""

ALONE = frozenset({b"", b"keep-alive", b"close"})
"""What Connection says where it names no other header."""

SET_BY_THE_SERVER = frozenset({b"date", b"server"})
RETRY_SOON = [(b"retry-after", b"5")]
CONNECT_SECONDS = 5.0
REPEATABLE = frozenset({"GET", "HEAD"})
TEMPORAL = "/ngsi-ld/v1/temporal/"
READ_WHOLE = 64 * 1024
"""Bodies up to this size are sent in one piece, which is faster and can be repeated on a connection gone stale."""


class BrokerProxy:
    """ASGI: passes requests to `base_url`; what the broker does not answer becomes 502, 503 or 504."""

    def __init__(self, base_url: str, timeout: float, temporal_url: str | None = None) -> None:
        """`temporal_url` is where history is asked for, e.g. Mintaka beside Orion-LD; `timeout` in seconds."""
        self._base_url, self._timeout = base_url, timeout
        self._temporal_url = temporal_url or base_url
        self._session: aiohttp.ClientSession | None = None

    async def start(self) -> None:
        self._session = aiohttp.ClientSession(
            connector=aiohttp.TCPConnector(limit=256, keepalive_timeout=30),
            timeout=aiohttp.ClientTimeout(total=None, sock_connect=CONNECT_SECONDS, sock_read=self._timeout),
            cookie_jar=aiohttp.DummyCookieJar(),
            auto_decompress=False,
            skip_auto_headers=("Accept", "Accept-Encoding", "Content-Type", "User-Agent"),
        )

    async def stop(self) -> None:
        if self._session is not None:
            await self._session.close()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        try:
            async with await self._answer(scope, receive) as response:
                await _pass_back(response, send)
        except aiohttp.SocketTimeoutError:
            raise BrokerSlow(
                f"The context broker did not answer within {self._timeout:g} s: ask for less, or try again.", RETRY_SOON
            ) from None
        except aiohttp.ClientConnectorError:
            raise BrokerDown("The context broker cannot be reached: try again in some seconds.", RETRY_SOON) from None
        except aiohttp.ClientError as error:
            raise BrokerBroken(
                f"The context broker broke off its answer ({type(error).__name__}).", RETRY_SOON
            ) from error

    async def _answer(self, scope: Scope, receive: Receive) -> aiohttp.ClientResponse:
        """The answer's beginning. Reading is asked for once more where the broker broke off before it answered."""
        body = await _body(scope["headers"], receive)
        if body is not None or scope["method"] not in REPEATABLE:
            return await self._ask(scope, body)
        try:
            return await self._ask(scope, None)
        except aiohttp.ClientConnectorError:
            raise
        except (aiohttp.ServerDisconnectedError, aiohttp.ClientOSError):
            return await self._ask(scope, None)

    async def _ask(self, scope: Scope, body: bytes | AsyncIterator[bytes] | None) -> aiohttp.ClientResponse:
        assert self._session is not None, "start() comes first"
        return await self._session.request(
            scope["method"],
            self._url(scope),
            headers=_passed_on(scope["headers"]),
            data=body,
            allow_redirects=False,
        )

    def _url(self, scope: Scope) -> URL:
        # the path exactly as it came: yarl would decode and normalise it, and the broker would see another one
        query = b"?" + scope["query_string"] if scope["query_string"] else b""
        base = self._temporal_url if scope["path"].startswith(TEMPORAL) else self._base_url
        return URL(base + (scope["raw_path"] + query).decode("ascii"), encoded=True)


def _passed_on(headers: Iterable[tuple[bytes, bytes]]) -> list[tuple[str, str]]:
    kept = _without_hop_by_hop(headers)
    return [
        (name.decode("latin-1"), value.decode("latin-1")) for name, value in kept if name not in {b"host", b"expect"}
    ]


def _without_hop_by_hop(headers: Iterable[tuple[bytes, bytes]]) -> list[tuple[bytes, bytes]]:
    headers = [(name.lower(), value) for name, value in headers]
    kept = [header for header in headers if header[0] not in HOP_BY_HOP]
    said = b",".join(value for name, value in headers if name == b"connection").lower()
    if said in ALONE:
        return kept
    named = {token.strip() for token in said.split(b",")}
    return [header for header in kept if header[0] not in named]


async def _body(headers: Iterable[tuple[bytes, bytes]], receive: Receive) -> bytes | AsyncIterator[bytes] | None:
    length = None
    for name, value in headers:
        if name == b"transfer-encoding":
            return _chunks(receive)
        if name == b"content-length":
            length = int(value)
    if not length:
        return None
    if length > READ_WHOLE:
        return _chunks(receive)
    return b"".join([chunk async for chunk in _chunks(receive)])


async def _chunks(receive: Receive) -> AsyncIterator[bytes]:
    more = True
    while more:
        message = await receive()
        if message["type"] == "http.disconnect":
            raise aiohttp.ClientConnectionError("the client went away")
        more = message.get("more_body", False)
        yield message.get("body", b"")


async def _pass_back(response: aiohttp.ClientResponse, send: Send) -> None:
    headers = [header for header in _without_hop_by_hop(response.raw_headers) if header[0] not in SET_BY_THE_SERVER]
    if response.status == 503 and "Retry-After" not in response.headers:
        headers += RETRY_SOON
    await send({"type": "http.response.start", "status": response.status, "headers": headers})
    length = response.content_length
    if length is not None and length <= READ_WHOLE:
        await send({"type": "http.response.body", "body": await response.read()})
        return
    async for chunk in response.content.iter_any():
        await send({"type": "http.response.body", "body": chunk, "more_body": True})
    await send({"type": "http.response.body", "body": b""})
