"""`datenbroker devices credential | webhook | acl`: by what devices' gateways and networks prove who they are."""

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from datenbroker.commands.devices import DeviceDesk, at_device_desk
from datenbroker.commands.options import with_settings
from datenbroker.errors import CannotStart
from datenbroker.settings import Settings

if TYPE_CHECKING:
    from iot_agents.devices.mqtt_credentials import MqttCredentials

credentials = typer.Typer(help="Users of the MQTT broker: create, list, remove.", no_args_is_help=True)
webhooks = typer.Typer(help="Webhooks that sign what they send: create, list, remove.", no_args_is_help=True)

STORE = ("data", "mongodb_url")
WITH_NETWORKS = (*STORE, "json_sources")

Name = Annotated[str, typer.Option(help="What it is for.")]


def _tenant(desk: DeviceDesk, organisation: str) -> str:
    from datenbroker.identities.organisations import Organisations

    found = desk.run(Organisations(desk.store).get(organisation))
    if found is None:
        raise CannotStart(f"There is no organisation {organisation}: see `datenbroker org list`.")
    return found.tenant


def _credentials(desk: DeviceDesk) -> "MqttCredentials":
    from iot_agents.devices.mqtt_credentials import MqttCredentials

    return MqttCredentials(desk.store)


@credentials.command("create")
@with_settings(*STORE)
def create_credential(
    settings: Settings,
    organisation: Annotated[
        str | None, typer.Argument(help="Whose devices; without it a user for the platform, who may do everything.")
    ] = None,
    name: Name = "made on the command line",
    certificate: Annotated[
        str | None,
        typer.Option(help="The common name in the certificate by which it proves who it is, instead of a password."),
    ] = None,
    device: Annotated[
        list[str] | None,
        typer.Option(help="Only this device, e.g. chirpstack:a84041ffff1865ab or iota:KEY/ID; may be repeated."),
    ] = None,
) -> None:
    """Make a user of the MQTT broker. From the first on, the embedded broker lets nobody else in."""
    from iot_agents.devices.mqtt_credentials import BadName

    if device and organisation is None:
        raise CannotStart("--device is for an organisation's user: name the organisation.")
    with at_device_desk(settings) as desk:
        tenant, users = _tenant(desk, organisation) if organisation else None, _credentials(desk)
        if certificate is None:
            credential, password = desk.run(users.create(tenant, name, device or ()))
            typer.echo(f"{credential.id} {password}")
            return
        try:
            typer.echo(desk.run(users.certify(tenant, certificate, name, device or ())).id)
        except BadName as bad:
            raise CannotStart(f"{bad}.") from None


@credentials.command("list")
@with_settings(*STORE)
def list_credentials(settings: Settings) -> None:
    """List the users: of whom, for what."""
    from datenbroker.commands.desk import table

    with at_device_desk(settings) as desk:
        found = desk.run(_credentials(desk).all())
    table(["User", "Tenant", "Name"], [(one.id, one.tenant or "(platform)", one.name) for one in found])


@credentials.command("remove")
@with_settings(*STORE)
def remove_credential(settings: Settings, user: Annotated[str, typer.Argument(help="The user's name.")]) -> None:
    """Remove a user: it cannot connect any more, and the embedded broker ends its connections within seconds."""
    with at_device_desk(settings) as desk:
        if not desk.run(_credentials(desk).remove(user)):
            raise CannotStart(f"There is no user {user}: see `datenbroker devices credential list`.")
    typer.echo(f"{user} is removed.")


@credentials.command("renew")
@with_settings(*STORE)
def renew_credential(settings: Settings, user: Annotated[str, typer.Argument(help="The user's name.")]) -> None:
    """Give a user a new password, which is printed this once; connections made with the old one end."""
    with at_device_desk(settings) as desk:
        password = desk.run(_credentials(desk).renew(user))
    if password is None:
        raise CannotStart(f"There is no user {user}: see `datenbroker devices credential list`.")
    typer.echo(f"{user} {password}")


@webhooks.command("create")
@with_settings(*STORE)
def create_webhook(
    settings: Settings,
    organisation: Annotated[str, typer.Argument(help="Whose devices.")],
    name: Name = "made on the command line",
) -> None:
    """Make a webhook's id, for its address, and the secret by which it signs. The secret is printed this once."""
    from iot_agents.devices.webhook_secrets import Webhooks

    with at_device_desk(settings) as desk:
        made = desk.run(Webhooks(desk.store).create(_tenant(desk, organisation), name))
    typer.echo(f"{made.id} {made.secret}")


@webhooks.command("list")
@with_settings(*STORE)
def list_webhooks(settings: Settings) -> None:
    """List the webhooks that sign."""
    from datenbroker.commands.desk import table
    from iot_agents.devices.webhook_secrets import Webhooks

    with at_device_desk(settings) as desk:
        found = desk.run(Webhooks(desk.store).all())
    table(["Webhook", "Tenant", "Name"], [(one.id, one.tenant, one.name) for one in found])


@webhooks.command("remove")
@with_settings(*STORE)
def remove_webhook(settings: Settings, webhook: Annotated[str, typer.Argument(help="The webhook's id.")]) -> None:
    """Remove a webhook: what it signs is refused from then on."""
    from iot_agents.devices.webhook_secrets import Webhooks

    with at_device_desk(settings) as desk:
        if not desk.run(Webhooks(desk.store).remove(webhook)):
            raise CannotStart(f"There is no webhook {webhook}: see `datenbroker devices webhook list`.")
    typer.echo(f"{webhook} is removed.")


@with_settings(*WITH_NETWORKS)
def acl(
    settings: Settings,
    folder: Annotated[Path, typer.Argument(help="Where to write the files.", file_okay=False)],
    certificate: Annotated[str, typer.Option("--cert", help="Where Mosquitto finds its certificate (PEM).")] = "",
    key: Annotated[str, typer.Option("--key", help="Where Mosquitto finds the certificate's key (PEM).")] = "",
    client_ca: Annotated[
        str, typer.Option("--client-ca", help="Where it finds whose certificates prove who a client is.")
    ] = "",
) -> None:
    """Write Mosquitto's `passwords` and `acl`: the users, each with the topics of its devices.

    With a certificate also `tls.conf`, a listener on 8883, and with an authority of clients `certificates.conf`, one on
    8884 whose clients are who their certificate says.
    """
    from datenbroker.devices import networks
    from iot_agents.devices.mosquitto import Registered, TlsListener, acl_file, password_file, tls_listeners
    from iot_agents.fiware.registry import DEVICES, GROUPS

    if bool(certificate) != bool(key) or (client_ca and not certificate):
        raise CannotStart("TLS needs a certificate and its key: give --cert and --key.")
    with at_device_desk(settings) as desk:
        users, devices = desk.run(_credentials(desk).all()), desk.devices(None)
        groups, fiware = desk.run(desk.store.find(GROUPS)), desk.run(desk.store.find(DEVICES))
    registered = Registered(devices, networks(settings), groups, fiware)
    texts = {"passwords": password_file(users), "acl": acl_file(users, registered)}
    if certificate:
        texts["tls.conf"] = tls_listeners(TlsListener(certificate, key))
    if client_ca:
        texts["certificates.conf"] = tls_listeners(TlsListener(certificate, key, client_ca, 8884))
    _write(folder, texts)
    typer.echo(
        f"{len(users)} users, {len(devices) + len(fiware)} devices: {folder / 'passwords'}, {folder / 'acl'}. "
        "Reload Mosquitto."
    )


def _write(folder: Path, texts: Mapping[str, str]) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    for name, text in texts.items():
        path = folder / name
        path.touch(mode=0o600)
        path.write_text(text)
