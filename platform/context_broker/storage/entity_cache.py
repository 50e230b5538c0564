"""Hot entities in memory, with what was rendered of them. The writer keeps it true: reads need no look at the file."""

from collections import OrderedDict
from collections.abc import Hashable

import orjson

from context_broker.storage.entity_index import IndexEntry
from ngsi_ld.model.kinds import EntityDocument

AS_OBJECTS = 6
"""How much more memory a document takes than its JSON, as Python objects and with its rows of the index (measured)."""
OVERHEAD = 500
"""Bytes of an entry beside its document."""


class Stored:
    """One committed state of an entity. `rendered` maps a representation to the JSON that is sent."""

    __slots__ = ("_document", "_json", "id", "index", "rendered", "seq")

    def __init__(self, seq: int, id_: str, json: bytes, document: EntityDocument | None = None) -> None:
        self.seq = seq
        self.id = id_
        self._json = json
        self._document = document
        self.index: IndexEntry | None = None
        self.rendered: dict[Hashable, bytes] = {}

    @property
    def document(self) -> EntityDocument:
        """The expanded entity; shared, so never changed in place."""
        if self._document is None:
            self._document = orjson.loads(self._json)
        return self._document

    @property
    def size(self) -> int:
        """Bytes of memory, about: as if the document had been read, which is what an entity is kept for."""
        return OVERHEAD + AS_OBJECTS * len(self._json)


class EntityCache:
    """The most recently used entities, bounded by the memory that they take."""

    def __init__(self, capacity: int) -> None:
        self._capacity = capacity
        self._size = 0
        self._by_seq: OrderedDict[int, Stored] = OrderedDict()
        self._seq_of: dict[tuple[int, str], int] = {}
        self._key_of: dict[int, tuple[int, str]] = {}

    def by_id(self, tenant: int, id_: str) -> Stored | None:
        seq = self._seq_of.get((tenant, id_))
        return None if seq is None else self.by_seq(seq)

    def by_seq(self, seq: int) -> Stored | None:
        stored = self._by_seq.get(seq)
        if stored is not None:
            self._by_seq.move_to_end(seq)
        return stored

    def put(self, tenant: int, stored: Stored) -> None:
        self.drop(stored.seq)
        self._by_seq[stored.seq] = stored
        self._seq_of[tenant, stored.id] = stored.seq
        self._key_of[stored.seq] = (tenant, stored.id)
        self._size += stored.size
        while self._size > self._capacity and self._by_seq:
            self.drop(next(iter(self._by_seq)))

    def drop(self, seq: int) -> None:
        stored = self._by_seq.pop(seq, None)
        if stored is not None:
            self._size -= stored.size
            del self._seq_of[self._key_of.pop(seq)]

    def clear(self) -> None:
        self._by_seq.clear()
        self._seq_of.clear()
        self._key_of.clear()
        self._size = 0
