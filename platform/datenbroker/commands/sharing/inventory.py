"""`datenbroker inventory`, and measuring the quality of a product out of turn."""

from typing import TYPE_CHECKING, Annotated, Literal

import typer

from datenbroker.commands.options import with_settings
from datenbroker.errors import CannotStart
from datenbroker.settings import Settings

if TYPE_CHECKING:
    from datenbroker.catalogue.inventory.survey import Inventory

STORE = ("data", "mongodb_url", "inventory_metres", "source_urls")

Form = Annotated[Literal["table", "json", "csv"], typer.Option("--format", help="How to print it.")]


@with_settings(*STORE)
def inventory(
    settings: Settings,
    form: Form = "table",
    lang: Annotated[Literal["de", "en"], typer.Option(help="Language of the sentences.")] = "de",
) -> None:
    """Show which data are collected, by which interface and for whom, and what two organisations collect.

    Compares the devices' entities only: a running gateway's /inventory compares everything in the broker.
    """
    from datenbroker.catalogue.inventory.sheet import sheet

    found = _found(settings)
    if form == "json":
        typer.echo(found.model_dump_json(indent=2))
    elif form == "csv":
        typer.echo(sheet(found, lang), nl=False)
    else:
        _print(found, lang)


@with_settings("data", "mongodb_url")
def measure(settings: Settings, slug: Annotated[str, typer.Argument(help="The product's short name.")]) -> None:
    """Have the quality of a product measured now, by the gateway that runs: within some seconds."""
    from datenbroker.catalogue.quality.records import QualityRecords
    from datenbroker.commands.desk import at_desk
    from datenbroker.products.records import Records

    with at_desk(settings) as desk:
        if desk.run(Records(desk.store).product(slug)) is None:
            raise CannotStart(f"There is no product {slug}: see `datenbroker products list`.")
        desk.run(QualityRecords(desk.store).ask(slug))
    typer.echo(f"{slug} is measured as soon as a gateway runs: see /catalog/{slug}/quality")


def _found(settings: Settings) -> "Inventory":
    from datenbroker.catalogue.inventory.survey import Survey
    from datenbroker.commands.desk import at_desk
    from datenbroker.products.products import Products
    from datenbroker.sources import chosen_sources

    with at_desk(settings) as desk:
        products = Products(desk.store, desk.organisations, desk.audit)
        desk.run(products.load())
        sources = chosen_sources(settings.source_urls)
        survey = Survey(desk.store, products, desk.organisations, lambda: sources, metres=settings.inventory_metres)
        return desk.run(survey.inventory())


def _print(found: "Inventory", lang: str) -> None:
    from datenbroker.commands.desk import table

    rows = [
        (line.organisation, line.kind, line.name, ", ".join(line.types), line.interface, ", ".join(line.users))
        for line in found.lines
    ]
    table(["Organisation", "Kind", "Name", "Types", "Interface", "Others who use it"], rows)
    for one in found.duplicates:
        typer.echo(one.sentence[lang])
