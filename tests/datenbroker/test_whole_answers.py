"""An answer's head and body leave in one write, and a head that has to wait for its body goes ahead."""

import asyncio
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest
from starlette.types import Receive, Scope, Send

from datenbroker.process.serving import HttpServer, listen

pytestmark = pytest.mark.anyio
ASK = b"GET %b HTTP/1.1\r\nHost: x\r\n\r\n"


class Slow:
    """Answers at once, but under /slow sends the body when it is told to, and under /broken never."""

    def __init__(self) -> None:
        self.go_on = asyncio.Event()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        await send({"type": "http.response.start", "status": 200, "headers": [(b"content-length", b"4")]})
        if scope["path"] == "/broken":
            raise ConnectionError("in the middle")
        if scope["path"] == "/slow":
            await self.go_on.wait()
        await send({"type": "http.response.body", "body": b"body"})


@asynccontextmanager
async def connected(app: Slow) -> AsyncIterator[socket.socket]:
    server = HttpServer(app, listen("127.0.0.1", 0, "port"), stop_timeout=1)
    await server.start()
    with socket.create_connection(("127.0.0.1", int(server.url.rpartition(":")[2]))) as client:
        client.setblocking(False)
        yield client
    await server.stop()


async def received(client: socket.socket) -> bytes:
    return await asyncio.wait_for(asyncio.get_running_loop().sock_recv(client, 65_536), 5)


async def test_head_and_body_arrive_together_also_of_requests_sent_together() -> None:
    async with connected(Slow()) as client:
        for _ in range(20):
            client.sendall(ASK % b"/")
            head, _, body = (await received(client)).partition(b"\r\n\r\n")
            assert head.startswith(b"HTTP/1.1 200 OK\r\n") and body == b"body"
        client.sendall(ASK % b"/" + ASK % b"/slow" + ASK % b"/")
        answers = await received(client)
        assert answers.startswith(b"HTTP/1.1 200") and b"\r\n\r\nbody" in answers


async def test_a_head_does_not_wait_for_a_body_that_takes_time() -> None:
    async with connected(app := Slow()) as client:
        client.sendall(ASK % b"/slow")
        assert (await received(client)).endswith(b"\r\n\r\n")
        app.go_on.set()
        assert await received(client) == b"body"


async def test_what_breaks_off_shows_its_head_and_is_closed() -> None:
    async with connected(Slow()) as client:
        client.sendall(ASK % b"/broken")
        assert (await received(client)).startswith(b"HTTP/1.1 200 OK\r\n")
        assert await received(client) == b""
