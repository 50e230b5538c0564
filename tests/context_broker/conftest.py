"""A broker without HTTP before it: its storage is spoken to directly."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from context_broker.broker import Broker
from context_broker.limits import Limits


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


@pytest.fixture
async def broker(tmp_path: Path) -> AsyncIterator[Broker]:
    running = Broker(tmp_path, Limits())
    await running.start()
    yield running
    await running.stop()
