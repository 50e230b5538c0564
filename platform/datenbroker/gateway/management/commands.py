"""The API of devices' commands: look, send, take back."""

from collections.abc import Callable, Coroutine
from dataclasses import dataclass
from datetime import datetime
from http import HTTPStatus
from typing import Annotated, Any

from fastapi import APIRouter, Depends
from pydantic import BaseModel, ConfigDict, Field

from datenbroker.gateway.management.door import Reach, reach_of
from datenbroker.gateway.problems import BadRequest, GatewayProblem, NotFound
from iot_agents.downlinks.book import QueueFull
from iot_agents.downlinks.command import Command
from iot_agents.downlinks.desk import CommandDesk, NoSuchCommand
from iot_agents.refused import Refused
from iot_agents.registry import Device

Reached = Annotated[Reach, Depends(reach_of)]
FindDevice = Callable[[str, Reach], Coroutine[Any, Any, Device]]


class TooManyCommands(GatewayProblem):
    status, title = 429, "Too Many Requests"


@dataclass(frozen=True)
class CommandParts:
    """What the commands' API works on."""

    desk: CommandDesk


class CommandWanted(BaseModel):
    """A command to be sent."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"examples": [{"name": "dim", "value": 40}]})

    name: str = Field(max_length=200, description="One of the commands of the device's profile.")
    value: Any = Field(description="What it is to be: see the profile for what is allowed.")


class CommandShown(BaseModel):
    """A command, and what became of it."""

    id: str
    name: str = Field(examples=["dim"])
    value: Any
    status: str = Field(description="PENDING, DELIVERED, OK or ERROR.")
    info: Any = Field(description="What the device or its network said, or why it is an ERROR.")
    entity: str = Field(description="The entity whose attribute the command is.")
    created_at: datetime
    expires_at: datetime = Field(description="Until then it must be delivered.")
    sent_at: datetime | None = Field(description="When the network server or the MQTT broker took it.")


def router(parts: CommandParts, device: FindDevice) -> APIRouter:
    """The routes under /devices/{id}/commands; `device` finds one that the caller reaches."""
    api = APIRouter(tags=["Devices"])

    @api.get("/devices/{device_id:path}/commands")
    async def list_commands(device_id: str, reach: Reached) -> list[CommandShown]:
        """The device's commands, the newest first: all that are open, and the last ones that are done with."""
        found = await device(device_id, reach)
        return [_shown(command) for command in await parts.desk.of_device(found.id)]

    @api.post("/devices/{device_id:path}/commands", status_code=HTTPStatus.ACCEPTED)
    async def send_command(device_id: str, wanted: CommandWanted, reach: Reached) -> CommandShown:
        """Send a command. It is kept when this is answered, and goes out within seconds; its attribute at the entity
        stays as it is, status and info are told there."""
        found = await device(device_id, reach)
        try:
            return _shown(await parts.desk.send(found.id, wanted.name, wanted.value))
        except Refused as refused:
            raise BadRequest(f"{refused.reason}.") from None
        except QueueFull as full:
            raise TooManyCommands(f"{full}: wait, or take some back with DELETE.") from None

    @api.delete("/devices/{device_id:path}/commands")
    async def cancel_commands(device_id: str, reach: Reached) -> list[CommandShown]:
        """Take back all commands that wait here. What its network server has taken, it sends."""
        found = await device(device_id, reach)
        return [_shown(command) for command in await parts.desk.cancel(found.id)]

    @api.delete("/devices/{device_id:path}/commands/{command_id}")
    async def cancel_command(device_id: str, command_id: str, reach: Reached) -> CommandShown:
        """Take back one command that waits."""
        found = await device(device_id, reach)
        try:
            return _shown((await parts.desk.cancel(found.id, command_id))[0])
        except NoSuchCommand as missing:
            raise NotFound(f"{missing}.") from None

    return api


def _shown(command: Command) -> CommandShown:
    return CommandShown.model_validate(command, from_attributes=True)
