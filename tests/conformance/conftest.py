"""A broker of its own for each test, spoken to as a client would."""

from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import pytest

from context_broker.app import ContextBroker
from context_broker.limits import Limits
from tests.conformance.client import Client
from tests.conformance.context_server import ContextServer
from tests.conformance.receiver import Receiver


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


@pytest.fixture
async def broker(tmp_path: Path) -> AsyncIterator[Client]:
    """The broker, which may fetch contexts from this machine."""
    app = ContextBroker(tmp_path, Limits(allow_private_targets=True))
    await app.start()
    transport = httpx.ASGITransport(app=app)
    async with httpx.AsyncClient(transport=transport, base_url="http://broker/ngsi-ld/v1") as http:
        yield Client(http)
    await app.stop()


@pytest.fixture
async def contexts() -> AsyncIterator[ContextServer]:
    """A server of @contexts on a port of its own."""
    server = ContextServer()
    await server.start()
    yield server
    await server.stop()


@pytest.fixture
async def receiver() -> AsyncIterator[Receiver]:
    """A subscriber on a port of its own."""
    server = Receiver()
    await server.start()
    yield server
    await server.stop()
