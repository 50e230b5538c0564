"""`datenbroker adapters`: the sources."""

import asyncio
from contextlib import AbstractAsyncContextManager
from typing import TYPE_CHECKING, Annotated

import typer

from datenbroker.commands.options import with_settings
from datenbroker.commands.serve import BROKER, COMMON, serve
from datenbroker.errors import CannotStart
from datenbroker.settings import Settings

if TYPE_CHECKING:
    from ngsi_adapters.run import Runner

app = typer.Typer(help="The adapters' sources: list, run.", no_args_is_help=True)


@app.command("list")
@with_settings("source_urls")
def list_sources(settings: Settings) -> None:
    """List the sources: for whom, how often, under which licence, from where."""
    from datenbroker.commands.desk import table
    from datenbroker.sources import chosen_sources
    from ngsi_adapters.registry import SourceRow, listing

    headings = [name.capitalize() for name in SourceRow._fields]
    table(headings, listing(chosen_sources(settings.source_urls)))


@app.command()
@with_settings("source_urls", *BROKER, *COMMON)
def run(
    settings: Settings,
    uids: Annotated[list[str] | None, typer.Argument(help="Only these sources.")] = None,
    once: Annotated[
        bool, typer.Option("--once", help="Read each source once, print what came of it, and end.")
    ] = False,
) -> None:
    """Run the sources, each in its own rhythm; they write to the context broker."""
    from datenbroker.main import Work, adapters_alone, platform
    from datenbroker.sources import chosen_sources

    chosen_sources(settings.source_urls, uids or ())  # a wrong name is said before anything is opened
    if not once:
        serve(platform(settings, Work.ADAPTERS, uids or ()), settings, None)
    elif failed := asyncio.run(_run_once(adapters_alone(settings, uids or ()))):
        raise CannotStart(f"Not read: {', '.join(failed)}.")


async def _run_once(adapters: AbstractAsyncContextManager["Runner"]) -> list[str]:
    """Prints what came of each source; returns those that failed."""
    from rich.console import Console

    console, failed = Console(), []
    async with adapters as runner:
        for source in runner.sources:
            with console.status(f"{source.uid}: {source.url}"):
                state = await runner.run_once(source)
            if state.failures:
                failed.append(source.uid)
            console.print(f"{source.uid}: {state.last_error or f'{state.records} records, {state.rejects} rejects'}")
    return failed
