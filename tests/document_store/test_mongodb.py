"""What can be said of the MongoDB store without a server."""

import socket

import pytest
from pymongo.errors import ServerSelectionTimeoutError

from document_store.mongodb import MongoDocumentStore

pytestmark = pytest.mark.anyio


async def test_a_server_that_is_not_there_is_an_error() -> None:
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        port = closed.getsockname()[1]
        with pytest.raises(ServerSelectionTimeoutError):
            await MongoDocumentStore.open(f"mongodb://127.0.0.1:{port}/x?serverSelectionTimeoutMS=100")
