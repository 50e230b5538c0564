"""A product before a context broker of another process: by the proxy, its notifications by the relay's HTTP door."""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from pathlib import Path

import httpx
import pytest
from starlette.types import Receive, Scope, Send

from context_broker.app import ContextBroker
from context_broker.contexts import Contexts
from context_broker.limits import Limits
from context_broker.notifications.delivery.channels import Channels
from context_broker.targets import TargetGuard
from datenbroker.following.book import Book
from datenbroker.following.door import PATH, RelayDoor
from datenbroker.following.relay import Relay
from datenbroker.gateway.products.door import Broker, Endpoint
from datenbroker.gateway.proxy import BrokerProxy
from datenbroker.process.serving import HttpServer, listen
from tests.conformance.receiver import Receiver
from tests.datenbroker.products.council import council
from tests.datenbroker.products_door.followed import Followed

pytestmark = pytest.mark.anyio
OPEN = Limits(allow_private_targets=True)


@pytest.fixture
async def product(tmp_path: Path) -> AsyncIterator[Followed]:
    async with AsyncExitStack() as exits:
        broker = ContextBroker(tmp_path / "broker", OPEN)
        contexts, receiver = Contexts(OPEN, TargetGuard(allow_private=True)), Receiver()
        doors: list[RelayDoor] = []

        async def relayed(scope: Scope, receive: Receive, send: Send) -> None:
            assert doors[0].is_for(scope)
            await doors[0](scope, receive, send)

        server = HttpServer(broker, listen("127.0.0.1", 0, "port"), stop_timeout=1)
        relaying = HttpServer(relayed, listen("127.0.0.1", 0, "port"), stop_timeout=1)
        for part in (broker, server, relaying, receiver):
            await part.start()
            exits.push_async_callback(part.stop)
        proxy = BrokerProxy(server.url, 5)
        await proxy.start()
        exits.push_async_callback(proxy.stop)
        exits.push_async_callback(contexts.close)
        desk = await exits.enter_async_context(council(tmp_path))
        await desk.publish(selection={"types": ["EVChargingStation"], "attributes": ["status"], "q": 'owner=="city"'})
        await desk.granted()
        endpoint = Endpoint(Broker(proxy, lambda: contexts, OPEN))
        url = relaying.url + PATH.rstrip("/")
        book = Book(desk.store, desk.products, proxy, lambda: contexts, endpoint.lenses.of, url)
        channels = Channels(TargetGuard(allow_private=True), 1)
        exits.push_async_callback(channels.close)
        doors.append(RelayDoor(Relay(book, channels, OPEN)))
        endpoint.book = book
        headers = {"NGSILD-Tenant": "stadtwerke"}
        owner = await exits.enter_async_context(httpx.AsyncClient(base_url=server.url, headers=headers))
        yield Followed(desk, owner, endpoint, book, doors[0].relay, receiver)


async def test_a_product_of_a_tenant_that_has_not_begun_is_empty(product: Followed) -> None:
    answer = await product.asks("GET", "/ngsi-ld/v1/entities?type=EVChargingStation&count=true")
    assert (answer.status_code, answer.json(), answer.headers["ngsild-results-count"]) == (200, [], "0")


async def test_it_is_read_counted_and_paged(product: Followed) -> None:
    for number in range(4):
        await product.puts(number, status="free", owner="city" if number else "bank", meter="S")
    answer = await product.asks(
        "GET", '/ngsi-ld/v1/entities?type=EVChargingStation&q=meter|status=="free"&limit=2&count=true'
    )
    assert [entity["id"][-1] for entity in answer.json()] == ["1", "2"]
    assert {member for entity in answer.json() for member in entity} == {"id", "type", "status"}
    assert answer.headers["ngsild-results-count"] == "3"
    assert answer.links["next"]["url"].startswith("/products/charging/ngsi-ld/v1/entities?")


async def test_its_notifications_come_by_the_gateway(product: Followed) -> None:
    await product.puts(9, status="free")
    await product.subscribes()
    await product.puts(1, status="free", owner="city", meter="S-1")
    got = await product.receiver.next()
    assert set(got.entity) == {"id", "type", "status"}
    assert "ngsild-tenant" not in got.headers
