"""The adapters of a process: the loop over the sources that have an address."""

from collections.abc import Collection, Mapping
from functools import cache
from typing import TYPE_CHECKING

import httpx

from datenbroker.gateway.management.sources import SourceParts
from datenbroker.settings import Settings
from datenbroker.wiring.process import Process
from document_store.store import DocumentStore
from ngsi_client.client import NgsiClient

if TYPE_CHECKING:
    from ngsi_adapters.run import Runner
    from ngsi_adapters.source import Source


async def adapters_runner(
    process: Process, client: NgsiClient, store: DocumentStore, urls: Mapping[str, str], uids: Collection[str]
) -> "Runner":
    """The adapters' loop, not started; `uids` are the sources it runs, all where there are none."""
    from datenbroker.sources import chosen_sources, terms_of
    from ngsi_adapters.run import Runner

    http = await process.exits.enter_async_context(httpx.AsyncClient())
    terms = terms_of(process.settings)
    return Runner(chosen_sources(urls, uids), client, store, process.rejections, http, terms=terms)


async def start_adapters(process: Process, runner: "Runner") -> None:
    """Runs the loop until the process ends."""
    from datenbroker.sources import source_metrics

    await process.started(runner)
    process.metrics.add_families(lambda: source_metrics(runner))


def source_parts(settings: Settings, store: DocumentStore, urls: Mapping[str, str]) -> SourceParts:
    """What the gateway's API of the sources works on; which there are is looked up when somebody asks."""

    @cache
    def declared() -> "tuple[Source, ...]":
        from datenbroker.sources import chosen_sources

        return chosen_sources({**urls, **settings.source_urls})

    return SourceParts(store, declared)
