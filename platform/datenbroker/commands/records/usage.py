"""`datenbroker usage`: how much each organisation has asked for."""

import sys
from datetime import UTC, datetime, timedelta
from typing import Annotated

import typer

from datenbroker.commands.options import with_settings
from datenbroker.settings import Settings


@with_settings("data", "mongodb_url")
def usage(
    settings: Settings,
    organisation: Annotated[str | None, typer.Argument(help="Only this organisation's.")] = None,
    days: Annotated[int, typer.Option(min=1, max=400, help="The last so many days.")] = 30,
    csv: Annotated[bool, typer.Option("--csv", help="As CSV.")] = False,
) -> None:
    """Show requests by day, organisation and product; those of the last minute may be missing."""
    from datenbroker.commands.desk import at_desk, table
    from datenbroker.gateway.limits.usage import Usage, UsageRow, usage_csv

    today = datetime.now(UTC).date()
    with at_desk(settings) as desk:
        rows = desk.run(Usage(desk.store).rows(today - timedelta(days=days - 1), today, organisation))
    if csv:
        sys.stdout.write(usage_csv(rows))
        return
    names = [*UsageRow.model_fields]
    table([name.capitalize() for name in names], [[str(getattr(row, name)) for name in names] for row in rows])
