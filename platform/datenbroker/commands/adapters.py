"""`datenbroker adapters`: the sources."""

import asyncio
from contextlib import AbstractAsyncContextManager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import orjson
import typer

from datenbroker.commands.options import with_settings
from datenbroker.commands.serve import ADAPTERS, BROKER, COMMON, serve
from datenbroker.errors import CannotStart
from datenbroker.settings import Settings

if TYPE_CHECKING:
    from rich.status import Status

    from ngsi_adapters.run import Runner

app = typer.Typer(help="The adapters' sources: list, show, run, new, parkapi.", no_args_is_help=True)
STORE = ("source_urls", "data", "mongodb_url")
SET_ONE = "Set one by --source-urls NAME=ADDRESS (or NAME=live), or read a file by `run NAME --from-file FILE`"
AsJson = Annotated[bool, typer.Option("--json", help="As JSON, for other programs.")]


@app.command("list")
@with_settings(*STORE)
def list_sources(settings: Settings, as_json: AsJson = False) -> None:
    """List the sources: for whom, how often, under which licence, from where; with --json also how they are doing."""
    from datenbroker.commands.desk import table
    from datenbroker.sources import chosen_sources
    from ngsi_adapters.registry import SourceRow, listing

    sources = chosen_sources(settings.source_urls)
    if as_json:
        _print_json([_opened(settings, source.uid) for source in sources])
        return
    table([name.capitalize() for name in SourceRow._fields], listing(sources))


@app.command()
@with_settings(*STORE)
def show(
    settings: Settings, uid: Annotated[str, typer.Argument(help="The source, e.g. parkapi.")], as_json: AsJson = False
) -> None:
    """Show how a source is doing: last success, records, rejects with their reasons, stale entities, its mapping."""
    from datenbroker.commands.desk import table

    told = _opened(settings, uid)
    if as_json:
        _print_json(told)
        return
    tables = ("last_rejects", "mapping", "missing")
    table(("", ""), [(name.replace("_", " "), _text(value)) for name, value in told.items() if name not in tables])
    for name in tables[:2]:
        if rows := told[name]:
            typer.echo("")
            table(
                [heading.capitalize() for heading in rows[0]], [[_text(cell) for cell in row.values()] for row in rows]
            )


@app.command()
@with_settings(*ADAPTERS, *BROKER, *COMMON)
def run(
    settings: Settings,
    uids: Annotated[list[str] | None, typer.Argument(help="Only these sources.")] = None,
    once: Annotated[
        bool, typer.Option("--once", help="Read each source once, print what came of it, and end.")
    ] = False,
    from_file: Annotated[
        Path | None, typer.Option(help="Read this file (or the folder of a source's parts) instead, once.")
    ] = None,
    dry_run: Annotated[
        bool,
        typer.Option("--dry-run", help="Print the entities and the rejects, one JSON object a line; write nothing."),
    ] = False,
) -> None:
    """Run the sources, each in its own rhythm; they write to the context broker."""
    from datenbroker.main import Work, adapters_alone, platform
    from datenbroker.sources import chosen_sources

    if from_file is not None:
        settings = _with_file(settings, uids or [], from_file)
    # a wrong name is said before anything is opened
    sources = [source for source in chosen_sources(settings.source_urls, uids or ()) if source.url or uids]
    if (dry_run or once) and not sources:
        raise CannotStart(f"No source has an address. {SET_ONE}.")
    if dry_run:
        failed = asyncio.run(_try(sources, settings))
    elif once or from_file is not None:
        failed = asyncio.run(_run_once(adapters_alone(settings, [source.uid for source in sources])))
    else:
        serve(platform(settings, Work.ADAPTERS, uids or ()), settings, None)
        return
    if failed:
        raise CannotStart(f"Not read: {', '.join(failed)}.")


@app.command()
def new(
    uid: Annotated[str, typer.Argument(help="Its name: small letters, digits and _, e.g. air_quality.")],
    subject: Annotated[str, typer.Option(help="parking, energy, waste, mobility, environment or generic.")] = "generic",
    folder: Annotated[Path, typer.Option(help="The repository.")] = Path(),
) -> None:
    """Write the skeleton of a source: its file, a sample, a test and its line in the registry."""
    from ngsi_adapters.skeleton import CannotWrite, write

    try:
        written = write(folder, uid, subject)
    except CannotWrite as error:
        raise CannotStart(str(error)) from None
    for path in written:
        typer.echo(path)
    typer.echo("Then: make docs check test. docs/adapters.md is the guide.")


@app.command()
def parkapi(as_json: AsJson = False) -> None:
    """List the converters of parkapi-sources (extra parkapi): licence, attribution, how they read, their settings."""
    from datenbroker.commands.desk import table
    from ngsi_adapters.fetching.failures import FetchFailed
    from ngsi_adapters.fetching.parkapi_bridge import Offer, offered

    try:
        offers = offered()
    except FetchFailed as error:
        raise CannotStart(f"{error}.") from None
    if as_json:
        _print_json([offer._asdict() for offer in offers])
        return
    table([name.capitalize() for name in Offer._fields], offers)


def _with_file(settings: Settings, uids: list[str], path: Path) -> Settings:
    if len(uids) != 1:
        raise CannotStart("--from-file needs exactly one source: datenbroker adapters run NAME --from-file FILE.")
    if not path.exists():
        raise CannotStart(f"{path} does not exist.")
    urls = {**settings.source_urls, uids[0]: str(path.absolute())}
    return settings.model_copy(update={"source_urls": urls})


async def _run_once(adapters: AbstractAsyncContextManager["Runner"]) -> list[str]:
    """Prints what came of each source; returns those that failed."""
    from rich.console import Console

    from document_store.lease import LeaseLost

    console, failed = Console(), []
    async with adapters as runner:
        for source in runner.sources:
            with console.status(f"{source.uid}: being read") as status:
                telling = asyncio.create_task(_tell(status, runner, source.uid))
                try:
                    state = await runner.run_once(source)
                except LeaseLost as error:
                    failed.append(source.uid)
                    console.print(f"{source.uid}: {error}")
                    continue
                finally:
                    telling.cancel()
            if state.failures:
                failed.append(source.uid)
            console.print(f"{source.uid}: {state.last_error or f'{state.records} records, {state.rejects} rejects'}")
            for rejected in state.last_rejects if state.rejects else ():
                console.print(f"  {rejected['record']}: {rejected['reason']}", markup=False)
        await runner.stop()
    return failed


async def _tell(status: "Status", runner: "Runner", uid: str) -> None:
    """How far a long run is, on a terminal."""
    while True:
        await asyncio.sleep(0.5)
        status.update(f"{uid}: {runner.records_so_far(uid):,} records so far")


async def _try(sources: list[Any], settings: Settings) -> list[str]:
    """Prints what each source would write, without broker and document store; returns those that failed."""
    from datenbroker.sources import terms_of
    from ngsi_adapters.fetching.failures import FetchFailed
    from ngsi_adapters.reading import MALFORMED
    from ngsi_adapters.rehearsal import rehearse

    failed, terms = [], terms_of(settings)
    for source in sources:
        entities, rejected = 0, list[str]()
        try:
            async for line in rehearse(source, terms):
                _print_json(line)
                entities += "rejected" not in line
                rejected += [line["rejected"]["kind"]] if "rejected" in line else []
            typer.echo(f"{source.uid}: {entities} entities, {len(rejected)} rejects; nothing was written", err=True)
        except FetchFailed as error:
            typer.echo(f"{source.uid}: {error}", err=True)
            rejected.append(MALFORMED)
        if MALFORMED in rejected:
            failed.append(source.uid)
    return failed


def _opened(settings: Settings, uid: str) -> dict[str, Any]:
    from datenbroker.commands.desk import at_desk
    from datenbroker.gateway.management.sources import SourceParts, opened
    from datenbroker.sources import chosen_sources

    source = chosen_sources(settings.source_urls, [uid])[0]
    with at_desk(settings) as desk:
        told = desk.run(opened(SourceParts(desk.store, lambda: (source,)), source))
    shown: dict[str, Any] = told.model_dump(mode="json")
    return shown


def _text(value: object) -> str:
    return "" if value is None else str(value)


def _print_json(value: Any) -> None:
    typer.echo(orjson.dumps(value).decode())
