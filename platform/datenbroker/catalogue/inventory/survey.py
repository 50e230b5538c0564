"""The inventory as it is now, put together from devices, groups, sources, products and grants."""

import asyncio
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from pydantic import BaseModel, Field

from datenbroker.catalogue.inventory.duplicates import Duplicate, duplicates
from datenbroker.catalogue.inventory.line import Line, device_lines, group_lines, product_line, with_users
from datenbroker.catalogue.inventory.thing import Thing, things_of_broker, things_of_devices
from datenbroker.identities.organisations import Organisations
from datenbroker.products.products import Products
from document_store.store import DocumentStore
from ngsi_client.client import NgsiClient

if TYPE_CHECKING:
    from ngsi_adapters.source import Source

KEPT_SECONDS = 60.0
"""So long an inventory is not made anew: reading all tenants takes seconds."""


class Inventory(BaseModel):
    """What is collected and by whom."""

    at: datetime
    metres: float = Field(description="So near two things of the same type count as being at the same place.")
    compared: int = Field(description="Things that were compared.")
    organisations: dict[str, str] = Field(description="Their names.")
    lines: list[Line]
    duplicates: list[Duplicate]


@dataclass
class Survey:
    """Without a `client` (on the command line) only the devices' entities are compared, not those of other sources."""

    store: DocumentStore
    products: Products
    organisations: Organisations
    sources: "Callable[[], Sequence[Source]]"
    client: NgsiClient | None = None
    metres: float = 25.0
    _made: tuple[float, Inventory] | None = None
    _making: asyncio.Lock = field(default_factory=asyncio.Lock)

    async def inventory(self) -> Inventory:
        """Everything; who may see which part of it is the caller's matter."""
        async with self._making:
            if self._made is None or time.monotonic() - self._made[0] > KEPT_SECONDS:
                self._made = time.monotonic(), await self._make()
            return self._made[1]

    async def _make(self) -> Inventory:
        known = await self.organisations.all()
        owners, names = {one.tenant: one.id for one in known}, {one.id: one.name for one in known}
        devices = await self.store.find("devices")
        sources = [source for source in self.sources() if source.url]
        things = await self._things(devices, owners)
        things += [_thing(source, owners) for source in sources]
        lines = with_users(await self._lines(devices, sources, owners))
        found = await asyncio.to_thread(duplicates, things, self.metres, names)
        return Inventory(
            at=datetime.now(UTC).replace(microsecond=0),
            metres=self.metres,
            compared=len({(thing.organisation, thing.id) for thing in things}),
            organisations=names,
            lines=sorted(lines, key=lambda line: (line.organisation, line.kind, line.name)),
            duplicates=found,
        )

    async def _lines(
        self, devices: list[dict[str, Any]], sources: "Sequence[Source]", owners: dict[str, str]
    ) -> list[Line]:
        groups, provisioned = await self.store.find("fiware_groups"), await self.store.find("fiware_devices")
        now = self.products.clock()
        grants = [grant.at(now) for grant in self.products.index.grants.values()]
        shown = [versions.shown for versions in self.products.index.products.values()]
        return [
            *device_lines(devices, owners),
            *group_lines(groups, provisioned, owners),
            *(_source_line(source, owners) for source in sources),
            *(product_line(product, grants) for product in shown),
        ]

    async def _things(self, devices: list[dict[str, Any]], owners: dict[str, str]) -> list[Thing]:
        found: list[Thing] = []
        if self.client is not None:
            for tenant, organisation in owners.items():
                found += [thing async for thing in things_of_broker(self.client, organisation, tenant)]
        return found + things_of_devices(devices, owners)  # last: they know the device's key too


def _thing(source: "Source", owners: dict[str, str]) -> Thing:
    """A source is compared with others by where it is read from."""
    mark = ("address", _address(source.url or ""))
    organisation = owners.get(source.tenant, source.tenant)
    return Thing(organisation, "DataSource", f"source:{source.uid}", None, frozenset({mark}))


def _source_line(source: "Source", owners: dict[str, str]) -> Line:
    types = sorted({mapped.model.__name__ for mapped in source.mapping})
    return Line(
        organisation=owners.get(source.tenant, source.tenant),
        kind="source",
        name=source.name,
        types=types,
        interface=f"{source.uid}: {_address(source.url or '')}",
    )


def _address(url: str) -> str:
    """Without user, password and query, which may be secret."""
    parts = urlsplit(url.split()[0]) if url.strip() else urlsplit("")
    return f"{parts.scheme}://{parts.hostname}{parts.path}" if parts.hostname else parts.path
