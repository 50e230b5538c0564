"""The networks whose devices are understood here, and the devices' figures for Prometheus."""

from collections.abc import Iterable
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from prometheus_client.metrics_core import Metric

from datenbroker.errors import CannotStart
from datenbroker.metrics import labelled_gauge
from datenbroker.process.serving import is_loopback
from datenbroker.settings import Settings
from document_store.store import DocumentStore
from iot_agents.devices.mqtt_credentials import CredentialAccess, MqttCredentials
from iot_agents.devices.silence import silent_devices
from iot_agents.devices.topic_owners import TopicOwners
from iot_agents.fiware.registry import Registry
from iot_agents.networks.json_source import BadJsonSource, networks_in
from iot_agents.networks.network import Network
from iot_agents.networks.registry import NETWORKS

if TYPE_CHECKING:
    from iot_agents.agent import Agent


def networks(settings: Settings) -> tuple[Network, ...]:
    """The network servers, and the JSON sources of the operator's own; `CannotStart` where one cannot be."""
    if settings.json_sources is None:
        return NETWORKS
    try:
        return (*NETWORKS, *networks_in(settings.json_sources))
    except (BadJsonSource, OSError) as error:
        raise CannotStart(f"--json-sources (DATENBROKER_JSON_SOURCES): {error}.") from None


async def mqtt_access(
    settings: Settings, agent: "Agent", store: DocumentStore, fiware: Registry | None = None
) -> CredentialAccess:
    """Who may use the embedded MQTT broker; `CannotStart` where anybody on the network could."""
    credentials, alone = MqttCredentials(store), is_loopback(settings.mqtt_host)
    if not alone and not await credentials.all():
        raise CannotStart(
            f"The MQTT broker would be open to anybody on {settings.mqtt_host}: make users with "
            "`datenbroker devices credential create`, or leave --mqtt-host out."
        )
    owners = TopicOwners(agent.devices, agent.networks, fiware)
    return CredentialAccess(credentials, owners, anonymous=alone)


async def device_metrics(agent: "Agent") -> Iterable[Metric]:
    """Devices and silent devices of each tenant."""
    states, now = await agent.frames.states(), datetime.now(UTC)
    devices = list(agent.devices.all())
    known = dict.fromkeys((device.tenant for device in devices), 0)
    silent = dict(known)
    for device in devices:
        known[device.tenant] += 1
    for one in silent_devices(devices, states, agent.profiles, now):
        silent[one.device.tenant] += 1
    return (
        labelled_gauge("datenbroker_devices_registered", "Registered devices", "tenant", known),
        labelled_gauge(
            "datenbroker_devices_silent", "Devices that are silent for longer than they may be", "tenant", silent
        ),
    )
