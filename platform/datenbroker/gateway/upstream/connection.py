"""A connection to a broker of another process: one request after the other, their answers read by httptools' parser.

It knows what a reverse proxy needs and no more: aiohttp's client takes five times the CPU for a request.
"""

import asyncio
from collections.abc import AsyncIterator
from typing import cast

from httptools import HttpParserError, HttpParserUpgrade, HttpResponseParser

HEAD_BYTES = 128 * 1024
"""Headers of an answer."""

AHEAD = 256 * 1024
"""Bytes of an answer that wait for a slow client; when there are more, the broker waits."""

Headers = list[tuple[bytes, bytes]]


class Failure(Exception):
    """No answer, or a part of one."""


class Lost(Failure):
    """The connection ended before the answer did; `untouched`: before it began."""

    def __init__(self, text: str, *, untouched: bool = False) -> None:
        super().__init__(text)
        self.untouched = untouched


class Late(Failure):
    """The broker sent nothing for too long."""


class NoHttp(Failure):
    """What came is no answer of HTTP/1."""


class Connection(asyncio.Protocol):
    """`status`, `headers` and the body are of the answer to the request that was sent last."""

    def __init__(self) -> None:
        self._loop = asyncio.get_running_loop()
        self._parser = HttpResponseParser(self)
        self._waiter: asyncio.Future[None] | None = None
        self._writable: asyncio.Future[None] | None = None
        self._is_paused = False
        self._reset("GET")
        self.complete = True
        self.transport: asyncio.Transport
        self.since = self._loop.time()
        """When something came last, or the request was sent, or the connection became idle (loop time)."""

    def _reset(self, method: str) -> None:
        self._method, self._chunks, self._ahead, self._head_bytes = method, list[bytes](), 0, 0
        self._has_begun = self._until_closed = self._is_sending = False
        self._failure: Failure | None = None
        self.status, self.headers, self.complete, self.reusable = 0, Headers(), False, False
        self.length: int | None = None

    @property
    def waits(self) -> bool:
        """Whether it is the broker that something is waited for, not the client."""
        return not (self.complete or self._is_paused or (self._is_sending and self._writable is None))

    def send(self, method: str, head: bytes) -> None:
        """A request, or its first bytes."""
        self._reset(method)
        self.since = self._loop.time()
        self.transport.write(head)

    async def send_more(self, parts: AsyncIterator[bytes]) -> None:
        """The rest, as fast as the broker reads; one that answers before it has all gets no more."""
        self._is_sending = True
        async for part in parts:
            if self._has_begun or self._failure:
                return
            self.transport.write(part)
            if self._writable is not None:
                await self._writable
        self._is_sending, self.since = False, self._loop.time()

    async def answered(self) -> None:
        """Waits for status and headers."""
        while not self.status:
            await self._more()

    async def body(self) -> bytes:
        """All of the rest of it."""
        while not self.complete:
            await self._more()
        return b"".join(self._chunks)

    async def parts(self) -> AsyncIterator[bytes]:
        """The body as it comes."""
        while True:
            if self._chunks:
                part, self._chunks, self._ahead = b"".join(self._chunks), [], 0
                if self._is_paused:
                    self._is_paused, self.since = False, self._loop.time()
                    self.transport.resume_reading()
                yield part
            elif self.complete:
                return
            else:
                await self._more()

    def fail(self, failure: Failure) -> None:
        """Ends the connection, and what waits for an answer."""
        self._failure = self._failure or failure
        self._wake()
        self.transport.abort()

    async def _more(self) -> None:
        if self._failure:
            raise self._failure
        self._waiter = self._loop.create_future()
        await self._waiter

    def _wake(self) -> None:
        if self._waiter is not None and not self._waiter.done():
            self._waiter.set_result(None)

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = cast(asyncio.Transport, transport)

    def data_received(self, data: bytes) -> None:
        self.since = self._loop.time()
        if self.complete:  # nothing was asked
            self.reusable = False
            self.transport.abort()
            return
        self._has_begun = True
        try:
            self._parser.feed_data(data)
        except (HttpParserError, HttpParserUpgrade) as error:
            self.fail(NoHttp(str(error)))
        self._wake()

    def connection_lost(self, exc: Exception | None) -> None:
        self.reusable = False
        if self._until_closed and exc is None and self._failure is None:
            self.complete = True
        elif not self.complete:
            self._failure = self._failure or Lost("the connection was closed", untouched=not self._has_begun)
        self.resume_writing()
        self._wake()

    def pause_writing(self) -> None:
        self._writable, self.since = self._loop.create_future(), self._loop.time()

    def resume_writing(self) -> None:
        if self._writable is not None and not self._writable.done():
            self._writable.set_result(None)
        self._writable = None

    def on_message_begin(self) -> None:
        self.headers = []
        if self.complete:  # two answers to one request
            self.reusable = False

    def on_header(self, name: bytes, value: bytes) -> None:
        self._head_bytes += len(name) + len(value)
        if self._head_bytes > HEAD_BYTES:
            raise ValueError(f"the headers of the answer have more than {HEAD_BYTES} bytes")
        self.headers.append((name.lower(), value))

    def on_headers_complete(self) -> None:
        status = self._parser.get_status_code()
        if status < 200:  # 100 Continue and its like come before the answer
            return
        self.status = status
        if self._method == "HEAD":  # the parser waits for a body that does not come: the connection ends with this
            self.complete = True
        elif status not in (204, 304):
            self._read_framing()

    def _read_framing(self) -> None:
        self._until_closed = True
        for name, value in self.headers:
            if name == b"content-length":
                self.length, self._until_closed = int(value), False
            elif name == b"transfer-encoding":
                self._until_closed = False

    def on_body(self, body: bytes) -> None:
        self._chunks.append(body)
        self._ahead += len(body)
        if self._ahead > AHEAD and not self._is_paused:
            self._is_paused = True
            self.transport.pause_reading()

    def on_message_complete(self) -> None:
        if self.status and not self.complete:
            self.complete = True
            self.reusable = self._parser.should_keep_alive() and not self._is_sending
