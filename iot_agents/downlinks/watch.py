"""Keeps the context broker's subscriptions to command attributes true, and the attributes there to be updated."""

import asyncio
import hashlib
import logging
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence, Set
from contextlib import suppress
from itertools import islice
from typing import Any

from document_store.lease import Leases
from document_store.store import DocumentStore
from iot_agents.downlinks.command import Addressee, Carrier
from iot_agents.downlinks.dispatcher import LEASE
from iot_agents.downlinks.notification import NONE_YET
from ngsi_client.client import Entity, NgsiClient
from ngsi_client.errors import BrokerError, BrokerRefused

logger = logging.getLogger(__name__)

TENANTS = "command_tenants"
"""Documents: the tenants that have subscriptions of ours."""

ID = "urn:ngsi-ld:Subscription:datenbroker:command:"
EVERY, AGAIN = 2.0, 60.0
"""Seconds between two looks at the devices, and at the broker where nothing changed."""

IDS_AT_ONCE = 50

Watched = tuple[str, str]
"""Entity type and command."""


class Watch:
    """`url_of` gives the address for the notifications of a tenant. One subscription for each type and command.

    Of several processes with `leases` each adds what is missing; only the one that sends removes what is not needed.
    """

    def __init__(
        self,
        client: NgsiClient,
        store: DocumentStore,
        carriers: Sequence[Carrier],
        url_of: Callable[[str], str],
        *,
        leases: Leases | None = None,
        every: float = EVERY,
    ) -> None:
        self._client, self._store, self._carriers = client, store, carriers
        self._url_of, self._leases, self._every = url_of, leases, every
        self._prepared: set[tuple[str, str, str]] = set()
        self._subscribed: dict[str, frozenset[Watched]] = {}
        self._looked = 0.0
        self._settling = asyncio.Lock()
        self._runner: asyncio.Task[None] | None = None

    async def start(self) -> None:
        self._runner = asyncio.create_task(self._run())

    async def stop(self) -> None:
        if self._runner is not None:
            self._runner.cancel()
            await asyncio.gather(self._runner, return_exceptions=True)

    async def settle(self, timeout: float = 2.0) -> None:
        """What was provisioned until now can be commanded when this returns, unless the broker takes longer."""
        with suppress(TimeoutError):
            await asyncio.wait_for(self._settle(), timeout)

    async def _run(self) -> None:
        while True:
            try:
                await self._settle()
            except Exception:
                logger.exception("The subscriptions to commands could not be looked after")
            await asyncio.sleep(self._every)

    async def _settle(self) -> None:
        async with self._settling:
            now = asyncio.get_running_loop().time()
            wanted = await self._wanted()
            if now - self._looked > AGAIN or not self._looked:
                known = {found["_id"] for found in await self._store.find(TENANTS)}
                self._subscribed, self._looked = {tenant: frozenset({("", "")}) for tenant in known}, now
                self._prepared.clear()
            tenants = wanted.keys() | self._subscribed.keys()
            await asyncio.gather(*(self._settle_tenant(tenant, wanted.get(tenant, [])) for tenant in tenants))

    async def _wanted(self) -> Mapping[str, list[Addressee]]:
        """The devices of each tenant that take commands."""
        wanted: defaultdict[str, list[Addressee]] = defaultdict(list)
        for carrier in self._carriers:
            await carrier.refresh()
            for addressee in carrier.addressees():
                wanted[addressee.tenant].append(addressee)
        return wanted

    async def _settle_tenant(self, tenant: str, addressees: list[Addressee]) -> None:
        """One tenant's trouble is not that of the others."""
        watched = _watched(addressees)
        client = self._client.for_tenant(tenant)
        try:
            if self._subscribed.get(tenant) != watched:
                await self._subscribe(client, tenant, watched)
            # only then: who sees the attribute may write a command at once
            await self._prepare(client, tenant, addressees)
        except BrokerError as error:
            logger.warning("Commands of %s cannot be subscribed to, trying again: %s", tenant, error)

    async def _subscribe(self, client: NgsiClient, tenant: str, watched: frozenset[Watched]) -> None:
        if watched:
            await self._store.put(TENANTS, {"_id": tenant})
        there = {one["id"]: one for one in await client.subscriptions() if str(one["id"]).startswith(ID)}
        wanted = {one["id"]: one for one in map(self._subscription, [tenant] * len(watched), sorted(watched))}
        if not watched or there.keys() - wanted.keys():
            await self._unsubscribe(client, tenant, there.keys() - wanted.keys())
        for id_, document in wanted.items():
            if id_ not in there:
                await client.create_subscription(document)
            elif not _holds(document, there[id_]) or there[id_].get("status", "active") != "active":
                await client.update_subscription(document | {"isActive": True})
        if watched:
            self._subscribed[tenant] = watched
        else:
            self._subscribed.pop(tenant, None)

    async def _unsubscribe(self, client: NgsiClient, tenant: str, ids: Set[str]) -> None:
        if self._leases is not None and not self._leases.holds(LEASE):
            return
        # another process may have registered a device since ours were read
        watched = _watched((await self._wanted()).get(tenant, []))
        for id_ in ids - {self._id(each) for each in watched}:
            await client.delete_subscription(id_)
        if not watched:
            await self._store.delete(TENANTS, tenant)

    def _subscription(self, tenant: str, watched: Watched) -> dict[str, Any]:
        """One for each command, so that the notification tells which of them was written."""
        entity_type, name = watched
        endpoint = {"uri": self._url_of(tenant), "accept": "application/json"}
        return {
            "id": self._id(watched),
            "type": "Subscription",
            "subscriptionName": f"Command {name} of {entity_type}",
            "description": "Made by the IoT agents, which make it again: it takes commands to the devices.",
            "entities": [{"type": entity_type}],
            "watchedAttributes": [name],
            "notification": {
                "attributes": [name], "format": "normalized", "sysAttrs": True, "endpoint": endpoint,
            },
        }  # fmt: skip

    @staticmethod
    def _id(watched: Watched) -> str:
        return ID + hashlib.sha256(" ".join(watched).encode()).hexdigest()[:24]

    async def _prepare(self, client: NgsiClient, tenant: str, addressees: Iterable[Addressee]) -> None:
        """Entities that lack the attribute of a command get it, without a command in it."""
        by_type: defaultdict[str, dict[str, frozenset[str]]] = defaultdict(dict)
        for one in addressees:
            new = {name for name in one.commands if (tenant, one.entity, name) not in self._prepared}
            if new:
                by_type[one.entity_type][one.entity] = by_type[one.entity_type].get(one.entity, frozenset()) | new
        for entity_type, lacking in by_type.items():
            coming = iter(lacking.items())
            while some := dict(islice(coming, IDS_AT_ONCE)):
                await self._prepare_some(client, tenant, entity_type, some)

    async def _prepare_some(
        self, client: NgsiClient, tenant: str, entity_type: str, lacking: dict[str, frozenset[str]]
    ) -> None:
        names = sorted(frozenset[str]().union(*lacking.values()))
        there = await _shown(client, ",".join(lacking), entity_type, ",".join(names))
        entities = [_with_commands(id_, entity_type, new - there.get(id_, set())) for id_, new in lacking.items()]
        refused = await client.upsert([entity for entity in entities if len(entity) > 2])
        for id_, error in refused.items():
            logger.error("The commands of %s cannot be updated at the broker: %s", id_, error)
        self._prepared |= {(tenant, id_, name) for id_, new in lacking.items() for name in new}


def _watched(addressees: Iterable[Addressee]) -> frozenset[Watched]:
    return frozenset((one.entity_type, name) for one in addressees for name in one.commands)


async def _shown(client: NgsiClient, ids: str, entity_type: str, names: str) -> dict[str, set[str]]:
    """Which attributes the entities have; a tenant that is not there yet has none."""
    try:
        found = await client.query(key_values=True, id=ids, type=entity_type, attrs=names, limit=IDS_AT_ONCE)
    except BrokerRefused as refused:
        if refused.status != 404:
            raise
        return {}
    return {entity["id"]: set(entity) for entity in found}


def _with_commands(id_: str, entity_type: str, names: Iterable[str]) -> Entity:
    entity: Entity = {"id": id_, "type": entity_type}
    return entity | {name: {"type": "Property", "value": NONE_YET} for name in sorted(names)}


def _holds(wanted: Any, there: Any) -> bool:
    """Whether all that is wanted is there; brokers add members of their own."""
    if isinstance(wanted, dict):
        return isinstance(there, dict) and all(_holds(value, there.get(name)) for name, value in wanted.items())
    if isinstance(wanted, list):
        return isinstance(there, list) and len(wanted) == len(there) and all(map(_holds, wanted, there))
    return bool(wanted == there)
