"""Short ways to what a source makes of a payload."""

from typing import Any

import orjson

from ngsi_adapters.reading import read
from ngsi_adapters.source import Source
from ngsi_client.rejected import Rejected
from tests.ngsi_adapters.conftest import FETCHED, SAMPLES


def sample(path: str) -> bytes:
    return (SAMPLES / path).read_bytes()


def parsed(path: str) -> Any:
    """A JSON sample, to be changed by a test."""
    return orjson.loads(sample(path))


def entities(source: Source, payload: bytes | dict[str, Any]) -> list[dict[str, Any]]:
    return [outcome.to_entity() for outcome in _outcomes(source, payload) if not isinstance(outcome, Rejected)]


def rejects(source: Source, payload: bytes | dict[str, Any]) -> list[Rejected]:
    return [outcome for outcome in _outcomes(source, payload) if isinstance(outcome, Rejected)]


def _outcomes(source: Source, payload: bytes | dict[str, Any]) -> list[Any]:
    return list(read(source, payload if isinstance(payload, bytes) else orjson.dumps(payload), FETCHED))
