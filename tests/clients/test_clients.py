"""NGSI-LD clients that were not written here work against the broker unchanged, over real HTTP."""

import asyncio
import json
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
import uvicorn

from context_broker.app import ContextBroker
from context_broker.limits import Limits
from tests.clients.installed import HERE, clients
from tests.conformance.receiver import Receiver
from tests.iot_agents.brokers import free_port

LIGHT = "urn:ngsi-ld:Light:light1"

pytestmark = pytest.mark.anyio


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


@pytest.fixture
async def port(tmp_path: Path) -> AsyncIterator[int]:
    """Where the broker listens."""
    app = ContextBroker(tmp_path, Limits(allow_private_targets=True))
    server = uvicorn.Server(uvicorn.Config(app, port=0, log_level="warning", ws="none"))
    running = asyncio.create_task(server.serve())
    while not server.started:  # noqa: ASYNC110 (uvicorn tells it by this attribute alone)
        await asyncio.sleep(0.01)
    yield server.servers[0].sockets[0].getsockname()[1]
    server.should_exit = True
    await running


@pytest.fixture
async def receiver() -> AsyncIterator[Receiver]:
    server = Receiver()
    await server.start()
    yield server
    await server.stop()


async def run(script: str, *arguments: str | int) -> Any:
    """What a script prints last, as JSON."""
    folder = await asyncio.to_thread(clients)
    process = await asyncio.create_subprocess_exec(
        "node",
        str(HERE / script),
        *map(str, arguments),
        cwd=folder,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    output, errors = await asyncio.wait_for(process.communicate(), 60)
    assert process.returncode == 0, errors.decode()
    return json.loads(output.decode().splitlines()[-1])


async def test_fiware_iotagent_node_lib_registers_updates_queries_and_subscribes(port: int) -> None:
    steps = await run("iotagent.js", port, free_port())
    assert steps["name"] == LIGHT
    assert steps["queried"]["pressure"] == {"type": "Property", "value": 24}
    assert steps["queried"]["switchedOn"] == {"type": "Property", "value": False}
    assert steps["notification"]["device"] == "light1"
    (value,) = steps["notification"]["values"]
    assert (value["name"], value["value"]) == ("pressure", 24)


async def test_conwet_ngsijs_works_with_entities_types_and_subscriptions(port: int, receiver: Receiver) -> None:
    steps = await run("ngsijs.js", port, receiver.url)
    assert (steps["again"], steps["gone"]) == ("AlreadyExistsError", "NotFoundError")
    shown = {"id": "urn:ngsi-ld:Kiosk:4", "type": "Kiosk", "queue": 6, "name": "L", "open": True}
    assert steps["entity"]["entity"] == shown
    assert (steps["queried"]["count"], steps["queried"]["results"]) == (1, [shown])
    assert steps["types"]["results"]["typeList"] == ["Kiosk"], steps["types"]
    assert steps["subscription"]["subscription"]["description"] == "changed"
    assert steps["subscriptions"]["count"] == 1
    assert (await receiver.next()).entity["queue"] == {"type": "Property", "value": 6}
