"""Fixtures of the gateway's tests."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.datenbroker.city_gateway import CityGateway, city_gateway
from tests.datenbroker.recorder import Recorder


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


@pytest.fixture
def broker() -> Recorder:
    return Recorder()


@pytest.fixture
async def city(broker: Recorder, tmp_path: Path) -> AsyncIterator[CityGateway]:
    """A gateway before the recorder."""
    async with city_gateway(broker, tmp_path) as running:
        yield running
