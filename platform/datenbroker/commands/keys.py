"""`datenbroker key`: API keys."""

from datetime import timedelta
from typing import TYPE_CHECKING, Annotated

import typer

from datenbroker.commands.options import with_settings
from datenbroker.errors import CannotStart
from datenbroker.identities.roles import Role, Scope
from datenbroker.settings import Settings

if TYPE_CHECKING:
    from datenbroker.identities.api_key import ApiKey

app = typer.Typer(help="API keys: create, list, rotate, revoke.", no_args_is_help=True)

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
    *,
    scope: Annotated[list[Scope] | None, typer.Option(help="No more than this; repeat for several.")] = None,
    product: Annotated[list[str] | None, typer.Option(help="Only this data product; repeat for several.")] = None,
    tenant_wide: Annotated[bool, typer.Option(help="Beside the products also the organisation's own tenant.")] = False,
    rate: Annotated[int | None, typer.Option(min=1, help="Requests a minute, instead of the platform's.")] = None,
    quota: Annotated[int | None, typer.Option(min=1, help="Requests a day, instead of the platform's.")] = None,
) -> None:
    """Create a key. It is printed this once: only its hash is kept."""
    from datenbroker.commands.desk import at_desk
    from datenbroker.identities.api_key import Limits
    from datenbroker.identities.keys import KeyNotFit

    limits = Limits(
        scopes=frozenset(scope) if scope else None,
        products=frozenset(product) if product else None,
        tenant_wide=tenant_wide,
        rate=rate,
        quota=quota,
    )
    roles = frozenset(role or [Role.DATA_CONSUMER if organisation else Role.PLATFORM_ADMIN])
    with at_desk(settings) as desk:
        if organisation is not None and desk.run(desk.organisations.get(organisation)) is None:
            raise CannotStart(f"There is no organisation {organisation}: see `datenbroker org list`.")
        try:
            lifetime = timedelta(days=days) if days else None
            key, details = desk.run(desk.keys.create(organisation, roles, name, lifetime, limits))
        except KeyNotFit as error:
            raise CannotStart(f"{error}: name the organisation.") from None
        desk.did("key.create", f"key:{details.prefix}", **{"for": organisation, "roles": sorted(roles)})
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
            _limits(key),
            *(f"{at:%Y-%m-%d %H:%M}" if at else "" for at in (key.created, key.last_used, key.expires, key.revoked)),
        )
        for key in keys
    ]
    table(["Key", "Organisation", "Roles", "Name", "Limits", "Created", "Last used", "Expires", "Revoked"], rows)


def _limits(key: "ApiKey") -> str:
    """Scopes, products, rate and quota as they are set, e.g. `read; parken; 60/min`."""
    limits = key.limits
    said = [", ".join(sorted(limits.scopes or ())), ", ".join(sorted(limits.products or ()))]
    said += [f"{limits.rate}/min" if limits.rate else "", f"{limits.quota}/day" if limits.quota else ""]
    return "; ".join(filter(None, said))


@app.command()
@with_settings(*STORE)
def rotate(
    settings: Settings,
    prefix: Annotated[str, typer.Argument(help="The old key's name in the list: hdb_PREFIX_…")],
    hours: Annotated[int, typer.Option(min=0, max=24 * 90, help="So long the old key goes on.")] = 24,
) -> None:
    """Create a key that may the same as an old one, which goes on for some hours. It is printed this once."""
    from datenbroker.commands.desk import at_desk
    from datenbroker.identities.keys import KeyNotFit

    with at_desk(settings) as desk:
        try:
            made = desk.run(desk.keys.rotate(prefix, timedelta(hours=hours)))
        except KeyNotFit as error:
            raise CannotStart(f"{error}.") from None
        if made is None:
            raise CannotStart(f"There is no key {prefix}: see `datenbroker key list`.")
        desk.did("key.rotate", f"key:{prefix}", new=made[1].prefix, hours=hours)
    typer.echo(made[0])


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
        desk.did("key.revoke", f"key:{prefix}")
    typer.echo(f"The key {prefix} is revoked.")
