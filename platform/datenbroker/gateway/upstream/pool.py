"""The connections to one broker: kept for further requests, bounded in number, watched for what does not answer."""

import asyncio
import ssl
from base64 import b64encode
from collections import deque
from collections.abc import AsyncIterator
from urllib.parse import unquote, urlsplit

from datenbroker.gateway.upstream.connection import Connection, Failure, Headers, Late, Lost

LARGEST = 256
"""Connections at once: further requests wait for one that is free."""

CONNECT_SECONDS = 5.0
IDLE_SECONDS = 30.0
WITHOUT_BODY = frozenset({"GET", "HEAD", "DELETE", "OPTIONS"})


class Unreachable(Failure):
    """No connection can be had."""


class Pool:
    """To one address, plain or by TLS; `timeout` seconds without a byte are too many."""

    def __init__(self, url: str, timeout: float) -> None:
        parts = urlsplit(url)
        assert parts.hostname is not None
        self._tls = ssl.create_default_context() if parts.scheme == "https" else None
        self._address = parts.hostname, parts.port or (443 if self._tls else 80)
        self._first = [b"host: " + parts.netloc.rpartition("@")[2].encode()]
        if parts.username is not None:
            known = f"{unquote(parts.username)}:{unquote(parts.password or '')}".encode()
            self._first.append(b"authorization: Basic " + b64encode(known))
        self._path = parts.path.rstrip("/").encode()
        self._timeout = timeout
        self._free = LARGEST
        self._waiting: deque[asyncio.Future[None]] = deque()
        self._idle: list[Connection] = []
        self._busy: set[Connection] = set()
        self._watching: asyncio.TimerHandle | None = None

    def start(self) -> None:
        self._watch()

    def stop(self) -> None:
        if self._watching is not None:
            self._watching.cancel()
        for connection in [*self._idle, *self._busy]:
            connection.fail(Lost("the gateway ends"))

    async def ask(
        self, method: str, target: bytes, headers: Headers, body: bytes | AsyncIterator[bytes] | None
    ) -> Connection:
        """A connection on which the answer has begun, to be given back by `release`; or `Failure`."""
        head = self._head(method, target, headers, body)
        connection = await self._connection()
        try:
            if body is None or isinstance(body, bytes):
                connection.send(method, head + body if body else head)
            else:
                connection.send(method, head)
                await connection.send_more(body if _has_length(headers) else _in_chunks(body))
            await connection.answered()
        except BaseException:
            self.release(connection)
            raise
        return connection

    def release(self, connection: Connection) -> None:
        """Kept for the next request where the answer came whole, else closed."""
        self._busy.discard(connection)
        self._leave()
        if connection.reusable:
            self._idle.append(connection)
        else:
            connection.transport.abort()

    async def _connection(self) -> Connection:
        if self._free:
            self._free -= 1
        else:
            await self._turn()
        try:
            connection = self._kept() or await self._made()
        except BaseException:
            self._leave()
            raise
        self._busy.add(connection)
        return connection

    async def _turn(self) -> None:
        """Waits for a request to end; its place is then taken."""
        turn = asyncio.get_running_loop().create_future()
        self._waiting.append(turn)
        try:
            await asyncio.wait_for(asyncio.shield(turn), CONNECT_SECONDS)
        except BaseException as error:
            if not turn.cancel():
                self._leave()  # the turn came in the same moment
            if isinstance(error, TimeoutError):
                raise Unreachable(f"{LARGEST} requests are under way") from None
            raise

    def _leave(self) -> None:
        while self._waiting:
            turn = self._waiting.popleft()
            if not turn.done():
                turn.set_result(None)
                return
        self._free += 1

    def _kept(self) -> Connection | None:
        """The one that was used last; those that the broker has closed meanwhile are forgotten."""
        while self._idle:
            connection = self._idle.pop()
            if connection.reusable:
                return connection
        return None

    async def _made(self) -> Connection:
        made = asyncio.get_running_loop().create_connection(Connection, *self._address, ssl=self._tls)
        try:
            _, connection = await asyncio.wait_for(made, CONNECT_SECONDS)
        except (OSError, TimeoutError) as error:
            raise Unreachable(str(error)) from None
        return connection

    def _head(self, method: str, target: bytes, headers: Headers, body: bytes | AsyncIterator[bytes] | None) -> bytes:
        """Of one line for each header, whatever they hold: a line break would begin another request."""
        lines = [b"%b %b%b HTTP/1.1" % (method.encode("ascii"), self._path, target), *self._first]
        lines += [name + b": " + value for name, value in headers]
        if not _has_length(headers) and (body is not None or method not in WITHOUT_BODY):
            lines.append(b"content-length: 0" if body is None else b"transfer-encoding: chunked")
        head = b"\r\n".join(lines)
        if head.count(b"\n") != len(lines) - 1 or head.count(b"\r") != len(lines) - 1:
            raise ValueError("a header holds a line break")
        return head + b"\r\n\r\n"

    def _watch(self) -> None:
        """One look at all connections now and then, not a timer for each request."""
        loop = asyncio.get_running_loop()
        now = loop.time()
        for connection in list(self._busy):
            if connection.waits and now - connection.since > self._timeout:
                connection.fail(Late(f"nothing came for {self._timeout:g} s"))
        for connection in self._idle:
            if now - connection.since > IDLE_SECONDS:
                connection.transport.close()
        self._idle = [one for one in self._idle if one.reusable and now - one.since <= IDLE_SECONDS]
        self._watching = loop.call_later(min(1.0, self._timeout / 4), self._watch)


def _has_length(headers: Headers) -> bool:
    return any(name == b"content-length" for name, _ in headers)


async def _in_chunks(parts: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
    """Of a body whose length is known at its end."""
    async for part in parts:
        if part:
            yield b"%x\r\n%b\r\n" % (len(part), part)
    yield b"0\r\n\r\n"
