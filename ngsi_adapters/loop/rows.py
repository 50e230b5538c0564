"""Rows of a source that were read before: one that has not changed is neither mapped nor validated again.

In memory only: after a restart, and so with another version of the mapping or other settings, all rows are read.
"""

from collections.abc import Mapping
from hashlib import blake2b
from typing import Any

import orjson

from ngsi_adapters.loop.known import Known
from ngsi_adapters.reading import Same
from ngsi_adapters.source import Outcome, Unread
from ngsi_client.rejected import Rejected

DIGEST = 12
SPARE = 10_000
"""Rows that may be remembered beyond one and a quarter for each entity, before those that are known no more go."""


class Rows:
    """What became of the rows of one source. `recognise` may be at the next batch in a thread when one is kept."""

    def __init__(self) -> None:
        self._told: dict[bytes, tuple[str, bytes]] = {}
        self._read: dict[str, bytes] = {}
        """Rows that were read and are not told yet, by their entities."""

    def __len__(self) -> int:
        return len(self._told)

    def recognise(self, unread: Unread, known: Known) -> Outcome | Same:
        """`Same` where the broker still has what this very row says, else the row's outcome."""
        digest = _digest(unread.row)
        told = self._told.get(digest) if digest else None
        if told is not None and known.has(*told):
            return Same(told[0])
        outcome = unread.outcome()
        if digest and not isinstance(outcome, Rejected):
            self._read[outcome.entity_id] = digest
        return outcome

    def forget(self, entity_id: str) -> None:
        """The entity is not just what its row says: the row is to be read each time."""
        self._read.pop(entity_id, None)

    def keep(self, written: Mapping[str, bytes], known: Known) -> None:
        """The broker has these entities, with these digests of their attributes."""
        for entity_id, packed in written.items():
            if (digest := self._read.pop(entity_id, None)) is not None:
                self._told[digest] = entity_id, packed
        if len(self._told) > len(known) * 5 // 4 + SPARE:
            self._told = {digest: told for digest, told in self._told.items() if known.has(*told)}

    def end(self) -> None:
        """A run is over: what it has read and not told is read again."""
        self._read.clear()


def _digest(row: Any) -> bytes | None:
    """None for what is neither JSON nor CSV."""
    try:
        return blake2b(orjson.dumps(row), digest_size=DIGEST).digest()
    except TypeError:
        return None
