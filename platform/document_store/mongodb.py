"""Documents in MongoDB: for several processes and machines."""

from collections.abc import Mapping, Sequence
from typing import Any, Self

from pymongo import AsyncMongoClient, ReplaceOne
from pymongo.errors import DuplicateKeyError
from pymongo.read_concern import ReadConcern
from pymongo.write_concern import WriteConcern

from document_store.store import Document

DATABASE = "datenbroker"
WAIT_MS = 5000


class MongoDocumentStore:
    """One MongoDB collection for each collection; a write is acknowledged by the journal of the majority."""

    def __init__(self, client: AsyncMongoClient[Document], database: str) -> None:
        self._client = client
        self._database = client.get_database(
            database, write_concern=WriteConcern("majority", j=True), read_concern=ReadConcern("majority")
        )

    @classmethod
    async def open(cls, url: str) -> Self:
        """Connect to `mongodb://…[/database]`; a `PyMongoError` where no server answers.

        It waits 5 s for that, or what `serverSelectionTimeoutMS` in the URL says.
        """
        waiting: dict[str, Any] = (
            {} if "serverselectiontimeoutms" in url.lower() else {"serverSelectionTimeoutMS": WAIT_MS}
        )
        client: AsyncMongoClient[Document] = AsyncMongoClient(url, **waiting)
        try:
            database = client.get_default_database(DATABASE).name
            await client.admin.command("ping")
        except BaseException:
            await client.close()
            raise
        return cls(client, database)

    async def get(self, collection: str, id: str) -> Document | None:  # noqa: A002
        return await self._database[collection].find_one({"_id": id})

    async def put(self, collection: str, document: Document) -> None:
        await self._database[collection].replace_one({"_id": document["_id"]}, document, upsert=True)

    async def put_many(self, collection: str, documents: Sequence[Document]) -> None:
        """Create or replace them in one request. A MongoDB that is no replica set has no transactions."""
        if not documents:
            return
        writes = [ReplaceOne({"_id": document["_id"]}, document, upsert=True) for document in documents]
        await self._database[collection].bulk_write(writes)

    async def swap(self, collection: str, document: Document, expected: Mapping[str, Any] | None) -> bool:
        if expected is None:
            try:
                await self._database[collection].insert_one(dict(document))
            except DuplicateKeyError:
                return False
            return True
        result = await self._database[collection].replace_one(_matching(document["_id"], expected), document)
        return result.matched_count == 1

    async def delete(self, collection: str, id: str, expected: Mapping[str, Any] | None = None) -> bool:  # noqa: A002
        result = await self._database[collection].delete_one(_matching(id, expected or {}))
        return result.deleted_count > 0

    async def find(self, collection: str, equal: Mapping[str, Any] | None = None) -> list[Document]:
        cursor = self._database[collection].find({key: {"$eq": value} for key, value in (equal or {}).items()})
        return await cursor.sort("_id").to_list()

    async def close(self) -> None:
        await self._client.close()


def _matching(id_: str, expected: Mapping[str, Any]) -> dict[str, Any]:
    return {**{key: {"$eq": value, "$exists": True} for key, value in expected.items()}, "_id": id_}
