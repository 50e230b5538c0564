"""Two doors. Behind each the caller is known and has the right.

`/ngsi-ld/v1`: right and tenant are decided, then the request goes to the broker as it is. `/admin`: looking needs one
right, changing another, whatever the route.
"""

from starlette.types import ASGIApp, Receive, Scope, Send

from datenbroker.gateway.authentication import Authenticator
from datenbroker.gateway.problems import BadRequest, Forbidden, NotFound
from datenbroker.identities.roles import Caller, Right

PREFIX = "/ngsi-ld/v1/"

READING_POSTS = frozenset({PREFIX + "entityOperations/query", PREFIX + "temporal/entityOperations/query"})
"""POST requests that change nothing: queries too long for a URL (6.23, 6.24)."""

CONTEXTS = PREFIX + "jsonldContexts/"
"""Stored @contexts belong to the broker, not to a tenant."""

CALLER = "datenbroker.caller"
"""Where the caller is found in the ASGI scope from then on."""

TENANT = b"ngsild-tenant"
TENANT_HEADERS = frozenset({TENANT, b"fiware-service"})

KEPT_FROM_BROKER = TENANT_HEADERS | {
    b"authorization",
    b"x-api-key",
    b"cookie",
    b"fiware-servicepath",
    b"forwarded",
    b"x-auth-token",
    b"x-forwarded-for",
    b"x-forwarded-host",
    b"x-forwarded-prefix",
    b"x-forwarded-proto",
    b"x-real-ip",
}
"""Headers that identify or place the caller: the broker believes what the gateway says, not what a client says."""


LOOKING = frozenset({"GET", "HEAD", "OPTIONS"})


BROKERS_OWN = ("/admin/tenants", "/admin/contexts")
"""What the broker administers itself."""


class AdminDoor:
    """ASGI: passes a request on to the management API, or the broker's own, if the caller may look, or change."""

    def __init__(self, authenticator: Authenticator, management: ASGIApp, broker: ASGIApp) -> None:
        self._authenticator, self._management, self._broker = authenticator, management, broker

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        caller = scope[CALLER] = await self._authenticator.caller(scope["headers"])
        if scope["method"] in LOOKING and Right.INSPECT not in caller.rights:
            raise Forbidden(f"{_named(caller)} may not look into the administration: platform-admin and auditor may.")
        if scope["method"] not in LOOKING and Right.ADMINISTER not in caller.rights:
            raise Forbidden(f"{_named(caller)} may not administer: only platform-admin may.")
        if not scope["path"].startswith(BROKERS_OWN):
            await self._management(scope, receive, send)
            return
        headers = [header for header in scope["headers"] if header[0] not in KEPT_FROM_BROKER]
        await self._broker({**scope, "headers": headers}, receive, send)


class BrokerDoor:
    """ASGI: passes a request on in the caller's tenant only.

    `upstream` is the embedded broker, or the reverse proxy to another one.
    """

    def __init__(self, authenticator: Authenticator, upstream: ASGIApp) -> None:
        self._authenticator, self._upstream = authenticator, upstream

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        caller = scope[CALLER] = await self._authenticator.caller(scope["headers"])
        _require_path(scope["path"])
        _require_right(caller, scope["method"], scope["path"])
        headers = [header for header in scope["headers"] if header[0] not in KEPT_FROM_BROKER]
        tenant = _tenant(caller, scope["headers"])
        if tenant is not None:
            headers.append((TENANT, tenant.encode()))
        await self._upstream({**scope, "headers": headers}, receive, send)


def _require_path(path: str) -> None:
    if not path.startswith(PREFIX):
        raise NotFound(f"There is nothing at {path}: the NGSI-LD API begins with {PREFIX}")
    if "/../" in path or "/./" in path or path.endswith(("/..", "/.")):
        raise BadRequest("The path must not contain the segments . and ..")


def _require_right(caller: Caller, method: str, path: str) -> None:
    if method in LOOKING or (method == "POST" and path in READING_POSTS):
        needed, deed = Right.READ, "read here"
    elif method == "DELETE" and path.startswith(CONTEXTS):
        needed, deed = Right.ADMINISTER, "remove contexts, which all organisations share"
    else:
        needed, deed = Right.WRITE, "write here"
    if needed not in caller.rights:
        raise Forbidden(f"{_named(caller)} may not {deed}: ask for a key that may.")


def _named(caller: Caller) -> str:
    return f"The key {caller.name} ({', '.join(sorted(caller.roles))})"


def _tenant(caller: Caller, headers: list[tuple[bytes, bytes]]) -> str | None:
    """The caller's tenant, or the one that an administrator names; None is the broker's default tenant."""
    named = {value.decode("latin-1") for name, value in headers if name in TENANT_HEADERS}
    if not named:
        return caller.tenant
    if len(named) > 1:
        raise BadRequest("The headers NGSILD-Tenant and Fiware-Service name different tenants: send one of them.")
    tenant = named.pop()
    if tenant != caller.tenant and not caller.any_tenant:
        raise Forbidden(
            f"The key {caller.name} acts in the tenant {caller.tenant} only, not in {tenant}: "
            "leave the header NGSILD-Tenant out."
        )
    return tenant
