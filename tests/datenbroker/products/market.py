"""A gateway on a real socket before a real broker: three organisations, and a product of bottle banks."""

from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx

from context_broker.app import ContextBroker
from datenbroker.following.book import Book
from datenbroker.gateway.app import Parts, gateway
from datenbroker.gateway.downloads.pages import Pages
from datenbroker.gateway.downloads.stream import StreamBounds
from datenbroker.gateway.limits.rates import Allowance
from datenbroker.gateway.products.door import Broker, Endpoint
from datenbroker.gateway.protection import Protection
from datenbroker.identities.keys import ApiKeys
from datenbroker.identities.organisations import Organisations
from datenbroker.identities.roles import Role
from datenbroker.metrics import Metrics
from datenbroker.process.serving import HttpServer, listen
from datenbroker.products.aggregation.reading import NarrowedReading
from datenbroker.products.aggregation.snapshots import Reading, Snapshots
from datenbroker.settings import Settings
from datenbroker.wiring.catalogue import catalogue_of
from datenbroker.wiring.sharing import DownloadBounds, shared
from ngsi_client.client import NgsiClient
from ngsi_client.rejected import Rejections
from tests.datenbroker.products.council import ENERGY, TENANTS, Council, council

Headers = dict[str, str]
ALLOWANCE = Allowance(anonymous=100_000, caller=100_000, product=100_000)


@dataclass
class Market:
    """`http` asks the gateway, `client` the broker; `desk` decides as in the products' own tests."""

    http: httpx.AsyncClient
    client: NgsiClient
    desk: Council
    keys: ApiKeys
    reading: NarrowedReading
    pages: Pages

    def snapshots(self, reading: Reading | None = None) -> Snapshots:
        """The job of another process, not started."""
        desk = self.desk
        return Snapshots(desk.products, reading or self.reading, self.client, desk.store, lambda: desk.now)

    async def key(self, role: Role, organisation: str | None = ENERGY) -> Headers:
        """The headers of a new identity in that role."""
        key, _ = await self.keys.create(organisation, [role], f"test {role}")
        return {"X-API-Key": key}

    async def fill(self, organisation: str, entities: list[dict[str, Any]]) -> None:
        refused = await self.client.for_tenant(TENANTS[organisation]).upsert(entities)
        assert refused == {}


def station(number: int, **attributes: Any) -> dict[str, Any]:
    """A charging station that has a status, a place, and an owner whom nobody may know."""
    return {
        "id": f"urn:ngsi-ld:EVChargingStation:{number:05}",
        "type": "EVChargingStation",
        "status": {"type": "Property", "value": "working", "observedAt": "2026-11-22T10:00:00Z"},
        "location": {"type": "GeoProperty", "value": {"type": "Point", "coordinates": [7.2, 51.5]}},
        "owner": {"type": "Property", "value": "secret"},
    } | {name: {"type": "Property", "value": value} for name, value in attributes.items()}


@asynccontextmanager
async def market(
    folder: Path,
    bounds: DownloadBounds | None = None,
    changed: Callable[[Protection, Organisations], Protection] = lambda usual, _: usual,
) -> AsyncIterator[Market]:
    broker = ContextBroker(folder / "broker")
    await broker.start()
    upstream = httpx.AsyncClient(transport=httpx.ASGITransport(app=broker), base_url="http://broker")
    async with council(folder) as desk, upstream:
        quick = DownloadBounds(streams=StreamBounds(interval=0.05))
        endpoint = Endpoint(Broker(broker, lambda: broker.broker.contexts, broker.limits))
        book = Book(desk.store, desk.products, broker, endpoint.broker.contexts, endpoint.lenses.of)
        book.relay, endpoint.book = "http://relay.test.internal", book
        pages = Pages(desk.products, endpoint)
        sharing, streams = shared(desk.products, endpoint, bounds or quick)
        keys, rejections = ApiKeys(desk.store, desk.organisations), Rejections()
        metrics = Metrics(rejections)
        catalogue = catalogue_of(Settings(), desk.store, desk.organisations, sharing)
        if catalogue.survey is not None:
            catalogue.survey.client = NgsiClient(upstream)
        parts = Parts(
            broker=broker,
            organisations=desk.organisations,
            keys=keys,
            rejections=rejections,
            checks={},
            metrics=metrics.text,
            measure=metrics.requests.measure,
            protection=changed(Protection.of_store(desk.store, ALLOWANCE), desk.organisations),
            sharing=sharing,
            catalogue=catalogue,
        )
        server = HttpServer(gateway(parts), listen("127.0.0.1", 0, "port"), stop_timeout=1)
        await server.start()
        async with httpx.AsyncClient(base_url=server.url) as http:
            reading = NarrowedReading(broker, lambda: broker.broker.contexts, most=10_000)
            yield Market(http, NgsiClient(upstream), desk, keys, reading, pages)
        await streams.stop()
        await server.stop()
    await broker.stop()


def without(members: Mapping[str, Any], *names: str) -> dict[str, Any]:
    return {name: value for name, value in members.items() if name not in names}
