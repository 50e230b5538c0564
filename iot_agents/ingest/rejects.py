"""What was refused of the sensors' messages: counted for the metrics, and kept as dead letters."""

import asyncio
from collections.abc import Sequence
from datetime import UTC, datetime
from functools import partial
from typing import NamedTuple

from iot_agents.ingest.deadletters import DeadLetters, Then
from iot_agents.ingest.order import NotInHistory
from iot_agents.ingest.waiting import Origin, Refusals
from iot_agents.refused import Refused
from ngsi_client.rejected import Rejected, Rejections, excerpt_of

LATE = "late"
"""The kind of readings that are older than the state, where there is no history for them."""


class Replay(NamedTuple):
    """A dead letter that is tried again: which one, and when it came at first."""

    letter: str
    at: datetime


class Rejects:
    """`ring` holds the last rejects; `letters` keeps the messages themselves, where there are any."""

    def __init__(self, ring: Rejections, letters: DeadLetters | None = None) -> None:
        self.ring, self._letters = ring, letters

    def add(self, origin: Origin, wrong: Sequence[Refused], then: Then, at: datetime | None = None) -> None:
        """One message, `at` which time it came, and all that is wrong with it; `then` is called once its dead letter
        is durable."""
        excerpt = excerpt_of(origin.payload)
        for each in wrong:
            self.ring.add(Rejected(origin.source, origin.device, each.kind, each.reason, excerpt, origin.tenant))
        if self._letters is None:
            then()
            return
        all_of_it = Refused(wrong[0].kind, "; ".join(each.reason for each in wrong))
        self._letters.add(origin, all_of_it, at or datetime.now(UTC), then)

    async def keep(self, origin: Origin, wrong: Sequence[Refused], at: datetime | None = None) -> None:
        """The same, waiting for it."""
        durable: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self.add(origin, wrong, partial(_resolve, durable), at)
        await durable


def _resolve(future: asyncio.Future[None]) -> None:
    if not future.done():
        future.set_result(None)


def refused_by_broker(refusals: Refusals) -> list[Refused]:
    """A late reading is none that the broker refuses: it has no place for it."""
    return [
        Refused(LATE, f"late: {id_} has newer values, and {error}")
        if isinstance(error, NotInHistory)
        else Refused("refused_by_broker", f"The broker refused {id_}: {error}")
        for id_, error in refusals.items()
    ]
