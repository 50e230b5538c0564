"""The door to the devices: who brings data sees and changes the devices of the own tenant, platform-admin all."""

from dataclasses import dataclass

from starlette.requests import Request
from starlette.types import ASGIApp, Receive, Scope, Send

from datenbroker.gateway.authentication import CALLER, Authenticator
from datenbroker.gateway.doors import LOOKING
from datenbroker.gateway.problems import Forbidden
from datenbroker.identities.roles import Caller, Right
from iot_agents.transports.webhooks import SIGNATURES
from iot_agents.transports.webhooks import TENANT as WEBHOOK_TENANT

PATHS = ("/devices", "/device-profiles", "/commands", "/deadletters")


class DeviceDoor:
    """ASGI: passes a request on to the management API if the caller may look at devices, or change them."""

    def __init__(self, authenticator: Authenticator, management: ASGIApp) -> None:
        self._authenticator, self._management = authenticator, management

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        caller = await self._authenticator.caller(scope)
        if not caller.tenant_wide:
            raise Forbidden(f"{caller} opens data products only.")
        if scope["method"] in LOOKING and not caller.rights & (Right.WRITE | Right.INSPECT):
            raise Forbidden(f"{caller} may not see devices: those who provide data, and auditors, may.")
        if scope["method"] not in LOOKING and Right.WRITE not in caller.rights:
            raise Forbidden(f"{caller} may not change devices: those who provide data may.")
        await self._management(scope, receive, send)


SIGNATURE_HEADERS = frozenset(name.encode() for name in SIGNATURES)


class WebhookDoor:
    """ASGI: passes webhooks on; one that is signed proves itself behind, any other needs a key that may write."""

    def __init__(self, authenticator: Authenticator, webhooks: ASGIApp) -> None:
        self._authenticator, self._webhooks = authenticator, webhooks

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if not any(name in SIGNATURE_HEADERS for name, _ in scope["headers"]):
            caller = await self._authenticator.caller(scope)
            if Right.WRITE not in caller.rights or not caller.tenant_wide:
                raise Forbidden(f"{caller} may not bring readings: one with the role device-gateway may.")
            scope = {**scope, WEBHOOK_TENANT: None if caller.any_tenant else caller.tenant}
        await self._webhooks(scope, receive, send)


@dataclass(frozen=True)
class Reach:
    """Which tenants' devices a caller reaches: one, or all where `tenant` is None."""

    tenant: str | None

    def includes(self, tenant: str) -> bool:
        return self.tenant in (None, tenant)


def reach_of(request: Request) -> Reach:
    """An auditor of the platform and its administrator reach all."""
    caller: Caller = request.scope[CALLER]
    return Reach(None if caller.any_tenant or caller.tenant is None else caller.tenant)
