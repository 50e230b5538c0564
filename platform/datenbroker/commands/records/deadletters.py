"""`datenbroker deadletters`: messages of sensors that could not be processed."""

import asyncio
from collections.abc import Coroutine, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, TypeVar

import typer

from datenbroker.commands.options import with_settings
from datenbroker.errors import CannotStart
from datenbroker.settings import Settings

if TYPE_CHECKING:
    from iot_agents.ingest.deadletters import DeadLetter
    from iot_agents.ingest.letterbox import LetterBox

app = typer.Typer(
    help="Messages of sensors that could not be processed: list, show, mend, replay, discard, export.",
    no_args_is_help=True,
)
STORE = ("data", "mongodb_url")
LOOKS = 0.2

T = TypeVar("T")

Id = Annotated[str, typer.Argument(help="The letter's id: see `datenbroker deadletters list`.")]
Tenant = Annotated[str | None, typer.Option(help="Only this tenant's; `-`: those of devices that nobody knows.")]
Kind = Annotated[str | None, typer.Option(help="Only those of this kind, e.g. out_of_range.")]
Device = Annotated[str | None, typer.Option(help="Only those of this device's key.")]


@dataclass(frozen=True)
class LetterDesk:
    """The letters, opened for one command, also while a platform runs on the same store."""

    box: "LetterBox"
    _runner: asyncio.Runner

    def run(self, work: "Coroutine[Any, Any, T]") -> T:
        return self._runner.run(work)

    def letter(self, letter_id: str) -> "DeadLetter":
        found = self.run(self.box.get(letter_id))
        if found is None:
            raise CannotStart(f"There is no dead letter {letter_id}: see `datenbroker deadletters list`.")
        return found

    def chosen(self, tenant: str | None, kind: str | None, device: str | None) -> "list[DeadLetter]":
        wanted = (tenant, kind, device)
        letters = self.run(self.box.all())
        shown = [(letter, (letter.tenant or "-", letter.kind, letter.device)) for letter in letters]
        return [one for one, known in shown if all(w in (None, k) for w, k in zip(wanted, known, strict=True))]


@contextmanager
def at_letter_desk(settings: Settings) -> Iterator[LetterDesk]:
    from datenbroker.stores import open_store
    from iot_agents.ingest.letterbox import LetterBox

    with asyncio.Runner() as runner:
        store = runner.run(open_store(settings))
        try:
            yield LetterDesk(LetterBox(store), runner)
        finally:
            runner.run(store.close())


@app.command("list")
@with_settings(*STORE)
def list_letters(settings: Settings, tenant: Tenant = None, kind: Kind = None, device: Device = None) -> None:
    """List the dead letters, the newest first."""
    from datenbroker.commands.desk import table

    with at_letter_desk(settings) as desk:
        found = desk.chosen(tenant, kind, device)
    rows = [
        (one.id, f"{one.at:%Y-%m-%d %H:%M:%S}", one.tenant or "-", one.source, one.device or "", one.kind, one.reason)
        for one in found
    ]
    table(["Letter", "Came (UTC)", "Tenant", "Source", "Device", "Kind", "Reason"], rows)


@app.command()
@with_settings(*STORE)
def show(settings: Settings, letter_id: Id) -> None:
    """Show a dead letter with its payload, as JSON."""
    with at_letter_desk(settings) as desk:
        typer.echo(_line(desk, desk.letter(letter_id), indent=2))


@app.command()
@with_settings(*STORE)
def export(settings: Settings, tenant: Tenant = None, kind: Kind = None, device: Device = None) -> None:
    """Write the dead letters with their payloads, a JSON object a line."""
    with at_letter_desk(settings) as desk:
        for letter in desk.chosen(tenant, kind, device):
            typer.echo(_line(desk, letter))


@app.command()
@with_settings(*STORE)
def mend(
    settings: Settings,
    letter_id: Id,
    payload: Annotated[Path | None, typer.Option(help="A file with the payload as it should be.", exists=True)] = None,
    topic: Annotated[str | None, typer.Option(help="The topic as it should be.")] = None,
) -> None:
    """Change payload or topic of a dead letter; then replay it."""
    if payload is None and topic is None:
        raise CannotStart("Nothing is to be mended: give --payload FILE or --topic TOPIC.")
    with at_letter_desk(settings) as desk:
        desk.run(desk.box.mend(desk.letter(letter_id), payload.read_bytes() if payload else None, topic))
    typer.echo(f"{letter_id} is mended. To have it processed: datenbroker deadletters replay {letter_id}")


@app.command()
@with_settings(*STORE)
def replay(
    settings: Settings,
    letter_ids: Annotated[list[str] | None, typer.Argument(help="The letters' ids; or choose by the options.")] = None,
    *,
    every: Annotated[bool, typer.Option("--all", help="All that the other options choose.")] = False,
    tenant: Tenant = None,
    kind: Kind = None,
    device: Device = None,
    wait: Annotated[float, typer.Option(min=0, help="Seconds to wait for the running agents.")] = 10.0,
) -> None:
    """Have dead letters processed again by the running agents; what is still wrong comes back as a new letter."""
    with at_letter_desk(settings) as desk:
        if not letter_ids and not every:
            raise CannotStart("Name the letters to replay, or give --all.")
        letters = [desk.letter(one) for one in letter_ids] if letter_ids else desk.chosen(tenant, kind, device)
        desk.run(desk.box.replay(letters))
        left = desk.run(_left(desk.box, letters, wait))
    typer.echo(f"{len(letters) - len(left)} of {len(letters)} replayed")
    if left:
        typer.echo("The others wait until agents of their kind run: datenbroker agents, or up.", err=True)
        raise typer.Exit(2)


@app.command()
@with_settings(*STORE)
def discard(
    settings: Settings,
    letter_ids: Annotated[list[str], typer.Argument(help="The letters' ids.")],
) -> None:
    """Delete dead letters for good."""
    with at_letter_desk(settings) as desk:
        for letter in [desk.letter(one) for one in letter_ids]:
            desk.run(desk.box.discard(letter))
    typer.echo(f"{len(letter_ids)} discarded")


async def _left(box: "LetterBox", letters: "list[DeadLetter]", seconds: float) -> "list[DeadLetter]":
    """Those that are still there after so long."""
    deadline = asyncio.get_running_loop().time() + seconds
    left = letters
    while left and asyncio.get_running_loop().time() < deadline:
        await asyncio.sleep(LOOKS)
        left = [letter for letter in left if await box.get(letter.id) is not None]
    return left


def _line(desk: LetterDesk, letter: "DeadLetter", indent: int = 0) -> str:
    import base64

    import msgspec

    payload = desk.run(desk.box.payload(letter))
    shown = msgspec.to_builtins(letter) | {"id": letter.id, "payload": payload.decode("utf-8", "backslashreplace")}
    shown["payload_base64"] = base64.b64encode(payload).decode()
    text = msgspec.json.encode(shown)
    return (msgspec.json.format(text, indent=indent) if indent else text).decode()
