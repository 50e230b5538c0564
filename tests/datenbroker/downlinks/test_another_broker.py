"""Beside a context broker of another process, the agents are notified at an address of their own."""

from pathlib import Path

from tests.datenbroker.downlinks.city import DEVICE, NetworkServer, city
from tests.datenbroker.program import program
from tests.iot_agents.brokers import free_port


def test_a_lamp_is_reached_through_another_broker(tmp_path: Path) -> None:
    folders, port = [tmp_path / name for name in ("broker", "city")], free_port()
    for folder in folders:
        folder.mkdir()
    apart = ("broker", "--port", "0", "--log-level", "warning", "--allow-private-targets")
    with program(folders[0], *apart) as broker:
        ways = {"broker_url": broker.ready["broker"], "commands_url": f"http://127.0.0.1:{port}"}
        with city(folders[1], "--mqtt-port", "0", **ways, commands_port=str(port)) as running:
            running.settle()
            with NetworkServer(running.running.ready["mqtt"], "application/+/device/+/command/down") as server:
                server.up()
                running.write(dim=40)
                command, payload = server.next_downlink()
                assert (payload, command["devEui"]) == ("0228", DEVICE["key"])
                server.event("ack", queueItemId=command["id"], acknowledged=True)
                running.told(dim_status="OK")
