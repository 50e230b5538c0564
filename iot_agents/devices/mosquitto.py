"""The files by which Mosquitto lets in the same users, under the same topics, as the embedded broker does."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import NamedTuple

from document_store.store import Document
from iot_agents.devices.mqtt_credentials import MqttCredential
from iot_agents.devices.topic_owners import TO_DEVICES, iota_id
from iot_agents.fiware.topics import RESERVED_PROTOCOLS
from iot_agents.networks.network import Network
from iot_agents.registry import Device

UNSAFE = frozenset("+#/\n\r\0 ")
"""In an API key or the name of a device they would open other topics than its own."""

HEAD = "# Written by `datenbroker devices acl`: changes are lost with the next writing.\n"

PROTOCOL_LEVELS = ("json/", "ul/", "")
MEASURES = ("attrs", "attrs/+", "cmdexe", "configuration/commands")


class Registered(NamedTuple):
    """What the topics belong to: devices of networks; groups and devices of FIWARE's agents as they are stored."""

    devices: Sequence[Device]
    networks: Sequence[Network]
    groups: Sequence[Document] = ()
    fiware_devices: Sequence[Document] = ()


class TlsListener(NamedTuple):
    """Where Mosquitto finds its certificate and key, and the authority of its clients' certificates if there is one."""

    certificate: str
    key: str
    client_ca: str = ""
    port: int = 8883


def password_file(credentials: Iterable[MqttCredential]) -> str:
    """For `password_file` in mosquitto.conf; whoever has a certificate only is not in it."""
    return "".join(f"{credential.id}:{credential.password}\n" for credential in credentials if credential.password)


def acl_file(credentials: Iterable[MqttCredential], registered: Registered) -> str:
    """For `acl_file` in mosquitto.conf: a user may use the topics of the devices of its tenant."""
    by_uid = {network.uid: network for network in registered.networks}
    return HEAD + "".join(
        line
        for credential in credentials
        for line in ("\n", f"user {credential.id}\n", *_lines(credential, registered, by_uid))
    )


def tls_listeners(listener: TlsListener) -> str:
    """For `include_dir` in mosquitto.conf: a port for passwords, or one for certificates, whose CN is then the user.

    Mosquitto asks whoever comes to a port with `use_identity_as_username` for a certificate, and for no password: for
    both kinds of clients it needs two ports.
    """
    lines = [f"listener {listener.port}", f"certfile {listener.certificate}", f"keyfile {listener.key}"]
    if listener.client_ca:
        lines += [f"cafile {listener.client_ca}", "require_certificate true", "use_identity_as_username true"]
    return HEAD + "\n".join((*lines, "allow_anonymous false", ""))


def _lines(credential: MqttCredential, registered: Registered, networks: Mapping[str, Network]) -> Iterator[str]:
    if credential.tenant is None:
        yield "topic readwrite #\n"
        return
    for device in registered.devices:
        network = networks.get(device.network)
        if network is None or not credential.reaches(device.tenant, device.id) or UNSAFE - {"/"} & set(device.key):
            continue
        for topic in network.topics_of(device.key):
            yield f"topic readwrite {topic}\n"
    yield from _fiware_lines(credential, registered)


def _fiware_lines(credential: MqttCredential, registered: Registered) -> Iterator[str]:
    """By API key; a device of a group has its group's. Who has no key at all cannot be told from others there."""
    services: dict[str, set[str]] = {}
    for group in registered.groups:
        services.setdefault(str(group["apikey"]), set()).add(str(group["service"]))
    for group in registered.groups:
        key = str(group["apikey"])
        if group["service"] == credential.tenant and not UNSAFE & set(key):
            shared = len(services[key]) > 1  # by tenants with a protocol each
            protocol = RESERVED_PROTOCOLS.get(str(group["resource"])) if shared else None
            for own in _devices_of(credential, key):
                yield from _addressed(own, (f"{protocol}/",) if shared else PROTOCOL_LEVELS)
    for device in registered.fiware_devices:
        key, name = str(device.get("apikey") or ""), str(device["device_id"])
        reached = bool(key) and credential.reaches(str(device["service"]), iota_id(key, name))
        if reached and key not in services and not UNSAFE & set(key + name):
            yield from _addressed(f"{key}/{name}", PROTOCOL_LEVELS)


def _devices_of(credential: MqttCredential, apikey: str) -> Iterator[str]:
    """All devices of a group, or those of the user alone."""
    if not credential.devices:
        yield f"{apikey}/+"
    begin = iota_id(apikey, "")
    for device in credential.devices:
        name = device.removeprefix(begin)
        if name != device and not UNSAFE & set(name):
            yield f"{apikey}/{name}"


def _addressed(device: str, protocols: Iterable[str]) -> Iterator[str]:
    """With and without slash and protocol, as devices write them."""
    for begin in (f"{slash}{protocol}{device}" for slash in ("", "/") for protocol in protocols):
        for end in MEASURES:
            yield f"topic write {begin}/{end}\n"
        for end in TO_DEVICES:
            yield f"topic read {begin}{end}\n"
