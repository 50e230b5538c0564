"""What can be said of the MongoDB store without a server."""

import gc
import socket

import pytest
from pymongo.errors import ServerSelectionTimeoutError

from document_store.mongodb import MongoDocumentStore

pytestmark = pytest.mark.anyio


@pytest.mark.filterwarnings("ignore::ResourceWarning", "ignore::pytest.PytestUnraisableExceptionWarning")
async def test_a_server_that_is_not_there_is_an_error() -> None:
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        port = closed.getsockname()[1]
        with pytest.raises(ServerSelectionTimeoutError):
            await MongoDocumentStore.open(f"mongodb://127.0.0.1:{port}/x?serverSelectionTimeoutMS=100")
    gc.collect()  # pymongo's monitor leaves the socket of its last attempt to the collector: here, not in another test
