"""What the broker is, and the parts of the API that it does not offer."""

import time

from context_broker.api.answers import in_context
from context_broker.api.request_context import linked_context
from context_broker.broker import Broker
from context_broker.http.negotiation import negotiate
from context_broker.http.request import Request
from context_broker.http.response import Response
from context_broker.http.routes import Route
from context_broker.tenancy import tenant_name
from ngsi_ld.datetimes import now
from ngsi_ld.errors import NotImplementedYet


async def source_identity(broker: Broker, request: Request) -> Response:
    """Implements 6.33.3.1 Retrieve Context Source Identity (5.15.1)."""
    seconds = int(time.time() - broker.started)
    media_type = negotiate(request.accept)
    context = await linked_context(broker, request)
    tenant = tenant_name(request)
    broker.tenant(request)
    identity = {
        "id": "urn:ngsi-ld:ContextSourceIdentity:" + (tenant or "default"),
        "type": "ContextSourceIdentity",
        "contextSourceAlias": "datenbroker" + (f"-{tenant}" if tenant else ""),
        "contextSourceUptime": f"PT{seconds}S",
        "contextSourceTimeAt": now(),
    }
    return in_context(broker, request, identity, context, media_type)


async def not_offered(_: Broker, request: Request) -> Response:
    """Context sources, history, entity maps and snapshots: an honest 501."""
    raise NotImplementedYet(f"{request.method} {request.path} is not offered by this broker yet")


_NOT_OFFERED = {
    "6.8": (("GET", "POST"), "/csourceRegistrations"),
    "6.9": (("GET", "PATCH", "DELETE"), "/csourceRegistrations/{}"),
    "6.12": (("GET", "POST"), "/csourceSubscriptions"),
    "6.13": (("GET", "PATCH", "DELETE"), "/csourceSubscriptions/{}"),
    "6.18": (("GET", "POST"), "/temporal/entities"),
    "6.19": (("GET", "DELETE"), "/temporal/entities/{}"),
    "6.20": (("POST",), "/temporal/entities/{}/attrs"),
    "6.21": (("DELETE",), "/temporal/entities/{}/attrs/{}"),
    "6.22": (("PATCH", "DELETE"), "/temporal/entities/{}/attrs/{}/{}"),
    "6.24": (("POST",), "/temporal/entityOperations/query"),
    "6.32": (("GET", "PATCH", "DELETE"), "/entityMaps/{}"),
    "6.34": (("GET", "POST"), "/entityMaps"),
    "6.35": (("GET", "POST"), "/temporal/entityMaps"),
    "6.36": (("POST", "DELETE"), "/snapshots"),
    "6.37": (("GET", "PATCH", "DELETE"), "/snapshots/{}"),
    "6.38": (("POST",), "/snapshots/{}/clone"),
}


class _Any(frozenset[str]):
    """Every parameter: a route that is not offered judges none."""

    def __contains__(self, item: object) -> bool:
        return True


_EVERY = _Any()
ROUTES = (
    Route("GET", "/info/sourceIdentity", "6.33.3.1", source_identity, frozenset({"local"})),
    *(
        Route(method, path, clause, not_offered, _EVERY, _EVERY)
        for clause, (methods, path) in _NOT_OFFERED.items()
        for method in methods
    ),
)
