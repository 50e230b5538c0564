"""Fixtures of the tests of products' NGSI-LD endpoints."""

import pytest


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"
