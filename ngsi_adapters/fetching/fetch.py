"""One document from an HTTP URL or a file: conditional, in time, guarded, and never more than was agreed."""

import asyncio
import ssl
from collections.abc import AsyncIterator, Mapping
from contextlib import ExitStack
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from pathlib import Path
from urllib.parse import unquote, urlsplit

import httpx

from ngsi_adapters.fetching.access import origin
from ngsi_adapters.fetching.archives import GZIP, PIECE, Spool, spooled
from ngsi_adapters.fetching.failures import FetchFailed, shown
from ngsi_adapters.fetching.guard import Guard
from ngsi_adapters.source import Payload

TIMEOUT = httpx.Timeout(connect=10, read=30, write=10, pool=10)
LONGEST = 120.0
"""Seconds that one document may take altogether: a server that drips is given up."""
LONGEST_WAIT = 86_400.0
"""A server that asks to wait for longer than a day is not believed."""
USER_AGENT = "herne-datenbroker"
MOST_REDIRECTS = 5
REDIRECTS = frozenset({301, 302, 303, 307, 308})
AGAIN = frozenset({408, 425, 429, 500, 502, 503, 504})


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
    """A document, when it was fetched, what to ask with next time, and the URL of the next page if there is one."""

    payload: Payload
    at: datetime
    validators: Validators
    next_page: str | None = None


@dataclass(frozen=True, slots=True)
class Asked:
    """A request. `secret_headers` and `secret_query` go to the URL's own origin only, not where it redirects to.

    `on_disk`: a large answer is kept in a file and given as that.
    """

    url: str
    max_bytes: int
    method: str = "GET"
    headers: Mapping[str, str] = field(default_factory=dict)
    body: str | None = None
    secret_headers: Mapping[str, str] = field(default_factory=dict, repr=False)
    secret_query: Mapping[str, str] = field(default_factory=dict, repr=False)
    guard: Guard = field(default_factory=lambda: Guard(frozenset()))
    on_disk: bool = False


async def fetch(
    http: httpx.AsyncClient, asked: Asked, validators: Validators | None = None, longest: float = LONGEST
) -> Fetched | None:
    """The document, or None where the server says that it has not changed; `FetchFailed` where there is none."""
    if not asked.url.startswith(("http://", "https://")):
        return await asyncio.to_thread(_file, asked)
    try:
        async with asyncio.timeout(longest):
            return await _followed(http, asked, validators.headers(asked.url) if validators else {})
    except (httpx.HTTPError, httpx.InvalidURL, ValueError) as error:
        raise FetchFailed(f"{shown(asked.url)} does not answer: {_reason(error)}", again=_passing(error)) from None
    except TimeoutError:
        raise FetchFailed(f"{shown(asked.url)} took longer than {longest:g} s", again=True) from None


async def _followed(http: httpx.AsyncClient, asked: Asked, conditions: Mapping[str, str]) -> Fetched | None:
    """The answer at the end of the redirects, each of which is checked."""
    url = httpx.URL(asked.url)
    for _ in range(MOST_REDIRECTS + 1):
        request = await _request(http, asked, url, conditions)
        response = await http.send(request, stream=True, follow_redirects=False)
        try:
            if response.status_code not in REDIRECTS or "Location" not in response.headers:
                if response.status_code == httpx.codes.NOT_MODIFIED and conditions:
                    return None
                return await _answer(response, asked, str(url))
            url = url.join(response.headers["Location"])
        finally:
            await response.aclose()
    raise FetchFailed(f"{shown(asked.url)} redirects more than {MOST_REDIRECTS} times")


async def _request(
    http: httpx.AsyncClient, asked: Asked, url: httpx.URL, conditions: Mapping[str, str]
) -> httpx.Request:
    at_home = origin(str(url)) == origin(asked.url)
    headers = {
        "User-Agent": USER_AGENT,
        "Accept-Encoding": "gzip",
        **asked.headers,
        **conditions,
        **(asked.secret_headers if at_home else {}),
    }
    address = await asked.guard.address_for(url)
    target = url.copy_merge_params(asked.secret_query) if at_home and asked.secret_query else url
    extensions: dict[str, str] = {}
    if address is not None:
        headers["Host"] = url.netloc.decode("ascii")
        target, extensions = target.copy_with(host=address), {"sni_hostname": url.host}
    body = asked.body if at_home else None
    method = asked.method if at_home else "GET"
    return http.build_request(
        method, target, headers=headers, content=body, timeout=TIMEOUT, extensions=extensions or None
    )


async def _answer(response: httpx.Response, asked: Asked, url: str) -> Fetched:
    status = response.status_code
    if status == httpx.codes.NOT_MODIFIED:
        raise FetchFailed(
            f"{shown(url)} answered 304 Not Modified, and was not asked whether it has changed", again=True
        )
    if status != httpx.codes.OK:
        message = f"{shown(url)} answered {status} {response.reason_phrase}"
        raise FetchFailed(message, again=status in AGAIN, after=_wait(response.headers))
    announced = response.headers.get("Content-Length", "0")
    if announced.isdigit() and int(announced) > asked.max_bytes:
        raise FetchFailed(f"{shown(url)} announces {announced} bytes, more than the {asked.max_bytes} agreed")
    with Spool(shown(url), asked.max_bytes, on_disk=asked.on_disk) as spool:
        async for piece in _pieces(response):
            await asyncio.to_thread(spool.add, piece)
        payload = await asyncio.to_thread(spool.end)
    validators = Validators(asked.url, response.headers.get("ETag"), response.headers.get("Last-Modified"))
    link = response.links.get("next", {}).get("url")
    return Fetched(payload, datetime.now(UTC), validators, same_server(url, link) if link else None)


def _pieces(response: httpx.Response) -> AsyncIterator[bytes]:
    """Of the body. What is packed by gzip is left to the spool: each piece may be a thousand times as much."""
    packed = response.headers.get("Content-Encoding", "").strip().lower() in ("gzip", "x-gzip")
    return response.aiter_raw(PIECE) if packed else response.aiter_bytes(PIECE)


def same_server(url: str, link: str) -> str:
    """The URL of a next page (RFC 8288; OCPI 2.2.1, 4.1.5.1), of the same server only."""
    page = str(httpx.URL(url).join(link))
    if origin(page) != origin(url):
        raise FetchFailed(f"{shown(url)} names a next page on another server: {origin(page)[1]}")
    return page


def _file(asked: Asked) -> Fetched:
    path = Path(unquote(urlsplit(asked.url).path) if asked.url.startswith("file:") else asked.url)
    try:
        payload = _content(path, asked)
    except (OSError, ValueError) as error:
        raise FetchFailed(f"{path} cannot be read: {getattr(error, 'strerror', error)}") from None
    return Fetched(payload, datetime.now(UTC), Validators(asked.url))


def _content(path: Path, asked: Asked) -> Payload:
    """The file itself where it is to be read piece by piece: it may be as large as the disk is."""
    with ExitStack() as exits:
        file = exits.enter_context(path.open("rb"))
        if not asked.on_disk or file.peek(len(GZIP)).startswith(GZIP):
            return spooled(file, str(path), asked.max_bytes, on_disk=asked.on_disk)
        if path.stat().st_size > asked.max_bytes:
            raise FetchFailed(f"{path} is larger than the {asked.max_bytes} bytes agreed")
        exits.pop_all()
        return file


def _wait(headers: Mapping[str, str]) -> float | None:
    """Retry-After (RFC 9110, 10.2.3) in seconds, at most a day; a date counts by the server's own clock."""
    header = headers.get("Retry-After")
    if not header:
        return None
    try:
        seconds = float(header) if header.strip().isdigit() else _seconds(headers.get("Date"), header)
    except (ValueError, OverflowError):
        return None
    return min(max(seconds, 0.0), LONGEST_WAIT)


def _seconds(now: str | None, then: str) -> float:
    try:
        begin = _moment(now or "")
    except ValueError:
        begin = datetime.now(UTC)
    return (_moment(then) - begin).total_seconds()


def _moment(text: str) -> datetime:
    moment = parsedate_to_datetime(text)
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def _reason(error: Exception) -> str:
    if isinstance(cause := error.__context__, ssl.SSLCertVerificationError) or "CERTIFICATE" in str(error):
        detail = cause.verify_message if isinstance(cause, ssl.SSLCertVerificationError) else str(error)
        return f"its certificate is not to be trusted ({detail}); authorities of your own are set by source_access"
    return f"{type(error).__name__}: {error}" if str(error) else type(error).__name__


def _passing(error: Exception) -> bool:
    return isinstance(error, httpx.TransportError) and "CERTIFICATE" not in str(error)
