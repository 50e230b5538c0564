"""All network servers that the agent understands."""

from iot_agents.networks import chirpstack, the_things_stack, thingpark
from iot_agents.networks.network import Network

NETWORKS: tuple[Network, ...] = (chirpstack.NETWORK, the_things_stack.NETWORK, thingpark.NETWORK)

TOPICS: tuple[str, ...] = tuple(network.topic_filter for network in NETWORKS)
"""The MQTT filters under which readings come, and what is misdirected there."""

EUI_NETWORKS = frozenset({chirpstack.NETWORK.uid, thingpark.NETWORK.uid})
"""Where the key of a device is its devEui."""
