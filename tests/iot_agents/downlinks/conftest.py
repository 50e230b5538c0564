"""A dispatcher on a real store, with a way to devices that a test opens and closes."""

from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Sequence
from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest

from document_store.lease import Leases
from document_store.sqlite import SqliteDocumentStore
from iot_agents.downlinks.book import CommandBook
from iot_agents.downlinks.command import Addressee, Command, Handed, Terms
from iot_agents.downlinks.dispatcher import Dispatcher
from iot_agents.downlinks.teller import Teller
from iot_agents.refused import Refused
from ngsi_client.client import NgsiClient
from ngsi_client.rejected import Rejections
from tests.iot_agents.recorder import RecordingBroker

LAMP = Addressee("herne", "test:1", "urn:ngsi-ld:Lamp:1", "Lamp", frozenset({"dim", "switch"}))


class Way:
    """A `Carrier` to one lamp: `sent` are the values that reached it, while it is `open`."""

    def __init__(self) -> None:
        self.open, self.confirmed, self.lifetime, self.repeatable = True, True, timedelta(minutes=1), True
        self.sent: list[Any] = []
        self.answers: Callable[[], Awaitable[None]] | None = None
        """What happens between the sending and its acknowledgement."""

    def addressees(self) -> Iterable[Addressee]:
        return [LAMP]

    def at(self, tenant: str, entity: str) -> Sequence[Addressee]:
        return [LAMP] if (tenant, entity) == (LAMP.tenant, LAMP.entity) else []

    def of(self, device: str) -> Addressee | None:
        return LAMP if device == LAMP.device else None

    async def refresh(self) -> None:
        """It is always the same lamp."""

    def named(self, name: str) -> Sequence[Addressee]:
        return [LAMP] if name == LAMP.device else []

    def name_of(self, device: str) -> str:
        return device

    def check(self, addressee: Addressee, name: str, value: Any) -> Terms:
        if value == "bad":
            raise Refused("not_allowed", "dim is 'bad'")
        return Terms(self.lifetime, self.repeatable)

    async def send(self, command: Command) -> Handed:
        if not self.open:
            raise ConnectionError("closed")
        self.sent.append(command.value)
        if self.answers is not None:
            await self.answers()
        return Handed(self.confirmed)


class Desk:
    """The dispatcher under test, made anew by `again` as after a restart; `beside` has the same store."""

    def __init__(self, store: SqliteDocumentStore, http: httpx.AsyncClient, broker: RecordingBroker) -> None:
        self.store, self.broker, self.way, self.rejections = store, broker, Way(), Rejections()
        self._client = NgsiClient(http)
        self.dispatcher = self._made()
        self.others: list[Dispatcher] = []
        self.leases: list[Leases] = []

    @property
    def book(self) -> CommandBook:
        return self.dispatcher.book

    async def again(self) -> None:
        await self.dispatcher.stop()
        self.dispatcher = self._made()
        await self.dispatcher.start()

    async def accept(self, value: Any, cause: str = "", name: str = "dim") -> Command | None:
        return await self.dispatcher.accept(self.way, LAMP, name, value, cause)

    def shown(self, name: str = "dim") -> tuple[Any, Any]:
        entity = self.broker.entities["herne"].get(LAMP.entity, {})
        status, info = entity.get(f"{name}_status", {}), entity.get(f"{name}_info", {})
        return status.get("value"), info.get("value")

    async def beside(self, way: Way) -> Dispatcher:
        """Another process of several that share the work."""
        leases = Leases(self.store, 0.4)
        await leases.start()
        self.leases.append(leases)
        other = self._made(way, leases)
        await other.start()
        self.others.append(other)
        return other

    async def stop(self) -> None:
        for dispatcher in (self.dispatcher, *self.others):
            await dispatcher.stop()
        for leases in self.leases:
            await leases.stop()

    def _made(self, way: Way | None = None, leases: Leases | None = None) -> Dispatcher:
        book = CommandBook(self.store, waiting=3)
        teller = Teller(self._client, book, self.rejections, 0.02)
        return Dispatcher(book, teller, [way or self.way], leases=leases, every=0.02)


@pytest.fixture
async def desk(tmp_path: Path) -> AsyncIterator[Desk]:
    store, broker = SqliteDocumentStore.open(tmp_path / "store.sqlite"), RecordingBroker()
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app=broker), base_url="http://broker") as http:
        made = Desk(store, http, broker)
        await made.dispatcher.start()
        yield made
        await made.stop()
    await store.close()
