"""The agents' way into the context broker: batches, spool, duplicates, dead letters and their replay."""

import gc
import sqlite3
from typing import TYPE_CHECKING

from datenbroker.errors import CannotStart
from datenbroker.process.data_folder import held, open_folder
from datenbroker.settings import Settings
from datenbroker.wiring.process import Process
from document_store.store import DocumentStore
from ngsi_client.client import NgsiClient

if TYPE_CHECKING:
    from iot_agents.ingest.commits import Commits
    from iot_agents.ingest.limits import Limits
    from iot_agents.ingest.replay import Replayed


GARBAGE = 20_000
"""New objects until the collector looks for cycles among them."""


async def start_ingest(process: Process, client: NgsiClient, store: DocumentStore, name: str) -> "Commits":
    """`name` is the process's among those that use the same data folder or document store."""
    from iot_agents.ingest.commits import Commits
    from iot_agents.ingest.deadletters import DeadLetters, LetterLimits
    from iot_agents.ingest.duplicates import SeenFrames
    from iot_agents.ingest.rejects import Rejects
    from iot_agents.ingest.spool import Spool

    # what is loaded by now stays: looked at again with every thousand readings, it is a tenth of their cost
    gc.freeze()
    gc.set_threshold(GARBAGE, 20, 100)
    settings, data = process.settings, open_folder(process.settings.data)
    process.exits.enter_context(held(data, f"agent {name}"))
    folder = open_folder(data / "agents" / name)
    kept = LetterLimits(
        settings.deadletters_count,
        settings.deadletters_device,
        int(settings.deadletters_bytes),
        settings.deadletters_days,
    )
    letters = await process.started(DeadLetters(store, name, kept))
    commits = Commits(
        client,
        Rejects(process.rejections, letters),
        _limits(settings),
        spool=Spool(folder / "spool.db", int(settings.spool_bytes)),
        seen=SeenFrames(folder),
    )
    try:
        await process.started(commits)
    except sqlite3.Error as error:
        raise CannotStart(
            f"The spool {folder.absolute()}/spool.db cannot be opened ({error}): see docs/ingest.md."
        ) from None
    process.metrics.add_counters("ingest", commits.counters, gauges={"pending"})
    process.metrics.add_counters("spool", commits.spool_figures, gauges={"depth", "bytes", "oldest_seconds"})
    process.metrics.add_counters("deadletters", letters.counters, gauges={"kept"})
    return commits


async def start_replays(process: Process, store: DocumentStore, replayed: "Replayed") -> None:
    """Dead letters that are to be replayed go where their messages came from."""
    from iot_agents.ingest.replay import Replays

    await process.started(Replays(store, replayed))


def _limits(settings: Settings) -> "Limits":
    from iot_agents.ingest.limits import Limits

    return Limits(
        batch_entities=settings.batch_entities,
        linger=settings.batch_milliseconds / 1000,
        spool_after=settings.spool_after,
        shared=bool(settings.mqtt_group),
    )
