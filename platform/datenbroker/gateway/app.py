"""The gateway: one ASGI app of doors, the management API and what every answer carries."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, replace
from http import HTTPStatus
from importlib.metadata import version
from typing import Any

import orjson
from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import Response
from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Receive, Scope, Send

from datenbroker.gateway import admin, docs, openapi, operations
from datenbroker.gateway.authentication import Authenticator
from datenbroker.gateway.catalogue import inventory
from datenbroker.gateway.catalogue import routes as catalogue
from datenbroker.gateway.catalogue.parts import Catalogue
from datenbroker.gateway.doors import AdminDoor, BrokerDoor, MetricsDoor, PublicDoor
from datenbroker.gateway.frame import PROBLEM, Measure
from datenbroker.gateway.login import routes as login
from datenbroker.gateway.management import contexts, deadletters, grants, imports, products, sources
from datenbroker.gateway.management import devices as devices_api
from datenbroker.gateway.management.devices import DeviceParts
from datenbroker.gateway.management.door import PATHS, DeviceDoor, WebhookDoor
from datenbroker.gateway.management.sharing import PATHS as SHARED
from datenbroker.gateway.management.sharing import Sharing, SharingDoor
from datenbroker.gateway.management.sources import PATH as SOURCES
from datenbroker.gateway.management.sources import SourceDoor, SourceParts
from datenbroker.gateway.pages.errors import ErrorPages
from datenbroker.gateway.pages.layout import NAMELESS, Site
from datenbroker.gateway.problems import NGSI_LD_PATH, PROBLEM_JSON, BadRequest, GatewayProblem
from datenbroker.gateway.protection import Protection
from datenbroker.gateway.upstream.default_context import DefaultContext
from datenbroker.identities.keys import ApiKeys
from datenbroker.identities.organisations import Organisations
from iot_agents.ingest.letterbox import LetterBox
from ngsi_client.rejected import Rejections

DESCRIPTION = """One gateway for the Konzern Stadt. **NGSI-LD** under `/ngsi-ld/v1`: each organisation in its own
tenant. **Data products** under `/products`: what organisations share, each with an NGSI-LD API of its own. **Devices**
under `/devices`, **sources** under `/sources`. **Administration** under `/admin`. Press *Authorize* and paste your API
key."""


@dataclass(frozen=True)
class Parts:
    """What the gateway is made of; the composition root has made them."""

    broker: ASGIApp
    organisations: Organisations
    keys: ApiKeys
    rejections: Rejections
    checks: Mapping[str, operations.Check]
    metrics: Callable[[], Awaitable[bytes]]
    measure: Measure
    protection: Protection
    devices: DeviceParts | None = None
    webhooks: ASGIApp | None = None
    sharing: Sharing | None = None
    letters: LetterBox | None = None
    sources: SourceParts | None = None
    default_context: str | None = None
    catalogue: Catalogue | None = None


def gateway(parts: Parts) -> ASGIApp:
    """The whole gateway."""
    authenticator = parts.protection.authenticator(parts.keys)
    provider = parts.protection.login.provider if parts.protection.login else None
    if parts.catalogue is not None:
        parts = replace(parts, catalogue=replace(parts.catalogue, provider=provider))
    management = _management(parts, authenticator)
    doors = _Doors(
        BrokerDoor(authenticator, parts.broker),
        AdminDoor(authenticator, management, parts.broker),
        {
            **dict.fromkeys(PATHS, DeviceDoor(authenticator, management)),
            **({"/webhooks/": WebhookDoor(authenticator, parts.webhooks)} if parts.webhooks else {}),
            **(dict.fromkeys(SHARED, SharingDoor(authenticator, management, parts.sharing)) if parts.sharing else {}),
            **({SOURCES: SourceDoor(authenticator, management)} if parts.sources else {}),
            "/health/": management,
            "/metrics": MetricsDoor(authenticator, management, parts.protection.observers),
        },
        PublicDoor(authenticator, management),
    )
    inside = DefaultContext(doors, parts.default_context) if parts.default_context else doors
    site = parts.catalogue.site if parts.catalogue else Site(NAMELESS, provider)
    return ErrorPages(parts.protection.around(inside, parts.measure), site)


class _Doors:
    """ASGI: the hot path first."""

    def __init__(
        self, broker: ASGIApp, administration: ASGIApp, others: Mapping[str, ASGIApp], public: ASGIApp
    ) -> None:
        self._broker, self._administration, self._others, self._public = broker, administration, others, public

    def __call__(self, scope: Scope, receive: Receive, send: Send) -> Awaitable[None]:
        path = scope["path"]
        if path.startswith(NGSI_LD_PATH):
            return self._broker(scope, receive, send)
        if path.startswith("/admin"):
            return self._administration(scope, receive, send)
        door = next((door for prefix, door in self._others.items() if path.startswith(prefix)), self._public)
        return door(scope, receive, send)


def _management(parts: Parts, authenticator: Authenticator) -> FastAPI:
    app = FastAPI(
        title="Herne Datenbroker",
        version=version("herne-datenbroker"),
        description=DESCRIPTION,
        docs_url=None,
        redoc_url=None,
        exception_handlers={
            GatewayProblem: _answer_problem,
            RequestValidationError: _answer_invalid,
            HTTPException: _answer_http,
        },
    )
    app.include_router(admin.router(parts.organisations, parts.keys, parts.rejections, parts.protection))
    if parts.devices is not None:
        app.include_router(imports.router(parts.devices))
        app.include_router(devices_api.router(parts.devices))
    if parts.sources is not None:
        app.include_router(sources.router(parts.sources))
    if parts.letters is not None:
        app.include_router(deadletters.router(parts.letters))
    if parts.sharing is not None:
        app.include_router(products.router(parts.sharing.products))
        app.include_router(grants.router(parts.sharing.grants))
    if parts.catalogue is not None:
        app.include_router(catalogue.router(parts.catalogue))
        app.include_router(inventory.router(parts.catalogue))
    app.include_router(contexts.router())
    app.include_router(operations.router(parts.checks, parts.metrics))
    app.include_router(login.router(parts.protection.login, authenticator))
    docs.add(app, parts.catalogue is not None)
    openapi.extend(app)
    return app


async def _answer_problem(request: Request, problem: Exception) -> Response:
    assert isinstance(problem, GatewayProblem)
    request.scope[PROBLEM] = str(problem)
    headers = {name.decode(): value.decode() for name, value in problem.headers}
    return _response(problem.problem(), headers)


async def _answer_invalid(request: Request, error: Exception) -> Response:
    assert isinstance(error, RequestValidationError)
    mistakes = (f"{'.'.join(map(str, mistake['loc']))}: {mistake['msg']}" for mistake in error.errors())
    return _response(BadRequest("; ".join(mistakes)).problem())


async def _answer_http(request: Request, error: Exception) -> Response:
    """What the router itself answers: 404 and 405."""
    assert isinstance(error, HTTPException)
    title = HTTPStatus(error.status_code).phrase
    detail = f"{request.method} {request.url.path}: {error.detail}. The API is described under /docs."
    problem = {"type": "about:blank", "title": title, "status": error.status_code, "detail": detail}
    return _response(problem, error.headers)


def _response(problem: dict[str, Any], headers: Mapping[str, str] | None = None) -> Response:
    return Response(orjson.dumps(problem), problem["status"], headers, PROBLEM_JSON)
