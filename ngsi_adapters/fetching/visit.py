"""One run's fetching of a source: all its documents, one after the other, as its declaration says."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import IO
from urllib.parse import quote, urljoin, urlsplit

import httpx
import orjson

from data_models.values import date_time_text
from ngsi_adapters.fetching.access import Access, origin
from ngsi_adapters.fetching.archives import members
from ngsi_adapters.fetching.broker import SCHEME as BROKER
from ngsi_adapters.fetching.broker import entities_of
from ngsi_adapters.fetching.databases import DATABASE, query_database
from ngsi_adapters.fetching.declaration import Pages
from ngsi_adapters.fetching.failures import FetchFailed, shown
from ngsi_adapters.fetching.fetch import Asked, Fetched, Validators, fetch, same_server
from ngsi_adapters.fetching.folders import File, ftp_file, ftp_files, linked_files, local_files, suits
from ngsi_adapters.fetching.guard import Guard
from ngsi_adapters.fetching.parkapi_bridge import SCHEME as PARKAPI
from ngsi_adapters.fetching.parkapi_bridge import bridged
from ngsi_adapters.fetching.sftp import SCHEME as SFTP
from ngsi_adapters.fetching.sftp import sftp_file, sftp_files
from ngsi_adapters.source import Documents, Payload, Source, whole
from ngsi_client.client import NgsiClient

FTP = ("ftp://", "ftps://")
MAIN = "main"
MOST_MARKS = 5000
MOST_LINKED = 1000


@dataclass(frozen=True, slots=True)
class Document:
    """What `parse`, `stream` or `join` gets, and when it was fetched. Open until the next one is asked for."""

    name: str
    payload: Payload | Documents
    at: datetime


@dataclass(slots=True)
class Memory:
    """What is known of a source's documents between two runs, in this process only.

    After a restart all is read afresh, because the broker or the parser may be others. `kept` are the documents of a
    source that joins them: a part that has not changed is needed with one that has.
    """

    validators: dict[str, Validators] = field(default_factory=dict)
    kept: dict[str, Fetched] = field(default_factory=dict)
    digest: bytes | None = None


@dataclass(frozen=True, slots=True)
class Reach:
    """How this source is reached: client, secrets, guard, and how often one request is tried."""

    http: httpx.AsyncClient
    access: Access = field(default_factory=Access)
    allow_private: bool = False
    tries: int = 3
    first_wait: float = 1.0
    client: NgsiClient | None = None


class Visit:
    """`documents()` yields what has to be read; `keep()` remembers that it was, once it has been written.

    `close()` has to be called in the end: large documents are open files.
    `since` is the cursor: only what is newer is asked for. `marks` are the files of a folder that were read, by name.
    """

    def __init__(
        self, source: Source, reach: Reach, memory: Memory, since: datetime | None, marks: Mapping[str, str]
    ) -> None:
        self.source, self._reach, self._memory, self._since = source, reach, memory, since
        self.marks = dict(marks)
        self.at = datetime.now(UTC)
        self._validators: dict[str, Validators] = {}
        self._open: list[IO[bytes]] = []
        self._urls = addresses(source)
        hosts = {host for url in self._urls if (host := urlsplit(url).hostname)}
        self._guard = Guard(frozenset(hosts), reach.allow_private)

    async def documents(self) -> AsyncIterator[Document]:
        """Nothing where nothing has changed; raises `FetchFailed`."""
        if not self._urls:
            raise FetchFailed(
                f"the source {self.source.uid} has no address: set one by --source-urls {self.source.uid}=ADDRESS"
            )
        if self.source.fetching.folder:
            found = self._from_folder(self._urls[0])
        elif self.source.join is not None:
            found = self._joined(self._urls[0])
        else:
            found = self._one_by_one()
        async for document in found:
            yield document
            if not isinstance(document.payload, bytes | Mapping):
                document.payload.close()

    def keep(self) -> None:
        """To be called when everything has been written."""
        self._memory.validators |= self._validators

    def close(self) -> None:
        """Closes the documents that are open files."""
        for file in self._open:
            file.close()
        self._open.clear()

    async def _one_by_one(self) -> AsyncIterator[Document]:
        for url in self._urls:
            async for name, fetched in self._named(url):
                async for document in self._unpacked(name, fetched):
                    yield document

    async def _named(self, url: str) -> AsyncIterator[tuple[str, Fetched]]:
        """The pages of a URL, or the documents that the one there names."""
        follow = self.source.fetching.follow
        if follow is None:
            async for page in self._pages(url):
                yield MAIN, page
            return
        for name, link in list(follow(await self._whole(url)).items())[:MOST_LINKED]:
            if linked := await self._get(urljoin(url, link)):
                yield name, linked

    async def _pages(self, url: str) -> AsyncIterator[Fetched]:
        pages = self.source.fetching.pages
        first = _with(url, {pages.offset: "0"}) if pages.offset else url
        fetched = await self._get(first, unconditional=bool(pages.offset))
        for number in range(1, pages.most + 1):
            if fetched is None:
                return
            following = fetched.next_page or _named_next(pages, fetched, url)
            is_full = pages.offset is not None and _is_full(pages, fetched)
            yield fetched
            if following is not None:
                fetched = await self._get(following, bare=True)
            elif pages.offset and is_full:
                fetched = await self._get(_with(url, {pages.offset: str(number * pages.limit)}), unconditional=True)
            else:
                return
        raise FetchFailed(f"{shown(url)} has more than {pages.most} pages")

    async def _whole(self, url: str) -> bytes:
        fetched = await self._get(url, unconditional=True)
        if fetched is None:
            raise FetchFailed(f"{shown(url)} says that it is unchanged, and was not asked")
        return whole(fetched.payload)

    async def _joined(self, url: str) -> AsyncIterator[Document]:
        fetching, named = self.source.fetching, {MAIN: url}
        if fetching.follow is not None:
            named = {name: urljoin(url, link) for name, link in fetching.follow(await self._whole(url)).items()}
        named |= {name: urljoin(url, part) for name, part in fetching.parts.items()}
        fetched = {name: await self._get(part) for name, part in list(named.items())[:MOST_LINKED]}
        if not any(fetched.values()):
            return
        documents: dict[str, bytes] = {}
        for name, part in named.items():
            known = fetched[name] or self._memory.kept.get(part) or await self._get(part, unconditional=True)
            if known is None:
                raise FetchFailed(f"{shown(part)} says that it is unchanged, and was not asked")
            if part in self._validators or part in self._memory.validators:
                self._memory.kept[part] = known
            async for document in self._unpacked(name, known):
                assert isinstance(document.payload, bytes)
                documents[document.name] = document.payload
        yield Document(MAIN, documents, self.at)

    async def _from_folder(self, url: str) -> AsyncIterator[Document]:
        """Each file that is new or changed. A file is marked as read when the next is asked for."""
        for file in await self._listed(url):
            if file.mark and self.marks.get(file.name) == file.mark:
                continue
            if fetched := await self._get(file.url):
                async for document in self._unpacked(file.name, fetched):
                    yield document
            if file.mark:
                self.marks.pop(file.name, None)
                self.marks[file.name] = file.mark
                while len(self.marks) > MOST_MARKS:
                    del self.marks[next(iter(self.marks))]

    async def _listed(self, url: str) -> list[File]:
        patterns = self.source.fetching.folder
        if url.startswith(FTP):
            return await ftp_files(url, patterns, self._reach.access)
        if url.startswith(SFTP):
            return await sftp_files(url, patterns, self._reach.access)
        if url.startswith(("http://", "https://")):
            page = await self._get(url, unconditional=True)
            return linked_files(whole(page.payload), url, patterns) if page else []
        return await asyncio.to_thread(local_files, url, patterns)

    async def _unpacked(self, name: str, fetched: Fetched) -> AsyncIterator[Document]:
        """The files of an archive one by one. In a folder they may also lie unpacked."""
        source, patterns = self.source, self.source.fetching.members
        if not patterns or (source.fetching.folder and suits(name, patterns)):
            yield Document(name, fetched.payload, fetched.at)
            return
        files = members(fetched.payload, patterns, source.max_bytes, on_disk=source.stream is not None)
        while (file := await asyncio.to_thread(next, files, None)) is not None:
            yield Document(file[0], self._opened(file[1]), fetched.at)

    def _opened(self, payload: Payload) -> Payload:
        if not isinstance(payload, bytes):
            self._open.append(payload)
        return payload

    async def _get(self, url: str, *, unconditional: bool = False, bare: bool = False) -> Fetched | None:
        """None where the server says that it has not changed. `bare`: a next page has its parameters already."""
        fetched = await self._answer(url, unconditional=unconditional, bare=bare)
        if fetched is not None:
            self._opened(fetched.payload)
        return fetched

    async def _answer(self, url: str, *, unconditional: bool, bare: bool) -> Fetched | None:
        limit, access, on_disk = self.source.max_bytes, self._reach.access, self.source.stream is not None
        if url.startswith(FTP):
            return await self._tried(lambda: ftp_file(url, limit, access, on_disk=on_disk))
        if url.startswith(SFTP):
            return await self._tried(lambda: sftp_file(url, limit, access, on_disk=on_disk))
        if url.startswith(BROKER):
            client = self._reach.client and self._reach.client.for_tenant(self.source.tenant)
            return await self._tried(lambda: entities_of(client, url, limit))
        if url.startswith(PARKAPI):
            return await self._tried(lambda: bridged(url, limit, access))
        if DATABASE.match(url):
            query = self.source.fetching.body or ""
            return await self._tried(lambda: query_database(url, query, limit, access))
        asked = self._asked(url, bare)
        known = None if unconditional or bare else self._memory.validators.get(asked.url)
        longest = self.source.fetching.longest.total_seconds()
        fetched = await self._tried(lambda: fetch(self._reach.http, asked, known, longest))
        # an unchanged first page says nothing about the second
        alone = fetched and not (bare or fetched.next_page or _named_next(self.source.fetching.pages, fetched, url))
        if fetched is not None and alone:
            self._validators[asked.url] = fetched.validators
        return fetched

    async def _tried(self, ask: Callable[[], Awaitable[Fetched | None]]) -> Fetched | None:
        wait = self._reach.first_wait
        for attempt in range(1, self._reach.tries + 1):
            try:
                return await ask()
            except FetchFailed as failed:
                if not failed.again or failed.after is not None or attempt >= self._reach.tries:
                    raise
            await asyncio.sleep(wait)
            wait *= 2
        raise FetchFailed(f"the source {self.source.uid} is tried {self._reach.tries} times")

    def _asked(self, url: str, bare: bool) -> Asked:
        fetching, access = self.source.fetching, self._reach.access
        if not bare:
            parameters = {name: self._filled(value) for name, value in fetching.query.items()}
            url = _with(url, {name: value for name, value in parameters.items() if value is not None})
        at_home = any(origin(url) == origin(own) for own in self._urls)
        headers, query = _secrets(access, *fetching.token) if at_home else ({}, {})
        return Asked(
            url,
            self.source.max_bytes,
            fetching.method,
            fetching.headers,
            None if fetching.body is None else self._filled(fetching.body) or "",
            headers,
            query,
            self._guard,
            self.source.stream is not None,
        )

    def _filled(self, template: str) -> str | None:
        if "{since}" in template and self._since is None:
            return None
        since = date_time_text(self._since) if self._since else ""
        days = {"{today}": self.at, "{yesterday}": self.at - timedelta(days=1)}
        for name, day in days.items():
            template = template.replace(name, day.date().isoformat())
        return template.replace("{since}", since).replace("{now}", date_time_text(self.at))


def addresses(source: Source) -> list[str]:
    """The operator's addresses of a source: several URLs have spaces between them, a path may have spaces in it."""
    if not source.url:
        return []
    several = source.url.split()
    return several if all("://" in url for url in several) else [source.url]


def _secrets(access: Access, name: str, template: str) -> tuple[dict[str, str], dict[str, str]]:
    """(headers, query parameters) that prove who asks."""
    headers, query = dict(access.headers), {}
    if access.token and template:
        headers[name] = template.format(token=access.token)
    elif access.token:
        query[name] = access.token
    if access.user is not None and not access.token:
        headers["Authorization"] = httpx.BasicAuth(access.user, access.password or "")._auth_header
    return headers, query


def _with(url: str, parameters: Mapping[str, str]) -> str:
    if not parameters:
        return url
    # not httpx: its parser would write the rest of the query anew
    query = "&".join(f"{quote(name, safe='$')}={quote(value, safe=':')}" for name, value in parameters.items())
    return f"{url}{'&' if '?' in url else '?'}{query}"


def _named_next(pages: Pages, fetched: Fetched, url: str) -> str | None:
    """The URL of the next page by a member of this one."""
    if pages.next_at is None:
        return None
    link = _member(fetched.payload, pages.next_at)
    return same_server(url, link) if isinstance(link, str) and link else None


def _is_full(pages: Pages, fetched: Fetched) -> bool:
    rows = _member(fetched.payload, pages.rows_at)
    return isinstance(rows, list) and len(rows) >= pages.limit


def _member(payload: Payload, path: str) -> object:
    try:
        found: object = orjson.loads(whole(payload))
    except orjson.JSONDecodeError:
        return None  # the source's parse says what is wrong with it
    if isinstance(found, dict) and path in found:
        return found[path]
    for step in filter(None, path.split(".")):
        found = found.get(step) if isinstance(found, dict) else None
    return found
