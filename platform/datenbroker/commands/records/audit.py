"""`datenbroker audit`: who did what, and whether the log is whole."""

import sys
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from datenbroker.commands.options import with_settings
from datenbroker.settings import Settings

if TYPE_CHECKING:
    from datenbroker.audit.trail import Search

app = typer.Typer(help="The audit log: list, verify, export.", no_args_is_help=True)

STORE = ("data", "mongodb_url")

Days = Annotated[int, typer.Option(min=1, help="Only the last so many days.")]
Actor = Annotated[str | None, typer.Option(help="Only of this key (its prefix) or name.")]
Action = Annotated[str | None, typer.Option(help="Only this action, e.g. key.revoke.")]


@app.command("list")
@with_settings(*STORE)
def list_records(
    settings: Settings,
    days: Days = 30,
    actor: Actor = None,
    action: Action = None,
    limit: Annotated[int, typer.Option(min=1, help="The newest so many.")] = 100,
) -> None:
    """List the newest records first."""
    from datenbroker.audit.trail import AuditTrail
    from datenbroker.commands.desk import at_desk, table

    with at_desk(settings) as desk:
        records = desk.run(AuditTrail(desk.store).newest(_search(days, actor, action), limit))
    rows = [
        (f"{r.at:%Y-%m-%d %H:%M:%S}", r.actor, r.action, r.object, r.decision, r.origin, r.request_id or "")
        for r in records
    ]
    table(["At (UTC)", "Actor", "Action", "Object", "Decision", "From", "Request"], rows)


@app.command()
@with_settings(*STORE)
def verify(settings: Settings) -> None:
    """Recompute every hash. Ends with 1 where a record was changed, removed or put in between."""
    from datenbroker.audit.trail import AuditTrail
    from datenbroker.commands.desk import at_desk

    with at_desk(settings) as desk:
        verdict = desk.run(AuditTrail(desk.store).verify())
    for fault in verdict.faults:
        typer.echo(fault, err=True)
    whole = "not whole" if verdict.faults else "whole"
    typer.echo(f"{verdict.records} records in {verdict.chains} chains: the log is {whole}.")
    if verdict.faults:
        raise typer.Exit(1)


@app.command()
@with_settings(*STORE)
def export(
    settings: Settings,
    days: Days = 36_500,
    actor: Actor = None,
    action: Action = None,
    format: Annotated[Literal["jsonl", "csv"], typer.Option(help="JSON lines, or CSV.")] = "jsonl",  # noqa: A002
) -> None:
    """Write the records to standard output in the order of time."""
    from datenbroker.audit.export import as_csv, as_json_lines
    from datenbroker.audit.trail import AuditTrail
    from datenbroker.commands.desk import at_desk

    with at_desk(settings) as desk:
        desk.did("audit.export", "audit", format=format)
        records = desk.run(AuditTrail(desk.store).all(_search(days, actor, action)))
    sys.stdout.write(as_csv(records) if format == "csv" else as_json_lines(records).decode())


def _search(days: int, actor: str | None, action: str | None) -> "Search":
    from datenbroker.audit.trail import Search

    return Search(since=datetime.now(UTC) - timedelta(days=days), actor=actor, action=action)
