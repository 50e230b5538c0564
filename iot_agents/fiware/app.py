"""The ASGI app of the IoT agent: provisioning and measures, as FIWARE's agents offer them on their two ports."""

import hmac

from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.types import ASGIApp, Receive, Scope, Send

from iot_agents.fiware.agent import FiwareAgent
from iot_agents.fiware.commands.sending import Commands
from iot_agents.fiware.doors.commands import CommandDoor
from iot_agents.fiware.doors.north import Provisioning
from iot_agents.fiware.doors.south import Measures
from iot_agents.fiware.errors import IotError, NotSupported
from iot_agents.fiware.topics import RESOURCES

BODY_LIMIT = 1_000_000
"""Bytes, as with FIWARE's agents."""


class AccessForbidden(IotError):
    name = "ACCESS_FORBIDDEN"
    status = 401

    def __init__(self) -> None:
        super().__init__("The provisioning API asks for its key: send it as X-Auth-Token, or Authorization: Bearer …")


def app(agent: FiwareAgent, commands: Commands, *, key: str | None = None, body_limit: int = BODY_LIMIT) -> Starlette:
    """`key`: what provisioners must show, nobody is asked where there is none. Devices show their group's API key."""
    routes = [
        *Provisioning(agent.registry, commands.provisioned).routes(),
        *Measures(agent, commands).routes(),
        *CommandDoor(commands).routes(),
    ]
    middleware = [Middleware(KeyGuard, key=key)] if key else []
    made = Starlette(routes=routes, middleware=middleware, exception_handlers={404: _unknown, 405: _unknown})
    made.state.body_limit = body_limit
    return made


class KeyGuard:
    """ASGI middleware in front of everything but the doors of devices."""

    def __init__(self, app: ASGIApp, key: str) -> None:
        self._app, self._key = app, key

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or _is_south(scope["path"]) or self._allows(Request(scope)):
            await self._app(scope, receive, send)
        else:
            await JSONResponse(AccessForbidden().body(), AccessForbidden.status)(scope, receive, send)

    def _allows(self, request: Request) -> bool:
        shown = request.headers.get("x-auth-token") or request.headers.get("authorization", "").removeprefix("Bearer ")
        return hmac.compare_digest(shown.encode(), self._key.encode())


def _is_south(path: str) -> bool:
    return any(path == resource or path.startswith(f"{resource}/") for resource in RESOURCES.values())


async def _unknown(request: Request, error: Exception) -> Response:
    """As iotagent-node-lib names it, with the status that HTTP has for it."""
    problem = NotSupported(request.method, request.url.path)
    return JSONResponse(problem.body(), getattr(error, "status_code", problem.status))
