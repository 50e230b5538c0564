"""The `Device` entity of a device that was deleted is removed from the broker too, as soon as the broker can."""

import asyncio
import logging
import time
from collections.abc import Iterable

from document_store.store import Document, DocumentStore
from iot_agents.registry import DELETED
from ngsi_client.client import NgsiClient
from ngsi_client.errors import BrokerRefused

logger = logging.getLogger(__name__)

LOOK_SECONDS = 2.0

REMOVED_AFTER = (10.0, 300.0, 3_600.0)
"""Seconds after the deletion: a reading under way, or spooled while the broker was down, may bring the entity back."""

A_TURN = 1_000
"""Entities removed before it is looked again."""


class MirrorRemoval:
    """Looks for deleted devices while it is started; what has to be removed survives restarts."""

    def __init__(
        self,
        client: NgsiClient,
        store: DocumentStore,
        after: tuple[float, ...] = REMOVED_AFTER,
        look_seconds: float = LOOK_SECONDS,
    ) -> None:
        self._client, self._store, self._after, self._look_seconds = client, store, after, look_seconds
        self._looking: asyncio.Task[None] | None = None
        self._removed = 0

    async def start(self) -> None:
        self._looking = asyncio.create_task(self._look_for_ever())

    async def stop(self) -> None:
        if self._looking is not None:
            self._looking.cancel()
            await asyncio.gather(self._looking, return_exceptions=True)

    def counters(self) -> dict[str, int]:
        """`removed` entities so far."""
        return {"removed": self._removed}

    async def _look_for_ever(self) -> None:
        while True:
            await asyncio.sleep(self._look_seconds)
            try:
                await self._remove(await self._store.find(DELETED))
            except Exception as error:
                # a broker or store that is down is tried again with the next look
                logger.warning("Mirrors of deleted devices could not be removed: %s", error)

    async def _remove(self, deletions: Iterable[Document]) -> None:
        now = time.time()
        due = [one for one in deletions if now - one["at"] >= self._after[min(one["tries"], len(self._after) - 1)]]
        for deletion in due[:A_TURN]:
            if await self._store.get(DELETED, deletion["_id"]) is None:
                continue  # registered again meanwhile
            try:
                self._removed += await self._client.for_tenant(deletion["tenant"]).delete(deletion["mirror"])
            except BrokerRefused as refused:
                logger.warning("The mirror %s cannot be removed: %s", deletion["mirror"], refused)
            await self._done(deletion)

    async def _done(self, deletion: Document) -> None:
        tries = deletion["tries"] + 1
        if tries < len(self._after):
            await self._store.put(DELETED, deletion | {"tries": tries})
        else:
            await self._store.delete(DELETED, deletion["_id"])
