"""Getting a source's payload from an HTTP URL or a file: conditional, in time, and never more than was agreed."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import unquote, urlsplit

import httpx

TIMEOUT = httpx.Timeout(connect=10, read=30, write=10, pool=10)
LONGEST = 120.0
"""Seconds that one payload may take altogether: a server that drips is given up."""
USER_AGENT = "herne-datenbroker"


class FetchFailed(Exception):
    """There is no payload; the message says why."""


@dataclass(frozen=True, slots=True)
class Validators:
    """What a server gave to ask later whether anything has changed (RFC 9110, 8.8)."""

    url: str
    etag: str | None = None
    last_modified: str | None = None

    def headers(self, url: str) -> dict[str, str]:
        if url != self.url:
            return {}
        asked = {"If-None-Match": self.etag, "If-Modified-Since": self.last_modified}
        return {name: value for name, value in asked.items() if value}


@dataclass(frozen=True, slots=True)
class Fetched:
    """A payload, when it was fetched, what to ask with next time, and the URL of the next page if there is one."""

    payload: bytes
    at: datetime
    validators: Validators
    next_page: str | None = None


async def fetch(
    http: httpx.AsyncClient,
    url: str,
    max_bytes: int,
    validators: Validators | None = None,
    longest: float = LONGEST,
) -> Fetched | None:
    """The payload, or None where the server says that it has not changed; `FetchFailed` where there is none."""
    if not url.startswith(("http://", "https://")):
        return await asyncio.to_thread(_file, url, max_bytes)
    headers = {"User-Agent": USER_AGENT} | (validators.headers(url) if validators else {})
    try:
        async with (
            asyncio.timeout(longest),
            http.stream("GET", url, headers=headers, timeout=TIMEOUT, follow_redirects=True) as response,
        ):
            return await _answer(response, url, max_bytes)
    except (httpx.HTTPError, httpx.InvalidURL) as error:
        raise FetchFailed(f"{_shown(url)} does not answer: {type(error).__name__}: {error}") from error
    except TimeoutError:
        raise FetchFailed(f"{_shown(url)} took longer than {longest:g} s") from None


async def _answer(response: httpx.Response, url: str, max_bytes: int) -> Fetched | None:
    if response.status_code == httpx.codes.NOT_MODIFIED:
        return None
    if response.status_code != httpx.codes.OK:
        raise FetchFailed(f"{_shown(url)} answered {response.status_code} {response.reason_phrase}")
    announced = response.headers.get("Content-Length", "0")
    if announced.isdigit() and int(announced) > max_bytes:
        raise FetchFailed(f"{_shown(url)} announces {announced} bytes, more than the {max_bytes} agreed")
    payload = await _limited(response.aiter_bytes(), max_bytes, url)
    validators = Validators(url, response.headers.get("ETag"), response.headers.get("Last-Modified"))
    return Fetched(payload, datetime.now(UTC), validators, _next_page(response, url))


async def _limited(chunks: AsyncIterator[bytes], max_bytes: int, url: str) -> bytes:
    payload = bytearray()
    async for chunk in chunks:
        payload += chunk
        if len(payload) > max_bytes:
            raise FetchFailed(f"{_shown(url)} sends more than the {max_bytes} bytes agreed")
    return bytes(payload)


def _next_page(response: httpx.Response, url: str) -> str | None:
    """`Link: <…>; rel="next"` (OCPI 2.2.1, 4.1.5.1), of the same server only."""
    link = response.links.get("next", {}).get("url")
    if link is None:
        return None
    page = response.url.join(link)
    if (page.scheme, page.host, page.port) != (response.url.scheme, response.url.host, response.url.port):
        raise FetchFailed(f"{_shown(url)} names a next page on another server: {page.host}")
    return str(page)


def _file(url: str, max_bytes: int) -> Fetched:
    path = Path(unquote(urlsplit(url).path) if url.startswith("file:") else url)
    try:
        with path.open("rb") as file:
            payload = file.read(max_bytes + 1)
    except OSError as error:
        raise FetchFailed(f"{path} cannot be read: {error.strerror}") from error
    if len(payload) > max_bytes:
        raise FetchFailed(f"{path} is larger than the {max_bytes} bytes agreed")
    return Fetched(payload, datetime.now(UTC), Validators(url))


def _shown(url: str) -> str:
    """The URL without what may be secret in it: user, password and query."""
    try:
        parts = urlsplit(url)
        port = f":{parts.port}" if parts.port else ""
    except ValueError:
        return "the URL"
    return f"{parts.scheme}://{parts.hostname}{port}{parts.path}"
