"""`datenbroker grants`: who may use which product of another organisation."""

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Annotated, Any, TypeVar

import typer

from datenbroker.commands.options import with_settings
from datenbroker.errors import CannotStart
from datenbroker.settings import Settings

if TYPE_CHECKING:
    from pydantic import BaseModel

M = TypeVar("M", bound="BaseModel")

app = typer.Typer(help="Grants: ask for a product, grant, refuse, revoke, withdraw.", no_args_is_help=True)

STORE = ("data", "mongodb_url")

GrantId = Annotated[str, typer.Argument(help="The grant's id: g-…")]
Reason = Annotated[str, typer.Option(help="What who asked is told.")]
Day = Annotated[datetime | None, typer.Option(formats=["%Y-%m-%d"], help="The last day.")]


@app.command("list")
@with_settings(*STORE)
def list_grants(
    settings: Settings,
    product: Annotated[str | None, typer.Option(help="Only those of this product.")] = None,
    state: Annotated[str | None, typer.Option(help="asked, granted, refused, revoked, withdrawn or expired.")] = None,
) -> None:
    """List the grants, the newest first."""
    from datenbroker.commands.desk import table
    from datenbroker.commands.sharing.counter import at_counter, operator

    with at_counter(settings) as counter:
        found = [grant for grant in counter.grants.listed(operator(), product) if state in (None, grant.state)]
    rows = [
        (one.id, one.product, one.organisation, one.state, f"{one.until}", one.purpose, one.decided_by or "")
        for one in found
    ]
    table(["Grant", "Product", "For", "State", "Until", "Purpose", "Decided by"], rows)


@app.command()
@with_settings(*STORE)
def ask(
    settings: Settings,
    product: Annotated[str, typer.Argument(help="The product's short name.")],
    org: Annotated[str, typer.Option(help="The organisation that wants to use it.")],
    purpose: Annotated[str, typer.Option(help="What for.")],
    until: Day = None,
) -> None:
    """Ask for a product on behalf of an organisation; without --until for a year."""
    from datetime import timedelta

    from datenbroker.commands.sharing.counter import at_counter, operator
    from datenbroker.products.grants import GrantWanted

    day = (until or datetime.now(UTC) + timedelta(days=365)).date()
    wanted = _checked(GrantWanted, {"purpose": purpose, "until": day})
    with at_counter(settings) as counter:
        if org not in counter.products.index.tenants:
            raise CannotStart(f"There is no organisation {org}: see `datenbroker org list`.")
        grant = counter.run(counter.grants.ask(product, wanted, operator(org)))
    typer.echo(f"{grant.id} is asked for until {grant.until}. Next: datenbroker grants grant {grant.id}")


@app.command()
@with_settings(*STORE)
def grant(settings: Settings, grant_id: GrantId, until: Day = None, reason: Reason = "") -> None:
    """Grant what was asked for, or for a shorter time."""
    _decide(settings, grant_id, {"decision": "granted", "until": until and until.date(), "reason": reason})


@app.command()
@with_settings(*STORE)
def refuse(settings: Settings, grant_id: GrantId, reason: Reason) -> None:
    """Refuse what was asked for."""
    _decide(settings, grant_id, {"decision": "refused", "reason": reason})


@app.command()
@with_settings(*STORE)
def revoke(settings: Settings, grant_id: GrantId, reason: Reason) -> None:
    """End a grant: running gateways refuse it within seconds."""
    _decide(settings, grant_id, {"decision": "revoked", "reason": reason})


@app.command()
@with_settings(*STORE)
def withdraw(settings: Settings, grant_id: GrantId, reason: Reason = "") -> None:
    """Take back what an organisation has asked for, or give up what it was granted."""
    from datenbroker.commands.sharing.counter import at_counter, operator

    with at_counter(settings) as counter:
        given_up = counter.run(counter.grants.withdraw(grant_id, reason, operator()))
    typer.echo(f"{given_up.id} of {given_up.organisation} on {given_up.product} is {given_up.state}.")


def _decide(settings: Settings, grant_id: str, members: dict[str, Any]) -> None:
    from datenbroker.commands.sharing.counter import at_counter, operator
    from datenbroker.products.grants import Decision

    decision = _checked(Decision, members)
    with at_counter(settings) as counter:
        decided = counter.run(counter.grants.decide(grant_id, decision, operator()))
    typer.echo(f"{decided.id} of {decided.organisation} on {decided.product} is {decided.state}.")


def _checked(model: type[M], members: dict[str, Any]) -> M:
    from pydantic import ValidationError

    try:
        return model.model_validate(members)
    except ValidationError as error:
        mistakes = (f"--{one['loc'][0]}: {one['msg']}" for one in error.errors(include_url=False))
        raise CannotStart("; ".join(mistakes)) from None
