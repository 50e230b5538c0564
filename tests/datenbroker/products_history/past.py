"""A broker of the present with one of the past beside it, both by HTTP, and products before them."""

from collections.abc import AsyncIterator, Iterable
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx

from datenbroker.gateway.products.door import Broker, Endpoint
from datenbroker.gateway.proxy import BrokerProxy
from datenbroker.lens.documents import read_document
from datenbroker.process.serving import HttpServer, listen
from datenbroker.products.selection import Selection
from ngsi_ld.jsonld.context import core_context
from ngsi_ld.model.kinds import ENTITY_MEMBERS, EntityDocument
from tests.datenbroker.products_door.hostile import TRICKS
from tests.datenbroker.products_door.world import World, world
from tests.datenbroker.products_history.reference import HistoryBroker

CREATED = "2026-01-01T00:00:00.000Z"


@dataclass
class PastWorld:
    """`here` has the present and the products, `history` the past; `direct` asks the latter itself."""

    here: World
    history: HistoryBroker
    direct: httpx.AsyncClient

    async def fill(self, tenant: str, entities: list[dict[str, Any]]) -> None:
        """Their present is what each attribute was last; their past may hold entities that are gone."""
        present = [entity for entity in entities if not entity.get("gone")]
        await self.here.fill(tenant, [_now(entity) for entity in present])
        self.remember(tenant, entities)

    def remember(self, tenant: str, entities: Iterable[dict[str, Any]]) -> None:
        """The past alone."""
        self.history.past[tenant] = {entity["id"]: _expanded(entity) for entity in entities}

    async def ask(self, path: str, params: Any = None, **others: Any) -> httpx.Response:
        """Of the product that is open."""
        return await self.here.products.get(f"/ngsi-ld/v1/temporal/entities{path}", params=params, **others)


def at(value: Any, observed: str, **members: Any) -> dict[str, Any]:
    """An instance of a Property."""
    return {"type": "Property", "value": value, "observedAt": observed, **members}


def _now(entity: dict[str, Any]) -> dict[str, Any]:
    """As it is sent to the broker of the present."""
    now: dict[str, Any] = {}
    for name, value in entity.items():
        if name not in ENTITY_MEMBERS and isinstance(value, list):
            value = next((one for one in reversed(value) if "datasetId" not in one and "deletedAt" not in one), None)
            value = value and {member: part for member, part in value.items() if member != "instanceId"}
        if value is not None and name != "gone":
            now[name] = value
    return now


def _expanded(entity: dict[str, Any]) -> EntityDocument:
    read = read_document({name: value for name, value in entity.items() if name != "gone"}, core_context())
    for name, instances in read.items():
        if name not in ENTITY_MEMBERS:
            read[name] = [
                {"instanceId": f"urn:i:{place}", "createdAt": CREATED, "modifiedAt": CREATED, **instance}
                for place, instance in enumerate(instances)
            ]
    return {"createdAt": CREATED, "modifiedAt": CREATED, **read}


def copy_of(
    selection: Selection, entities: list[dict[str, Any]], ids: list[str], start: str | None
) -> list[dict[str, Any]]:
    """The past that a product shows, by its definition."""
    own = {"id", "type"}
    copies = []
    for entity in entities:
        if entity["id"] not in ids or entity.get("gone"):
            continue
        shown = {name: value for name, value in entity.items() if name in own or _is_shown(name, selection)}
        copies.append(
            {
                name: value if name in ENTITY_MEMBERS else [one for one in value if _is_kept(one, start)]
                for name, value in (shown | {"type": _types(entity, selection)}).items()
            }
        )
    return copies


def _types(entity: dict[str, Any], selection: Selection) -> list[str]:
    types = entity["type"] if isinstance(entity["type"], list) else [entity["type"]]
    return [name for name in types if name in selection.types]


def _is_shown(name: str, selection: Selection) -> bool:
    return (name != "scope" and name in selection.attributes) or (
        not selection.attributes and name not in ENTITY_MEMBERS and name != "gone"
    )


def _is_kept(instance: dict[str, Any], start: str | None) -> bool:
    return "deletedAt" not in instance and (start is None or instance.get("observedAt", "") >= start)


@asynccontextmanager
async def past_world(folder: Path) -> AsyncIterator[PastWorld]:
    async with AsyncExitStack() as exits:
        here = await exits.enter_async_context(world(folder))
        contexts = here.broker.broker.contexts
        for url, body in TRICKS.items():
            contexts.prime(url, body)
        history = HistoryBroker(contexts)
        servers = [
            HttpServer(app, listen("127.0.0.1", 0, "port"), stop_timeout=1) for app in (here.broker, history.app())
        ]
        proxy = BrokerProxy(servers[0].url, 5, servers[1].url)
        parts: tuple[HttpServer | BrokerProxy, ...] = (*servers, proxy)
        for part in parts:
            await part.start()
            exits.push_async_callback(part.stop)
        here.endpoint = Endpoint(Broker(proxy, lambda: contexts, here.broker.limits))
        direct = await exits.enter_async_context(httpx.AsyncClient(base_url=servers[1].url))
        yield PastWorld(here, history, direct)
