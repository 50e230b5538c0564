"""`datenbroker key`: API keys."""

from datetime import timedelta
from typing import Annotated

import typer

from datenbroker.commands.options import with_settings
from datenbroker.errors import CannotStart
from datenbroker.identities.roles import Role
from datenbroker.settings import Settings

app = typer.Typer(help="API keys: create, list, revoke.", no_args_is_help=True)

STORE = ("data", "mongodb_url")


@app.command()
@with_settings(*STORE)
def create(
    settings: Settings,
    organisation: Annotated[
        str | None, typer.Argument(help="Whose key; leave it out for a key of the platform's own administration.")
    ] = None,
    role: Annotated[
        list[Role] | None, typer.Option(help="What the key may do; repeat for several. Default: data-consumer.")
    ] = None,
    name: Annotated[str, typer.Option(help="What the key is for.")] = "made on the command line",
    days: Annotated[
        int | None, typer.Option(min=1, max=3650, help="Valid for so long. Default: until revoked.")
    ] = None,
) -> None:
    """Create a key. It is printed this once: only its hash is kept."""
    from datenbroker.commands.desk import at_desk
    from datenbroker.identities.keys import RolesNeedOrganisation

    roles = frozenset(role or [Role.DATA_CONSUMER if organisation else Role.PLATFORM_ADMIN])
    with at_desk(settings) as desk:
        if organisation is not None and desk.run(desk.organisations.get(organisation)) is None:
            raise CannotStart(f"There is no organisation {organisation}: see `datenbroker org list`.")
        try:
            key, _ = desk.run(desk.keys.create(organisation, roles, name, timedelta(days=days) if days else None))
        except RolesNeedOrganisation as error:
            raise CannotStart(f"{error}: name the organisation.") from None
    typer.echo(key)


@app.command("list")
@with_settings(*STORE)
def list_keys(
    settings: Settings,
    organisation: Annotated[str | None, typer.Argument(help="Only the keys of this organisation.")] = None,
) -> None:
    """List the keys: of whom, for what, and when they were last used."""
    from datenbroker.commands.desk import at_desk, table

    with at_desk(settings) as desk:
        keys = desk.run(desk.keys.all(organisation))
    rows = [
        (
            key.prefix,
            key.organisation or "(platform)",
            ", ".join(sorted(key.roles)),
            key.name,
            *(f"{at:%Y-%m-%d %H:%M}" if at else "" for at in (key.created, key.last_used, key.expires, key.revoked)),
        )
        for key in keys
    ]
    table(["Key", "Organisation", "Roles", "Name", "Created", "Last used", "Expires", "Revoked"], rows)


@app.command()
@with_settings(*STORE)
def revoke(
    settings: Settings, prefix: Annotated[str, typer.Argument(help="The key's name in the list: hdb_PREFIX_…")]
) -> None:
    """Revoke a key; running gateways refuse it within seconds."""
    from datenbroker.commands.desk import at_desk

    with at_desk(settings) as desk:
        if not desk.run(desk.keys.revoke(prefix)):
            raise CannotStart(f"There is no key {prefix}: see `datenbroker key list`.")
    typer.echo(f"The key {prefix} is revoked.")
