"""Documents of a source as its declaration says: pages, parts, archives, folders, cursors, secrets."""

import gzip
import io
import os
import zipfile
from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import orjson
import pytest

from ngsi_adapters.fetching.access import Access
from ngsi_adapters.fetching.declaration import Fetching, Pages
from ngsi_adapters.fetching.failures import FetchFailed
from ngsi_adapters.fetching.visit import Document, Memory, Reach, Visit
from ngsi_adapters.registry import source_of
from ngsi_adapters.source import Outcome, Source
from tests.ngsi_adapters.ftp_server import ftp_server
from tests.ngsi_adapters.servers import Page, SourceServer

pytestmark = pytest.mark.anyio
OCPI = source_of("ocpi")


def of(url: str, fetching: Fetching, **changed: Any) -> Source:
    return replace(OCPI, url=url, fetching=fetching, **changed)


def nothing(documents: Mapping[str, bytes], fetched_at: datetime) -> Iterable[Outcome]:
    return ()


async def visit(
    source: Source, access: Access | None = None, memory: Memory | None = None, since: datetime | None = None
) -> list[Document]:
    async with httpx.AsyncClient() as http:
        reach = Reach(http, access or Access(), tries=2, first_wait=0.01)
        run = Visit(source, reach, memory or Memory(), since, {})
        found = [document async for document in run.documents()]
        run.keep()
        return found


def zipped(**files: bytes) -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            archive.writestr(name.replace("_", "."), content)
    return packed.getvalue()


async def test_pages_are_found_by_a_member(server: SourceServer) -> None:
    server.pages["/a"] = Page(orjson.dumps({"links": {"next": "/b?page=2"}}))
    server.pages["/b"] = Page(b'{"links": {}}')
    found = await visit(of(server.url("/a"), Fetching(pages=Pages(next_at="links.next"), query={"x": "1"})))
    assert [request.path for request in server.requests] == ["/a?x=1", "/b?page=2"]
    assert len(found) == 2


async def test_pages_are_found_by_an_offset(server: SourceServer) -> None:
    pages = Pages(offset="offset", limit=2, rows_at="data")
    for offset, rows in (("0", [1, 2]), ("2", [3, 4]), ("4", [5])):
        server.pages[f"/a?offset={offset}&limit=2"] = Page(orjson.dumps({"data": rows}))
    found = await visit(of(server.url("/a"), Fetching(pages=pages, query={"limit": "2"})))
    assert [orjson.loads(page.payload)["data"] for page in found if isinstance(page.payload, bytes)] == [
        [1, 2], [3, 4], [5]
    ]  # fmt: skip


async def test_endless_pages_are_given_up(server: SourceServer) -> None:
    server.pages["/a"] = Page(b'{"next": "/a"}')
    with pytest.raises(FetchFailed, match="more than 3 pages"):
        await visit(of(server.url("/a"), Fetching(pages=Pages(next_at="next", most=3))))


async def test_parts_come_together_and_what_has_not_changed_is_remembered(server: SourceServer) -> None:
    server.pages |= {"/main": Page(b"m", headers={"ETag": '"1"'}), "/live": Page(b"1")}
    source = of(server.url("/main"), Fetching(parts={"live": "live"}), parse=None, join=nothing)
    memory = Memory()
    await visit(source, memory=memory)
    server.pages["/live"] = Page(b"2")
    (second,) = await visit(source, memory=memory)
    assert second.payload == {"main": b"m", "live": b"2"}
    assert server.asked[-2:] == [("/main", '"1"'), ("/live", None)]


async def test_nothing_comes_where_no_part_has_changed(server: SourceServer) -> None:
    server.pages |= {path: Page(b"x", headers={"ETag": '"1"'}) for path in ("/main", "/live")}
    source = of(server.url("/main"), Fetching(parts={"live": "live"}), parse=None, join=nothing)
    memory = Memory()
    assert len(await visit(source, memory=memory)) == 1
    assert await visit(source, memory=memory) == []


async def test_documents_that_the_first_one_names_are_read(server: SourceServer) -> None:
    server.pages |= {"/index": Page(b'{"a": "one", "b": "two"}'), "/one": Page(b"1"), "/two": Page(b"2")}
    found = await visit(of(server.url("/index"), Fetching(follow=orjson.loads)))
    assert [(document.name, document.payload) for document in found] == [("a", b"1"), ("b", b"2")]


async def test_several_addresses_are_read_one_after_the_other(server: SourceServer) -> None:
    server.pages |= {"/1": Page(b"1"), "/2": Page(b"2")}
    found = await visit(of(f"{server.url('/1')} {server.url('/2')}", Fetching()))
    assert [document.payload for document in found] == [b"1", b"2"]


async def test_files_of_an_archive_are_documents(server: SourceServer) -> None:
    server.pages["/z"] = Page(zipped(stops_txt=b"s", trips_txt=b"t", readme_md=b"r"))
    found = await visit(of(server.url("/z"), Fetching(members=("*.txt",))))
    assert [(document.name, document.payload) for document in found] == [("stops.txt", b"s"), ("trips.txt", b"t")]
    joined = await visit(of(server.url("/z"), Fetching(members=("*.txt",)), parse=None, join=nothing))
    assert joined[0].payload == {"stops.txt": b"s", "trips.txt": b"t"}


@pytest.mark.parametrize(
    ("payload", "reason"),
    [
        (zipped(big_txt=bytes(10**5)), "larger than the 1000 bytes"),
        (zipped(other_csv=b""), r"holds no file \*\.txt"),
        (zipped(a_txt=b"aaa")[:40], "cannot be read"),
        (b"no archive", "cannot be read"),
        (gzip.compress(bytes(10**5)), "larger than the 1000 bytes"),
        (gzip.compress(os.urandom(300))[:100], "cut off"),
        (b"\x1f\x8bxxxxx" + bytes(9), "damaged"),
    ],
    ids=["bomb", "other files", "half an archive", "no archive", "gzip bomb", "half of gzip", "damaged gzip"],
)
async def test_a_wrong_archive_or_a_bomb_is_refused(payload: bytes, reason: str, server: SourceServer) -> None:
    server.pages["/z"] = Page(payload)
    with pytest.raises(FetchFailed, match=reason):
        await visit(of(server.url("/z"), Fetching(members=("*.txt",)), max_bytes=1000))


async def test_a_gzip_file_is_unpacked(server: SourceServer) -> None:
    server.pages["/g"] = Page(gzip.compress(b"one") + gzip.compress(b"two"))
    assert (await visit(of(server.url("/g"), Fetching())))[0].payload == b"onetwo"


async def test_of_a_folder_new_and_changed_files_are_read_the_oldest_first(tmp_path: Path) -> None:
    for number, name in enumerate(("b.edi", "a.edi", "c.txt", ".d.edi")):
        (tmp_path / name).write_text(name)
        os.utime(tmp_path / name, (number, number))
    async with httpx.AsyncClient() as http:
        first = Visit(of(str(tmp_path), Fetching(folder=("*.edi",))), Reach(http), Memory(), None, {})
        assert [document.name async for document in first.documents()] == ["b.edi", "a.edi"]
        (tmp_path / "a.edi").write_text("changed")
        second = Visit(first.source, Reach(http), Memory(), None, first.marks)
        assert [document.payload async for document in second.documents()] == [b"changed"]


async def test_a_folder_may_be_a_page_with_links(server: SourceServer) -> None:
    server.pages["/f/"] = Page(b"""<a href="b.csv">b</a> <a href='/f/a.csv'>a</a> <a href="../x.txt">x</a>""")
    server.pages |= {"/f/a.csv": Page(b"a", headers={"ETag": '"1"'}), "/f/b.csv": Page(b"b")}
    source, memory = of(server.url("/f/"), Fetching(folder=("*.csv",))), Memory()
    assert [document.name for document in await visit(source, memory=memory)] == ["a.csv", "b.csv"]
    assert [document.name for document in await visit(source, memory=memory)] == ["b.csv"]


async def test_a_cursor_asks_only_for_what_is_new(server: SourceServer) -> None:
    server.pages["/a"] = Page(b"{}")
    source = of(server.url("/a"), Fetching(method="POST", body="since={since}", query={"from": "{since}"}))
    await visit(source)
    await visit(source, since=datetime(2026, 11, 22, 10, tzinfo=UTC))
    first, second = server.requests
    assert (first.method, first.path, first.body) == ("POST", "/a", b"")
    assert (second.path, second.body) == ("/a?from=2026-11-22T10:00:00Z", b"since=2026-11-22T10:00:00Z")
    assert source.fetching.whole_every == timedelta(days=1)


async def test_secrets_go_to_the_own_server_only(server: SourceServer) -> None:
    elsewhere = server.url("/b").replace("127.0.0.1", "localhost")
    server.pages |= {"/a": Page(status=302, headers={"Location": elsewhere}), "/b": Page(b"x")}
    access = Access(token="geheim", headers={"X-Key": "auch"})
    source = of(
        f"{server.url('/a')} {elsewhere.replace('/b', '/none')}", Fetching(token=("Authorization", "Token {token}"))
    )
    with pytest.raises(FetchFailed, match="404"):
        await visit(source, access)
    first, second = server.requests[:2]
    assert (first.headers["authorization"], first.headers["x-key"]) == ("Token geheim", "auch")
    assert not {"authorization", "x-key"} & second.headers.keys()


async def test_a_token_may_be_a_query_parameter_and_is_never_told(server: SourceServer) -> None:
    access = Access(token="geheim")
    with pytest.raises(FetchFailed) as failed:
        await visit(of(server.url("/a"), Fetching(token=("securityToken", ""))), access)
    assert server.requests[0].path == "/a?securityToken=geheim"
    assert "geheim" not in f"{failed.value} {access!r}"


async def test_what_may_pass_is_tried_again_and_what_will_not_is_not(server: SourceServer) -> None:
    for status, times in ((503, 2), (404, 1)):
        server.pages["/a"] = Page(status=status)
        server.requests.clear()
        with pytest.raises(FetchFailed, match=str(status)):
            await visit(of(server.url("/a"), Fetching()))
        assert len(server.requests) == times


async def test_a_folder_may_be_on_an_ftp_server() -> None:
    with ftp_server({"b.edi": b"older", "a.edi": gzip.compress(b"newer"), "c.txt": b""}) as url:
        source = of(url, Fetching(folder=("*.edi",)))
        found = await visit(source, Access(user="herne", password="geheim"))
        assert [(document.name, document.payload) for document in found] == [("b.edi", b"older"), ("a.edi", b"newer")]
        with pytest.raises(FetchFailed, match="wrong password") as failed:
            await visit(source, Access(user="herne", password="falsch"))
        assert not failed.value.again
        with pytest.raises(FetchFailed, match="larger than the 3 bytes"):
            await visit(replace(source, max_bytes=3), Access(user="herne", password="geheim"))


async def test_a_folder_that_is_not_there_is_a_failure(tmp_path: Path) -> None:
    for url in (str(tmp_path / "none"), "ftp://127.0.0.1:1/out"):
        with pytest.raises(FetchFailed, match="cannot be read"):
            await visit(of(url, Fetching(folder=("*",))))
