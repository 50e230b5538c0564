"""A tiny broker for the gateway's tests: remembers each request and answers what it is told to."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass, field

from starlette.types import Receive, Scope, Send


@dataclass
class Recorder:
    """ASGI: answers 200 `[]` to everything but batches, which it takes, and keeps what was asked."""

    requests: list[Scope] = field(default_factory=list)
    bodies: list[bytes] = field(default_factory=list)
    status: int = 200
    answer: bytes = b"[]"
    headers: list[tuple[bytes, bytes]] = field(default_factory=list)
    delay: float = 0.0
    failure: Exception | None = None
    swallows: bool = False
    """Whether it answers as if nothing were wrong when a body cannot be read."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        self.requests.append(scope)
        self.bodies.append(await self._body(receive))
        await asyncio.sleep(self.delay)
        if self.failure:
            raise self.failure
        headers = [(b"content-type", b"application/json"), *self.headers]
        await send({"type": "http.response.start", "status": self.status, "headers": headers})
        is_batch = self.answer == b"[]" and scope.get("path", "").endswith("/entityOperations/upsert")
        await send({"type": "http.response.body", "body": b'{"errors": []}' if is_batch else self.answer})

    async def _body(self, receive: Receive) -> bytes:
        try:
            return b"".join([chunk async for chunk in _chunks(receive)])
        except Exception:
            if self.swallows:
                return b""
            raise

    def header(self, name: bytes) -> list[bytes]:
        """The values of a header in the last request."""
        return [value for known, value in self.requests[-1]["headers"] if known == name]


async def _chunks(receive: Receive) -> AsyncIterator[bytes]:
    while True:
        message = await receive()
        yield message.get("body", b"")
        if not message.get("more_body"):
            return
