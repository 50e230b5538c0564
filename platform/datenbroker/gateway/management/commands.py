"""The API of devices' commands, whatever agents the devices belong to: look, send, take back."""

from collections.abc import Callable, Coroutine
from dataclasses import dataclass
from datetime import datetime
from http import HTTPStatus
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Query
from pydantic import BaseModel, ConfigDict, Field

from datenbroker.gateway.management.door import Reach, reach_of
from datenbroker.gateway.problems import BadRequest, GatewayProblem, NotFound
from iot_agents.downlinks.book import QueueFull
from iot_agents.downlinks.command import Command
from iot_agents.downlinks.desk import CommandDesk, NoSuchCommand, NoSuchDevice
from iot_agents.downlinks.downlink import Status
from iot_agents.refused import Refused
from iot_agents.registry import Device

Reached = Annotated[Reach, Depends(reach_of)]
FindDevice = Callable[[str, Reach], Coroutine[Any, Any, Device]]
FIWARE = "iota:"
"""So begin the names of devices of FIWARE's agents, which are in no device registry."""


class TooManyCommands(GatewayProblem):
    status, title = 429, "Too Many Requests"


@dataclass(frozen=True)
class CommandParts:
    """What the commands' API works on."""

    desk: CommandDesk

    def shown(self, command: Command) -> "CommandShown":
        members = {name: getattr(command, name) for name in command.__struct_fields__}
        return CommandShown.model_validate(members | {"device": self.desk.name_of(command.device)})


class CommandWanted(BaseModel):
    """A command to be sent."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"examples": [{"name": "dim", "value": 40}]})

    name: str = Field(max_length=200, description="One of the commands of the device's profile, or provisioning.")
    value: Any = Field(description="What it is to be: see the profile for what is allowed.")


class CommandShown(BaseModel):
    """A command, and what became of it."""

    id: str
    device: str = Field(examples=["chirpstack:a84041ffff1865ab", "iota:4jggokgpepnvsb2uv4s40d59ov/lamp-1"])
    tenant: str
    name: str = Field(examples=["dim"])
    value: Any
    status: Status = Field(description="UNKNOWN: it may have been sent, and must not be sent twice.")
    info: Any = Field(description="What the device or its network said, or why it is an ERROR.")
    entity: str = Field(description="The entity whose attribute the command is.")
    created_at: datetime
    expires_at: datetime = Field(description="Until then it must be delivered.")
    sent_at: datetime | None = Field(description="When the network server, the MQTT broker or the device took it.")
    repeatable: bool = Field(description="Whether it is sent again where nobody knows whether it was sent.")


@dataclass(frozen=True)
class CommandChoice:
    """Which commands are asked for."""

    tenant: Annotated[str | None, Query(description="Only this tenant's, for those who reach several.")] = None
    status: Annotated[Status | None, Query(description="Only those of this status.")] = None
    name: Annotated[str | None, Query(description="Only those of this name.")] = None

    def takes(self, command: Command) -> bool:
        wanted = ((self.tenant, command.tenant), (self.status, command.status), (self.name, command.name))
        return all(asked in (None, there) for asked, there in wanted)


def router(parts: CommandParts, device: FindDevice) -> APIRouter:
    """The routes under /commands and /devices/{id}/commands; `device` finds one that the caller reaches."""
    api = APIRouter(tags=["Commands"])

    async def id_of(name: str, reach: Reach) -> str:
        if not name.startswith(FIWARE):
            return (await device(name, reach)).id
        try:
            return await parts.desk.device(name, reach.tenant)
        except NoSuchDevice as missing:
            raise NotFound(f"{missing}.") from None

    _look_routes(api, parts, id_of)
    _change_routes(api, parts, id_of)
    return api


FindId = Callable[[str, Reach], Coroutine[Any, Any, str]]


def _look_routes(api: APIRouter, parts: CommandParts, id_of: FindId) -> None:
    @api.get("/commands")
    async def list_all_commands(
        reach: Reached,
        choice: Annotated[CommandChoice, Depends()],
        limit: Annotated[int, Query(ge=1, le=1000)] = 100,
        offset: Annotated[int, Query(ge=0)] = 0,
    ) -> list[CommandShown]:
        """The commands of all devices, the newest first: all that are open, and of each device the last ones that are
        done with."""
        found = [one for one in await parts.desk.all() if reach.includes(one.tenant) and choice.takes(one)]
        return [parts.shown(one) for one in found[offset : offset + limit]]

    @api.get("/devices/{device_id:path}/commands")
    async def list_commands(device_id: str, reach: Reached) -> list[CommandShown]:
        """The device's commands, the newest first: all that are open, and the last ones that are done with. A device
        of FIWARE's agents is named `iota:<API key>/<device id>`."""
        found = await parts.desk.of_device(await id_of(device_id, reach))
        return [parts.shown(command) for command in found]

    @api.get("/devices/{device_id:path}/commands/{command_id}")
    async def get_command(device_id: str, command_id: str, reach: Reached) -> CommandShown:
        """One command of the device."""
        found = await parts.desk.of_device(await id_of(device_id, reach))
        command = next((one for one in found if one.id == command_id), None)
        if command is None:
            raise NotFound(f"There is no command {command_id} of {device_id}, or it was done with long ago.")
        return parts.shown(command)


def _change_routes(api: APIRouter, parts: CommandParts, id_of: FindId) -> None:
    @api.post("/devices/{device_id:path}/commands", status_code=HTTPStatus.ACCEPTED)
    async def send_command(device_id: str, wanted: CommandWanted, reach: Reached) -> CommandShown:
        """Send a command. It is kept when this is answered, and goes out within seconds; its attribute at the entity
        stays as it is, status and info are told there."""
        found = await id_of(device_id, reach)
        try:
            return parts.shown(await parts.desk.send(found, wanted.name, wanted.value))
        except Refused as refused:
            raise BadRequest(f"{refused.reason}.") from None
        except QueueFull as full:
            raise TooManyCommands(f"{full}: wait, or take some back with DELETE.") from None

    @api.delete("/devices/{device_id:path}/commands")
    async def cancel_commands(device_id: str, reach: Reached) -> list[CommandShown]:
        """Take back all commands that wait here. What the device or its network server has taken is under way."""
        cancelled = await parts.desk.cancel(await id_of(device_id, reach))
        return [parts.shown(command) for command in cancelled]

    @api.delete("/devices/{device_id:path}/commands/{command_id}")
    async def cancel_command(device_id: str, command_id: str, reach: Reached) -> CommandShown:
        """Take back one command that waits."""
        try:
            return parts.shown((await parts.desk.cancel(await id_of(device_id, reach), command_id))[0])
        except NoSuchCommand as missing:
            raise NotFound(f"{missing}.") from None
