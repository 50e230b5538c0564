"""Where a product's history comes from: of entities that are in its selection now, asked of the broker by their ids."""

import logging
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import quote, urlencode

import orjson

from context_broker.http.links import link_to_context
from context_broker.storage.search import Page
from datenbroker.gateway.problems import BrokerBroken
from datenbroker.gateway.products.source import API, Reply, Source, call
from datenbroker.lens.narrowing import Narrowed
from datenbroker.lens.temporal import Interval
from datenbroker.lens.temporal_forms import moments, read_past, within
from datenbroker.lens.temporal_wire import Asked, params_of, types_named
from ngsi_ld.errors import NotImplementedYet, TooComplexQuery
from ngsi_ld.jsonld.context import CORE_URL, Context
from ngsi_ld.model.kinds import EntityDocument, attributes_of

log = logging.getLogger(__name__)

TEMPORAL = API + "temporal/entities"
AT_ONCE = 25
"""Ids in one request: its line stays below the 4,096 characters that Mintaka reads."""

LOOKED_AT = 1000
"""Entities whose history is looked for in one request of a client."""

Types = dict[str, list[str]]
"""The entities of a selection by their ids, with their types of now."""


Known = dict[str, EntityDocument]
MICROSECOND = timedelta(microseconds=1)


@dataclass(frozen=True, slots=True)
class Present:
    """Some entities of a selection, and whether more follow."""

    types: Types
    more: bool


@dataclass(frozen=True, slots=True)
class Histories:
    """Entities with their instances; `cut`: the times between which they are whole, where the broker did not send all.

    The second is where to go on: the newest time, or with lastN the oldest.
    """

    entities: list[EntityDocument]
    more: bool = False
    total: int | None = None
    cut: tuple[datetime, datetime] | None = None


@dataclass(frozen=True, slots=True)
class PastSource:
    """One product's way to history, in the words of its owner's @context, which has an address or is the core."""

    source: Source
    context: Context

    async def find(self, present: Narrowed | None, asked: Asked, page: Page) -> Histories:
        """A page of the entities that `present` finds now and that have something of what is asked."""
        if present is None:
            return Histories([], total=0 if page.count else None)
        limit, first = page.limit or 0, await self._present(present, 0)
        if page.offset == 0 and not first.more and len(first.types) <= limit:
            histories = await self._of(first.types, asked)
            return replace(histories, total=len(histories.entities) if page.count else None)
        found, more = await self._with_history(present, first, asked, page)
        total = len(found) if page.count else None
        histories = await self._of(dict(list(found.items())[page.offset : page.offset + limit]), asked)
        return replace(histories, more=more or len(found) > page.offset + limit, total=total)

    async def one(self, now: EntityDocument, asked: Asked) -> Histories:
        """That of an entity, given what it is now beside its attributes: all that there is where nothing is known."""
        target = f"{TEMPORAL}/{quote(now['id'], safe='')}?{urlencode(params_of(asked, self.context))}"
        payload, is_cut = _payload(await self._ask(target), dict)
        entity = self._read(payload, asked) if payload else {}
        return _whole(
            [({now["id"]: now | entity | {"id": now["id"], "type": now["type"]}}, is_cut)], [now["id"]], asked
        )

    async def _present(self, present: Narrowed, start: int) -> "Present":
        hits = await self.source.find(present, Page(AT_ONCE, start))
        return Present({entity["id"]: entity["type"] for entity in hits.entities}, hits.more)

    async def _with_history(self, present: Narrowed, some: "Present", asked: Asked, page: Page) -> tuple[Types, bool]:
        """The entities that have any of it, until the page is full or all are counted; whether there may be more."""
        found: Types = {}
        newest = replace(asked, past=replace(asked.past, last=1, form="normalized"))
        wanted = page.offset + (page.limit or 0)
        for start in range(AT_ONCE, LOOKED_AT + AT_ONCE, AT_ONCE):
            having, _ = await self._chunk(some.types, newest)
            found |= {id_: types for id_, types in some.types.items() if id_ in having}
            if not some.more or (len(found) > wanted and not page.count):
                return found, False
            some = await self._present(present, start)
        if page.count or len(found) < wanted:
            raise TooComplexQuery(
                f"the history of more than {LOOKED_AT} entities would have to be looked for: narrow it by type, id,"
                " idPattern or scopeQ"
            )
        return found, True

    async def _of(self, wanted: Types, asked: Asked) -> Histories:
        ids = list(wanted)
        chunks = [ids[start : start + AT_ONCE] for start in range(0, len(ids), AT_ONCE)]
        replies = [await self._chunk({id_: wanted[id_] for id_ in chunk}, asked) for chunk in chunks]
        return _whole(replies, ids, asked)

    async def _chunk(self, wanted: Types, asked: Asked) -> tuple[Known, bool]:
        """Those of some entities that have any of it, by id; and whether the broker left something out."""
        if not wanted:
            return {}, False
        params = {"type": types_named(self.source.lens, self.context), "id": ",".join(wanted)}
        params |= params_of(asked, self.context) | {"limit": str(len(wanted))}
        payload, is_cut = _payload(await self._ask(f"{TEMPORAL}?{urlencode(params, safe=':,')}"), list)
        read = (self._read(item, asked) for item in payload or () if isinstance(item, dict) and "id" in item)
        entities = {entity["id"]: entity | {"type": wanted[entity["id"]]} for entity in read if entity["id"] in wanted}
        if asked.past.form == "aggregatedValues":  # what can't be aggregated is there all the same
            return entities, is_cut
        return {id_: entity for id_, entity in entities.items() if attributes_of(entity)}, is_cut

    def _read(self, payload: dict[str, Any], asked: Asked) -> EntityDocument:
        return read_past(payload, self.context, asked, self.source.lens)

    async def _ask(self, target: str) -> Reply:
        url = self.context.source if isinstance(self.context.source, str) else CORE_URL
        headers = [(b"accept", b"application/json"), (b"ngsild-tenant", self.source.tenant.encode())]
        return await call(self.source.broker, "GET", target, [*headers, (b"link", link_to_context(url))])


def _payload(reply: Reply, kind: type[list[Any]] | type[dict[str, Any]]) -> tuple[Any, bool]:
    """What the broker knows, None where it knows nothing; and whether that is only a part (206)."""
    if reply.status == 404:
        return None, False
    if reply.status in (405, 422, 501):
        raise NotImplementedYet("the broker behind this product keeps no history")
    if reply.status in (400, 403, 413, 414):
        log.warning("The broker refused a narrowed question about the past: %s", reply.body[:500])
        raise TooComplexQuery(
            "the broker behind this product can't answer that: ask for less, of fewer entities or attributes, or"
            " without aggregation"
        )
    if reply.status not in (200, 206):
        log.error("The broker answered a question about the past with %s: %s", reply.status, reply.body[:500])
        raise BrokerBroken("The context broker could not answer: try again later.")
    try:
        payload = orjson.loads(reply.body)
    except orjson.JSONDecodeError:
        raise BrokerBroken("The context broker's answer is no JSON.") from None
    if not isinstance(payload, kind):
        raise BrokerBroken("The context broker's answer about the past is of another shape than asked for.")
    return payload, reply.status == 206


def _whole(replies: Sequence[tuple[Known, bool]], order: Sequence[str], asked: Asked) -> Histories:
    """All replies as one; where some were cut, of every entity what lies in the range that all cover (6.3.10)."""
    known = {id_: entity for entities, _ in replies for id_, entity in entities.items()}
    entities = [known[id_] for id_ in order if id_ in known]
    past = asked.past
    cuts = [times for part, is_cut in replies if is_cut and (times := moments(part.values(), past.time_property))]
    if not cuts or past.form == "aggregatedValues":
        return Histories(entities)
    low, high = (past.interval.low, past.interval.high) if past.interval else (None, None)
    if past.last is None:  # the oldest are kept
        last = min(map(max, cuts))
        first = low or min(map(min, cuts))
        covered = Interval(None, last + MICROSECOND)
    else:
        last = max(map(min, cuts))
        first = high or max(map(max, cuts))
        covered = Interval(last, None)
    return Histories([within(entity, covered, past.time_property) for entity in entities], cut=(first, last))
