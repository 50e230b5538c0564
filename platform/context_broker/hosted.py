"""Contexts that the broker itself serves: Hosted by clients, or ImplicitlyCreated for answers (CIM 009, 5.13)."""

import hashlib
import sqlite3
import uuid
from dataclasses import dataclass
from typing import Any

import orjson

from context_broker.contexts import Contexts
from ngsi_ld.datetimes import now
from ngsi_ld.errors import TooManyResults
from ngsi_ld.jsonld.context import ContextSource

PATH = "/ngsi-ld/v1/jsonldContexts/"


@dataclass(frozen=True, slots=True)
class HostedContext:
    """A stored context: `kind` is Hosted or ImplicitlyCreated."""

    id: str
    kind: str
    body: ContextSource
    created_at: str


class HostedContexts:
    """The contexts in the broker's file, by local id."""

    def __init__(self, connection: sqlite3.Connection, contexts: Contexts, most: int) -> None:
        self._connection = connection
        self._most = most
        self._contexts = contexts
        rows = connection.execute("SELECT id, kind, body, created_at FROM jsonld_context").fetchall()
        self._all = {id_: HostedContext(id_, kind, orjson.loads(body), at) for id_, kind, body, at in rows}
        contexts.local |= {PATH + hosted.id: hosted.body for hosted in self._all.values()}

    def __contains__(self, id_: str) -> bool:
        return id_ in self._all

    def get(self, id_: str) -> HostedContext | None:
        return self._all.get(id_)

    def all(self) -> list[HostedContext]:
        return list(self._all.values())

    def add(self, body: ContextSource) -> str:
        """Keep a context that a client adds; its local id."""
        return self._keep(uuid.uuid4().hex, "Hosted", body)

    def implicit(self, body: ContextSource, base: str) -> str:
        """The URL under which an inline context is served; equal ones share it."""
        id_ = "implicit-" + hashlib.sha256(orjson.dumps(body, option=orjson.OPT_SORT_KEYS)).hexdigest()[:24]
        if id_ not in self._all:
            self._keep(id_, "ImplicitlyCreated", body)
        return base + PATH + id_

    def delete(self, id_: str) -> None:
        del self._all[id_]
        self._connection.execute("DELETE FROM jsonld_context WHERE id = ?", (id_,))
        del self._contexts.local[PATH + id_]
        self._contexts.forget(PATH + id_)

    def _make_room(self, kind: str) -> None:
        """The oldest implicit one goes for a new one of its kind; what clients added stays, and is bounded."""
        if len(self._all) < self._most:
            return
        oldest = next((id_ for id_, hosted in self._all.items() if hosted.kind == "ImplicitlyCreated"), None)
        if kind == "Hosted" or oldest is None:
            raise TooManyResults(
                f"{self._most} contexts are stored; delete some before adding others (limit contexts_stored)"
            )
        self.delete(oldest)

    def _keep(self, id_: str, kind: str, body: ContextSource) -> str:
        self._make_room(kind)
        hosted = HostedContext(id_, kind, body, now())
        self._connection.execute(
            "INSERT INTO jsonld_context VALUES (?, ?, ?, ?)", (id_, kind, orjson.dumps(body), hosted.created_at)
        )
        self._all[id_] = hosted
        self._contexts.local[PATH + id_] = body
        return id_


def described(hosted: HostedContext, base: str) -> dict[str, Any]:
    """The metadata of a context (5.13.3)."""
    return {"URL": base + PATH + hosted.id, "localId": hosted.id, "kind": hosted.kind, "createdAt": hosted.created_at}
