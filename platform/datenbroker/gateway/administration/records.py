"""The audit log and the usage over REST, as JSON and as files to take away."""

from datetime import UTC, date, datetime, timedelta
from typing import Annotated, Literal

from fastapi import APIRouter, Depends, Query, Request, Response

from datenbroker.audit.export import as_csv, as_json_lines
from datenbroker.audit.log import AuditLog
from datenbroker.audit.record import Decision, Record
from datenbroker.audit.trail import AuditTrail, Search, Verdict
from datenbroker.gateway.administration.acting import Acting
from datenbroker.gateway.limits.usage import Usage, UsageRow, usage_csv
from datenbroker.gateway.problems import BadRequest

LONGEST_DAYS = 400


def _search(
    since: Annotated[datetime | None, Query(description="From then on (RFC 3339).")] = None,
    until: datetime | None = None,
    actor: Annotated[str | None, Query(description="A key's prefix, or a name.")] = None,
    action: Annotated[str | None, Query(examples=["key.revoke"])] = None,
    decision: Decision | None = None,
) -> Search:
    since, until = (at if at is None or at.tzinfo else at.replace(tzinfo=UTC) for at in (since, until))
    return Search(since, until, actor, action, decision=decision)


Wanted = Annotated[Search, Depends(_search)]


def audit_router(audit: AuditLog, trail: AuditTrail) -> APIRouter:
    routes = APIRouter(prefix="/admin/audit", tags=["Audit"])

    @routes.get("")
    async def list_records(wanted: Wanted, limit: Annotated[int, Query(ge=1, le=1000)] = 100) -> list[Record]:
        """The newest records first: who did what, when, from where, and how it was decided."""
        await audit.flush()
        return await trail.newest(wanted, limit)

    @routes.get("/verify")
    async def verify_chains() -> Verdict:
        """Recompute the hash of every record; `faults` is empty where nobody has changed anything."""
        await audit.flush()
        return await trail.verify()

    @routes.get("/export")
    async def export_records(
        wanted: Wanted,
        request: Request,
        format: Literal["jsonl", "csv"] = "jsonl",  # noqa: A002
    ) -> Response:
        """All matching records in the order of time, as JSON lines or CSV. The export is a record itself."""
        await Acting(request, audit).did("audit.export", "audit", {"format": format})
        records = await trail.all(wanted)
        text, media = (
            (as_csv(records), "text/csv") if format == "csv" else (as_json_lines(records), "application/jsonl")
        )
        named = {"content-disposition": f'attachment; filename="audit.{format}"'}
        return Response(text, media_type=f"{media}; charset=utf-8", headers=named)

    return routes


def usage_router(usage: Usage, audit: AuditLog) -> APIRouter:
    routes = APIRouter(prefix="/admin/usage", tags=["Usage"])

    @routes.get("", responses={200: {"content": {"text/csv": {}}}})
    async def read_usage(
        request: Request,
        first: Annotated[date | None, Query(description="First day; 30 days ago where left out.")] = None,
        last: Annotated[date | None, Query(description="Last day; today where left out.")] = None,
        organisation: str | None = None,
        format: Literal["json", "csv"] = "json",  # noqa: A002
    ) -> list[UsageRow]:
        """Requests by day, organisation and product (UTC days); a data steward sees the own organisation's."""
        today = datetime.now(UTC).date()
        last = last or today
        first = first or last - timedelta(days=30)
        if not timedelta(0) <= last - first <= timedelta(days=LONGEST_DAYS):
            raise BadRequest(f"From {first} to {last} is no span of up to {LONGEST_DAYS} days: ask for less at once.")
        rows = await usage.rows(first, last, Acting(request, audit).organisation(organisation))
        if format == "json":
            return rows
        return Response(usage_csv(rows), media_type="text/csv; charset=utf-8")  # type: ignore[return-value]

    return routes
