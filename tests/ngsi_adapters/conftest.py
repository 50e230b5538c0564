"""A runner with a real broker and a real source server."""

from collections.abc import AsyncIterator, Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import httpx
import pytest

from context_broker.app import ContextBroker
from document_store.sqlite import SqliteDocumentStore
from ngsi_adapters.loop.course import Terms
from ngsi_adapters.run import Runner
from ngsi_adapters.source import Source
from ngsi_client.client import NgsiClient
from ngsi_client.rejected import Rejections
from tests.ngsi_adapters.servers import SourceServer, source_server

QUICK = Terms(lease_seconds=2, verify_every=0, first_wait=0.01)
FETCHED = datetime(2026, 11, 22, 9, 30, tzinfo=UTC)
SAMPLES = Path(__file__).parents[1] / "samples"


@dataclass
class Bench:
    """What stands around a runner; `runner(sources)` makes one."""

    client: NgsiClient
    store: SqliteDocumentStore
    rejections: Rejections
    runner: Callable[[Iterable[Source]], Runner]


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


@pytest.fixture
def server() -> Iterator[SourceServer]:
    with source_server() as served:
        yield served


@pytest.fixture
async def bench(tmp_path: Path) -> AsyncIterator[Bench]:
    broker, store, rejections = ContextBroker(tmp_path), SqliteDocumentStore.open(tmp_path / "s.sqlite"), Rejections()
    await broker.start()
    transport = httpx.ASGITransport(app=broker)
    async with httpx.AsyncClient(transport=transport, base_url="http://broker") as http, httpx.AsyncClient() as web:
        client = NgsiClient(http)
        yield Bench(
            client, store, rejections, lambda sources: Runner(sources, client, store, rejections, web, terms=QUICK)
        )
    await broker.stop()
    await store.close()
