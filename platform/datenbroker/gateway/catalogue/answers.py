"""Answers with a mark by which a client sees that nothing has changed: ETag and Last-Modified (RFC 9110)."""

import asyncio
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import format_datetime, parsedate_to_datetime
from hashlib import blake2b

from fastapi import Request, Response
from rdflib import Graph

from datenbroker.gateway.catalogue.negotiation import FORMS
from datenbroker.gateway.downloads.slots import Slots
from datenbroker.gateway.limits.rates import ORIGIN
from datenbroker.identities.roles import Caller

KEPT = 64
"""Written pages that are kept: making one of a hundred datasets takes a second."""
WAITING, WAITING_EACH = 32, 4
"""Pages that may wait to be written, altogether and for one caller or address: many searches would keep it busy."""

VARY = "Accept, Accept-Language, Authorization, X-API-Key, Cookie"


@dataclass(frozen=True, slots=True)
class Moment:
    """A request and who asks."""

    request: Request
    caller: Caller | None

    @property
    def who(self) -> str:
        """As whom it counts against bounds: the caller, or its address."""
        return self.caller.name if self.caller else str(self.request.scope.get(ORIGIN) or "-")

    def header(self, name: str) -> str:
        return self.request.headers.get(name, "")

    def headers(self) -> dict[str, str]:
        """What each caller sees is its own; what anybody sees may be kept, but is asked for anew."""
        return {"vary": VARY, "cache-control": "no-cache" if self.caller is None else "private, no-cache"}

    def unchanged(self, mark: str, modified: datetime | None) -> bool:
        """Whether the client has it already; If-Modified-Since counts only without If-None-Match."""
        if marks := self.header("if-none-match"):
            return mark in [one.strip().removeprefix("W/") for one in marks.split(",")] or marks.strip() == "*"
        since = self.header("if-modified-since")
        if not since or modified is None:
            return False
        try:
            return modified.replace(microsecond=0) <= parsedate_to_datetime(since)
        except (TypeError, ValueError):
            return False


@dataclass(frozen=True, slots=True)
class Document:
    """A graph to be written. `told` is all that it tells: its text names what is written.

    Of a `listing` the time alone does not say whether it changed: what was taken out of it leaves no later time.
    """

    told: object
    graph: Callable[[], Graph]
    modified: datetime | None
    listing: bool = False


class Answers:
    """Graphs are written in a thread, one at a time, and kept while nothing has changed."""

    def __init__(self) -> None:
        self._written: OrderedDict[str, bytes] = OrderedDict()
        self._writing = asyncio.Lock()
        self._waiting = Slots("pages of the catalogue", WAITING, WAITING_EACH, again=5)

    async def rdf(self, moment: Moment, form: str, document: Document) -> Response:
        """The graph in a form of `FORMS`, or 304."""
        mark = f'"{blake2b(f"{form} {document.told!r}".encode(), digest_size=16).hexdigest()}"'
        headers = moment.headers() | {"etag": mark}
        if document.modified is not None:
            headers["last-modified"] = format_datetime(document.modified.astimezone(UTC), usegmt=True)
        if moment.unchanged(mark, None if document.listing else document.modified):
            return Response(None, 304, headers)
        body = self._written.get(mark)
        if body is None:
            with self._waiting.taken(moment.who):
                body = await self._body(mark, form, document.graph)
        return Response(body, 200, headers | {"content-type": FORMS[form].media_type})

    async def _body(self, mark: str, form: str, graph: Callable[[], Graph]) -> bytes:
        async with self._writing:
            body = self._written.get(mark)
            if body is None:
                body = self._written[mark] = await asyncio.to_thread(_write, graph, FORMS[form].serializer)
            self._written.move_to_end(mark)
            while len(self._written) > KEPT:
                self._written.popitem(last=False)
        return body


def _write(graph: Callable[[], Graph], serializer: str) -> bytes:
    if serializer == "json-ld":
        return graph().serialize(format=serializer, encoding="utf-8", auto_compact=True)
    return graph().serialize(format=serializer, encoding="utf-8")
