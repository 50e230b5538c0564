"""Under which topic each device was heard: there its downlinks go, since only the network server knows the way."""

import asyncio
import logging
from collections.abc import Callable, Sequence
from typing import Concatenate, ParamSpec, TypeVar

from document_store.store import DocumentStore
from iot_agents.networks.network import Network

logger = logging.getLogger(__name__)

COLLECTION = "device_routes"
WRITE_SECONDS = 1.0

P = ParamSpec("P")
T = TypeVar("T")


class Routes:
    """In memory for each message, in the document store within a second: what a crash loses comes with the next one.

    `wanted` says of which devices (`<network>:<key>`). Each topic is looked at once a second.
    """

    def __init__(self, store: DocumentStore, networks: Sequence[Network], wanted: Callable[[str], bool]) -> None:
        self._store, self._wanted = store, wanted
        self._networks = [network for network in networks if network.downlink is not None]
        self._known: dict[str, str] = {}
        self._looked_at: set[str] = set()
        self._new: dict[str, str] = {}
        self._writer: asyncio.Task[None] | None = None

    async def start(self) -> None:
        self._known = {found["_id"]: found["topic"] for found in await self._store.find(COLLECTION)}
        self._writer = asyncio.create_task(self._write_for_ever())

    async def stop(self) -> None:
        """Writes what is new."""
        if self._writer is not None:
            self._writer.cancel()
            await asyncio.gather(self._writer, return_exceptions=True)
        await self._write()

    async def find(self, device: str) -> str | None:
        """The beginning of the topics of a device, e.g. `application/<id>/device/<devEui>`; whoever heard it last."""
        if device in self._new:
            return self._new[device]
        found = await self._store.get(COLLECTION, device)
        return str(found["topic"]) if found else None

    def noting(self, other: Callable[Concatenate[str, P], T]) -> Callable[Concatenate[str, P], T]:
        """Hands messages on, after a look at their topics."""

        def noted(topic: str, /, *rest: P.args, **named: P.kwargs) -> T:
            self._note(topic)
            return other(topic, *rest, **named)

        return noted

    def _note(self, topic: str) -> None:
        if topic in self._looked_at:
            return
        self._looked_at.add(topic)
        network = next((network for network in self._networks if topic.startswith(network.prefix)), None)
        key = network.owner_of(topic) if network else None
        if network is None or key is None:
            return
        device, route = f"{network.uid}:{key}", "/".join(topic.split("/")[: network.route_levels])
        if self._known.get(device) != route and self._wanted(device):
            self._known[device] = self._new[device] = route
            self._looked_at = {topic}

    async def _write_for_ever(self) -> None:
        while True:
            await asyncio.sleep(WRITE_SECONDS)
            self._looked_at.clear()
            try:
                await self._write()
            except Exception:
                logger.exception("The topics of devices could not be written")

    async def _write(self) -> None:
        new, self._new = self._new, {}
        if not new:
            return
        try:
            await self._store.put_many(COLLECTION, [{"_id": device, "topic": topic} for device, topic in new.items()])
        except BaseException:
            self._new = new | self._new
            raise
