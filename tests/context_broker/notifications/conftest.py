"""A broker in this process, and subscribers on ports of their own."""

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
def limits() -> Limits:
    """A test that wants other ones parametrizes this."""
    return Limits(allow_private_targets=True)


@pytest.fixture
async def app(tmp_path: Path, limits: Limits) -> AsyncIterator[ContextBroker]:
    app = ContextBroker(tmp_path / "broker", limits)
    await app.start()
    yield app
    await app.stop()


@pytest.fixture
async def broker(app: ContextBroker) -> AsyncIterator[Client]:
    transport = httpx.ASGITransport(app=app)
    async with httpx.AsyncClient(transport=transport, base_url="http://broker/ngsi-ld/v1") as http:
        yield Client(http)


@pytest.fixture
async def receiver() -> AsyncIterator[Receiver]:
    server = Receiver()
    await server.start()
    yield server
    await server.stop()


@pytest.fixture
async def contexts() -> AsyncIterator[ContextServer]:
    server = ContextServer()
    await server.start()
    yield server
    await server.stop()
