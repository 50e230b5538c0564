"""The demo city of a process: its devices, its other systems and its sensors."""

import asyncio

from datenbroker.gateway.management.sharing import Sharing
from datenbroker.process.serving import HttpServer, listen
from datenbroker.wiring.process import Process
from document_store.store import DocumentStore

LOOPBACK = "127.0.0.1"


async def start_systems(process: Process, store: DocumentStore) -> tuple[dict[str, str], str]:
    """Registers the city's devices and serves what its other systems would: their addresses, and how many there are."""
    from datenbroker.demo import city, source_server
    from iot_agents.registry import DeviceRegistry

    devices = city.devices()
    await DeviceRegistry(store).register(devices)
    bound = listen(LOOPBACK, 0, "port")
    app = source_server.app(process.settings.speed)
    server = await process.started(HttpServer(app, bound, process.settings.stop_timeout))
    urls = {uid: server.url + path for uid, path in source_server.URLS.items()}
    return urls, f"{len(devices)} devices report over MQTT, {len(source_server.URLS)} systems are read over HTTP"


async def publish_products(sharing: Sharing) -> None:
    """What the city's subsidiaries share, where it is not there yet."""
    from datenbroker.demo.products import publish

    await publish(sharing.products, sharing.grants)


def start_sensors(process: Process, mqtt_url: str) -> None:
    """The city's devices report to the MQTT broker."""
    from datenbroker.demo.simulator import Simulator

    simulator = Simulator(mqtt_url, process.settings.speed)
    process.metrics.add_counters("simulator", simulator.counters)
    running = asyncio.create_task(simulator.run())

    async def stop() -> None:
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)

    process.exits.push_async_callback(stop)
