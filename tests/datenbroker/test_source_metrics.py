"""What Prometheus reads of the sources."""

from dataclasses import replace
from pathlib import Path

import httpx
import pytest

from datenbroker.metrics import Metrics
from datenbroker.sources import source_metrics
from document_store.sqlite import SqliteDocumentStore
from ngsi_adapters.loop import state
from ngsi_adapters.loop.state import SourceState
from ngsi_adapters.registry import source_of
from ngsi_adapters.run import Runner
from ngsi_client.client import NgsiClient
from ngsi_client.rejected import Rejections

pytestmark = pytest.mark.anyio


async def test_each_source_that_is_read_has_its_figures(tmp_path: Path) -> None:
    store, metrics = SqliteDocumentStore.open(tmp_path / "s.db"), Metrics(Rejections())
    known = SourceState("ocpi", failures=5, records=25, rejects=2, stale=3, last_success="2026-11-23T01:00:00Z")
    await state.save(store, known)
    async with httpx.AsyncClient() as http:
        sources = [replace(source_of("ocpi"), url="https://ocpi.example/"), source_of("parkapi")]
        runner = Runner(sources, NgsiClient(http), store, Rejections(), http)
        metrics.add_families(lambda: source_metrics(runner))
        text = (await metrics.text()).decode()
    await store.close()
    for name, value in (("records", 25), ("rejected_records", 2), ("stale_entities", 3), ("circuit_open", 1)):
        assert f'datenbroker_source_{name}{{source="ocpi"}} {value}.0' in text
    assert 'source="parkapi"' not in text
