"""The simulated gateways over real MQTT: everyone reports, a lost broker is found again, and the end is quick."""

import asyncio
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest
from paho.mqtt.client import Client
from paho.mqtt.enums import CallbackAPIVersion

from datenbroker.demo.city import devices
from datenbroker.demo.clock import CityClock
from datenbroker.demo.simulator import Simulator
from tests.datenbroker.demo.mqtt_server import MOSQUITTO, mosquitto, mqtt_server
from tests.iot_agents.brokers import free_port


@contextmanager
def subscriber(port: int) -> Iterator[list[str]]:
    """The topics of the messages so far."""
    topics: list[str] = []
    client = Client(CallbackAPIVersion.VERSION2)
    client.on_message = lambda _client, _data, message: topics.append(message.topic)
    client.connect("127.0.0.1", port)
    client.loop_start()
    client.subscribe("#", qos=1)
    yield topics
    client.disconnect()
    client.loop_stop()


async def until(condition: Callable[[], bool], seconds: float = 10.0) -> None:
    for _ in range(int(seconds / 0.05)):
        if condition():
            return
        await asyncio.sleep(0.05)
    raise TimeoutError(f"Not within {seconds} seconds")


async def stop(task: asyncio.Task[None]) -> float:
    """Seconds that it took."""
    begin = time.monotonic()
    task.cancel()
    with suppress(asyncio.CancelledError):
        await task
    return time.monotonic() - begin


@pytest.mark.mosquitto
@pytest.mark.anyio
async def test_uplinks_of_both_networks_come_over_mqtt_and_the_end_is_quick(tmp_path: Path) -> None:
    port = free_port()
    with mqtt_server(tmp_path, port), subscriber(port) as topics:
        simulator = Simulator(f"mqtt://127.0.0.1:{port}", speed=100, devices=devices()[:30])
        task = asyncio.create_task(simulator.run())
        await until(lambda: len(topics) >= 30 and simulator.counters()["acknowledged"] >= 30)
        assert {topic.split("/")[0] for topic in topics} == {"application", "v3"}
        assert await stop(task) < 1


@pytest.mark.mosquitto
@pytest.mark.anyio
async def test_what_is_published_before_the_broker_answers_is_not_lost(tmp_path: Path) -> None:
    port = free_port()
    simulator = Simulator(f"mqtt://127.0.0.1:{port}", speed=600, devices=devices()[:4])
    task = asyncio.create_task(simulator.run())
    await until(lambda: simulator.published >= 3, seconds=15)
    with mqtt_server(tmp_path, port):
        await until(lambda: simulator.acknowledged >= 3)
        await stop(task)


@pytest.mark.anyio
async def test_it_stops_within_a_second_also_where_no_broker_answers() -> None:
    simulator = Simulator(f"mqtt://127.0.0.1:{free_port()}", devices=devices()[:4])
    task = asyncio.create_task(simulator.run())
    await asyncio.sleep(0.3)
    assert await stop(task) < 1.2


@pytest.mark.skipif(not MOSQUITTO, reason="only Mosquitto is set up with a password here")
@pytest.mark.anyio
async def test_a_broker_that_refuses_the_gateways_is_told_of(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    port = free_port()
    with mosquitto(tmp_path, port, "allow_anonymous false"):
        task = asyncio.create_task(Simulator(f"mqtt://127.0.0.1:{port}", devices=devices()[:2]).run())
        await until(lambda: "refuses the simulated gateways: Not authorized" in caplog.text)
        await stop(task)


def test_a_url_that_is_none_of_mqtt_is_refused_with_what_is_right() -> None:
    with pytest.raises(ValueError, match="mqtt://host"):
        Simulator("http://127.0.0.1:1883")


def test_city_time_runs_as_fast_as_told() -> None:
    seconds = iter([100.0, 110.0])
    clock = CityClock(speed=60, monotonic=lambda: next(seconds))
    start = clock._start
    assert (clock.now() - start).total_seconds() == 600


def test_city_time_never_runs_backwards() -> None:
    with pytest.raises(ValueError, match="speed -1"):
        CityClock(speed=-1)
