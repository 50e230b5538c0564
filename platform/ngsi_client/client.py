"""NGSI-LD over HTTP for whoever writes or reads entities inside the platform.

The broker may be the embedded one (an ASGI app) or any other (a URL): only the `Wire` differs.
"""

from collections.abc import Sequence
from http import HTTPStatus
from typing import Any, TypeVar

import httpx
import orjson

from ngsi_client.errors import BrokerRefused, BrokerUnavailable
from ngsi_client.wire import Answer, HttpxWire, NoAnswer, Params, Request, Wire

Entity = dict[str, Any]
"""An NGSI-LD entity, normalized: `{"id": …, "type": …, "<attribute>": {"type": "Property", "value": …}}`."""

MAX_BATCH = 1000
"""Entities in one batch request: Orion-LD takes no more."""

TENANT_MARK: Entity = {"id": "urn:ngsi-ld:TenantMark:first", "type": "TenantMark"}
"""What a tenant is begun with."""

SUBSCRIPTIONS = "/ngsi-ld/v1/subscriptions"

RETRYABLE_STATUS = frozenset({429, 502, 503, 504})


Shape = TypeVar("Shape")


class NgsiClient:
    """NGSI-LD operations of one tenant; `for_tenant` gives the same client for another.

    Every method raises `BrokerUnavailable` where trying again may help, `BrokerRefused` where it will not.
    """

    def __init__(self, wire: Wire | httpx.AsyncClient, tenant: str | None = None) -> None:
        self._wire = HttpxWire(wire) if isinstance(wire, httpx.AsyncClient) else wire
        self._headers = {"NGSILD-Tenant": tenant} if tenant else {}

    def for_tenant(self, tenant: str | None) -> "NgsiClient":
        return NgsiClient(self._wire, tenant)

    async def upsert(self, entities: Sequence[Entity]) -> dict[str, BrokerRefused]:
        """Batch upsert with `options=update` (5.6.8): given attributes are replaced or added, others stay.

        Returns the refused entities by id; all others are committed. In the order given, 1,000 a request.
        """
        refused: dict[str, BrokerRefused] = {}
        for start in range(0, len(entities), MAX_BATCH):
            refused |= await self._upsert_batch(entities[start : start + MAX_BATCH])
        return refused

    async def _upsert_batch(self, entities: Sequence[Entity]) -> dict[str, BrokerRefused]:
        answer = await self._send(
            "POST", "/ngsi-ld/v1/entityOperations/upsert", params={"options": "update"}, body=entities
        )
        if answer.status in (HTTPStatus.CREATED, HTTPStatus.NO_CONTENT) or not answer.body:
            return {}
        return _refused_of(answer, entities)

    async def retrieve(self, entity_id: str, *, key_values: bool = False) -> Entity | None:
        """The entity, or None where the broker has none of that id (5.7.1)."""
        try:
            answer = await self._send("GET", f"/ngsi-ld/v1/entities/{entity_id}", params=_form(key_values))
        except BrokerRefused as refused:
            if refused.status == HTTPStatus.NOT_FOUND:
                return None
            raise
        entity: Entity = _read(answer, dict)
        return entity

    async def query(self, *, key_values: bool = False, **parameters: str | int) -> list[Entity]:
        """One page of entities (5.7.2); parameters as in the API: `type`, `q`, `limit`, `offset`, …"""
        answer = await self._send("GET", "/ngsi-ld/v1/entities", params=_form(key_values) | parameters)
        entities: list[Entity] = _read(answer, list)
        return entities

    async def delete(self, entity_id: str) -> bool:
        """Whether there was such an entity (5.6.6)."""
        return await self._deleted(f"/ngsi-ld/v1/entities/{entity_id}")

    async def _deleted(self, path: str) -> bool:
        try:
            await self._send("DELETE", path)
        except BrokerRefused as refused:
            if refused.status == HTTPStatus.NOT_FOUND:
                return False
            raise
        return True

    async def update_attribute(self, entity_id: str, name: str, fragment: Entity) -> None:
        """Members of an attribute in place of those there are, all others stay (5.6.4)."""
        await self._send("PATCH", f"/ngsi-ld/v1/entities/{entity_id}/attrs/{name}", body=fragment)

    async def subscriptions(self) -> list[Entity]:
        """All of the tenant's, with what the broker tells of them (5.8.4); none where there is no such tenant."""
        found: list[Entity] = []
        try:
            while True:
                params: dict[str, str | int] = {"limit": MAX_BATCH, "offset": len(found)}
                page: list[Entity] = _read(await self._send("GET", SUBSCRIPTIONS, params=params), list)
                found += page
                if len(page) < MAX_BATCH:
                    return found
        except BrokerRefused as refused:
            if refused.status != HTTPStatus.NOT_FOUND:
                raise
            return []

    async def create_subscription(self, subscription: Entity) -> None:
        """Under the id it has (5.8.1)."""
        await self._send("POST", SUBSCRIPTIONS, body=subscription)

    async def update_subscription(self, subscription: Entity) -> None:
        """Its members in place of those there are (5.8.2)."""
        changed = {name: value for name, value in subscription.items() if name != "id"}
        await self._send("PATCH", f"{SUBSCRIPTIONS}/{subscription['id']}", body=changed)

    async def delete_subscription(self, subscription_id: str) -> bool:
        """Whether there was such a subscription (5.8.5)."""
        return await self._deleted(f"{SUBSCRIPTIONS}/{subscription_id}")

    async def ensure_tenant(self) -> None:
        """Make this client's tenant where the broker has none: by an entity that goes at once (5.5.10).

        Tenants begin with their first entity, and until then reading them is an error; this is so with every broker.
        """
        try:
            await self.query(type=TENANT_MARK["type"], limit=1)
        except BrokerRefused as refused:
            if refused.status != HTTPStatus.NOT_FOUND:
                raise
            await self.check_writes()

    async def check_writes(self) -> None:
        """Writes an entity that goes at once: raises as `upsert` does where the broker fails at whatever it is sent."""
        await self.upsert([TENANT_MARK])
        await self.delete(TENANT_MARK["id"])

    async def add_to_history(self, entity: Entity) -> None:
        """Attributes observed in the past, for the temporal representation alone (5.6.11): the state stays as it is."""
        head = {"id": entity["id"], "type": entity["type"]}
        instances = {name: [attribute] for name, attribute in entity.items() if name not in head}
        await self._send("POST", "/ngsi-ld/v1/temporal/entities", body=head | instances)

    async def _send(self, method: str, path: str, *, params: Params | None = None, body: Any = None) -> Answer:
        headers, content = self._headers, None
        if body is not None:
            headers = headers | {"Content-Type": "application/json"}
            content = orjson.dumps(body)
        try:
            answer = await self._wire.send(Request(method, path, params or {}, headers, content))
        except NoAnswer as error:
            raise BrokerUnavailable(f"the broker does not answer: {error}") from error
        if 200 <= answer.status < 300:
            return answer
        if answer.status in RETRYABLE_STATUS:
            raise BrokerUnavailable(f"the broker answered {answer.status}", answer.pause)
        raise BrokerRefused.from_response(answer.status, answer.body)


def _read(answer: Answer, shape: type[Shape]) -> Shape:
    """`BrokerUnavailable` where it is not JSON of that shape: a proxy's page is nothing that the broker said."""
    try:
        payload = orjson.loads(answer.body)
    except ValueError:
        payload = None
    if not isinstance(payload, shape):
        raise BrokerUnavailable(f"{answer.status} without entities, is a proxy in between? {answer.body[:200]!r}")
    return payload


def _refused_of(answer: Answer, entities: Sequence[Entity]) -> dict[str, BrokerRefused]:
    """Of a BatchOperationResult (5.2.16). What tells of no entity that was sent is said of the batch as a whole.

    `BrokerUnavailable` where the answer is none: a proxy's login page must not pass for a commit.
    """
    try:
        errors = orjson.loads(answer.body)["errors"]
        refused = {error.get("entityId", ""): BrokerRefused.from_problem(error["error"]) for error in errors}
    except (ValueError, TypeError, KeyError, AttributeError) as error:
        message = f"{answer.status} without a BatchOperationResult, is a proxy in between? {answer.body[:200]!r}"
        raise BrokerUnavailable(message) from error
    known = {entity["id"] for entity in entities}
    for id_, problem in refused.items():
        if id_ not in known:
            raise problem
    return refused


def _form(key_values: bool) -> dict[str, str | int]:
    return {"options": "keyValues"} if key_values else {}
