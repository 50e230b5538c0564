"""By which a process sees that another has changed what it keeps in memory of the document store."""

import secrets

from document_store.store import DocumentStore


class Changes:
    """One document with a mark that is new after each change; `name` is what changes."""

    def __init__(self, store: DocumentStore, collection: str, name: str) -> None:
        self._store, self._collection, self._name = store, collection, name
        self._seen: str | None = None

    async def mark(self) -> str:
        found = await self._store.get(self._collection, self._name)
        return str(found["mark"]) if found else ""

    async def are_new(self) -> bool:
        """Whether there is something that this process has not read."""
        return await self.mark() != self._seen

    def read(self, mark: str) -> None:
        """All is read that there was when the mark was this."""
        self._seen = mark

    async def made(self) -> None:
        """This process has changed something. Where nobody else did meanwhile, its memory is up to date."""
        up_to_date, mark = not await self.are_new(), secrets.token_hex(8)
        await self._store.put(self._collection, {"_id": self._name, "mark": mark})
        if up_to_date:
            self._seen = mark
