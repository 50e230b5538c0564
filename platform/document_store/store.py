"""The interface of every document store, and the document as it is kept."""

from collections.abc import Mapping, Sequence
from typing import Any, Protocol

Document = dict[str, Any]
"""A JSON object; its `_id` (string) names it within its collection."""


class DocumentStore(Protocol):
    """Small JSON documents in named collections. A write is durable once it has returned."""

    async def get(self, collection: str, id: str) -> Document | None:  # noqa: A002
        """The document, or None."""

    async def put(self, collection: str, document: Document) -> None:
        """Create or replace the document named by its `_id`."""

    async def put_many(self, collection: str, documents: Sequence[Document]) -> None:
        """Create or replace them all in one transaction where the store has transactions."""

    async def swap(self, collection: str, document: Document, expected: Mapping[str, Any] | None) -> bool:
        """Write the document if the one there has these members, or with None: if there is none. Whether it was.

        Atomic, also between processes: of several that try, one succeeds.
        """

    async def delete(self, collection: str, id: str, expected: Mapping[str, Any] | None = None) -> bool:  # noqa: A002
        """Whether there was such a document; with `expected` it is removed only if it has these members, atomically."""

    async def find(self, collection: str, equal: Mapping[str, Any] | None = None) -> list[Document]:
        """The documents whose top-level members equal all those given, in the order of their `_id`."""

    async def close(self) -> None:
        """Release files and connections; the store is not used afterwards."""
