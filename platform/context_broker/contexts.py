"""User @contexts: fetched with limits, cached, hosted (CIM 009, 5.13, 6.3.5, 6.3.16)."""

import asyncio
import time
from collections import OrderedDict
from dataclasses import dataclass
from math import inf
from typing import Any
from urllib.parse import urlsplit

import aiohttp
import orjson

from context_broker.freshness import DEFAULT_SECONDS, RETRY_SECONDS, lifetime_of
from context_broker.http.request import check_depth
from context_broker.limits import Limits
from context_broker.targets import TargetGuard
from ngsi_ld.errors import BadRequestData, LdContextNotAvailable, NgsiLdError
from ngsi_ld.jsonld.context import CORE_URLS, Context, ContextSource, activate, core_context, references

_Download = tuple[ContextSource, float]
"""A document's context, and for how many seconds it is fresh."""


class CachedDocument:
    """A downloaded context document and its use; times in seconds since 1970.

    After `expires_at` it is fetched again; if that fails, the old copy serves on (2.7).
    """

    __slots__ = ("body", "created_at", "expires_at", "hits", "last_used")

    def __init__(self, body: ContextSource, lifetime: float) -> None:
        self.body = body
        self.created_at = time.time()
        self.expires_at = self.created_at + lifetime
        self.hits = 0
        self.last_used = self.created_at


@dataclass(frozen=True, slots=True)
class _Active:
    """An active context, the documents it was made of, and until when these are fresh."""

    context: Context
    documents: dict[str, ContextSource]
    expires_at: float


class Contexts:
    """Active contexts by what clients name, and the documents they were made of."""

    def __init__(self, limits: Limits, guard: TargetGuard) -> None:
        self._limits = limits
        self._guard = guard
        self._active: OrderedDict[bytes, _Active] = OrderedDict()
        self.documents: OrderedDict[str, CachedDocument] = OrderedDict()
        self.local: dict[str, ContextSource] = {}
        """Hosted and implicitly created contexts by their path: under whatever name clients reach this broker."""
        self._fetching: dict[str, asyncio.Task[_Download]] = {}
        self._http: aiohttp.ClientSession | None = None

    def known(self, url: str) -> Context | None:
        """The active context of a URL, if it is at hand and fresh."""
        if url in CORE_URLS:
            return core_context(url)
        known = self._active.get(url.encode())
        if known is None or known.expires_at <= time.time():
            return None
        self._note_use(url)
        return known.context

    async def resolve(self, source: ContextSource) -> Context:
        """The active context; `LdContextNotAvailable` or `BadRequestData` where it can't be had."""
        if isinstance(source, str) and source in CORE_URLS:
            return core_context(source)
        key = source.encode() if isinstance(source, str) else orjson.dumps(source)
        known = self._active.get(key)
        if known is None or known.expires_at <= time.time():
            known = await self._activated(source, known)
            if len(key) > self._limits.context_inline_bytes:
                return known.context
            self._active[key] = known
            if len(self._active) > self._limits.contexts_cached:
                self._active.popitem(last=False)
        self._active.move_to_end(key)
        self._note_use(source)
        return known.context

    async def _activated(self, source: ContextSource, before: _Active | None) -> _Active:
        """The same context as before where its documents still say the same: what is remembered by it stays."""
        documents = await self._documents_of(source)
        same = before is not None and before.documents == documents
        context = before.context if before is not None and same else activate(source, documents)
        fresh = [self.documents[url].expires_at for url in documents if url in self.documents]
        return _Active(context, documents, min(fresh, default=inf))

    async def _documents_of(self, source: ContextSource) -> dict[str, ContextSource]:
        documents: dict[str, ContextSource] = {}
        missing = list(references(source))
        while missing:
            url = missing.pop()
            if url in documents:
                continue
            if len(documents) >= self._limits.context_references:
                most = self._limits.context_references
                raise BadRequestData(f"the @context refers to more than {most} documents (limit context_references)")
            documents[url] = await self.document(url)
            missing += references(documents[url])
        return documents

    async def document(self, url: str) -> ContextSource:
        """The content of `@context` in the document at a URL."""
        hosted = self.local.get(urlsplit(url).path)
        if hosted is not None:
            return hosted
        cached = self.documents.get(url)
        if cached is not None and time.time() < cached.expires_at:
            return cached.body
        try:
            body, lifetime = await self._fetch_once(url)
        except NgsiLdError:
            if cached is None:
                raise
            cached.expires_at = time.time() + RETRY_SECONDS
            return cached.body
        if cached is not None and cached.body == body:
            cached.expires_at = time.time() + lifetime
            return cached.body
        self._store(url, body, lifetime)
        return body

    def prime(self, url: str, body: ContextSource) -> ContextSource:
        """Take a document as downloaded just now; the one that is in use."""
        if url not in self.documents:
            self._store(url, body, DEFAULT_SECONDS)
        return self.documents[url].body

    def held(self, source: ContextSource) -> dict[str, ContextSource]:
        """The documents at hand that a context consists of, by URL."""
        held: dict[str, ContextSource] = {}
        missing = list(references(source))
        while missing:
            url = missing.pop()
            body = self.documents[url].body if url in self.documents else self.local.get(urlsplit(url).path)
            if url not in held and body is not None:
                held[url] = body
                missing += references(body)
        return held

    async def reload(self, url: str) -> None:
        """Fetch a cached document again; the old copy stays where that fails (5.13.5)."""
        try:
            body, lifetime = await self._fetch_once(url)
        except BadRequestData as error:
            raise LdContextNotAvailable(error.detail) from None
        self._store(url, body, lifetime)
        self._active.clear()

    def forget(self, url: str) -> bool:
        """Drop a cached document, or with it all active contexts that may use it."""
        self._active.clear()
        return self.documents.pop(url, None) is not None

    def clear(self) -> int:
        """Empty the cache; how many documents it held."""
        held = len(self.documents)
        self.documents.clear()
        self._active.clear()
        return held

    def _store(self, url: str, body: ContextSource, lifetime: float) -> None:
        self.documents[url] = CachedDocument(body, lifetime)
        while len(self.documents) > self._limits.contexts_cached:
            self.documents.popitem(last=False)

    def _note_use(self, source: ContextSource) -> None:
        cached = self.documents.get(source) if isinstance(source, str) else None
        if cached is not None:
            cached.hits += 1
            cached.last_used = time.time()

    async def _fetch_once(self, url: str) -> _Download:
        """Concurrent requests for one document share one download."""
        task = self._fetching.get(url)
        if task is None:
            task = asyncio.create_task(self._fetch(url))
            self._fetching[url] = task
            task.add_done_callback(lambda _: self._fetching.pop(url, None))
        return await asyncio.shield(task)

    async def _fetch(self, url: str) -> _Download:
        if not url.startswith(("http://", "https://")):
            raise LdContextNotAvailable(f"the @context {url:.200} is no http or https URL")
        try:
            async with self._session().get(url, headers={"Accept": "application/ld+json, application/json"}) as answer:
                if answer.status != 200:
                    raise LdContextNotAvailable(f"the @context {url} was answered with {answer.status}")
                lifetime = lifetime_of(answer.headers)
                raw = await answer.content.read(self._limits.context_bytes + 1)
                while len(raw) <= self._limits.context_bytes and not answer.content.at_eof():
                    raw += await answer.content.read(self._limits.context_bytes + 1 - len(raw))
        except TimeoutError:
            seconds = self._limits.context_seconds
            raise LdContextNotAvailable(f"the @context {url} took over {seconds:g} s (limit context_seconds)") from None
        except (aiohttp.ClientError, OSError, ValueError) as error:
            raise LdContextNotAvailable(
                f"the @context {url} can't be loaded: {error or type(error).__name__}"
            ) from None
        if len(raw) > self._limits.context_bytes:
            most = self._limits.context_bytes
            raise LdContextNotAvailable(f"the @context {url} has more than {most} bytes (limit context_bytes)")
        body = context_in(raw, url)
        check_depth(body, f"the @context {url}", self._limits.json_depth)
        return body, lifetime

    def _session(self) -> aiohttp.ClientSession:
        if self._http is None:
            self._http = aiohttp.ClientSession(
                connector=self._guard.connector(),
                timeout=aiohttp.ClientTimeout(total=self._limits.context_seconds),
                trust_env=False,
            )
        return self._http

    async def close(self) -> None:
        for task in list(self._fetching.values()):
            task.cancel()
        if self._http is not None:
            await self._http.close()


def context_in(raw: bytes, url: str) -> ContextSource:
    """The `@context` member of a document; `BadRequestData` where there is none (5.5.6)."""
    try:
        document: Any = orjson.loads(raw)
    except orjson.JSONDecodeError:
        raise BadRequestData(f"what {url} holds is no JSON") from None
    body = document.get("@context") if isinstance(document, dict) else None
    if not isinstance(body, str | dict | list):
        raise BadRequestData(f"what {url} holds has no @context")
    list(references(body))
    return body
