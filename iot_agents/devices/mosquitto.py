"""The files by which Mosquitto lets in the same users, under the same topics, as the embedded broker does."""

from collections.abc import Iterable, Iterator, Sequence

from iot_agents.devices.mqtt_credentials import MqttCredential
from iot_agents.networks.network import Network
from iot_agents.registry import Device

UNSAFE = frozenset("+#\n\r\0 ")
"""In a device's key they would open other topics than its own."""

HEAD = "# Written by `datenbroker devices acl`: changes are lost with the next writing.\n"


def password_file(credentials: Iterable[MqttCredential]) -> str:
    """For `password_file` in mosquitto.conf."""
    return "".join(f"{credential.id}:{credential.password}\n" for credential in credentials)


def acl_file(credentials: Iterable[MqttCredential], devices: Sequence[Device], networks: Sequence[Network]) -> str:
    """For `acl_file` in mosquitto.conf: a user may read and write the topics of the devices of its tenant."""
    by_uid = {network.uid: network for network in networks}
    return HEAD + "".join(
        line
        for credential in credentials
        for line in ("\n", f"user {credential.id}\n", *_lines(credential, devices, by_uid))
    )


def _lines(credential: MqttCredential, devices: Iterable[Device], networks: dict[str, Network]) -> Iterator[str]:
    if credential.tenant is None:
        yield "topic readwrite #\n"
        return
    for device in devices:
        network = networks.get(device.network)
        if network is None or device.tenant != credential.tenant or UNSAFE & set(device.key):
            continue
        for topic in network.topics_of(device.key):
            yield f"topic readwrite {topic}\n"
