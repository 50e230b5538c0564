"""The reverse proxy before a broker of another process, which here is a server on a socket of its own."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from datenbroker.gateway.proxy import BrokerProxy
from datenbroker.identities.roles import Role
from datenbroker.process.serving import HttpServer, listen
from tests.datenbroker.city_gateway import BODY_LIMIT, CityGateway, city_gateway
from tests.datenbroker.recorder import Recorder

pytestmark = pytest.mark.anyio

ENTITIES = "/ngsi-ld/v1/entities"
UPSERT = "/ngsi-ld/v1/entityOperations/upsert"


@asynccontextmanager
async def before(url: str, folder: Path) -> AsyncIterator[CityGateway]:
    proxy = BrokerProxy(url, timeout=0.3)
    await proxy.start()
    async with city_gateway(proxy, folder) as city:
        yield city
    await proxy.stop()


@pytest.fixture
async def proxied(broker: Recorder, tmp_path: Path) -> AsyncIterator[CityGateway]:
    server = HttpServer(broker, listen("127.0.0.1", 0, "port"), stop_timeout=1)
    await server.start()
    async with before(server.url, tmp_path) as city:
        yield city
    await server.stop()


async def test_a_request_and_its_answer_pass_unchanged(proxied: CityGateway, broker: Recorder) -> None:
    broker.status, broker.answer, broker.headers = 207, b'{"errors":[]}', [(b"ngsild-results-count", b"3")]
    headers = await proxied.key(Role.DATA_PROVIDER) | {
        "Link": "<urn:c>",
        "Connection": "keep-alive, X-Hop",
        "X-Hop": "1",
    }
    answer = await proxied.http.post(f"{UPSERT}?options=a%2Fb&x=%C3%BC", headers=headers, content=b'[{"id": 1}]')
    assert (answer.status_code, answer.content) == (207, broker.answer)
    assert answer.headers["ngsild-results-count"] == "3"
    assert broker.requests[-1]["query_string"] == b"options=a%2Fb&x=%C3%BC"
    assert broker.bodies == [b'[{"id": 1}]']
    assert (broker.header(b"link"), broker.header(b"ngsild-tenant")) == ([b"<urn:c>"], [b"entsorgung"])
    assert broker.header(b"x-hop") == broker.header(b"authorization") == []


async def test_an_id_with_escaped_slashes_stays_escaped(proxied: CityGateway, broker: Recorder) -> None:
    await proxied.http.get(f"{ENTITIES}/urn:x:a%2Fb%23", headers=await proxied.key(Role.DATA_CONSUMER))
    assert broker.requests[-1]["raw_path"].endswith(b"/urn:x:a%2Fb%23")


@pytest.mark.parametrize("announced", [True, False])
async def test_a_large_body_is_streamed(proxied: CityGateway, broker: Recorder, announced: bool) -> None:
    body = b"x" * BODY_LIMIT

    async def unannounced() -> AsyncIterator[bytes]:
        yield body

    content = body if announced else unannounced()
    await proxied.http.post(UPSERT, headers=await proxied.key(Role.DATA_PROVIDER), content=content)
    assert broker.bodies == [body]


async def test_a_body_that_grows_too_large_is_413(proxied: CityGateway) -> None:
    async def unannounced() -> AsyncIterator[bytes]:
        for _ in range(5):
            yield b"x" * (BODY_LIMIT // 4)

    headers = await proxied.key(Role.DATA_PROVIDER)
    assert (await proxied.http.post(UPSERT, headers=headers, content=unannounced())).status_code == 413


async def test_a_broker_that_does_not_answer_in_time_is_504(proxied: CityGateway, broker: Recorder) -> None:
    broker.delay = 2
    answer = await proxied.http.get(ENTITIES, headers=await proxied.key(Role.DATA_CONSUMER))
    assert answer.status_code == 504
    assert answer.headers["retry-after"]
    assert answer.headers["content-type"] == "application/json"


async def test_a_broker_that_is_not_there_is_503(tmp_path: Path) -> None:
    closed = listen("127.0.0.1", 0, "port")
    port = closed.getsockname()[1]
    closed.close()
    async with before(f"http://127.0.0.1:{port}", tmp_path) as city:
        answer = await city.http.get(ENTITIES, headers=await city.key(Role.DATA_CONSUMER))
    assert (answer.status_code, answer.headers["retry-after"]) == (503, "5")
    assert answer.json()["detail"].startswith("The context broker cannot be reached")


async def test_an_answer_that_is_none_is_502(tmp_path: Path) -> None:
    async def hang_up(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readline()
        writer.write(b"this is not HTTP\r\n\r\n")
        writer.close()
        await writer.wait_closed()

    server = await asyncio.start_server(hang_up, "127.0.0.1", 0)
    async with server, before(f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}", tmp_path) as city:
        answer = await city.http.get(ENTITIES, headers=await city.key(Role.DATA_CONSUMER))
    assert answer.status_code == 502


async def test_reading_is_asked_for_again_where_the_connection_breaks_and_writing_is_not(tmp_path: Path) -> None:
    seen: list[bytes] = []

    async def break_off_once(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        seen.append((await reader.readuntil(b"\r\n\r\n")).split()[0])
        if len(seen) % 2 == 0:
            writer.write(b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\nconnection: close\r\n\r\n[]")
        writer.close()
        await writer.wait_closed()

    server = await asyncio.start_server(break_off_once, "127.0.0.1", 0)
    async with server, before(f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}", tmp_path) as city:
        read = await city.http.get(ENTITIES, headers=await city.key(Role.DATA_CONSUMER))
        assert (read.status_code, seen) == (200, [b"GET", b"GET"])
        written = await city.http.post(UPSERT, json=[], headers=await city.key(Role.DATA_PROVIDER))
        assert (written.status_code, seen) == (502, [b"GET", b"GET", b"POST"])


async def test_back_pressure_of_the_broker_is_passed_on(proxied: CityGateway, broker: Recorder) -> None:
    broker.status, headers = 503, await proxied.key(Role.DATA_CONSUMER)
    assert (await proxied.http.get(ENTITIES, headers=headers)).headers["retry-after"] == "5"
    broker.headers = [(b"retry-after", b"17")]
    answer = await proxied.http.get(ENTITIES, headers=headers)
    assert (answer.status_code, answer.headers.get_list("retry-after")) == (503, ["17"])


async def test_history_may_be_asked_for_elsewhere(tmp_path: Path) -> None:
    entities, history = Recorder(), Recorder()
    servers = [HttpServer(one, listen("127.0.0.1", 0, "port"), stop_timeout=1) for one in (entities, history)]
    for server in servers:
        await server.start()
    proxy = BrokerProxy(servers[0].url, 1, servers[1].url)
    await proxy.start()
    async with city_gateway(proxy, tmp_path) as city:
        headers = await city.key(Role.DATA_CONSUMER)
        await city.http.get(ENTITIES, headers=headers)
        await city.http.get("/ngsi-ld/v1/temporal/entities?type=A", headers=headers)
    await proxy.stop()
    for server in servers:
        await server.stop()
    assert (len(entities.requests), history.requests[0]["path"]) == (1, "/ngsi-ld/v1/temporal/entities")
