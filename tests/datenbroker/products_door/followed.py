"""A product of the energy supplier, its subscribers, and everything that a notification passes on its way."""

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
from starlette.types import ASGIApp, Receive, Scope, Send

from context_broker.app import ContextBroker
from context_broker.limits import Limits
from context_broker.notifications.delivery.channels import Channels
from context_broker.targets import TargetGuard
from datenbroker.following.book import Book
from datenbroker.following.relay import Relay
from datenbroker.gateway.problems import BrokerDown, GatewayProblem
from datenbroker.gateway.products.door import Broker, Endpoint
from datenbroker.identities.roles import Caller
from tests.conformance.receiver import Receiver
from tests.datenbroker.products.council import CONSUMER, Council, council

SUBSCRIPTIONS = "/ngsi-ld/v1/subscriptions"
STATIONS = "/ngsi-ld/v1/entities"
HOST = "products.test.internal"


@dataclass
class Followed:
    """`owner` asks the broker in the owner's tenant; `asking` asks the product as somebody."""

    desk: Council
    owner: httpx.AsyncClient
    endpoint: Endpoint
    book: Book
    relay: Relay
    receiver: Receiver
    down: bool = False

    async def asks(self, method: str, path: str, caller: Caller | None = CONSUMER, **options: Any) -> httpx.Response:
        """What the product `charging` answers to a caller."""

        async def app(scope: Scope, receive: Receive, send: Send) -> None:
            access = self.desk.products.open_for("charging", caller)
            rest = scope["raw_path"].partition(b"/ngsi-ld/v1/")[2]
            response = await self.endpoint.answer(access, rest, scope, receive)
            await response.send(send)

        transport = httpx.ASGITransport(app)
        async with httpx.AsyncClient(transport=transport, base_url="http://gateway/products/charging") as http:
            return await http.request(method, path, **options)

    async def subscribes(self, caller: Caller = CONSUMER, **members: Any) -> str:
        """The address of a new subscription to charging stations."""
        document = {
            "type": "Subscription",
            "entities": [{"type": "EVChargingStation"}],
            "notification": {"endpoint": {"uri": self.receiver.url}},
        }
        answer = await self.asks("POST", SUBSCRIPTIONS, caller, json=document | members)
        assert answer.status_code == 201, answer.text
        return answer.headers["location"].removeprefix("/products/charging")

    async def at_broker(self) -> list[dict[str, Any]]:
        """The subscriptions in the owner's tenant."""
        found: list[dict[str, Any]] = (await self.owner.get(SUBSCRIPTIONS)).json()
        return found

    async def puts(self, number: int, **attributes: Any) -> None:
        """An entity of the owner, new or changed."""
        entity = {"id": f"urn:ngsi-ld:EVChargingStation:{number}", "type": "EVChargingStation"}
        members = {
            name: {"type": "GeoProperty" if isinstance(value, dict) else "Property", "value": value}
            for name, value in attributes.items()
        }
        url = "/ngsi-ld/v1/entityOperations/upsert?options=update"
        answer = await self.owner.post(url, json=[entity | members])
        assert answer.status_code in (201, 204), answer.text


@asynccontextmanager
async def followed(folder: Path, **selected: Any) -> AsyncIterator[Followed]:
    """The product shows what `selected` says of charging stations, granted to the waste company."""
    inner: dict[str, Callable[[str, bytes], Awaitable[int]]] = {}
    app = ContextBroker(folder / "broker", Limits(allow_private_targets=True), inner)
    await app.start()
    headers, receiver = {"NGSILD-Tenant": "stadtwerke"}, Receiver()
    await receiver.start()
    owner = httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://broker", headers=headers)
    async with council(folder) as desk, owner:
        await owner.post(STATIONS, json={"id": "urn:x:1", "type": "Other"})
        await desk.publish(selection={"types": ["EVChargingStation"], **selected})
        await desk.granted()
        made: list[Followed] = []
        broker = Broker(_switched(app, made), lambda: app.broker.contexts, app.limits)
        endpoint = Endpoint(broker)
        book = Book(desk.store, desk.products, broker.app, broker.contexts, endpoint.lenses.of, f"http://{HOST}", 3)
        endpoint.book = book
        channels = Channels(TargetGuard(allow_private=True), 1)
        relay = Relay(book, channels, app.limits)
        inner[HOST] = relay.take
        made.append(Followed(desk, owner, endpoint, book, relay, receiver))
        yield made[0]
        await channels.close()
    await receiver.stop()
    await app.stop()


def _switched(app: ASGIApp, made: list[Followed]) -> ASGIApp:
    """The way to the broker, which can be cut."""

    async def way(scope: Scope, receive: Receive, send: Send) -> None:
        if made[0].down:
            raise BrokerDown("cut")
        await app(scope, receive, send)

    return way


async def refused(asked: Awaitable[httpx.Response]) -> int:
    """The status of a problem that the gateway's frame would answer."""
    try:
        return (await asked).status_code
    except GatewayProblem as problem:
        return problem.status
