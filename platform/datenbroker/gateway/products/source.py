"""Where a product's entities come from: narrowed queries to a context broker, in the tenant of the owner."""

import logging
from collections.abc import AsyncIterator, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

import orjson
from starlette.types import ASGIApp, Message

from context_broker.app import ContextBroker
from context_broker.storage.search import Page
from context_broker.storage.selection import Selection
from datenbroker.gateway.problems import BrokerBroken
from datenbroker.gateway.products.embedded import Embedded, Shown
from datenbroker.lens.documents import read_document
from datenbroker.lens.lens import Lens
from datenbroker.lens.narrowing import Narrowed, narrow_selection, paths_of
from datenbroker.lens.wire import Wired, wired
from ngsi_ld.bounds import current, exceeded
from ngsi_ld.errors import TooComplexQuery
from ngsi_ld.model.kinds import EntityDocument
from ngsi_ld.query.q import Path, Query
from ngsi_ld.query.q_evaluation import linked_ids

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

    entities: Sequence[EntityDocument]
    more: bool = False
    total: int | None = None


@dataclass(frozen=True, slots=True)
class Source:
    """One product's way to the broker: whatever is asked, the broker is asked for the selection only.

    The embedded broker is asked without HTTP where it may be (`near`).
    """

    broker: ASGIApp
    tenant: str
    lens: Lens
    near: bool = True

    async def find(self, narrowed: Narrowed | None, page: Page, *, times: bool = False) -> Hits:
        """A page of what is asked for; `times` with system attributes. `TooComplexQuery` beyond the bounds."""
        if narrowed is None:
            return Hits([], total=0 if page.count else None)
        if (embedded := self.embedded) is not None:
            found = await embedded.found(narrowed, page)
            return Hits(Shown(found.entities, self.lens), found.more, found.total)
        if narrowed.rest is not None or narrowed.sorting is not None:
            return await self._decided(narrowed, page, times)
        return await self._page(wired(narrowed, times=times), page, times)

    @property
    def embedded(self) -> Embedded | None:
        """The same product in the broker of this process."""
        if self.near and isinstance(self.broker, ContextBroker):
            return Embedded(self.broker.broker, self.tenant, self.lens)
        return None

    async def one(self, id_: str, *, times: bool = False) -> EntityDocument | None:
        """An entity, if it belongs to the selection."""
        if (embedded := self.embedded) is not None:
            stored = await embedded.one(id_)
            return None if stored is None else self.lens.shown(stored.document)
        narrowed = narrow_selection(Selection(ids=(id_,)), self.lens)
        hits = await self.find(narrowed, Page(1), times=times)
        return hits.entities[0] if hits.entities else None

    async def all(
        self, narrowed: Narrowed | None, *, times: bool = False, most: int | None = DECIDED
    ) -> AsyncIterator[EntityDocument]:
        """Everything asked for, page by page; `TooComplexQuery` beyond `most` of what the broker finds."""
        if narrowed is None:
            return
        times = times or narrowed.needs_times
        wire = None if self.embedded is not None else wired(narrowed, times=times)
        seen = 0
        while True:
            page = Page(LARGEST_PAGE, seen)
            hits = await (self.find(narrowed, page) if wire is None else self._page(wire, page, times))
            seen += len(hits.entities)
            if most is not None and (seen > most or (seen == most and hits.more)):
                raise TooComplexQuery(
                    f"more than {most} entities would have to be looked at one by one: narrow it by type, id or q"
                )
            decided = narrowed.rest if wire is not None else None
            for entity in await self.meeting(decided, hits.entities):
                yield entity
            if not hits.more:
                return

    async def by_ids(self, ids: Iterable[str], *, times: bool = False) -> list[EntityDocument]:
        """Those of the entities that belong to the selection."""
        wanted = [id_ for id_ in dict.fromkeys(ids) if not self.lens.ids or id_ in self.lens.ids]
        found: list[EntityDocument] = []
        for start in range(0, len(wanted), LARGEST_PAGE):
            narrowed = narrow_selection(Selection(ids=tuple(wanted[start : start + LARGEST_PAGE])), self.lens)
            hits = await self.find(narrowed, Page(LARGEST_PAGE), times=times)
            found += hits.entities
        return found

    async def _decided(self, narrowed: Narrowed, page: Page, times: bool) -> Hits:
        """What the broker can't decide or sort is so here, of entities of the selection alone."""
        if narrowed.sorting is not None:
            everything = [entity async for entity in self.all(narrowed)]
            return _cut(narrowed.sorting.sort(everything, lambda entity: entity), page)
        if page.count:
            return _cut([entity async for entity in self.all(narrowed, times=times)], page)
        wanted, found = page.offset + (page.limit or 0), list[EntityDocument]()
        async for entity in self.all(narrowed, times=times):
            found.append(entity)
            if len(found) > wanted:
                break
        return _cut(found, page)

    async def meeting(self, rest: Selection | None, entities: Sequence[EntityDocument]) -> Sequence[EntityDocument]:
        """Those that meet what is left to decide."""
        if rest is None:
            return entities
        linked = {} if rest.q is None else await self.linked_by(rest.q, entities)
        return [entity for entity in entities if rest.holds(entity, linked.get)]

    async def linked_by(self, query: Query, entities: Sequence[EntityDocument]) -> dict[str, EntityDocument]:
        """The entities of the selection to which the paths of a query lead from others, by their ids."""
        known: dict[str, EntityDocument | None] = {}
        level = [(path, entities) for path in paths_of(query) if path.linked is not None]
        while level:
            ids = {id_ for path, at in level for id_ in _targets(path, at)} - known.keys()
            if len(known) + len(ids) > current().linked_entities:
                raise exceeded("linked_entities", "q would follow more relationships")
            known |= dict.fromkeys(ids) | {entity["id"]: entity for entity in await self.by_ids(ids, times=True)}
            level = [
                (path.linked, [entity for id_ in _targets(path, at) if (entity := known[id_]) is not None])
                for path, at in level
                if path.linked is not None and path.linked.linked is not None
            ]
        return {id_: entity for id_, entity in known.items() if entity is not None}

    async def _page(self, asked: Wired, page: Page, times: bool) -> Hits:
        params = {"limit": str(page.limit), "offset": str(page.offset), "local": "true"}
        if page.count:
            params["count"] = "true"
        if times:
            params["options"] = "sysAttrs"
        reply = await self.ask("POST", QUERY, params, asked.body, ld_json=asked.is_ld_json)
        if reply.status == 404:  # the owner's tenant begins with its first entity
            return Hits([], total=0 if page.count else None)
        entities = [self.lens.shown(read_document(item, asked.context)) for item in _entities(reply)]
        more = any(b'rel="next"' in link for link in reply.values(b"link"))
        return Hits(entities, more, _count(reply) if page.count else None)

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


def _cut(entities: list[EntityDocument], page: Page) -> Hits:
    end = page.offset + (page.limit or 0)
    return Hits(entities[page.offset : end], end < len(entities), len(entities) if page.count else None)


def _targets(path: Path, entities: Sequence[EntityDocument]) -> list[str]:
    instances = (instance for entity in entities for instance in entity.get(path.attribute, ()))
    return [id_ for instance in instances for id_ in linked_ids(instance)]


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
