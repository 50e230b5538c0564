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


def documents_of(source: Source) -> list[bytes | dict[str, bytes]]:
    """The samples of a source: one by one, or for a source that joins them all together, by their names."""
    files = sorted((SAMPLES / source.uid).iterdir())
    if source.join is None:
        return [path.read_bytes() for path in files]
    return [{path.stem if path.stem in source.fetching.parts else path.name: path.read_bytes() for path in files}]


def entities(source: Source, payload: bytes | dict[str, Any]) -> list[dict[str, Any]]:
    return [outcome.to_entity() for outcome in _outcomes(source, payload) if not isinstance(outcome, Rejected)]


def rejects(source: Source, payload: bytes | dict[str, Any]) -> list[Rejected]:
    return [outcome for outcome in _outcomes(source, payload) if isinstance(outcome, Rejected)]


def _outcomes(source: Source, payload: bytes | dict[str, Any]) -> list[Any]:
    return list(read(source, payload if isinstance(payload, bytes) else orjson.dumps(payload), FETCHED))
