"""A dispatcher on a real store, with a way to devices that a test opens and closes."""

from collections.abc import AsyncIterator, Iterable, Sequence
from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest

from document_store.sqlite import SqliteDocumentStore
from iot_agents.downlinks.book import CommandBook
from iot_agents.downlinks.command import Addressee, Command, Handed
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
        self.open, self.confirmed, self.lifetime = True, True, timedelta(minutes=1)
        self.sent: list[Any] = []

    def addressees(self) -> Iterable[Addressee]:
        return [LAMP]

    def at(self, tenant: str, entity: str) -> Sequence[Addressee]:
        return [LAMP] if (tenant, entity) == (LAMP.tenant, LAMP.entity) else []

    def of(self, device: str) -> Addressee | None:
        return LAMP if device == LAMP.device else None

    def check(self, addressee: Addressee, name: str, value: Any) -> timedelta:
        if value == "bad":
            raise Refused("not_allowed", "dim is 'bad'")
        return self.lifetime

    async def send(self, command: Command) -> Handed:
        if not self.open:
            raise ConnectionError("closed")
        self.sent.append(command.value)
        return Handed(self.confirmed)


class Desk:
    """The dispatcher under test, made anew by `again` as after a crash."""

    def __init__(self, store: SqliteDocumentStore, http: httpx.AsyncClient, broker: RecordingBroker) -> None:
        self.store, self.broker, self.way, self.rejections = store, broker, Way(), Rejections()
        self._client = NgsiClient(http)
        self.dispatcher = self._made()

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

    def _made(self) -> Dispatcher:
        book = CommandBook(self.store, waiting=3)
        return Dispatcher(book, Teller(self._client, book, self.rejections, 0.02), [self.way], every=0.02)


@pytest.fixture
async def desk(tmp_path: Path) -> AsyncIterator[Desk]:
    store, broker = SqliteDocumentStore.open(tmp_path / "store.sqlite"), RecordingBroker()
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app=broker), base_url="http://broker") as http:
        made = Desk(store, http, broker)
        await made.dispatcher.start()
        yield made
        await made.dispatcher.stop()
    await store.close()
