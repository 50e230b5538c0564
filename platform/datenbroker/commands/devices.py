"""`datenbroker devices`: the devices' lists."""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, TypeVar

import typer

from datenbroker.commands.options import with_settings
from datenbroker.errors import CannotStart
from datenbroker.settings import Settings

if TYPE_CHECKING:
    from collections.abc import Coroutine

    from document_store.store import DocumentStore
    from iot_agents.devices.imports import ImportReport
    from iot_agents.registry import Device, DeviceRegistry

app = typer.Typer(
    help="Devices: import, export, list, show; undo an import.",
    no_args_is_help=True,
)

STORE = ("data", "mongodb_url")
SHOWN_REJECTS = 20

T = TypeVar("T")

Tenant = Annotated[str | None, typer.Option(help="Only the devices of this tenant.")]


@dataclass(frozen=True)
class DeviceDesk:
    """The registry, opened for one command, also while a platform runs on the same store."""

    store: "DocumentStore"
    registry: "DeviceRegistry"
    _runner: asyncio.Runner

    def run(self, work: "Coroutine[Any, Any, T]") -> T:
        return self._runner.run(work)

    def devices(self, tenant: str | None) -> "list[Device]":
        return [device for device in self.registry.all() if tenant in (None, device.tenant)]


@contextmanager
def at_device_desk(settings: Settings) -> "Iterator[DeviceDesk]":
    from datenbroker.stores import open_store
    from iot_agents.registry import DeviceRegistry

    with asyncio.Runner() as runner:
        store = runner.run(open_store(settings))
        try:
            registry = DeviceRegistry(store)
            runner.run(registry.load())
            yield DeviceDesk(store, registry, runner)
        finally:
            runner.run(store.close())


@app.command("import")
@with_settings(*STORE, "json_sources")
def import_list(
    settings: Settings,
    file: Annotated[Path, typer.Argument(help="A list of devices: .csv, .xlsx or .yaml.", exists=True, dir_okay=False)],
    *,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only say what would be done.")] = False,
    organisation: Annotated[str, typer.Option(help="Whose devices, where the list does not say.")] = "",
    profile: Annotated[str, typer.Option(help="Their profile, where the list does not say.")] = "",
    entity_id: Annotated[str, typer.Option(help="Pattern of the entities' ids, e.g. urn:ngsi-ld:{type}:{key}.")] = "",
) -> None:
    """Register the devices of a list; lines that are no device are reported with their reason."""
    from datenbroker.devices import networks
    from datenbroker.identities.organisations import Organisations
    from iot_agents.devices.imports import DeviceImports, Rules
    from iot_agents.devices.listing import UnreadableList, lines_of
    from iot_agents.profile import bundled_profiles

    try:
        lines = lines_of(file.read_bytes(), file.name)
    except UnreadableList as unreadable:
        raise CannotStart(f"{file}: {unreadable}.") from None
    given = {"organisation": organisation, "profile": profile, "entity_id": entity_id}
    with at_device_desk(settings) as desk:
        tenants = {one.id: one.tenant for one in desk.run(Organisations(desk.store).all())}
        filled = {name: value for name, value in given.items() if value}
        rules = Rules(tenants, bundled_profiles(), filled, frozenset(one.uid for one in networks(settings)))
        imports = DeviceImports(desk.store, desk.registry)
        report = desk.run(imports.tried(lines, rules)) if dry_run else _import(desk, imports, lines, rules, file.name)
    _print(report)
    if report.rejected:
        raise typer.Exit(2)


def _import(desk: DeviceDesk, imports: Any, lines: Any, rules: Any, file: str) -> "ImportReport":
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

    columns = (TextColumn("Import"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns, console=Console(stderr=True)) as progress:
        task = progress.add_task("import", total=2 * len(lines))
        report: ImportReport = desk.run(imports.run(lines, rules, file, lambda done: progress.advance(task, done)))
    return report


def _print(report: "ImportReport") -> None:
    verb = "done" if report.id else "nothing changed"
    typer.echo(
        f"{report.rows} lines, {verb}: {report.created} new, {report.replaced} replaced, "
        f"{report.unchanged} unchanged, {len(report.rejected)} rejected"
    )
    for row in report.rejected[:SHOWN_REJECTS]:
        typer.echo(f"line {row.line}: {row.reason}")
    if len(report.rejected) > SHOWN_REJECTS:
        typer.echo(f"… and {len(report.rejected) - SHOWN_REJECTS} more")
    if report.id:
        typer.echo(f"Import {report.id}. To take it back: datenbroker devices undo {report.id}")


@app.command()
@with_settings(*STORE)
def undo(
    settings: Settings,
    import_id: Annotated[str | None, typer.Argument(help="The import's id; without it the imports are listed.")] = None,
) -> None:
    """Take an import back: its new devices go, those it replaced are as before; what was changed since stays."""
    from datenbroker.commands.desk import table
    from iot_agents.devices.imports import DeviceImports

    with at_device_desk(settings) as desk:
        imports = DeviceImports(desk.store, desk.registry)
        if import_id is None:
            found = desk.run(imports.all())
            rows = [(one["_id"], one["file"], str(one["created"]), str(one["replaced"])) for one in found]
            table(["Import", "File", "New", "Replaced"], rows)
            return
        try:
            undone = desk.run(imports.undo(import_id))
        except KeyError:
            raise CannotStart(f"There is no import {import_id}: see `datenbroker devices undo`.") from None
    typer.echo(f"{undone.deleted} devices deleted, {undone.restored} restored, {undone.kept} changed since and kept")


@app.command()
@with_settings(*STORE)
def export(
    settings: Settings,
    file: Annotated[Path | None, typer.Argument(help="Where to; without it to the standard output.")] = None,
    tenant: Tenant = None,
) -> None:
    """Write the devices as a CSV list that `import` reads."""
    from iot_agents.devices.listing import csv_of

    with at_device_desk(settings) as desk:
        text = csv_of(desk.devices(tenant))
    if file is None:
        typer.echo(text, nl=False)
    else:
        file.write_bytes(b"\xef\xbb\xbf" + text.encode())  # with the mark by which Excel knows UTF-8


@app.command("list")
@with_settings(*STORE)
def list_devices(
    settings: Settings,
    tenant: Tenant = None,
    silent: Annotated[bool, typer.Option("--silent", help="Only those silent for longer than they may be.")] = False,
) -> None:
    """List the devices: of whom, what kind, when last heard."""
    from datetime import UTC, datetime

    from datenbroker.commands.desk import table
    from iot_agents.devices.frames import FrameLog
    from iot_agents.devices.silence import silent_devices
    from iot_agents.profile import bundled_profiles

    with at_device_desk(settings) as desk:
        devices, states = desk.devices(tenant), desk.run(FrameLog(desk.store).states())
    if silent:
        devices = [one.device for one in silent_devices(devices, states, bundled_profiles(), datetime.now(UTC))]
    seen = {state.id: f"{state.last_seen:%Y-%m-%d %H:%M}" for state in states.values() if state.last_seen}
    rows = [(one.id, one.tenant, one.profile, one.entity_id, one.name, seen.get(one.id, "never")) for one in devices]
    table(["Device", "Tenant", "Profile", "Entity", "Name", "Last heard (UTC)"], rows)


@app.command()
@with_settings(*STORE)
def show(
    settings: Settings,
    device_id: Annotated[str, typer.Argument(help="<network>:<key>, e.g. chirpstack:a84041ffff1865ab.")],
    frames: Annotated[int, typer.Option(min=0, max=100, help="How many of its last messages.")] = 10,
) -> None:
    """Show a device and its last messages as JSON: what came, what became of it, why something was rejected."""
    import msgspec
    from rich.console import Console

    from iot_agents.devices.frames import FrameLog

    with at_device_desk(settings) as desk:
        device = desk.registry.get(device_id)
        last = desk.run(FrameLog(desk.store).last(device_id, frames)) if frames else []
    if device is None:
        raise CannotStart(f"There is no device {device_id}: see `datenbroker devices list`.")
    shown = msgspec.to_builtins(device) | {"mirror": device.mirror_id, "last_frames": msgspec.to_builtins(last)}
    Console(soft_wrap=True).print_json(msgspec.json.encode(shown).decode())
