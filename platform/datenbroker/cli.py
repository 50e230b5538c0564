"""The command line. What a command needs is imported when it runs, so that --help and version answer at once."""

import sys

import typer

from datenbroker.commands import (
    adapters,
    codec,
    device_access,
    device_commands,
    devices,
    keys,
    organisations,
    serve,
    tenants,
)
from datenbroker.commands.models import validate
from datenbroker.commands.records import audit, deadletters, usage
from datenbroker.commands.sharing import grants, inventory, products
from datenbroker.errors import CannotStart

app = typer.Typer(
    help="The Herne Datenbroker: a city's sensors, systems and organisations on one NGSI-LD data platform.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)
for command in (serve.up, serve.gateway, serve.agents, serve.broker):
    app.command()(command)
app.add_typer(adapters.app, name="adapters")
app.add_typer(codec.app, name="codec")
devices.app.add_typer(device_access.credentials, name="credential")
devices.app.add_typer(device_access.webhooks, name="webhook")
devices.app.command()(device_access.acl)
devices.app.add_typer(device_commands.app, name="command")
app.add_typer(devices.app, name="devices")
app.add_typer(organisations.app, name="org")
app.add_typer(keys.app, name="key")
app.add_typer(tenants.app, name="tenant")
app.add_typer(audit.app, name="audit")
app.add_typer(deadletters.app, name="deadletters")
app.command()(usage.usage)
app.command()(validate.validate)
products.app.command()(inventory.measure)
app.add_typer(products.app, name="products")
app.add_typer(grants.app, name="grants")
app.command()(inventory.inventory)


@app.command()
def version() -> None:
    """Print the version."""
    from importlib.metadata import version as installed

    typer.echo(installed("herne-datenbroker"))


def main() -> None:
    """The entry point `datenbroker`."""
    try:
        app()
    except CannotStart as error:
        typer.echo(f"datenbroker: {error}", err=True)
        sys.exit(1)


if __name__ == "__main__":
    main()
