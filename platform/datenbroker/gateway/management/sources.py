"""The API of the adapters' sources: how each is doing, what was rejected, and a run out of turn."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Annotated, Any

from fastapi import APIRouter, Depends, Request, Response, status
from pydantic import BaseModel, Field
from starlette.types import ASGIApp, Receive, Scope, Send

from datenbroker.gateway.authentication import CALLER, Authenticator
from datenbroker.gateway.doors import LOOKING
from datenbroker.gateway.management.door import Reach, reach_of
from datenbroker.gateway.problems import BadRequest, Forbidden, NotFound
from datenbroker.identities.roles import Right
from document_store.store import DocumentStore

if TYPE_CHECKING:
    from ngsi_adapters.loop.state import SourceState
    from ngsi_adapters.source import Source

PATH = "/sources"
MOST_SHOWN = 100
Reached = Annotated[Reach, Depends(reach_of)]


@dataclass(frozen=True)
class SourceParts:
    """What the API works on; `declared` gives the sources with their addresses and imports them only then."""

    store: DocumentStore
    declared: "Callable[[], tuple[Source, ...]]"


class SourceDoor:
    """ASGI: whoever reads a tenant's data sees its sources; who provides data there lets them run."""

    def __init__(self, authenticator: Authenticator, management: ASGIApp) -> None:
        self._authenticator, self._management = authenticator, management

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        caller = await self._authenticator.caller(scope)
        if not caller.tenant_wide:
            raise Forbidden(f"{caller} opens data products only.")
        if scope["method"] in LOOKING and not caller.rights & (Right.READ | Right.INSPECT):
            raise Forbidden(f"{caller} may not see sources: those who read the tenant's data, and auditors, may.")
        if scope["method"] not in LOOKING and (Right.READ | Right.WRITE) not in caller.rights:
            raise Forbidden(f"{caller} may not let sources run: those who provide data may.")
        await self._management(scope, receive, send)


class SourceShown(BaseModel):
    """A source and how it is doing."""

    uid: str = Field(examples=["parkapi"])
    name: str
    tenant: str
    licence: str | None
    attribution: str
    every_seconds: float
    url: str | None = Field(description="Without user, password and query; none: it is not read.")
    status: str = Field(description="not set, waiting, working, warning or failing.")
    circuit: str = Field(description="open: after several failures in a row it is tried rarely.")
    last_attempt: datetime | None
    last_success: datetime | None
    last_error: str | None
    warning: str | None
    failures: int
    records: int = Field(description="Records of the last document that was read.")
    rejects: int
    written: int = Field(description="Entities of which the last run wrote something.")
    stale: int = Field(description="Entities that the source does not name any more; they are kept.")


class RejectShown(BaseModel):
    at: datetime
    record: str | None
    kind: str = Field(examples=["out_of_range"])
    reason: str
    excerpt: str


class MappingShown(BaseModel):
    source: str
    entity_type: str
    attribute: str
    unit: str
    how: str


class SourceOpened(SourceShown):
    """A source with its last rejects, what it misses, and its mapping."""

    runs: int
    records_total: int
    rejects_total: int
    mended: int = Field(description="Points of the last document whose coordinates were put right.")
    seconds: float = Field(description="How long the last run took.")
    known: int = Field(description="Entities whose attributes are remembered, so as not to be written again.")
    last_rejects: list[RejectShown]
    missing: dict[str, datetime] = Field(description="Stale entities (the first 100), and since when.")
    mapping: list[MappingShown]


class SourceList(BaseModel):
    total: int
    sources: list[SourceShown]


class RunAsked(BaseModel):
    uid: str
    asked: bool = True


def router(parts: SourceParts) -> APIRouter:
    """The routes under /sources."""
    api = APIRouter(tags=["Sources"])

    @api.get("/sources")
    async def list_sources(reach: Reached) -> SourceList:
        """The sources of the own tenant, those without an address too."""
        sources = [source for source in parts.declared() if reach.includes(source.tenant)]
        shown = [SourceShown(**await _shown(parts, source)) for source in sources]
        return SourceList(total=len(shown), sources=shown)

    @api.get("/sources/{uid}")
    async def show_source(uid: str, reach: Reached) -> SourceOpened:
        """One source: figures, the last rejects with their reasons, stale entities, and the mapping."""
        return await opened(parts, _source(parts, uid, reach))

    @api.post("/sources/{uid}/run", status_code=status.HTTP_202_ACCEPTED)
    async def run_source(uid: str, reach: Reached, request: Request, response: Response) -> RunAsked:
        """Let a source run now, whichever process runs it: within some seconds; then look at it again."""
        from ngsi_adapters.run import ask_to_run

        source = _source(parts, uid, reach)
        if not source.url:
            raise BadRequest(f"The source {uid} has no address: set one by DATENBROKER_SOURCE_URLS.")
        await ask_to_run(parts.store, uid, str(request.scope[CALLER].name))
        response.headers["Location"] = f"{PATH}/{uid}"
        return RunAsked(uid=uid)

    return api


async def opened(parts: SourceParts, source: "Source") -> SourceOpened:
    """Everything that is told of one source."""
    from ngsi_adapters.loop import state
    from ngsi_adapters.mapping import rows

    known = await state.load(parts.store, source.uid)
    more = ("runs", "records_total", "rejects_total", "mended", "seconds", "known", "last_rejects")
    return SourceOpened(
        **_told(source, known),
        **{name: getattr(known, name) for name in more},
        missing=dict(list(known.missing.items())[:MOST_SHOWN]),
        mapping=[MappingShown(**row._asdict()) for row in rows(source.mapping)],
    )


async def _shown(parts: SourceParts, source: "Source") -> dict[str, Any]:
    from ngsi_adapters.loop import state

    return _told(source, await state.load(parts.store, source.uid))


def _told(source: "Source", known: "SourceState") -> dict[str, Any]:
    from ngsi_adapters.loop.mirror import status as status_of
    from ngsi_adapters.loop.state import declaration_of

    word = "not set" if not source.url else status_of(known) if known.runs else "waiting"
    figures = ("circuit", "last_attempt", "last_success", "last_error", "warning", "failures", "records", "rejects")
    told = {name: getattr(known, name) for name in (*figures, "written", "stale")}
    return {"uid": source.uid, **declaration_of(source), "status": word, **told}


def _source(parts: SourceParts, uid: str, reach: Reach) -> "Source":
    found = next((source for source in parts.declared() if source.uid == uid), None)
    if found is None or not reach.includes(found.tenant):
        raise NotFound(f"There is no source {uid[:80]}.")
    return found
