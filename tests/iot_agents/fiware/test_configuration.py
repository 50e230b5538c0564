"""A device asks for values that stand at its entity, e.g. how often it is to report."""

from typing import Any

import orjson
import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from datenbroker.process.serving import HttpServer, listen
from tests.iot_agents.fiware.conftest import KEY, Fleet
from tests.iot_agents.fiware.test_commands import listening

pytestmark = pytest.mark.anyio

ASKED = '{"type": "configuration", "fields": ["sleepTime", "warningLevel", "unknown"]}'
STATIC = [
    {"name": "sleepTime", "type": "Number", "value": 200},
    {"name": "warningLevel", "type": "Text", "value": "80"},
]


async def told(heard: Any) -> str:
    return bytes(await heard.get()).decode()


async def test_it_hears_them_over_mqtt(fleet: Fleet) -> None:
    await fleet.group(static_attributes=STATIC)
    await fleet.publish((f"/json/{KEY}/dev1/attrs", '{"t": 1}'))
    async with listening(fleet.mqtt_url, f"/{KEY}/dev1/configuration/values") as heard:
        await fleet.publish((f"/json/{KEY}/dev1/configuration/commands", ASKED))
        values = orjson.loads(await told(heard))
    assert len(values.pop("dt")) == len("20261123T060000Z")
    assert values == {"sleepTime": 200, "warningLevel": "80"}


async def test_in_ultralight_too(fleet: Fleet) -> None:
    await fleet.group(resource="/iot/d", static_attributes=STATIC)
    await fleet.publish((f"/ul/{KEY}/dev1/attrs", "t|1"))
    async with listening(fleet.mqtt_url, f"/{KEY}/dev1/configuration/values") as heard:
        await fleet.publish((f"/ul/{KEY}/dev1/configuration/commands", "dev1@configuration|sleepTime|warningLevel"))
        values = await told(heard)
    assert values.startswith("dev1@configuration|sleepTime=200|warningLevel=80|dt=2")


async def test_its_endpoint_gets_them_where_it_speaks_http(fleet: Fleet) -> None:
    heard: list[Any] = []

    async def device(request: Request) -> Response:
        heard.append(await request.json())
        return Response()

    server = HttpServer(
        Starlette(routes=[Route("/dev/configuration", device, methods=["POST"])]), listen("127.0.0.1", 0, "port"), 1
    )
    await server.start()
    await fleet.group(static_attributes=STATIC, transport="HTTP", endpoint=f"{server.url}/dev")
    query = {"k": KEY, "i": "dev1"}
    await fleet.http.post("/iot/json", params=query, json={"t": 1})
    answer = await fleet.http.post("/iot/json/configuration", params=query, content=ASKED.encode())
    await server.stop()
    assert (answer.status_code, heard[0]["sleepTime"]) == (200, 200)


async def test_before_the_first_measure_there_is_only_the_time(fleet: Fleet) -> None:
    await fleet.group(static_attributes=STATIC)
    async with listening(fleet.mqtt_url, f"/{KEY}/dev1/configuration/values") as heard:
        await fleet.publish((f"/json/{KEY}/dev1/configuration/commands", ASKED))
        assert orjson.loads(await told(heard)).keys() == {"dt"}
