"""The HTTP client of the reverse proxy, before servers that answer in every way there is."""

import asyncio
import ssl
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from random import Random

import pytest

from datenbroker.gateway.upstream.connection import Connection, Failure, Late, Lost, NoHttp
from datenbroker.gateway.upstream.pool import LARGEST, Pool, Unreachable
from tests.iot_agents.certificates import Authority

pytestmark = pytest.mark.anyio
Serve = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]
OK = b"HTTP/1.1 200 OK\r\n"
WHOLE = OK + b"Content-Length: 5\r\n\r\nhello"


@asynccontextmanager
async def pool_before(serve: Serve, timeout: float = 5, tls: ssl.SSLContext | None = None) -> AsyncIterator[Pool]:
    async def served(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            await serve(reader, writer)
        except (ConnectionError, asyncio.IncompleteReadError):
            pass
        finally:
            writer.close()

    server = await asyncio.start_server(served, "127.0.0.1", 0, ssl=tls)
    pool = Pool(f"{'https' if tls else 'http'}://127.0.0.1:{server.sockets[0].getsockname()[1]}", timeout)
    pool.start()
    async with server:
        yield pool
        pool.stop()


class Scripted:
    """Answers each request with the next of `answers`, in pieces; remembers heads and on which connection they came."""

    def __init__(self, *answers: bytes, closes: bool = False) -> None:
        self.answers, self.closes = list(answers), closes
        self.heads: list[bytes] = []
        self.connections = 0

    async def __call__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections += 1
        chance = Random(len(self.heads))
        while self.answers:
            self.heads.append(await reader.readuntil(b"\r\n\r\n"))
            rest = self.answers.pop(0)
            while rest:
                size = chance.randint(1, 20)
                writer.write(rest[:size])
                await writer.drain()
                await asyncio.sleep(0)
                rest = rest[size:]
            if self.closes:
                return


async def got(pool: Pool, method: str = "GET") -> tuple[int, bytes]:
    answer = await pool.ask(method, b"/x", [(b"accept", b"*/*")], None)
    try:
        return answer.status, await answer.body()
    finally:
        pool.release(answer)


@pytest.mark.parametrize(
    "answer",
    [
        WHOLE,
        OK + b"Transfer-Encoding: chunked\r\n\r\n2\r\nhe\r\n3;x=y\r\nllo\r\n0\r\nTrailer: x\r\n\r\n",
        b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nLink: <x>\r\n\r\n" + WHOLE,
    ],
)
async def test_an_answer_is_read_however_it_is_cut_and_its_connection_kept(answer: bytes) -> None:
    server = Scripted(*[answer] * 5)
    async with pool_before(server) as pool:
        assert [await got(pool) for _ in range(5)] == [(200, b"hello")] * 5
    assert server.connections == 1
    assert server.heads[0].startswith(b"GET /x HTTP/1.1\r\nhost: 127.0.0.1:")
    assert server.heads[0].endswith(b"\r\naccept: */*\r\n\r\n")


@pytest.mark.parametrize("answer", [OK + b"\r\nhello", OK + b"Connection: close\r\nContent-Length: 5\r\n\r\nhello"])
async def test_a_connection_that_ends_with_its_answer_is_not_used_again(answer: bytes) -> None:
    server = Scripted(answer, answer, closes=True)
    async with pool_before(server) as pool:
        assert [await got(pool), await got(pool)] == [(200, b"hello")] * 2
    assert server.connections == 2


async def test_answers_without_a_body() -> None:
    server = Scripted(OK + b"Content-Length: 5\r\n\r\n", b"HTTP/1.1 204 No Content\r\n\r\n", WHOLE)
    async with pool_before(server) as pool:
        assert await got(pool, "HEAD") == (200, b"")
        assert [await got(pool), await got(pool)] == [(204, b""), (200, b"hello")]
    assert server.connections == 2  # of a HEAD the parser does not know that it is over


@pytest.mark.parametrize(
    ("answer", "failure"),
    [
        (b"", Lost),
        (OK[:9], Lost),
        (OK + b"Content-Length: 6\r\n\r\nhello", Lost),
        (OK + b"Transfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n", Lost),
        (OK + b"Transfer-Encoding: chunked\r\n\r\nfive\r\nhello", NoHttp),
        (OK + b"Content-Length: 5\r\nContent-Length: 6\r\n\r\nhello", NoHttp),
        (b"this is not HTTP\r\n\r\n", NoHttp),
        (b"HTTP/1.1 101 Switching Protocols\r\nConnection: upgrade\r\nUpgrade: x\r\n\r\n", NoHttp),
        (OK + b"x: " + b"y" * 200_000 + b"\r\n\r\n", NoHttp),
    ],
)
async def test_half_an_answer_or_none_is_a_failure(answer: bytes, failure: type[Failure]) -> None:
    async with pool_before(Scripted(answer, closes=True)) as pool:
        with pytest.raises(failure):
            await got(pool)


async def test_a_second_answer_to_one_request_is_nobodys() -> None:
    server = Scripted(WHOLE + OK + b"Content-Length: 4\r\n\r\nevil", WHOLE)
    async with pool_before(server) as pool:
        assert await got(pool) == (200, b"hello")
        await asyncio.sleep(0.05)
        assert await got(pool) == (200, b"hello")
    assert server.connections == 2


async def test_a_connection_that_the_broker_closed_meanwhile_is_forgotten() -> None:
    server = Scripted(WHOLE, WHOLE, closes=True)
    async with pool_before(server) as pool:
        assert await got(pool) == (200, b"hello")
        await asyncio.sleep(0.05)
        assert await got(pool) == (200, b"hello")


async def test_silence_is_late_at_the_head_and_within_the_body() -> None:
    async def silent(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if b"/x" in await reader.readuntil(b"\r\n\r\n"):
            writer.write(OK + b"Content-Length: 5\r\n\r\nhe")
        await asyncio.sleep(5)

    async with pool_before(silent, timeout=0.2) as pool:
        with pytest.raises(Late):
            await got(pool)
        with pytest.raises(Late):
            await pool.ask("GET", b"/y", [], None)


async def test_a_slow_client_holds_the_broker_back_and_is_not_taken_for_a_slow_broker() -> None:
    sent = 0

    async def generous(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        nonlocal sent
        await reader.readuntil(b"\r\n\r\n")
        writer.write(OK + b"Content-Length: 50000000\r\n\r\n")
        for _ in range(1000):
            writer.write(b"x" * 50_000)
            await writer.drain()
            sent += 50_000

    async with pool_before(generous, timeout=0.2) as pool:
        answer = await pool.ask("GET", b"/x", [], None)
        await asyncio.sleep(0.5)
        assert sent < 20_000_000
        assert sum([len(part) async for part in answer.parts()]) == 50_000_000
        pool.release(answer)


async def parts(*known: bytes) -> AsyncIterator[bytes]:
    for part in known:
        yield part


@pytest.mark.parametrize(
    ("headers", "body"),
    [([(b"content-length", b"5")], b"hello"), ([], b"2\r\nhe\r\n3\r\nllo\r\n0\r\n\r\n")],
)
async def test_a_streamed_body_has_its_length_or_chunks(headers: list[tuple[bytes, bytes]], body: bytes) -> None:
    received: list[bytes] = []

    async def reading(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        received.append(await reader.readuntil(b"\r\n\r\n"))
        received.append(await reader.readexactly(len(body)))
        writer.write(WHOLE)
        await writer.drain()

    async with pool_before(reading) as pool:
        answer = await pool.ask("POST", b"/x", headers, parts(b"he", b"", b"llo"))
        assert (await answer.body(), received[1]) == (b"hello", body)
        pool.release(answer)
    assert (b"chunked" in received[0]) is not bool(headers)


async def test_a_broker_that_refuses_a_body_before_it_has_it_gets_no_more() -> None:
    async def refusing(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(b"HTTP/1.1 413 Content Too Large\r\nContent-Length: 0\r\n\r\n")
        await asyncio.sleep(1)

    async def endless() -> AsyncIterator[bytes]:
        while True:
            yield b"x" * 1000
            await asyncio.sleep(0.001)

    async with pool_before(refusing) as pool:
        answer = await pool.ask("POST", b"/x", [], endless())
        assert (answer.status, answer.reusable) == (413, False)
        pool.release(answer)


async def test_more_requests_than_connections_wait_for_one_another() -> None:
    open_, most = 0, 0

    async def counting(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        nonlocal open_, most
        open_ += 1
        most = max(most, open_)
        while await reader.readuntil(b"\r\n\r\n"):
            await asyncio.sleep(0.05)
            writer.write(WHOLE)

    async with pool_before(counting) as pool:
        answers = await asyncio.gather(*(got(pool) for _ in range(LARGEST + 50)))
    assert (set(answers), most <= LARGEST) == ({(200, b"hello")}, True)


async def test_who_waits_too_long_for_a_connection_is_told_and_takes_none(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("datenbroker.gateway.upstream.pool.LARGEST", 2)
    monkeypatch.setattr("datenbroker.gateway.upstream.pool.CONNECT_SECONDS", 0.1)
    async with pool_before(Scripted(WHOLE, WHOLE, WHOLE, WHOLE)) as pool:
        held = [await pool.ask("GET", b"/x", [], None) for _ in range(2)]
        with pytest.raises(Unreachable, match="2 requests are under way"):
            await got(pool)
        for answer in held:
            await answer.body()
            pool.release(answer)
        assert list(await asyncio.gather(got(pool), got(pool))) == [(200, b"hello")] * 2


async def test_credentials_of_the_address_are_sent() -> None:
    server = Scripted(WHOLE)
    async with pool_before(server) as pool:
        named = Pool(f"http://me:p%40ss@127.0.0.1:{pool._address[1]}/base/", 1)
        assert await got(named) == (200, b"hello")
        named.stop()
    first, host, authorization, *_ = server.heads[0].split(b"\r\n")
    assert (first, authorization) == (b"GET /base/x HTTP/1.1", b"authorization: Basic bWU6cEBzcw==")
    assert b"@" not in host


async def test_a_line_break_in_a_header_is_never_sent() -> None:
    server = Scripted(WHOLE)
    async with pool_before(server) as pool:
        with pytest.raises(ValueError, match="line break"):
            await pool.ask("GET", b"/x", [(b"a", b"b\r\nDELETE /y HTTP/1.1")], None)
    assert server.heads == []


async def test_a_broker_with_a_certificate_of_nobody_is_not_reached(tmp_path: Path) -> None:
    tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    tls.load_cert_chain(*Authority(tmp_path).of_server())
    async with pool_before(Scripted(WHOLE), tls=tls) as pool:
        with pytest.raises(Unreachable, match="CERTIFICATE_VERIFY_FAILED"):
            await got(pool)


async def test_what_is_not_waited_for_any_more_is_closed() -> None:
    async def silent(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read()

    async with pool_before(silent) as pool:
        asked = asyncio.create_task(pool.ask("GET", b"/x", [], None))
        await asyncio.sleep(0.05)
        asked.cancel()
        with pytest.raises(asyncio.CancelledError):
            await asked
        waiting: list[Connection] = list(pool._busy)
        assert waiting == []
