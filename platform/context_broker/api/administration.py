"""What an operator does with the broker itself: /admin/tenants and /admin/contexts, outside the NGSI-LD API.

Whoever reaches the broker may do it, as all else: it has no authentication and belongs behind the gateway.
"""

from functools import partial

from context_broker.broker import Broker
from context_broker.http.request import Request
from context_broker.http.response import Response, json_response, no_content
from context_broker.http.routes import Route
from context_broker.notifications.registry import SubscriptionRegistry
from context_broker.notifications.subscription import Subscription
from context_broker.storage.tenants import DEFAULT_TENANT
from context_broker.storage.transaction import Transaction
from context_broker.tenancy import check_tenant_name
from ngsi_ld.errors import BadRequestData

CHUNK = 500


async def list_tenants(broker: Broker, request: Request) -> Response:
    """All tenants: name (empty for the default one), number of entities and subscriptions, when they began."""
    rows = broker.database.connection.execute(
        "SELECT name, created_at, tenant.id, (SELECT count(*) FROM entity WHERE entity.tenant = tenant.id)"
        " FROM tenant ORDER BY name"
    )
    return json_response(
        [
            {
                "name": name,
                "createdAt": created_at,
                "entities": entities,
                "subscriptions": len(broker.subscriptions.of_tenant(number)),
            }
            for name, created_at, number, entities in rows
        ]
    )


async def create_tenant(broker: Broker, request: Request) -> Response:
    """Make a tenant before its first entity: 201, or 204 where it exists."""
    name = check_tenant_name(request.path_values[0])
    is_new = name not in broker.tenants.all()
    await broker.writer.write(lambda transaction: transaction.tenants.ensure(name))
    return Response(201) if is_new else no_content()


async def remove_tenant(broker: Broker, request: Request) -> Response:
    """Delete a tenant with its entities and subscriptions; nobody is notified. The default tenant stays."""
    name = check_tenant_name(request.path_values[0])
    number = broker.tenants.number(name)
    if number == DEFAULT_TENANT:
        raise BadRequestData("the default tenant can't be removed")
    owned = broker.subscriptions.of_tenant(number)
    for subscription in owned:
        broker.subscriptions.drop(subscription)
        broker.outbox.forget(subscription)
    for start in range(0, len(owned), CHUNK):
        await broker.writer.write(partial(_erase, broker.subscriptions, number, owned[start : start + CHUNK]))
    while await broker.writer.write(lambda transaction: _remove_some(transaction, number)):
        pass
    await broker.writer.write(lambda transaction: _remove_rest(transaction, name, number))
    return no_content()


def _remove_some(transaction: Transaction, tenant: int) -> int:
    rows = transaction.connection.execute("SELECT id FROM entity WHERE tenant = ? LIMIT ?", (tenant, CHUNK)).fetchall()
    for (id_,) in rows:
        stored = transaction.get(tenant, id_)
        assert stored is not None
        transaction.delete(tenant, stored)
    return len(rows)


def _erase(
    registry: SubscriptionRegistry, tenant: int, subscriptions: list[Subscription], transaction: Transaction
) -> None:
    for subscription in subscriptions:
        registry.erase(transaction, tenant, subscription.id)


def _remove_rest(transaction: Transaction, name: str, tenant: int) -> None:
    run = transaction.connection.execute
    run("DELETE FROM subscription WHERE tenant = ?", (tenant,))
    run("DELETE FROM outbox WHERE tenant = ?", (tenant,))
    run("DELETE FROM type_attribute WHERE type IN (SELECT id FROM name WHERE tenant = ?)", (tenant,))
    run("DELETE FROM type_count WHERE type IN (SELECT id FROM name WHERE tenant = ?)", (tenant,))
    run("DELETE FROM name WHERE tenant = ?", (tenant,))
    run("DELETE FROM tenant WHERE id = ?", (tenant,))
    transaction.tenants.remove(name)


async def empty_context_cache(broker: Broker, request: Request) -> Response:
    """Forget all downloaded contexts; they are fetched again when next used. How many there were."""
    return json_response({"removed": broker.contexts.clear()})


async def health(broker: Broker, request: Request) -> Response:
    """Whether the file answers."""
    broker.database.connection.execute("SELECT 1").fetchone()
    return json_response({"status": "ready", "commits": broker.writer.commits})


ROUTES = (
    Route("GET", "/tenants", "", list_tenants),
    Route("PUT", "/tenants/{}", "", create_tenant),
    Route("DELETE", "/tenants/{}", "", remove_tenant),
    Route("DELETE", "/contexts", "", empty_context_cache),
    Route("GET", "/health", "", health),
)
