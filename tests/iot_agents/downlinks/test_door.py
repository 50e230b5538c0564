"""The door for notifications: who may knock, and what is a command."""

from typing import Any

import orjson
import pytest

from iot_agents.downlinks.door import CommandDoor
from iot_agents.downlinks.notification import NONE_YET
from tests.iot_agents.downlinks.conftest import LAMP, Desk

pytestmark = pytest.mark.anyio

T1, T2 = "2026-11-23T12:00:00.001Z", "2026-11-23T12:00:00.002Z"


def notification(value: Any, name: str = "dim", entity: str = LAMP.entity, **members: Any) -> bytes:
    attribute = {"type": "Property", "value": value} | members
    data = [{"id": entity, "type": "Lamp", name: attribute}]
    return orjson.dumps({"id": "urn:n:1", "type": "Notification", "data": data})


async def opened(desk: Desk) -> CommandDoor:
    desk.way.open = False
    door = CommandDoor(desk.dispatcher, desk.store)
    await door.load()
    return door


async def test_only_the_address_of_the_tenant_opens_the_door(desk: Desk) -> None:
    door = await opened(desk)
    other = door.path("other").rpartition("/")[2]
    for path in ("/commands/herne/", f"/commands/herne/{other}", "/commands/herne", "/", f"/commands//{other}"):
        assert await door.take(path, notification(1)) == 404
    assert await door.take(door.path("other"), notification(1)) == 204
    assert desk.book.open() == []
    assert await door.take(door.path("herne"), notification(1)) == 204
    assert [command.value for command in desk.book.open()] == [1]


async def test_the_address_is_the_same_after_a_restart(desk: Desk) -> None:
    assert (await opened(desk)).path("herne") == (await opened(desk)).path("herne")


@pytest.mark.parametrize("body", [b"", b"{", b"[]", b"{}", b'{"data": [1]}', b'{"data": [{"type": "x"}]}'])
async def test_what_is_no_notification_is_told(desk: Desk, body: bytes) -> None:
    door = await opened(desk)
    assert await door.take(door.path("herne"), body) == 400


@pytest.mark.parametrize(
    "body",
    [
        notification(NONE_YET),
        notification("urn:ngsi-ld:null"),
        notification(5, name="fillingLevel"),
        notification(5, entity="urn:ngsi-ld:Lamp:2"),
        notification(5, taken={"type": "Property", "value": 5}),
        notification(5, modifiedAt=T2, taken={"type": "Property", "value": 4, "modifiedAt": T2}),
        notification(5, datasetId="urn:d:1"),
    ],
)
async def test_what_is_no_new_command_is_passed_over(desk: Desk, body: bytes) -> None:
    door = await opened(desk)
    assert await door.take(door.path("herne"), body) == 204
    assert desk.book.open() == []


async def test_a_value_written_over_one_that_was_taken_is_a_command(desk: Desk) -> None:
    door = await opened(desk)
    taken = {"type": "Property", "value": 5, "modifiedAt": T1}
    assert await door.take(door.path("herne"), notification(5, modifiedAt=T2, taken=taken)) == 204
    assert [command.cause for command in desk.book.open()] == [T2]
