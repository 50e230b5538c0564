"""What the operator reads: what runs where, with which keys, and lines to paste."""

from dataclasses import dataclass
from pathlib import Path

from rich.console import Console
from rich.table import Table

from datenbroker.identities.first_keys import FirstKeys
from datenbroker.process.data_folder import write_private


@dataclass(frozen=True)
class Running:
    """Where the parts of this process are reached; None for a part without an address of its own.

    `not_ready` says what does not answer yet, `demo` what is simulated.
    """

    gateway: str | None
    broker: str | None
    mqtt: str | None
    keys: FirstKeys
    not_ready: tuple[str, ...] = ()
    demo: str | None = None
    iota: str | None = None


def write_ready_file(path: Path, running: Running, pid: int) -> None:
    """For scripts and tests; only this user can read it, since it holds keys."""
    content = {
        "gateway": running.gateway,
        "broker": running.broker,
        "mqtt": running.mqtt,
        "iota": running.iota,
        "pid": pid,
        "admin_key": running.keys.admin,
        "keys": running.keys.organisations,
    }
    path.parent.mkdir(parents=True, exist_ok=True)
    write_private(path, content)


def show(running: Running, console: Console) -> None:
    """Addresses, keys, and lines to paste; plain text where the output is no terminal."""
    console.print()
    console.print("[bold]The Datenbroker is running.[/] Ctrl-C stops it; what it knows is kept.")
    _show_addresses(running, console)
    if running.keys.admin or running.keys.organisations:
        _show_keys(running, console)
    for line in _lines_to_paste(running):
        _print_whole(line, console)
    for part in running.not_ready:
        console.print(f"[bold red]Not ready:[/] {part}")
    console.print()


def _print_whole(line: str, console: Console) -> None:
    """Without breaking the line, so that it can be copied."""
    console.print(line, soft_wrap=True, markup=False, highlight=False)


def _show_addresses(running: Running, console: Console) -> None:
    table = Table.grid(padding=(0, 2))
    rows = {
        "Gateway": running.gateway,
        "API docs": running.gateway and f"{running.gateway}/docs",
        "Context broker": running.broker,
        "MQTT": running.mqtt,
        "IoT agent": running.iota,
        "Demo city": running.demo,
    }
    for name, row in rows.items():
        if row:
            table.add_row(f"  {name}", row)
    console.print(table)


def _show_keys(running: Running, console: Console) -> None:
    console.print("\n[bold]API keys[/]")
    keys = running.keys.organisations | ({"administrator": running.keys.admin} if running.keys.admin else {})
    width = max(map(len, keys))
    for owner, key in keys.items():
        _print_whole(f"  {owner:<{width}}  {key}", console)
    if not running.keys.organisations:
        console.print("  The administrator's key is shown this once: keep it in a safe place.")


def _lines_to_paste(running: Running) -> list[str]:
    keys, gateway = running.keys.organisations, running.gateway
    if not gateway or not {"stadt-herne", "entsorgung-herne"} <= keys.keys():
        return []
    entities = f"{gateway}/ngsi-ld/v1/entities"
    return [
        "\nFree parking bays, the fullest containers, and what was refused:",
        f"""  curl -H 'X-API-Key: {keys["stadt-herne"]}' \
'{entities}?type=ParkingSpot&q=status==%22free%22&options=keyValues&limit=3'""",
        f"""  curl -H 'X-API-Key: {keys["entsorgung-herne"]}' \
'{entities}?type=WasteContainer&q=fillingLevel%3E0.5&options=keyValues&limit=3'""",
        f"""  curl -H 'X-API-Key: {running.keys.admin}' '{gateway}/admin/rejects?limit=3'""",
        "\nAn open data product, without a key, as entities and as a table; and all that you may find:",
        f"""  curl '{gateway}/products/behaelter/ngsi-ld/v1/entities?type=WasteContainer&options=keyValues&limit=3'""",
        f"""  curl '{gateway}/products/behaelter/export.csv?locale=de'""",
        f"""  curl '{gateway}/products'""",
    ]
