"""A run that writes nothing: what a source would give, and what it would reject."""

from collections.abc import AsyncIterator
from typing import Any

import httpx

from ngsi_adapters.fetching.access import Access
from ngsi_adapters.fetching.visit import Memory, Reach, Visit
from ngsi_adapters.loop.course import Terms
from ngsi_adapters.loop.sanity import Impossible, mended
from ngsi_adapters.reading import read_more
from ngsi_adapters.source import Outcome, Source
from ngsi_client.rejected import Rejected

Line = dict[str, Any]


async def rehearse(source: Source, terms: Terms) -> AsyncIterator[Line]:
    """An NGSI-LD entity, or `{"rejected": …}`, for each record; `FetchFailed` where nothing can be fetched."""
    access = terms.access.get(source.uid, Access())
    seen: set[str] = set()
    async with httpx.AsyncClient(verify=access.context() or True) as http:
        reach = Reach(http, access, terms.allow_private, terms.tries, terms.first_wait)
        visit = Visit(source, reach, Memory(), None, {})
        try:
            async for document in visit.documents():
                for outcome in read_more(source, document.payload, document.at, seen):
                    for line in _lines(outcome, terms):
                        yield line
        finally:
            visit.close()


def _lines(outcome: Outcome, terms: Terms) -> list[Line]:
    if isinstance(outcome, Rejected):
        return [_rejected(outcome.record_id, outcome.kind, outcome.reason, outcome.excerpt)]
    entity = outcome.to_entity()
    try:
        note = mended(entity, terms.box)
    except Impossible as error:
        return [_rejected(outcome.entity_id, "impossible", str(error))]
    return [entity] if note is None else [entity, _rejected(outcome.entity_id, "mended", note)]


def _rejected(record: str | None, kind: str, reason: str, excerpt: str = "") -> Line:
    return {"rejected": {"record": record, "kind": kind, "reason": reason, "excerpt": excerpt}}
