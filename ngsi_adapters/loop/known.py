"""What the broker was told of a source's entities, as digests: an attribute that has not changed is not written again.

Kept in the document store, so that a restart does not write everything again. A digest is 8 bytes an attribute.
"""

from base64 import b64decode, b64encode
from collections.abc import Iterable, Iterator, Mapping
from hashlib import blake2b
from typing import Any
from zlib import crc32

import orjson

from document_store.store import Document, DocumentStore

COLLECTION = "source_known"
BUCKETS = 64
"""Documents a source: what changed is in few of them, and none grows beyond what MongoDB takes (16 MB)."""
WRITTEN_AT_ONCE = 8
MOST_ENTITIES = 200_000
SHAPE, VALUE = 8, 8
NOT_TOLD = frozenset({"id", "type", "@context"})
Entity = dict[str, Any]
Shape = tuple[str, ...]
"""The type of an entity and the names of its attributes: many have them in common, so they are kept once."""


class Known:
    """The entities of one source. More than `most` are not remembered but written every time.

    Of each there is the number of its shape, the digests of its attributes in the shape's order, and, in memory only,
    the digest of the row that said all this.
    """

    def __init__(self, uid: str, most: int = MOST_ENTITIES) -> None:
        self.uid, self.most = uid, most
        self._told: dict[str, bytes] = {}
        self._shapes: dict[bytes, Shape] = {}
        self._numbers: dict[Shape, bytes] = {}
        self._dirty: set[int] = set()

    def __len__(self) -> int:
        return len(self._told)

    def __contains__(self, entity_id: object) -> bool:
        return entity_id in self._told

    def ids(self) -> Iterator[str]:
        return iter(self._told)

    def is_of(self, entity_id: str, row: bytes) -> bool:
        """Whether the broker has just what that row says."""
        return self._told.get(entity_id, b"").endswith(row)

    def row_of(self, entity_id: str) -> bytes:
        """The digest of the row that said what the broker has, empty where none is known."""
        told = self._told.get(entity_id, b"")
        return told[self._length(told) :] if told else b""

    def type_of(self, entity_id: str) -> str:
        return self._shapes[self._told[entity_id][:SHAPE]][0]

    def news(self, entity: Entity, fetched_at: str) -> tuple[Entity | None, bytes]:
        """(what is new of an entity, None where nothing is; its digests, for `keep`).

        A time of observation that is only the time of the fetch is no news.
        """
        names = [name for name in entity if name not in NOT_TOLD]
        digests = [_digest(entity[name], fetched_at) for name in names]
        packed = self._number((entity["type"], *names)) + b"".join(digests)
        told = self._told.get(entity["id"])
        if told is None:
            return entity, packed
        if told.startswith(packed):
            return None, packed
        type_name, *known_names = self._shapes[told[:SHAPE]]
        if type_name != entity["type"]:
            return entity, packed
        parts = (told[at : at + VALUE] for at in range(SHAPE, len(told), VALUE))
        before = dict(zip(known_names, parts, strict=False))
        changed = {name: entity[name] for name, now in zip(names, digests, strict=True) if before.get(name) != now}
        return ({"id": entity["id"], "type": type_name, **changed} if changed else None), packed

    def keep(self, entity_id: str, digests: bytes, row: bytes = b"") -> bool:
        """The broker has this entity now; False where there are too many to remember it."""
        before = self._told.get(entity_id)
        if before is None and len(self._told) >= self.most:
            return False
        self._told[entity_id] = digests + row
        if before is None or not before.startswith(digests):
            self._dirty.add(_bucket(entity_id))
        return True

    def forget(self, entity_ids: Iterable[str] | None = None) -> None:
        """The broker has lost these, or all: they are written again. None of them is missed any more."""
        for entity_id in list(self._told if entity_ids is None else entity_ids):
            if self._told.pop(entity_id, None) is not None:
                self._dirty.add(_bucket(entity_id))

    def doubt(self) -> None:
        """All are written again when they come next, but still known to be there."""
        self._told = {entity_id: told[:SHAPE] for entity_id, told in self._told.items()}
        self._dirty = {_bucket(entity_id) for entity_id in self._told}

    @classmethod
    async def load(cls, store: DocumentStore, uid: str, most: int = MOST_ENTITIES) -> "Known":
        known = cls(uid, most)
        for bucket in range(BUCKETS):
            document = await store.get(COLLECTION, f"{uid}:{bucket:02}")
            if document is None or "shapes" not in document:
                continue
            for shape in document["shapes"]:
                known._number(tuple(shape))
            pairs = iter(document["known"])
            known._told |= {entity_id: b64decode(told) for entity_id, told in zip(pairs, pairs, strict=True)}
        return known

    async def save(self, store: DocumentStore) -> None:
        """Only what has changed; several documents at once, but not all, so that others get their turn."""
        members: dict[int, list[str]] = {bucket: [] for bucket in sorted(self._dirty)}
        for entity_id in self._told if members else ():
            if (bucket := _bucket(entity_id)) in members:
                members[bucket].append(entity_id)
        while members:
            some = [members.popitem() for _ in range(min(WRITTEN_AT_ONCE, len(members)))]
            await store.put_many(COLLECTION, [self._document(bucket, ids) for bucket, ids in some])
            self._dirty.difference_update(bucket for bucket, _ in some)

    def _document(self, bucket: int, entity_ids: list[str]) -> Document:
        shapes, known = set[bytes](), list[str]()
        for entity_id in entity_ids:
            told = self._told[entity_id]
            shapes.add(told[:SHAPE])
            known += (entity_id, b64encode(told[: self._length(told)]).decode())
        named = [list(self._shapes[number]) for number in sorted(shapes)]
        return {"_id": f"{self.uid}:{bucket:02}", "uid": self.uid, "shapes": named, "known": known}

    def _length(self, told: bytes) -> int:
        """Of what is told without the row's digest: a shape has its type before the names."""
        return min(len(told), SHAPE + VALUE * (len(self._shapes[told[:SHAPE]]) - 1))

    def _number(self, shape: Shape) -> bytes:
        number = self._numbers.get(shape)
        if number is None:
            number = blake2b(orjson.dumps(shape), digest_size=SHAPE).digest()
            self._numbers[shape], self._shapes[number] = number, shape
        return number


def _digest(attribute: Mapping[str, Any], fetched_at: str) -> bytes:
    if attribute.get("observedAt") == fetched_at:
        attribute = {name: value for name, value in attribute.items() if name != "observedAt"}
    return blake2b(orjson.dumps(attribute), digest_size=VALUE).digest()


def _bucket(entity_id: str) -> int:
    return crc32(entity_id.encode()) % BUCKETS
