"""Which document store the settings mean."""

import sqlite3

from datenbroker.errors import CannotStart
from datenbroker.process.data_folder import open_folder
from datenbroker.settings import Settings
from document_store.sqlite import SqliteDocumentStore
from document_store.store import DocumentStore


async def open_store(settings: Settings) -> DocumentStore:
    """MongoDB where an address is set, else a file in the data folder; `CannotStart` where it cannot be opened."""
    if settings.mongodb_url:
        return await _mongodb(settings.mongodb_url)
    path = open_folder(settings.data) / "documents.db"
    try:
        return SqliteDocumentStore.open(path)
    except sqlite3.Error as error:
        raise CannotStart(f"{path.absolute()} cannot be opened ({error}): check who owns --data.") from None


async def _mongodb(url: str) -> DocumentStore:
    from pymongo.errors import PyMongoError

    from document_store.mongodb import MongoDocumentStore

    try:
        return await MongoDocumentStore.open(url)
    except PyMongoError as error:
        reason = str(error).partition(", Timeout:")[0]
        raise CannotStart(
            f"MongoDB cannot be reached ({reason}): check --mongodb-url (DATENBROKER_MONGODB_URL)."
        ) from None
