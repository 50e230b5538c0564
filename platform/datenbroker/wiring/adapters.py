"""The adapters of a process: the loop over the sources that have an address."""

from collections.abc import Collection, Mapping
from typing import TYPE_CHECKING

import httpx

from datenbroker.wiring.process import Process
from document_store.store import DocumentStore
from ngsi_client.client import NgsiClient

if TYPE_CHECKING:
    from ngsi_adapters.run import Runner


async def adapters_runner(
    process: Process, client: NgsiClient, store: DocumentStore, urls: Mapping[str, str], uids: Collection[str]
) -> "Runner":
    """The adapters' loop, not started; `uids` are the sources it runs, all where there are none."""
    from datenbroker.sources import chosen_sources
    from ngsi_adapters.run import Runner

    http = await process.exits.enter_async_context(httpx.AsyncClient(timeout=30, follow_redirects=True))
    return Runner(chosen_sources(urls, uids), client, store, process.rejections, http)


async def start_adapters(process: Process, runner: "Runner") -> None:
    """Runs the loop until the process ends."""
    from datenbroker.sources import source_metrics

    await process.started(runner)
    process.metrics.add_families(lambda: source_metrics(runner))
