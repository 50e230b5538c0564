"""Three doors. Behind the first two the caller is known and has the right.

`/ngsi-ld/v1`: right and tenant are decided, then the request goes to the broker as it is. `/admin`: looking needs one
right, changing another, whatever the route. What is public is open to all, as often as the limits allow.
"""

from starlette.types import ASGIApp, Receive, Scope, Send

from datenbroker.gateway.authentication import Authenticator
from datenbroker.gateway.limits.origins import Networks
from datenbroker.gateway.limits.rates import ORIGIN
from datenbroker.gateway.problems import BadRequest, Forbidden, NotFound
from datenbroker.identities.roles import RIGHTS, Caller, Right, Role

Header = tuple[bytes, bytes]
PREFIX = "/ngsi-ld/v1/"

READING_POSTS = frozenset({PREFIX + "entityOperations/query", PREFIX + "temporal/entityOperations/query"})
"""POST requests that change nothing: queries too long for a URL (6.23, 6.24)."""

SUBSCRIPTIONS = PREFIX + "subscriptions"
CONTEXTS = PREFIX + "jsonldContexts/"
"""Stored @contexts belong to the broker, not to a tenant."""

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
    b"x-forwarded-port",
    b"x-forwarded-prefix",
    b"x-forwarded-proto",
    b"x-http-method",
    b"x-http-method-override",
    b"x-method-override",
    b"x-original-url",
    b"x-rewrite-url",
    b"x-real-ip",
}
"""Headers that identify or place the caller: the broker believes what the gateway says, not what a client says."""


LOOKING = frozenset({"GET", "HEAD", "OPTIONS"})


BROKERS_OWN = ("/admin/tenants", "/admin/contexts")
"""What the broker administers itself."""

OWN_KEYS = Right.ADMINISTER | Right.MANAGE_KEYS
AREAS = {
    "/admin/keys": (Right.INSPECT | OWN_KEYS, OWN_KEYS),
    "/admin/usage": (Right.INSPECT | OWN_KEYS, Right.NONE),
    "/admin/audit": (Right.INSPECT, Right.NONE),
}
"""Areas where other rights than everywhere else open the door to look, and to change; one of them is enough.

Behind the door the routes see to it that who has not the whole platform's rights reaches the own organisation's only.
"""


def area_of(path: str) -> tuple[Right, Right]:
    for area, rights in AREAS.items():
        if path == area or path.startswith(area + "/"):
            return rights
    return Right.INSPECT, Right.ADMINISTER


class AdminDoor:
    """ASGI: passes a request on to the management API, or the broker's own, if the caller may look, or change."""

    def __init__(self, authenticator: Authenticator, management: ASGIApp, broker: ASGIApp) -> None:
        self._authenticator, self._management, self._broker = authenticator, management, broker

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        caller = await self._authenticator.caller(scope)
        look, change = area_of(scope["path"])
        if scope["method"] in LOOKING and not look & caller.rights:
            raise Forbidden(f"{caller} may not look into this part of the administration: {roles_with(look)} may.")
        if scope["method"] not in LOOKING and not change & caller.rights:
            raise Forbidden(f"{caller} may not change this part of the administration: {roles_with(change)} may.")
        if not scope["path"].startswith(BROKERS_OWN):
            await self._management(scope, receive, send)
            return
        headers = [header for header in scope["headers"] if header[0] not in KEPT_FROM_BROKER]
        await self._broker({**scope, "headers": headers}, receive, send)


def roles_with(rights: Right) -> str:
    return " and ".join(role for role in Role if RIGHTS[role] & rights) or "nobody"


class MetricsDoor:
    """ASGI: the figures are for operators: whoever asks from their networks, or inspects the platform by a key."""

    def __init__(self, authenticator: Authenticator, management: ASGIApp, networks: Networks) -> None:
        self._authenticator, self._management, self._networks = authenticator, management, networks

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope[ORIGIN] not in self._networks:
            caller = await self._authenticator.caller(scope)
            if Right.INSPECT not in caller.rights or caller.organisation is not None:
                raise Forbidden(f"{caller} may not read the platform's figures: its administrators and auditors may.")
        await self._management(scope, receive, send)


class PublicDoor:
    """ASGI: what needs no key, e.g. the documentation; counted by address."""

    def __init__(self, authenticator: Authenticator, public: ASGIApp) -> None:
        self._limits, self._public = authenticator.limits, public

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        self._limits.anonymous(scope)
        await self._public(scope, receive, send)


class BrokerDoor:
    """ASGI: passes a request on in the caller's tenant only.

    `upstream` is the embedded broker, or the reverse proxy to another one.
    """

    def __init__(self, authenticator: Authenticator, upstream: ASGIApp) -> None:
        self._authenticator, self._upstream = authenticator, upstream

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        caller = self._authenticator.at_once(scope) or await self._authenticator.caller(scope)
        _require_path(scope)
        _require_right(caller, scope["method"], scope["path"])
        headers: list[Header] = []
        of_caller: list[Header] = []
        for header in scope["headers"]:
            (of_caller if header[0] in KEPT_FROM_BROKER else headers).append(header)
        tenant = _tenant(caller, of_caller)
        if tenant is not None:
            headers.append((TENANT, tenant.encode()))
        await self._upstream({**scope, "headers": headers}, receive, send)


def require_plain(raw_path: bytes, path: str) -> None:
    """`BadRequest` for a path that two programs could read differently: then the one behind could be another."""
    if b"//" in raw_path or "\\" in path or not path.isprintable():
        raise BadRequest("The path must not contain //, backslashes and control characters: escape them in an id.")
    if "/." in path and any(segment in (".", "..") for segment in path.split("/")):
        raise BadRequest("The path must not contain the segments . and ..")


def _require_path(scope: Scope) -> None:
    path = scope["path"]
    if not path.startswith(PREFIX):
        raise NotFound(f"There is nothing at {path}: the NGSI-LD API begins with {PREFIX}")
    require_plain(scope["raw_path"], path)


def _require_right(caller: Caller, method: str, path: str) -> None:
    if not caller.tenant_wide:
        raise Forbidden(f"{caller} opens data products only: their addresses begin with /products/.")
    if path.startswith(SUBSCRIPTIONS) and path[len(SUBSCRIPTIONS) :][:1] in ("", "/"):
        needed, deed = Right.SUBSCRIBE, "subscribe here"
    elif method in LOOKING or (method == "POST" and path in READING_POSTS):
        needed, deed = Right.READ, "read here"
    elif method == "DELETE" and path.startswith(CONTEXTS):
        needed, deed = Right.ADMINISTER, "remove contexts, which all organisations share"
    else:
        needed, deed = Right.WRITE, "write here"
    if needed not in caller.rights:
        raise Forbidden(f"{caller} may not {deed}: ask for a key that may.")


def _tenant(caller: Caller, headers: list[Header]) -> str | None:
    """The caller's tenant, or the one that an administrator names; None is the broker's default tenant."""
    named = {value.decode("latin-1") for name, value in headers if name in TENANT_HEADERS}
    if not named:
        return caller.tenant
    if len(named) > 1:
        raise BadRequest("The headers NGSILD-Tenant and Fiware-Service name different tenants: send one of them.")
    tenant = named.pop()
    if tenant != caller.tenant and not caller.any_tenant:
        raise Forbidden(
            f"{caller} acts in the tenant {caller.tenant} only, not in {tenant:.50}: "
            "leave the header NGSILD-Tenant out."
        )
    return tenant
