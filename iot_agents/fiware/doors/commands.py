"""Where commands come in: as a context broker forwards them to a context source, and as notifications."""

from collections.abc import Mapping
from typing import Any

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from iot_agents.fiware.commands import Commands
from iot_agents.fiware.doors.exchange import answering, json_of
from iot_agents.fiware.errors import MissingHeaders, WrongSyntax

ENTITY = "/ngsi-ld/v1/entities/{entity}/attrs"


class CommandDoor:
    """Its routes over the commands."""

    def __init__(self, commands: Commands) -> None:
        self._commands = commands

    def routes(self) -> list[Route]:
        return [
            Route(ENTITY, answering(self.update), methods=["PATCH"]),
            Route(f"{ENTITY}/{{name}}", answering(self.update), methods=["PATCH"]),
            Route("/notify", answering(self.notified), methods=["POST"]),
        ]

    async def update(self, request: Request) -> Response:
        """One command by its path, or several as the body's members."""
        body = await json_of(request)
        if not isinstance(body, dict):
            raise WrongSyntax("an object is expected")
        name = request.path_params.get("name")
        values = {name: value_of(body)} if name else values_of(body)
        await self._commands.execute(_tenant(request), request.path_params["entity"], values)
        return Response(status_code=204)

    async def notified(self, request: Request) -> Response:
        """A notification's entities; attributes that are none of the device's commands are passed over."""
        body = await json_of(request)
        entities = body.get("data") if isinstance(body, dict) else None
        if not isinstance(entities, list) or not all(isinstance(each, dict) and "id" in each for each in entities):
            raise WrongSyntax("a notification is expected")
        for entity in entities:
            values = values_of(entity)
            known = self._commands.names(_tenant(request), entity["id"])
            await self._commands.execute(
                _tenant(request), entity["id"], {name: values[name] for name in known & values.keys()}
            )
        return Response(status_code=200)


def values_of(attributes: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value_of(each) for name, each in attributes.items() if name not in ("id", "type", "@context")}


def value_of(attribute: Any) -> Any:
    """Of a normalized attribute, or a bare value."""
    return attribute.get("value") if isinstance(attribute, dict) and "value" in attribute else attribute


def _tenant(request: Request) -> str:
    tenant = request.headers.get("ngsild-tenant") or request.headers.get("fiware-service")
    if not tenant:
        raise MissingHeaders('["ngsild-tenant"]')
    return tenant.lower()
