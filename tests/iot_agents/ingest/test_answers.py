"""What brokers, and the proxies before them, answer to a batch: byte for byte, over real HTTP."""

import asyncio
import time
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from pathlib import Path

import orjson
import pytest

from ngsi_client.client import NgsiClient
from ngsi_client.http import HttpWire
from ngsi_client.wire import pause_in
from tests.iot_agents.ingest.conftest import OLD, Way
from tests.iot_agents.ingest.waits import until

pytestmark = pytest.mark.anyio

BINS = [f"urn:ngsi-ld:Bin:{number}" for number in range(4)]
TAKEN = b"HTTP/1.1 204 No Content\r\n\r\n"


def answer(status: str, body: bytes = b"", *headers: str) -> bytes:
    lines = [f"HTTP/1.1 {status}", f"Content-Length: {len(body)}", *headers]
    return "\r\n".join(lines).encode() + b"\r\n\r\n" + body


def problem(status: int) -> bytes:
    return answer(str(status), orjson.dumps({"type": "about:blank", "title": "no", "status": status}))


class Gate:
    """A broker whose next answers are `script`, then what `judge` says of a body; `taken` is what it took."""

    def __init__(self) -> None:
        self.script: list[bytes] = []
        self.judge: Callable[[bytes], bytes] = lambda _: TAKEN
        self.taken: list[list[str]] = []

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while head := await reader.readuntil(b"\r\n\r\n"):
                length = next(
                    (line for line in head.lower().split(b"\r\n") if line.startswith(b"content-length")), b"x:0"
                )
                body = await reader.readexactly(int(length.split(b":")[1]))
                scripted = self.script.pop(0) if self.script else None
                told = scripted or (answer("200 OK", b"[]") if head.startswith(b"GET") else self.judge(body))
                if told is TAKEN and body:
                    self.taken.append([entity["id"] for entity in orjson.loads(body)])
                writer.write(told)
                if scripted is not None:
                    break
        except (asyncio.IncompleteReadError, ConnectionError):
            pass
        finally:
            writer.close()


@pytest.fixture
async def gated(tmp_path: Path) -> AsyncIterator[tuple[Way, Gate]]:
    gate = Gate()
    server = await asyncio.start_server(gate.serve, "127.0.0.1", 0)
    wire = HttpWire(f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}", timeout=5)
    await wire.start()
    async with AsyncExitStack() as exits:
        way = Way(tmp_path, exits)
        await way.open(client=NgsiClient(wire))
        yield way, gate
        gate.script, gate.judge = [], lambda _: TAKEN
        await way.commits.stop(0.5)
    await wire.stop()
    server.close()


@pytest.mark.parametrize(
    "no_word_of_the_broker",
    [
        answer("200 OK", b"<html>Please log in</html>", "Content-Type: text/html"),
        answer("302 Found", b"", "Location: https://login.example/"),
        answer("400 Bad Request", b"<html>The plain HTTP request was sent to HTTPS port</html>"),
        answer("404 Not Found", b"default backend - 404"),
        problem(404),
        problem(401),
        problem(429),
        problem(503),
        answer("207 Multi-Status", b"{"),
        b"HTTP/1.1 207 Multi-Status\r\nContent-Length: 900\r\n\r\n{",
        b"HTTP/1.1 20",
        b"",
        b"SSH-2.0-OpenSSH_9.2\r\n",
    ],
)
async def test_what_says_nothing_of_the_readings_makes_them_wait(
    gated: tuple[Way, Gate], no_word_of_the_broker: bytes
) -> None:
    way, gate = gated
    gate.script = [no_word_of_the_broker] * 3
    for observed, name in enumerate(BINS):
        way.put(observed, name)
    await until(lambda: sorted(id_ for batch in gate.taken for id_ in batch) == BINS)
    await until(lambda: len(way.settled) == 4)
    assert list(way.rejections) == []


async def test_a_broker_is_left_alone_for_as_long_as_it_asks(gated: tuple[Way, Gate]) -> None:
    way, gate = gated
    gate.script, began = [answer("503 Busy", b"", "Retry-After: 1")], time.monotonic()
    way.put(1)
    await until(lambda: gate.taken != [])
    assert time.monotonic() - began >= 1
    assert way.commits.counters()["spooled"] == 1


@pytest.mark.parametrize(
    ("header", "least", "most"),
    [
        ("7", 7, 7),
        ("in 200 s", 100, 200),
        ("99999999", 300, 300),
        ("-3", 0, 0),
        ("nan", 0, 0),
        ("soon", 0, 0),
        (None, 0, 0),
    ],
)
async def test_retry_after_is_read_as_seconds_or_as_a_date(header: str | None, least: float, most: float) -> None:
    if header == "in 200 s":
        header = format_datetime(datetime.now(UTC) + timedelta(seconds=200), usegmt=True)
    assert least <= pause_in(header) <= most


async def test_errors_that_name_no_entity_of_the_batch_are_cleared_up_one_by_one(gated: tuple[Way, Gate]) -> None:
    way, gate = gated
    error = {"entityId": "urn:ngsi-ld:Other:1", "error": {"type": "x", "title": "refused", "status": 400}}
    gate.script = [answer("207 Multi-Status", orjson.dumps({"success": [], "errors": [error]}))]
    for observed, name in enumerate(BINS):
        way.put(observed, name)
    await until(lambda: len(way.settled) == 4)
    assert gate.taken == [BINS[:2], BINS[2:]]
    assert list(way.rejections) == []


@pytest.mark.parametrize("page", [b"<html>Log in</html>", b"", b'{"title": "elsewhere"}'])
async def test_a_page_in_place_of_what_the_broker_has_makes_old_readings_wait(
    gated: tuple[Way, Gate], page: bytes
) -> None:
    way, gate = gated
    gate.script = [answer("200 OK", page)]
    way.put(OLD)
    await until(lambda: way.settled == [OLD])
    assert gate.taken == [BINS[1:2]]
    assert list(way.rejections) == []


async def test_a_broker_that_fails_at_everything_gets_it_when_it_works_again(gated: tuple[Way, Gate]) -> None:
    way, gate = gated
    gate.judge = lambda _: problem(500)
    for observed, name in enumerate(BINS):
        way.put(observed, name)
    await until(lambda: len(way.settled) == 4)
    assert way.commits.spool_figures()["depth"] == 4
    gate.judge = lambda _: TAKEN
    await until(lambda: way.commits.spool_figures()["depth"] == 0)
    assert list(way.rejections) == []


async def test_a_reading_at_which_the_broker_fails_is_told_from_the_others(gated: tuple[Way, Gate]) -> None:
    way, gate = gated
    gate.judge = lambda body: problem(500) if BINS[2].encode() in body else TAKEN
    for observed, name in enumerate(BINS):
        way.put(observed, name)
    await until(lambda: len(way.settled) == 4)
    assert [rejected.kind for rejected in way.rejections] == ["refused_by_broker"]
    assert {id_ for batch in gate.taken for id_ in batch if "Bin" in id_} == {BINS[0], BINS[1], BINS[3]}
