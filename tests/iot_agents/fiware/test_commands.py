import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Any

import paho.mqtt.client as paho
import pytest
from paho.mqtt.enums import CallbackAPIVersion
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from datenbroker.process.serving import HttpServer, listen
from iot_agents.transports.mqtt_url import MqttUrl
from tests.iot_agents.fiware.conftest import KEY, Fleet

pytestmark = pytest.mark.anyio

DEV1 = "urn:ngsi-ld:Sensor:dev1"
PING = [{"name": "ping", "type": "command"}]
ATTRIBUTE = f"/ngsi-ld/v1/entities/{DEV1}/attrs/ping"
TENANT = {"NGSILD-Tenant": "smart"}


@asynccontextmanager
async def listening(url: str, topic: str) -> AsyncIterator["asyncio.Queue[bytes]"]:
    """A device that subscribes to its topic of commands."""
    loop, heard, ready = asyncio.get_running_loop(), asyncio.Queue[bytes](), asyncio.Event()
    client, address = paho.Client(CallbackAPIVersion.VERSION2), MqttUrl.parse(url)

    def on_message(_client: paho.Client, _data: Any, message: paho.MQTTMessage) -> None:
        loop.call_soon_threadsafe(heard.put_nowait, bytes(message.payload))

    def on_subscribe(*_: Any) -> None:
        loop.call_soon_threadsafe(ready.set)

    client.on_message, client.on_subscribe = on_message, on_subscribe
    await asyncio.to_thread(client.connect, address.host, address.port)
    client.loop_start()
    client.subscribe(topic, qos=1)
    await asyncio.wait_for(ready.wait(), 5)
    yield heard
    await asyncio.to_thread(client.disconnect)
    await asyncio.to_thread(client.loop_stop)


@asynccontextmanager
async def endpoint(handler: Callable[[Request], Awaitable[Response]]) -> AsyncIterator[str]:
    """A device that is reached by HTTP."""
    routes = [Route("/device", handler, methods=["POST"])]
    server = HttpServer(Starlette(routes=routes), listen("127.0.0.1", 0, "port"), 1)
    await server.start()
    yield f"{server.url}/device"
    await server.stop()


async def command(fleet: Fleet, value: Any = "22") -> int:
    body = {"type": "Property", "value": value}
    return (await fleet.http.patch(ATTRIBUTE, json=body, headers=TENANT)).status_code


@pytest.mark.parametrize(
    ("resource", "protocol", "sent", "result"),
    [
        ("/iot/json", "json", b'{"ping":"22"}', '{"ping": "pong"}'),
        ("/iot/d", "ul", b"dev1@ping|22", "dev1@ping|pong"),
    ],
)
async def test_a_command_goes_out_and_comes_back_over_mqtt(
    fleet: Fleet, resource: str, protocol: str, sent: bytes, result: str
) -> None:
    await fleet.group(resource=resource, commands=PING)
    await fleet.device("dev1", apikey=KEY)
    async with listening(fleet.mqtt_url, f"/{KEY}/dev1/cmd") as heard:
        assert await command(fleet) == 204
        assert await asyncio.wait_for(heard.get(), 5) == sent
    await fleet.told(DEV1, ping_status="PENDING")
    await fleet.publish((f"/{protocol}/{KEY}/dev1/cmdexe", result))
    await fleet.told(DEV1, ping_status="OK", ping_info="pong")


async def test_a_device_that_polls_gets_its_commands_once(fleet: Fleet) -> None:
    await fleet.group(transport="HTTP", commands=PING)
    await fleet.device("dev1", apikey=KEY)
    await command(fleet)
    await fleet.told(DEV1, ping_status="PENDING")
    query = {"k": KEY, "i": "dev1", "getCmd": "1"}
    fetched = [(await fleet.http.get("/iot/json", params=query)).json() for _ in range(2)]
    assert fetched == [{"ping": "22"}, {}]
    await fleet.told(DEV1, ping_status="DELIVERED")
    await fleet.http.post("/iot/json/commands", params={"k": KEY, "i": "dev1"}, json={"ping": "pong"})
    await fleet.told(DEV1, ping_status="OK", ping_info="pong")


async def test_an_ultralight_device_polls_with_a_measure_and_answers(fleet: Fleet) -> None:
    await fleet.group(resource="/iot/d", transport="HTTP", commands=PING)
    await fleet.device("dev1", apikey=KEY)
    await command(fleet, {"a": 1, "b": 2})
    query, text = {"k": KEY, "i": "dev1"}, {"content-type": "text/plain"}
    fetched = await fleet.http.post("/iot/d", params=query | {"getCmd": "1"}, content=b"t|1", headers=text)
    assert fetched.text == "dev1@ping|a=1|b=2"
    await fleet.http.post("/iot/d", params=query, content=b"dev1@ping|done", headers=text)
    await fleet.told(DEV1, ping_status="OK", t=1, ping_info="done")


async def test_a_device_with_an_endpoint_answers_the_push(fleet: Fleet) -> None:
    async def answer(request: Request) -> Response:
        assert (await request.json(), request.headers["fiware-service"]) == ({"ping": "22"}, "smart")
        return PlainTextResponse('{"ping": "pong"}')

    async with endpoint(answer) as url:
        await fleet.group(transport="HTTP", endpoint=url, commands=PING)
        await fleet.device("dev1", apikey=KEY)
        await command(fleet)
        await fleet.told(DEV1, ping_status="OK", ping_info="pong")


async def test_a_device_that_fails_makes_the_command_an_error(fleet: Fleet) -> None:
    async def answer(_: Request) -> Response:
        return PlainTextResponse("busy", 503)

    async with endpoint(answer) as url:
        await fleet.group(transport="HTTP", endpoint=url, commands=PING)
        await fleet.device("dev1", apikey=KEY)
        await command(fleet)
        await fleet.told(DEV1, ping_status="ERROR")
    assert "503" in fleet.values(DEV1)["ping_info"]


async def test_a_notification_of_the_context_broker_is_a_command(fleet: Fleet) -> None:
    await fleet.group(transport="HTTP", commands=PING)
    await fleet.device("dev1", apikey=KEY)
    entity = {
        "id": DEV1,
        "type": "Sensor",
        "ping": {"type": "Property", "value": 7},
        "t": {"type": "Property", "value": 1},
    }
    body = {"type": "Notification", "data": [entity]}
    assert (await fleet.http.post("/notify", json=body, headers=TENANT)).status_code == 200
    query = {"k": KEY, "i": "dev1", "getCmd": "1"}
    assert (await fleet.http.get("/iot/json", params=query)).json() == {"ping": 7}


async def test_a_command_that_nobody_knows_is_refused(fleet: Fleet) -> None:
    await fleet.group(commands=PING)
    assert await command(fleet) == 404
    await fleet.device("dev1", apikey=KEY)
    response = await fleet.http.patch(f"/ngsi-ld/v1/entities/{DEV1}/attrs", json={"pong": {"value": 1}}, headers=TENANT)
    assert (response.status_code, response.json()["name"]) == (400, "COMMAND_NOT_FOUND")


async def test_a_result_of_no_command_is_recorded(fleet: Fleet) -> None:
    await fleet.group(commands=PING)
    await fleet.publish((f"/json/{KEY}/dev1/cmdexe", '{"pong": 1}'))
    assert fleet.kinds == ["command_not_found"]
