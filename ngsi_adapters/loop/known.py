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
NAME, VALUE = 4, 8
Entity = dict[str, Any]


class Known:
    """The entities of one source. More than `most` are not remembered but written every time."""

    def __init__(self, uid: str, most: int = MOST_ENTITIES) -> None:
        self.uid, self.most = uid, most
        self._digests: dict[str, bytes] = {}
        self._types: dict[int, str] = {}
        self._dirty: set[int] = set()
        self._names: dict[str, bytes] = {}

    def __len__(self) -> int:
        return len(self._digests)

    def __contains__(self, entity_id: object) -> bool:
        return entity_id in self._digests

    def ids(self) -> Iterator[str]:
        return iter(self._digests)

    def has(self, entity_id: str, digests: bytes) -> bool:
        """Whether the broker has just this state of an entity."""
        return self._digests.get(entity_id) == digests

    def type_of(self, entity_id: str) -> str:
        return self._types[int.from_bytes(self._digests[entity_id][:NAME])]

    @property
    def types(self) -> set[str]:
        return set(self._types.values())

    def news(self, entity: Entity, fetched_at: str) -> tuple[Entity | None, bytes]:
        """(what is new of an entity, None where nothing is; its digests, for `keep`).

        A time of observation that is only the time of the fetch is no news.
        """
        digests = {name: self._digest(value, fetched_at) for name, value in entity.items() if name not in NOT_TOLD}
        kind = crc32(entity["type"].encode())
        self._types.setdefault(kind, entity["type"])
        parts = sorted(self._name(name) + digest for name, digest in digests.items())
        packed = kind.to_bytes(NAME) + b"".join(parts)
        known = self._digests.get(entity["id"])
        if known == packed:
            return None, packed
        if known is None or known[:NAME] != packed[:NAME]:
            return entity, packed
        step = NAME + VALUE
        before = {known[at : at + step] for at in range(NAME, len(known), step)}
        changed = {name: entity[name] for name, digest in digests.items() if self._name(name) + digest not in before}
        return ({"id": entity["id"], "type": entity["type"], **changed} if changed else None), packed

    def keep(self, digests: Mapping[str, bytes]) -> None:
        """The broker has these entities now."""
        for entity_id, packed in digests.items():
            if self._digests.get(entity_id) == packed:
                continue
            if entity_id in self._digests or len(self._digests) < self.most:
                self._digests[entity_id] = packed
                self._dirty.add(_bucket(entity_id))

    def forget(self, entity_ids: Iterable[str] | None = None) -> None:
        """The broker has lost these, or all: they are written again. None of them is missed any more."""
        for entity_id in list(self._digests if entity_ids is None else entity_ids):
            if self._digests.pop(entity_id, None) is not None:
                self._dirty.add(_bucket(entity_id))

    def doubt(self) -> None:
        """All are written again when they come next, but still known to be there."""
        self._digests = {entity_id: packed[:NAME] for entity_id, packed in self._digests.items()}
        self._dirty = {_bucket(entity_id) for entity_id in self._digests}

    @classmethod
    async def load(cls, store: DocumentStore, uid: str, most: int = MOST_ENTITIES) -> "Known":
        known = cls(uid, most)
        for bucket in range(BUCKETS):
            document = await store.get(COLLECTION, f"{uid}:{bucket:02}")
            if document is None:
                continue
            for text in document["types"]:
                known._types[crc32(text.encode())] = text
            pairs = iter(document["known"])
            known._digests |= {entity_id: b64decode(digests) for entity_id, digests in zip(pairs, pairs, strict=True)}
        return known

    async def save(self, store: DocumentStore) -> None:
        """Only what has changed; several documents at once, but not all, so that others get their turn."""
        dirty = sorted(self._dirty)
        if not dirty:
            return
        for start in range(0, len(dirty), WRITTEN_AT_ONCE):
            some = dirty[start : start + WRITTEN_AT_ONCE]
            members: dict[int, list[str]] = {bucket: [] for bucket in some}
            for entity_id, digests in self._digests.items():
                if (bucket := _bucket(entity_id)) in members:
                    members[bucket] += (entity_id, b64encode(digests).decode())
            await store.put_many(COLLECTION, [self._document(bucket, members[bucket]) for bucket in some])
            self._dirty.difference_update(some)

    def _document(self, bucket: int, members: list[str]) -> Document:
        return {"_id": f"{self.uid}:{bucket:02}", "uid": self.uid, "types": sorted(self.types), "known": members}

    def _name(self, name: str) -> bytes:
        if name not in self._names:
            self._names[name] = crc32(name.encode()).to_bytes(NAME)
        return self._names[name]

    def _digest(self, attribute: Mapping[str, Any], fetched_at: str) -> bytes:
        if attribute.get("observedAt") == fetched_at:
            attribute = {name: value for name, value in attribute.items() if name != "observedAt"}
        return blake2b(orjson.dumps(attribute), digest_size=VALUE).digest()


NOT_TOLD = frozenset({"id", "type", "@context"})


def _bucket(entity_id: str) -> int:
    return crc32(entity_id.encode()) % BUCKETS
