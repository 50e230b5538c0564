"""`datenbroker org`: organisations."""

from typing import Annotated

import typer

from datenbroker.commands.options import with_settings
from datenbroker.errors import CannotStart
from datenbroker.settings import Settings

app = typer.Typer(help="Organisations and their tenants: create, list, remove.", no_args_is_help=True)

STORE = ("data", "mongodb_url")


@app.command()
@with_settings(*STORE)
def create(
    settings: Settings,
    id: Annotated[str, typer.Argument(help="Short name, lower case with hyphens, e.g. stadtwerke-herne.")],  # noqa: A002
    name: Annotated[str, typer.Option(help="Name as people read it.", show_default="the id")] = "",
    tenant: Annotated[
        str, typer.Option(help="Its tenant in the context broker.", show_default="the id with underscores")
    ] = "",
) -> None:
    """Create an organisation."""
    from pydantic import ValidationError

    from datenbroker.commands.desk import at_desk
    from datenbroker.identities.organisations import Organisation, TenantTaken

    try:
        organisation = Organisation(id=id, tenant=tenant or id.replace("-", "_"), name=name or id)
    except ValidationError as error:
        raise CannotStart("; ".join(f"{wrong['loc'][0]}: {wrong['msg']}" for wrong in error.errors())) from None
    with at_desk(settings) as desk:
        if desk.run(desk.organisations.get(id)):
            raise CannotStart(f"The organisation {id} exists: see `datenbroker org list`.")
        try:
            desk.run(desk.organisations.put(organisation))
        except TenantTaken as taken:
            raise CannotStart(f"{taken}: --tenant NAME.") from None
        desk.did("organisation.create", f"organisation:{id}", tenant=organisation.tenant)
    typer.echo(f"{organisation.name} has the tenant {organisation.tenant}. Next: datenbroker key create {id}")


@app.command("list")
@with_settings(*STORE)
def list_organisations(settings: Settings) -> None:
    """List the organisations."""
    from datenbroker.commands.desk import at_desk, table

    with at_desk(settings) as desk:
        organisations = desk.run(desk.organisations.all())
    table(["Id", "Tenant", "Name"], [(one.id, one.tenant, one.name) for one in organisations])


@app.command()
@with_settings(*STORE)
def remove(settings: Settings, id: Annotated[str, typer.Argument(help="The organisation's id.")]) -> None:  # noqa: A002
    """Remove an organisation: its keys open nothing any more, its data stay in the context broker."""
    from datenbroker.commands.desk import at_desk

    with at_desk(settings) as desk:
        if not desk.run(desk.organisations.remove(id)):
            raise CannotStart(f"There is no organisation {id}: see `datenbroker org list`.")
        desk.did("organisation.remove", f"organisation:{id}")
    typer.echo(f"{id} is removed.")
