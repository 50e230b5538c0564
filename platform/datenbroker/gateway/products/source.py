"""Where a product's entities come from: narrowed queries to a context broker, in the tenant of the owner."""

import logging
from collections.abc import AsyncIterator, Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any
from urllib.parse import urlencode

import orjson
from starlette.types import ASGIApp, Message

from context_broker.http.links import link_to_context
from context_broker.reading.plan import View
from context_broker.storage.search import Page
from datenbroker.gateway.problems import BrokerBroken
from datenbroker.lens.documents import read_document
from datenbroker.lens.lens import Lens
from datenbroker.lens.narrowing import Narrowed, Selector, everything
from datenbroker.lens.wire import Wired, wired
from ngsi_ld.errors import TooComplexQuery
from ngsi_ld.model.kinds import EntityDocument

log = logging.getLogger(__name__)

API = "/ngsi-ld/v1/"
QUERY = API + "entityOperations/query"
LARGEST_PAGE = 1000
DECIDED = 10_000
"""Entities of a product that are looked at one by one for a request that its broker can't answer alone."""

Headers = list[tuple[bytes, bytes]]


@dataclass(frozen=True, slots=True)
class Reply:
    """What the broker answered."""

    status: int
    headers: Headers
    body: bytes

    def values(self, name: bytes) -> list[bytes]:
        return [value for key, value in self.headers if key.lower() == name]


@dataclass(frozen=True, slots=True)
class Hits:
    """The entities of a page, whether more follow, and how many there are in all where that was asked."""

    entities: list[EntityDocument]
    more: bool = False
    total: int | None = None


@dataclass(frozen=True, slots=True)
class Source:
    """One product's way to the broker: whatever is asked, the broker is asked for the selection only."""

    broker: ASGIApp
    tenant: str
    lens: Lens

    async def find(self, narrowed: Narrowed | None, page: Page, *, times: bool = False) -> Hits:
        """A page of what is asked for; `times` with system attributes. `TooComplexQuery` beyond the bounds."""
        if narrowed is None:
            return Hits([], total=0 if page.count else None)
        if narrowed.rest is not None:
            return await self._decided(narrowed, page, times)
        return await self._page(wired(narrowed, times=times), page, times)

    async def all(
        self, narrowed: Narrowed | None, *, times: bool = False, most: int = DECIDED
    ) -> AsyncIterator[EntityDocument]:
        """Everything asked for, page by page; `TooComplexQuery` beyond `most`."""
        if narrowed is None:
            return
        asked, seen = wired(narrowed, times=times), 0
        while True:
            hits = await self._page(asked, Page(LARGEST_PAGE, seen), times)
            seen += len(hits.entities)
            if seen > most or (seen == most and hits.more):
                raise TooComplexQuery(
                    f"more than {most} entities would have to be looked at one by one: narrow it by type, id or q"
                )
            for entity in hits.entities:
                if narrowed.rest is None or narrowed.rest.matches(entity):
                    yield entity
            if not hits.more:
                return

    async def by_ids(self, ids: Iterable[str], *, times: bool = False) -> list[EntityDocument]:
        """Those of the entities that belong to the selection."""
        wanted = [id_ for id_ in dict.fromkeys(ids) if not self.lens.ids or id_ in self.lens.ids]
        found = []
        whole = everything(self.lens)
        for start in range(0, len(wanted), LARGEST_PAGE):
            part = tuple(wanted[start : start + LARGEST_PAGE])
            selectors = tuple(Selector(item.types, part) for item in whole.selectors)
            hits = await self._page(wired(replace(whole, selectors=selectors), times=times), Page(LARGEST_PAGE), times)
            found += hits.entities
        return found

    async def _decided(self, narrowed: Narrowed, page: Page, times: bool) -> Hits:
        """The second geo-query is decided here, on entities of the selection alone."""
        limit, kept, matching = page.limit or 0, [], 0
        more = False
        async for entity in self.all(narrowed, times=times):
            matching += 1
            if page.offset < matching <= page.offset + limit:
                kept.append(entity)
            elif matching > page.offset + limit:
                more = True
                if not page.count:
                    break
        return Hits(kept, more, matching if page.count else None)

    async def _page(self, asked: Wired, page: Page, times: bool) -> Hits:
        params = {"limit": str(page.limit), "offset": str(page.offset), "local": "true"}
        if page.count:
            params["count"] = "true"
        if times:
            params["options"] = "sysAttrs"
        reply = await self.ask("POST", QUERY, params, asked.body, ld_json=asked.is_ld_json)
        if reply.status == 404:  # the owner's tenant begins with its first entity
            return Hits([], total=0 if page.count else None)
        payload = _entities(reply)
        entities = [self.lens.shown(read_document(item, asked.context)) for item in payload]
        return replace(hits_of(reply, page), entities=entities)

    async def ask_straight(self, target: str, view: View) -> Reply | None:
        """The embedded broker's own answer; None where it has to be read: hidden types, or anything unusual."""
        headers = [(b"accept", view.media_type.encode()), (b"ngsild-tenant", self.tenant.encode())]
        url = view.representation.context.source
        if isinstance(url, str):
            headers.append((b"link", link_to_context(url)))
        reply = await call(self.broker, "GET", target, headers)
        # a type of several may be hidden; what only looks like that is read all the same
        usable = (reply.status == 200 and b'"type":[' not in reply.body) or reply.status == 404
        return reply if usable else None

    async def ask(
        self, method: str, path: str, params: Mapping[str, str], body: Any = None, *, ld_json: bool = False
    ) -> Reply:
        """One request of the gateway's own in the owner's tenant; its headers are none of the client's."""
        media_type = b"application/ld+json" if ld_json else b"application/json"
        raw = b"" if body is None else orjson.dumps(body)
        headers = [(b"accept", media_type), (b"ngsild-tenant", self.tenant.encode())]
        if body is not None:
            headers += [(b"content-type", media_type), (b"content-length", b"%d" % len(raw))]
        return await call(self.broker, method, f"{path}?{urlencode(params)}", headers, raw)


def hits_of(reply: Reply, page: Page) -> Hits:
    """Whether more follow, and the count."""
    more = any(b'rel="next"' in link for link in reply.values(b"link"))
    return Hits([], more, _count(reply) if page.count else None)


def _entities(reply: Reply) -> list[dict[str, Any]]:
    if reply.status in (400, 403):
        log.warning("The broker refused a narrowed query: %s", reply.body[:500])
        raise TooComplexQuery("this is more than can be asked of the product at once: ask in smaller parts")
    if reply.status != 200:
        log.error("The broker answered a narrowed query with %s: %s", reply.status, reply.body[:500])
        raise BrokerBroken("The context broker could not answer: try again later.")
    try:
        payload = orjson.loads(reply.body)
    except orjson.JSONDecodeError:
        raise BrokerBroken("The context broker's answer is no JSON.") from None
    if not isinstance(payload, list):
        raise BrokerBroken("The context broker's answer to a query is no array.")
    return payload


def _count(reply: Reply) -> int:
    counts = reply.values(b"ngsild-results-count")
    if len(counts) != 1 or not counts[0].isdigit():
        raise BrokerBroken("The context broker does not count what a query finds.")
    return int(counts[0])


async def call(broker: ASGIApp, method: str, target: str, headers: Headers, body: bytes = b"") -> Reply:
    """One request to the broker, its whole answer in memory; `target` is path and query string."""
    path, _, query = target.partition("?")
    started: list[Message] = []
    chunks: list[bytes] = []
    sent = False

    async def receive() -> Message:
        nonlocal sent
        if sent:
            return {"type": "http.disconnect"}
        sent = True
        return {"type": "http.request", "body": body, "more_body": False}

    async def send(message: Message) -> None:
        if message["type"] == "http.response.start":
            started.append(message)
        else:
            chunks.append(message.get("body", b""))

    scope = {
        "type": "http",
        "asgi": {"version": "3.0"},
        "http_version": "1.1",
        "method": method,
        "scheme": "http",
        "path": path,
        "raw_path": path.encode(),
        "root_path": "",
        "query_string": query.encode(),
        "headers": [(b"host", b"broker"), *headers],
        "client": None,
        "server": None,
    }
    await broker(scope, receive, send)
    if not started:
        raise BrokerBroken("The context broker did not answer.")
    return Reply(started[0]["status"], list(started[0]["headers"]), b"".join(chunks))
