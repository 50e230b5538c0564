"""Where commands come in: as a context broker forwards them to a context source, and as notifications."""

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from iot_agents.downlinks.notification import BadNotification, attributes_of, commands_in, value_of
from iot_agents.fiware.commands.sending import Commands
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
        attributes = [(name, body)] if name else list(attributes_of(body))
        values = {name: value_of(attribute) for name, attribute in attributes}
        await self._commands.execute(_tenant(request), request.path_params["entity"], values)
        return Response(status_code=204)

    async def notified(self, request: Request) -> Response:
        """A notification's entities; attributes that are none of the device's commands are passed over."""
        tenant = _tenant(request)
        try:
            written = list(commands_in(await json_of(request)))
        except BadNotification as error:
            raise WrongSyntax(str(error)) from None
        for one in written:
            if one.name in self._commands.names(tenant, one.entity):
                await self._commands.execute(tenant, one.entity, {one.name: one.value}, one.cause)
        return Response(status_code=200)


def _tenant(request: Request) -> str:
    tenant = request.headers.get("ngsild-tenant") or request.headers.get("fiware-service")
    if not tenant:
        raise MissingHeaders('["ngsild-tenant"]')
    return tenant.lower()
