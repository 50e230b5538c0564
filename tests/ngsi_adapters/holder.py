"""A process that runs the source `parkapi` of an address until it is killed: `holder.py ADDRESS STORE FOLDER`."""

import asyncio
import sys
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import httpx

from context_broker.app import ContextBroker
from document_store.sqlite import SqliteDocumentStore
from ngsi_adapters.registry import source_of
from ngsi_adapters.run import Runner
from ngsi_client.client import NgsiClient
from ngsi_client.rejected import Rejections
from ngsi_client.wire import AsgiWire
from tests.ngsi_adapters.conftest import QUICK


async def hold(address: str, store: Path, folder: Path) -> None:
    source = replace(source_of("parkapi"), url=address, every=timedelta(seconds=0.2))
    broker = ContextBroker(folder)
    await broker.start()
    async with httpx.AsyncClient() as http:
        client = NgsiClient(AsgiWire(broker))
        await Runner([source], client, SqliteDocumentStore.open(store), Rejections(), http, terms=QUICK).start()
        await asyncio.Event().wait()


if __name__ == "__main__":
    asyncio.run(hold(sys.argv[1], Path(sys.argv[2]), Path(sys.argv[3])))
