"""What a source's server may send, by mistake or on purpose: the run fails in time with a reason."""

import gzip
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from itertools import repeat

import httpx
import pytest

from ngsi_adapters.fetching.declaration import Fetching
from ngsi_adapters.fetching.failures import FetchFailed
from ngsi_adapters.fetching.fetch import Asked, fetch
from ngsi_adapters.fetching.guard import Guard
from ngsi_adapters.registry import source_of
from ngsi_adapters.source import Source
from tests.ngsi_adapters.conftest import SAMPLES, Bench
from tests.ngsi_adapters.servers import Page, SourceServer, raw_server

pytestmark = pytest.mark.anyio
SITES = (SAMPLES / "parkapi" / "parking_sites.json").read_bytes()
OK = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n"
CHUNKED = OK + b"Transfer-Encoding: chunked\r\n\r\n"
MEGABYTE = 2**20


def parkapi(url: str) -> Source:
    quick = Fetching(longest=timedelta(seconds=0.5))
    return replace(source_of("parkapi"), url=url, max_bytes=MEGABYTE, fetching=quick)


def byte_by_byte() -> Iterator[bytes]:
    yield OK + b"Content-Length: 100000\r\n\r\n"
    for _ in range(100_000):
        time.sleep(0.05)
        yield b" "


def without_end() -> Iterator[bytes]:
    return iter([CHUNKED, *repeat(b"10000\r\n" + b" " * 65536 + b"\r\n", 100_000)])


def headers_without_end() -> Iterator[bytes]:
    return iter([OK, *repeat(b"X-More: " + b"x" * 1000 + b"\r\n", 100_000)])


def dripping_headers() -> Iterator[bytes]:
    for _ in range(1000):
        time.sleep(0.05)
        yield b"H"


WRONG: dict[str, tuple[Callable[[], Iterator[bytes]], str]] = {
    "a byte now and then": (byte_by_byte, "took longer than 0.5 s"),
    "a body without end": (without_end, "larger than the 1048576 bytes agreed"),
    "headers without end": (headers_without_end, "does not answer"),
    "headers that drip": (dripping_headers, "took longer than 0.5 s"),
    "cut off": (lambda: iter([OK + b"Content-Length: 5000\r\n\r\n", SITES[:100]]), "does not answer"),
    "no HTTP": (lambda: iter([b"220 ftp.example ESMTP\r\n"]), "does not answer"),
    "nothing": (lambda: iter([]), "does not answer"),
    "negative": (lambda: iter([OK + b"Content-Length: -1\r\n\r\n", SITES]), "does not answer"),
    "gzip that is none": (lambda: iter([OK + b"Content-Encoding: gzip\r\n\r\n", b"{}" * 99]), "not JSON"),
    "broken gzip": (lambda: iter([OK + b"Content-Encoding: gzip\r\n\r\n", gzip.compress(SITES)[:99]]), "cut off"),
}


@pytest.mark.parametrize("name", WRONG)
async def test_a_server_that_does_not_behave_fails_the_run_in_time(name: str, bench: Bench) -> None:
    answer, reason = WRONG[name]
    with raw_server(answer) as url:
        begun = time.monotonic()
        state = await bench.runner([source := parkapi(url)]).run_once(source)
    assert reason in str(state.last_error)
    assert (state.failures, time.monotonic() - begun < 10) == (1, True)


async def test_a_bomb_is_unpacked_no_further_than_agreed(bench: Bench, server: SourceServer) -> None:
    bomb = gzip.compress(bytes(20 * MEGABYTE))
    for headers in ({}, {"Content-Encoding": "gzip"}):
        for content in (bomb, gzip.compress(bomb)):
            server.pages["/bomb"] = Page(content, headers=headers)
            state = await bench.runner([source := parkapi(server.url("/bomb"))]).run_once(source)
            assert "larger than the 1048576 bytes agreed" in str(state.last_error)


async def test_unchanged_is_no_answer_to_who_has_not_asked(bench: Bench, server: SourceServer) -> None:
    server.pages["/it"] = Page(status=304)
    state = await bench.runner([source := parkapi(server.url("/it"))]).run_once(source)
    assert "answered 304 Not Modified, and was not asked" in str(state.last_error)
    assert state.last_success is None


async def test_the_same_bytes_under_another_etag_write_nothing(bench: Bench, server: SourceServer) -> None:
    runner = bench.runner([source := parkapi(server.url("/it"))])
    for tag in range(3):
        server.pages["/it"] = Page(SITES, headers={"ETag": f'"{tag}"', "Last-Modified": "no date"})
        state = await runner.run_once(source)
        assert (state.last_error, state.records, state.written) == (None, 2, 2 if tag == 0 else 0)
    assert [sent for _, sent in server.asked] == [None, '"0"', '"1"']


@pytest.mark.parametrize("charset", ["utf-16", "ebcdic-cp-de", "no-such-charset", '"'])
async def test_a_wrong_charset_in_the_header_is_not_believed(charset: str, bench: Bench, server: SourceServer) -> None:
    server.pages["/it"] = Page(SITES, headers={"Content-Type": f"application/json; charset={charset}"})
    assert (await bench.runner([source := parkapi(server.url("/it"))]).run_once(source)).records == 2


async def test_a_server_whose_clock_is_wrong_says_how_long_to_wait_by_it() -> None:
    now = datetime.now(UTC) - timedelta(days=400)
    told = {"Date": now, "Retry-After": now + timedelta(seconds=90)}
    with raw_server(lambda: iter([busy(told)])) as url:
        async with httpx.AsyncClient() as http:
            with pytest.raises(FetchFailed, match="answered 429") as caught:
                await fetch(http, Asked(url, 1000, guard=Guard(frozenset({"127.0.0.1"}))))
    assert caught.value.after == 90


def busy(dates: dict[str, datetime]) -> bytes:
    lines = "".join(f"{name}: {format_datetime(date, usegmt=True)}\r\n" for name, date in dates.items())
    return f"HTTP/1.1 429 Too Many Requests\r\n{lines}Content-Length: 0\r\n\r\n".encode()


async def test_a_name_that_nobody_knows_and_a_server_without_tls_are_told(bench: Bench, server: SourceServer) -> None:
    for url in ("http://source.invalid/it", server.url("/it").replace("http", "https")):
        state = await bench.runner([source := parkapi(url)]).run_once(source)
        assert url in str(state.last_error)
        assert "does not answer" in str(state.last_error)
