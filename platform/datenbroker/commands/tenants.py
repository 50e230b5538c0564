"""`datenbroker tenant`: the tenants of a running context broker, and its cache of downloaded contexts."""

from typing import TYPE_CHECKING, Annotated

import typer

from datenbroker.errors import CannotStart

if TYPE_CHECKING:
    import httpx

app = typer.Typer(
    help="Tenants of a running context broker: list, create, remove; and its context cache.", no_args_is_help=True
)

Url = Annotated[
    str,
    typer.Option("--url", help="The broker by itself, or the gateway before it (then with an administrator's key)."),
]
Key = Annotated[str, typer.Option("--key", help="API key of an administrator, where the URL is the gateway's.")]
Name = Annotated[str, typer.Argument(help="The tenant's name.")]
BROKER = "http://127.0.0.1:1026"


@app.command("list")
def list_tenants(url: Url = BROKER, key: Key = "") -> None:
    """List the tenants with how many entities and subscriptions each has."""
    from datenbroker.commands.desk import table

    tenants = _ask("GET", "tenants", url, key).json()
    rows = [(one["name"] or "(default)", str(one["entities"]), str(one["subscriptions"])) for one in tenants]
    table(["Tenant", "Entities", "Subscriptions"], rows)


@app.command()
def create(name: Name, url: Url = BROKER, key: Key = "") -> None:
    """Make a tenant before its first entity."""
    made = _ask("PUT", f"tenants/{name}", url, key).status_code == 201
    typer.echo(f"{name} is made." if made else f"{name} was there already.")


@app.command()
def remove(
    name: Name,
    url: Url = BROKER,
    key: Key = "",
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False,
) -> None:
    """Delete a tenant with all its entities and subscriptions. There is no undo."""
    if not yes:
        typer.confirm(f"Delete {name} with all its entities and subscriptions, for good?", abort=True)
    _ask("DELETE", f"tenants/{name}", url, key)
    typer.echo(f"{name} is gone.")


@app.command("clear-contexts")
def clear_contexts(url: Url = BROKER, key: Key = "") -> None:
    """Forget the downloaded @contexts; they are fetched again when next used."""
    typer.echo(f"{_ask('DELETE', 'contexts', url, key).json()['removed']} contexts forgotten.")


def _ask(method: str, path: str, url: str, key: str) -> "httpx.Response":
    import httpx

    headers = {"X-API-Key": key} if key else {}
    try:
        answer = httpx.request(method, f"{url.rstrip('/')}/admin/{path}", headers=headers, timeout=600)
    except httpx.TransportError:
        raise CannotStart(f"Nothing answers at {url}: name the broker or the gateway with --url.") from None
    if answer.is_success:
        return answer
    problem = answer.json() if "json" in answer.headers.get("content-type", "") else {}
    raise CannotStart(f"{url} refused with {answer.status_code}: {problem.get('detail') or 'it has no such resource'}")
