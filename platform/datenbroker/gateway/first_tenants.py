"""An organisation's tenant begins with its first request, not with its first entity: an empty answer, no error."""

from collections.abc import Awaitable

from starlette.types import ASGIApp, Receive, Scope, Send

from datenbroker.gateway.authentication import CALLER
from ngsi_client.client import NgsiClient
from ngsi_client.errors import BrokerError


class FirstTenants:
    """ASGI before the broker: makes the caller's own tenant where the broker has none yet, once per process.

    A tenant that an administrator names by header is not made: it may be mistyped.
    """

    def __init__(self, upstream: ASGIApp, client: NgsiClient) -> None:
        self._upstream, self._client = upstream, client
        self._begun: set[str] = set()

    def __call__(self, scope: Scope, receive: Receive, send: Send) -> Awaitable[None]:
        tenant = scope[CALLER].tenant
        if tenant is None or tenant in self._begun:
            return self._upstream(scope, receive, send)
        return self._first(tenant, scope, receive, send)

    async def _first(self, tenant: str, scope: Scope, receive: Receive, send: Send) -> None:
        await self._begin(tenant)
        await self._upstream(scope, receive, send)

    async def _begin(self, tenant: str) -> None:
        try:
            await self._client.for_tenant(tenant).ensure_tenant()
        except BrokerError:
            return  # the request itself will tell what is wrong with the broker
        self._begun.add(tenant)
