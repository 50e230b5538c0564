"""Where answers lead: redirects, certificates, waiting."""

import ssl
from pathlib import Path

import httpx
import pytest

from ngsi_adapters.fetching.access import Access
from ngsi_adapters.fetching.failures import FetchFailed
from ngsi_adapters.fetching.fetch import Asked, fetch
from ngsi_adapters.fetching.guard import Guard, is_public
from tests.iot_agents.certificates import Authority
from tests.ngsi_adapters.servers import Page, SourceServer, source_server

pytestmark = pytest.mark.anyio
HERE = Guard(frozenset({"127.0.0.1"}))


async def failure(asked: Asked, verify: ssl.SSLContext | bool = True) -> FetchFailed:
    async with httpx.AsyncClient(verify=verify) as http:
        with pytest.raises(FetchFailed) as caught:
            await fetch(http, asked)
    return caught.value


@pytest.mark.parametrize(
    ("address", "public"),
    [
        ("8.8.8.8", True), ("10.0.0.1", False), ("127.0.0.1", False), ("169.254.169.254", False), ("::1", False),
        ("::ffff:10.0.0.1", False), ("fe80::1%eth0", False), ("2001:4860:4860::8888", True), ("224.0.0.1", False),
    ],
)  # fmt: skip
def test_only_public_addresses_are_public(address: str, public: bool) -> None:
    assert is_public(address) is public


@pytest.mark.parametrize("target", ["http://localhost:{port}/secret", "http://127.0.0.2/x", "http://[::1]/x"])
async def test_a_redirect_to_a_private_address_is_not_followed(target: str, server: SourceServer) -> None:
    port = server.base.rpartition(":")[2]
    server.pages |= {"/a": Page(status=302, headers={"Location": target.format(port=port)}), "/secret": Page(b"x")}
    failed = await failure(Asked(server.url("/a"), 1000, guard=HERE))
    assert "is no public address" in str(failed)
    assert [path for path, _ in server.asked] == ["/a"]


async def test_an_operator_may_allow_private_addresses(server: SourceServer) -> None:
    there = server.url("/b").replace("127.0.0.1", "localhost")
    server.pages |= {"/a": Page(status=307, headers={"Location": there}), "/b": Page(b"x")}
    async with httpx.AsyncClient() as http:
        found = await fetch(http, Asked(server.url("/a"), 1000, guard=Guard(frozenset(), allow_private=True)))
    assert found is not None
    assert found.payload == b"x"


@pytest.mark.parametrize("target", ["file:///etc/passwd", "ftp://127.0.0.1/x", "gopher://127.0.0.1/"])
async def test_a_redirect_leads_to_http_only(target: str, server: SourceServer) -> None:
    server.pages["/a"] = Page(status=302, headers={"Location": target})
    assert "only the operator may name others" in str(await failure(Asked(server.url("/a"), 1000, guard=HERE)))


async def test_a_circle_of_redirects_ends(server: SourceServer) -> None:
    server.pages["/a"] = Page(status=302, headers={"Location": "/a"})
    assert "more than 5 times" in str(await failure(Asked(server.url("/a"), 1000, guard=HERE)))


@pytest.mark.parametrize(
    ("header", "after"), [("120", 120), ("999999999", 86400), ("bald", None), ("Wed, 21 Oct 2015 07:28:00 GMT", 0)]
)
async def test_a_server_that_is_asked_too_often_says_when_to_come_back(
    header: str, after: float | None, server: SourceServer
) -> None:
    server.pages["/a"] = Page(status=429, headers={"Retry-After": header})
    failed = await failure(Asked(server.url("/a"), 1000, guard=HERE))
    assert (failed.after, failed.again) == (after, True)


def tls_of(authority: Authority, *, days: float = 30, clients: bool = False) -> ssl.SSLContext:
    pair = authority.of_server(days)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(pair.certificate, pair.key)
    if clients:
        context.load_verify_locations(authority.ca)
        context.verify_mode = ssl.CERT_REQUIRED
    return context


async def test_a_certificate_that_nobody_knows_or_that_has_ended_is_refused(tmp_path: Path) -> None:
    authority = Authority(tmp_path)
    with source_server(tls_of(authority)) as served:
        failed = await failure(Asked(served.url("/a"), 1000, guard=HERE))
    assert "its certificate is not to be trusted" in str(failed)
    assert not failed.again
    context = Access(authorities=authority.ca).context()
    assert context is not None
    with source_server(tls_of(authority, days=-1)) as served:
        assert "expired" in str(await failure(Asked(served.url("/a"), 1000, guard=HERE), context))


async def test_a_client_certificate_and_own_authorities_open_the_door(tmp_path: Path) -> None:
    authority = Authority(tmp_path)
    client = authority.of_client("mobilithek.example")
    access = Access(certificate=client.certificate, key=client.key, authorities=authority.ca)
    with source_server(tls_of(authority, clients=True)) as served:
        served.pages["/a"] = Page(b"x")
        context = access.context()
        assert context is not None
        async with httpx.AsyncClient(verify=context) as http:
            found = await fetch(http, Asked(served.url("/a"), 1000, guard=HERE))
    assert found is not None
    assert found.payload == b"x"


def test_a_certificate_that_cannot_be_read_says_so(tmp_path: Path) -> None:
    with pytest.raises(FetchFailed, match="cannot be read"):
        Access(certificate=tmp_path / "none.pem").context()
