"""`datenbroker products`: data products."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from datenbroker.commands.options import with_settings
from datenbroker.errors import CannotStart
from datenbroker.settings import Settings

if TYPE_CHECKING:
    from datenbroker.products.product import ProductWanted

app = typer.Typer(
    help="Data products: describe, make ready, release, retire; ready and release need two people.",
    no_args_is_help=True,
)

STORE = ("data", "mongodb_url")

Slug = Annotated[str, typer.Argument(help="The product's short name.")]
Described = Annotated[
    Path, typer.Argument(help="A product as YAML or JSON: see docs/products.md.", exists=True, dir_okay=False)
]


@app.command("list")
@with_settings(*STORE)
def list_products(
    settings: Settings, org: Annotated[str | None, typer.Option(help="Only the products of this organisation.")] = None
) -> None:
    """List the products: whose, for whom, and how far they have come."""
    from datenbroker.commands.desk import table
    from datenbroker.commands.sharing.counter import at_counter, operator

    with at_counter(settings) as counter:
        found = [product for product in counter.products.visible(operator()) if org in (None, product.organisation)]
    rows = [
        (one.slug, one.organisation, one.visibility, one.state, str(one.version), one.title.de, f"{one.modified:%F %R}")
        for one in found
    ]
    table(["Product", "Organisation", "Visible", "State", "Version", "Title", "Modified"], rows)


@app.command()
@with_settings(*STORE)
def show(settings: Settings, slug: Slug) -> None:
    """Show a product as JSON: what is served, and the version that is not released yet."""
    from datenbroker.commands.sharing.counter import at_counter, operator
    from datenbroker.products.access import ProductRefused

    with at_counter(settings) as counter:
        try:
            versions = counter.products.versions(slug, operator())
        except ProductRefused:
            raise CannotStart(f"There is no product {slug}: see `datenbroker products list`.") from None
    typer.echo(versions.model_dump_json(indent=2, exclude={"before"}))


@app.command()
@with_settings(*STORE)
def create(
    settings: Settings, file: Described, org: Annotated[str, typer.Option(help="The organisation that owns it.")]
) -> None:
    """Describe a product: a draft, which only its owner sees."""
    from datenbroker.commands.sharing.counter import at_counter, operator

    wanted = _described(file)
    with at_counter(settings) as counter:
        counter.run(counter.products.create(wanted, org, operator()))
    typer.echo(f"{wanted.slug} is a draft. Next: datenbroker products ready {wanted.slug}")


@app.command()
@with_settings(*STORE)
def change(settings: Settings, file: Described) -> None:
    """Describe a product anew: wording changes at once, everything else needs a release again."""
    from datenbroker.commands.sharing.counter import at_counter, operator

    wanted = _described(file)
    with at_counter(settings) as counter:
        changed = counter.run(counter.products.change(wanted, operator()))
    typer.echo(f"{wanted.slug}: version {changed.latest.version} is {changed.latest.state}.")


@app.command()
@with_settings(*STORE)
def ready(settings: Settings, slug: Slug) -> None:
    """Say that a draft can be released; somebody else than you releases it."""
    _step(settings, slug, "ready")


@app.command()
@with_settings(*STORE)
def release(settings: Settings, slug: Slug) -> None:
    """Make available what somebody else has made ready."""
    _step(settings, slug, "release")


@app.command()
@with_settings(*STORE)
def retire(settings: Settings, slug: Slug) -> None:
    """End a product: from then on it answers 410 and whom to ask."""
    _step(settings, slug, "retire")


@app.command()
@with_settings(*STORE)
def undo(settings: Settings, slug: Slug) -> None:
    """Take the last step back: released to ready (or to the version before), ready to draft, retired to available."""
    _step(settings, slug, "undo")


@app.command()
@with_settings(*STORE)
def discard(settings: Settings, slug: Slug) -> None:
    """Drop a draft; what has been released stays."""
    from datenbroker.commands.sharing.counter import at_counter, operator

    with at_counter(settings) as counter:
        counter.run(counter.products.discard(slug, operator()))
    typer.echo(f"The draft of {slug} is dropped.")


def _step(settings: Settings, slug: str, step: str) -> None:
    from datenbroker.commands.sharing.counter import at_counter, operator
    from datenbroker.products.life_cycle import Step

    with at_counter(settings) as counter:
        changed = counter.run(counter.products.step(slug, Step(step), operator()))
    typer.echo(f"{slug}: version {changed.latest.version} is {changed.latest.state}.")


def _described(file: Path) -> "ProductWanted":
    import msgspec
    from pydantic import ValidationError

    from datenbroker.products.product import ProductWanted

    try:
        return ProductWanted.model_validate(msgspec.yaml.decode(file.read_bytes()))
    except (msgspec.MsgspecError, UnicodeDecodeError) as error:
        raise CannotStart(f"{file} is no YAML: {error}") from None
    except ValidationError as error:
        mistakes = (f"{'.'.join(map(str, one['loc']))}: {one['msg']}" for one in error.errors(include_url=False))
        raise CannotStart(f"{file}: " + "; ".join(mistakes)) from None
