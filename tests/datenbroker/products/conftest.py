"""Fixtures of the products' tests."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.datenbroker.products.council import Council, council


@pytest.fixture
async def desk(tmp_path: Path) -> AsyncIterator[Council]:
    async with council(tmp_path) as opened:
        yield opened
