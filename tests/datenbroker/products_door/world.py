"""A broker with an owner's tenant, and another tenant that holds the copy of what a product shows of it."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx
from starlette.types import Receive, Scope, Send

from context_broker.app import ContextBroker
from context_broker.limits import Limits
from datenbroker.gateway.products.door import Broker, Endpoint
from datenbroker.products.access import Access
from datenbroker.products.product import Contact, Product, State, Texts
from datenbroker.products.selection import Selection

TEXTS = Texts(de="Beispiel", en="Example")
MOMENT = datetime(2031, 2, 3, tzinfo=UTC)
API = "/ngsi-ld/v1"


def product(selection: Selection, slug: str = "waste", **members: Any) -> Product:
    """A product that its owner, the waste company, has made available."""
    return Product(
        slug=slug,
        title=TEXTS,
        description=TEXTS,
        licence="dl-by-de/2.0",
        theme="ENVI",
        update_interval="PT15M",
        contact=Contact(name="Open Data", email="daten@example.org"),
        selection=selection,
        organisation="entsorgung-herne",
        state=State.AVAILABLE,
        created=MOMENT,
        modified=MOMENT,
        by="test",
        **members,
    )


@dataclass
class World:
    """Entities go into any tenant; a product of a tenant is asked through its endpoint, any tenant by itself."""

    broker: ContextBroker
    endpoint: Endpoint
    http: httpx.AsyncClient
    products: httpx.AsyncClient
    access: Access | None = None

    async def fill(self, tenant: str, entities: list[dict[str, Any]]) -> None:
        """At least the tenant is there afterwards."""
        for sent in entities or [{"id": "urn:x:gone", "type": "Gone"}]:
            answer = await self.http.post(f"{API}/entities", json=sent, headers={"NGSILD-Tenant": tenant})
            assert answer.status_code == 201, answer.text
        if not entities:
            await self.http.delete(f"{API}/entities/urn:x:gone", headers={"NGSILD-Tenant": tenant})

    async def selected(self, tenant: str, selection: Selection) -> list[str]:
        """The ids of a selection, asked of the broker in the selection's own words."""
        params: dict[str, Any] = {"type": ",".join(selection.types), "limit": "1000"}
        params |= {"id": ",".join(selection.ids)} if selection.ids else {}
        params |= {"q": selection.q} if selection.q else {}
        params |= {"scopeQ": selection.scopes} if selection.scopes else {}
        params |= selection.geo.members if selection.geo else {}
        answer = await self.http.get(f"{API}/entities", params=params, headers={"NGSILD-Tenant": tenant})
        assert answer.status_code == 200, answer.text
        return [entity["id"] for entity in answer.json()]

    def open(self, selection: Selection, tenant: str, **members: Any) -> None:
        """From now on `products` asks the product of this selection."""
        self.access = Access(product(selection, **members), tenant, selection, None, None)

    async def _ask(self, scope: Scope, receive: Receive, send: Send) -> None:
        assert self.access is not None
        rest = scope["raw_path"].partition(b"/ngsi-ld/v1/")[2]
        response = await self.endpoint.answer(self.access, rest, scope, receive)
        await response.send(send)


@asynccontextmanager
async def world(folder: Path) -> AsyncIterator[World]:
    broker = ContextBroker(folder, Limits(allow_private_targets=True))
    await broker.start()
    endpoint = Endpoint(Broker(broker, lambda: broker.broker.contexts, broker.limits))
    http = httpx.AsyncClient(transport=httpx.ASGITransport(broker), base_url="http://broker")
    made = World(broker, endpoint, http, http)
    transport = httpx.ASGITransport(made._ask, raise_app_exceptions=True)
    made.products = httpx.AsyncClient(transport=transport, base_url="http://broker/products/waste")
    yield made
    await made.products.aclose()
    await http.aclose()
    await broker.stop()
