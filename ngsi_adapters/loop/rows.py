"""Rows of a source that were read before: one that has not changed is neither mapped nor validated again.

In memory only: after a restart, and so with another version of the mapping or other settings, all rows are read.
"""

from hashlib import blake2b
from typing import Any

import orjson

from ngsi_adapters.loop.known import Known
from ngsi_adapters.reading import Same
from ngsi_adapters.source import Outcome, Unread
from ngsi_client.rejected import Rejected

DIGEST = 12


class Rows:
    """What became of the rows of one source. `recognise` may be at the next batch in a thread when one is kept."""

    def __init__(self) -> None:
        self._entities: dict[bytes, str] = {}
        self._read: dict[str, bytes] = {}
        """Rows that were read and are not told yet, by their entities."""

    def __len__(self) -> int:
        return len(self._entities)

    def recognise(self, unread: Unread, known: Known) -> Outcome | Same:
        """`Same` where the broker still has what this very row says, else the row's outcome."""
        digest = _digest(unread.row)
        entity_id = self._entities.get(digest) if digest else None
        if digest and entity_id is not None and known.is_of(entity_id, digest):
            return Same(entity_id)
        outcome = unread.outcome()
        if digest and not isinstance(outcome, Rejected):
            self._read[outcome.entity_id] = digest
        return outcome

    def forget(self, entity_id: str) -> None:
        """The entity is not just what its row says: the row is to be read each time."""
        self._read.pop(entity_id, None)

    def keep(self, entity_id: str, digests: bytes, known: Known) -> None:
        """The broker has this entity, with these digests of its attributes: in place of what another row said of it."""
        row, before = self._read.pop(entity_id, b""), known.row_of(entity_id)
        own_id = self._entities.pop(before, entity_id)
        if known.keep(entity_id, digests, row) and row:
            self._entities[row] = own_id

    def own_id(self, entity_id: str, known: Known) -> str:
        """The same text, as it is kept already: another one of each of 100,000 ids takes ten megabytes."""
        return self._entities.get(known.row_of(entity_id), entity_id)

    def end(self) -> None:
        """A run is over: what it has read and not told is read again."""
        self._read.clear()


class Seen(set[str]):
    """The ids that a source has named in a run."""

    def __init__(self, rows: Rows, known: Known) -> None:
        super().__init__()
        self._rows, self._known = rows, known

    def add(self, entity_id: str) -> None:
        super().add(self._rows.own_id(entity_id, self._known))


def _digest(row: Any) -> bytes | None:
    """None for what is neither JSON nor CSV."""
    try:
        return blake2b(orjson.dumps(row), digest_size=DIGEST).digest()
    except TypeError:
        return None
