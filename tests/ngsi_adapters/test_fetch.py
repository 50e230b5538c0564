"""What a source's server may do to us, and how long we let it."""

import gzip
from pathlib import Path

import httpx
import pytest

from ngsi_adapters.fetching.failures import FetchFailed
from ngsi_adapters.fetching.fetch import Asked, Fetched, Validators, fetch
from ngsi_adapters.fetching.guard import Guard
from tests.ngsi_adapters.servers import Page, SourceServer

pytestmark = pytest.mark.anyio
HERE = Guard(frozenset({"127.0.0.1"}))


async def get(url: str, max_bytes: int = 1000, validators: Validators | None = None) -> Fetched | None:
    async with httpx.AsyncClient() as http:
        return await fetch(http, Asked(url, max_bytes, guard=HERE), validators)


async def failure(url: str, max_bytes: int = 1000) -> str:
    with pytest.raises(FetchFailed) as caught:
        await get(url, max_bytes)
    return str(caught.value)


async def test_a_redirect_is_followed_and_gzip_unpacked(server: SourceServer) -> None:
    server.pages["/old"] = Page(status=302, headers={"Location": "/new"})
    server.pages["/new"] = Page(gzip.compress(b"hello"), headers={"Content-Encoding": "gzip"})
    fetched = await get(server.url("/old"))
    assert fetched is not None
    assert fetched.payload == b"hello"


@pytest.mark.parametrize("headers", [{}, {"Content-Length": "1001"}])
async def test_a_payload_that_is_too_large_is_given_up(headers: dict[str, str], server: SourceServer) -> None:
    server.pages["/big"] = Page(b"x" * 1001, headers=headers)
    assert "1000" in await failure(server.url("/big"))


async def test_a_bomb_is_given_up_when_it_grows_beyond_the_limit(server: SourceServer) -> None:
    server.pages["/bomb"] = Page(gzip.compress(bytes(10**7)), headers={"Content-Encoding": "gzip"})
    assert "larger than the 1000 bytes" in await failure(server.url("/bomb"))


async def test_a_server_that_drips_is_given_up(server: SourceServer) -> None:
    server.pages["/slow"] = Page(b"x" * 65536 * 20, drip=0.05)
    async with httpx.AsyncClient() as http:
        with pytest.raises(FetchFailed, match=r"took longer than 0\.2 s"):
            await fetch(http, Asked(server.url("/slow"), 10**8, guard=HERE), longest=0.2)


async def test_validators_of_another_url_are_not_sent(server: SourceServer) -> None:
    server.pages["/a"] = Page(b"a", headers={"ETag": '"1"'})
    known = Validators(server.url("/b"), '"1"')
    assert await get(server.url("/a"), validators=known) is not None
    assert await get(server.url("/a"), validators=Validators(server.url("/a"), '"1"')) is None


@pytest.mark.parametrize("status", [204, 301, 401, 404, 429, 500, 503])
async def test_any_other_answer_is_a_failure(status: int, server: SourceServer) -> None:
    server.pages["/it"] = Page(status=status)
    assert str(status) in await failure(server.url("/it"))


async def test_a_message_shows_no_password_and_no_query(server: SourceServer) -> None:
    secret = server.url("/it?key=geheim").replace("http://", "http://user:passwort@")
    message = await failure(secret)
    assert "geheim" not in message
    assert "passwort" not in message


@pytest.mark.parametrize("url", ["http://[", "http://127.0.0.1:1/", "https://127.0.0.1:1/x", "http://:99999999/"])
async def test_a_url_that_leads_nowhere_is_a_failure(url: str) -> None:
    assert await failure(url)


async def test_a_missing_or_large_file_is_a_failure(tmp_path: Path) -> None:
    assert "cannot be read" in await failure(str(tmp_path / "missing.json"))
    assert "cannot be read" in await failure(str(tmp_path))
    (tmp_path / "large").write_bytes(b"x" * 1001)
    assert "larger than" in await failure(str(tmp_path / "large"))
