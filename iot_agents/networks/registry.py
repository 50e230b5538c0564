"""All network servers that the agent understands."""

from iot_agents.networks import chirpstack, the_things_stack
from iot_agents.networks.network import Network

NETWORKS: tuple[Network, ...] = (chirpstack.NETWORK, the_things_stack.NETWORK)

TOPICS: tuple[str, ...] = tuple(network.topic_filter for network in NETWORKS)
"""The MQTT filters under which readings come, and what is misdirected there."""

EUI_NETWORKS = frozenset({"chirpstack"})
"""Where the key of a device is its devEui."""
