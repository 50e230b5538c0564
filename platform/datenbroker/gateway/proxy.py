"""The way to a context broker of another process: a streaming reverse proxy."""

from collections.abc import AsyncIterator, Iterable

from starlette.types import Receive, Scope, Send

from datenbroker.gateway.problems import BrokerBroken, BrokerDown, BrokerSlow
from datenbroker.gateway.upstream.connection import Connection, Failure, Headers, Late, Lost
from datenbroker.gateway.upstream.pool import Pool, Unreachable

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

OF_A_REQUEST = HOP_BY_HOP | {b"host", b"expect"}
OF_AN_ANSWER = HOP_BY_HOP | {b"date", b"server"}
"""What does not go on: the server in front says the last two itself."""

RETRY_SOON = [(b"retry-after", b"5")]
REPEATABLE = frozenset({"GET", "HEAD"})
TEMPORAL = "/ngsi-ld/v1/temporal/"
READ_WHOLE = 64 * 1024
"""Bodies up to this size are sent in one piece, which is faster and can be repeated on a connection gone stale."""


class BrokerProxy:
    """ASGI: passes requests to `base_url`; what the broker does not answer becomes 502, 503 or 504."""

    def __init__(self, base_url: str, timeout: float, temporal_url: str | None = None) -> None:
        """`temporal_url` is where history is asked for, e.g. Mintaka beside Orion-LD; `timeout` in seconds."""
        self._base_url, self._timeout, self._temporal_url = base_url, timeout, temporal_url
        self._broker: Pool | None = None
        self._history: Pool | None = None

    async def start(self) -> None:
        self._broker = self._history = Pool(self._base_url, self._timeout)
        if self._temporal_url is not None:
            self._history = Pool(self._temporal_url, self._timeout)
            self._history.start()
        self._broker.start()

    async def stop(self) -> None:
        for pool in (self._broker, self._history):
            if pool is not None:
                pool.stop()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        pool = self._history if scope["path"].startswith(TEMPORAL) else self._broker
        assert pool is not None, "start() comes first"
        try:
            connection = await _answer(pool, scope, receive)
            try:
                await _pass_back(connection, send)
            finally:
                pool.release(connection)
        except Late:
            raise BrokerSlow(
                f"The context broker did not answer within {self._timeout:g} s: ask for less, or try again.", RETRY_SOON
            ) from None
        except Unreachable:
            raise BrokerDown("The context broker cannot be reached: try again in some seconds.", RETRY_SOON) from None
        except Failure as error:
            raise BrokerBroken(
                f"The context broker broke off its answer ({type(error).__name__}).", RETRY_SOON
            ) from error


async def _answer(pool: Pool, scope: Scope, receive: Receive) -> Connection:
    """The answer's beginning. Reading is asked for once more where the broker broke off before it answered."""
    method: str = scope["method"]
    headers = _kept(scope["headers"], OF_A_REQUEST)
    # the path exactly as it came, neither decoded nor normalised: the broker would see another one
    target = scope["raw_path"] + b"?" + scope["query_string"] if scope["query_string"] else scope["raw_path"]
    body = await _body(scope["headers"], receive)
    if body is not None or method not in REPEATABLE:
        return await pool.ask(method, target, headers, body)
    try:
        return await pool.ask(method, target, headers, None)
    except Lost as lost:
        if not lost.untouched:
            raise
        return await pool.ask(method, target, headers, None)


def _kept(headers: Iterable[tuple[bytes, bytes]], dropped: frozenset[bytes]) -> Headers:
    """Names in small letters: ASGI and the parser of answers have them so."""
    kept: Headers = []
    said = b""
    for header in headers:
        if header[0] not in dropped:
            kept.append(header)
        elif header[0] == b"connection":
            said += b"," + header[1].lower()
    said = said.strip(b", ")
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
            raise ClientGone("the client went away")
        more = message.get("more_body", False)
        yield message.get("body", b"")


async def _pass_back(answer: Connection, send: Send) -> None:
    headers = _kept(answer.headers, OF_AN_ANSWER)
    if answer.status == 503 and not any(name == b"retry-after" for name, _ in headers):
        headers += RETRY_SOON
    start = {"type": "http.response.start", "status": answer.status, "headers": headers}
    if answer.complete or (answer.length is not None and answer.length <= READ_WHOLE):
        body = await answer.body()
        await send(start)
        await send({"type": "http.response.body", "body": body})
        return
    await send(start)
    async for part in answer.parts():
        await send({"type": "http.response.body", "body": part, "more_body": True})
    await send({"type": "http.response.body", "body": b""})


class ClientGone(Failure):
    """Nobody is there to be answered."""
