"""A reading on its way into the broker, and where it came from."""

from collections.abc import Callable, Mapping, Sequence

import msgspec

from iot_agents.transports import Done
from ngsi_client.client import Entity
from ngsi_client.errors import BrokerRefused

Refusals = Mapping[str, BrokerRefused]
"""What the broker refused, by entity id."""

Settled = Callable[[Refusals | None], None]
"""Told once, when a reading is committed, refused or spooled; None where it is not, since the agent stops."""


class Origin(msgspec.Struct, frozen=True, gc=False):
    """The message that a reading came with: `source` is its network's uid, `device` its id where it is known."""

    source: str
    topic: str
    payload: bytes
    device: str | None = None
    tenant: str | None = None


class Waiting:
    """The entities of one reading of a tenant, observed at `observed` (milliseconds since 1970).

    `key` is that of its frame where duplicates can be told, `others` are done with it: they brought the same frame.
    """

    __slots__ = ("entities", "ids", "key", "observed", "origin", "others", "settled", "tenant")

    def __init__(
        self,
        tenant: str,
        entities: Sequence[Entity],
        observed: int,
        origin: Origin,
        settled: Settled,
    ) -> None:
        self.tenant, self.entities, self.observed = tenant, entities, observed
        self.origin, self.settled = origin, settled
        self.ids = [entity["id"] for entity in entities]
        self.key: int | None = None
        self.others: list[Done] = []
