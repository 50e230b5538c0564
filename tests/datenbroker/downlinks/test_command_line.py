"""`datenbroker devices command` on the store of a platform."""

import asyncio
from pathlib import Path

from datenbroker.settings import Settings
from datenbroker.stores import open_store
from iot_agents.registry import DeviceRegistry
from tests.datenbroker.downlinks.city import EUI, LAMP
from tests.datenbroker.program import invoke

DEVICE = f"chirpstack:{EUI}"


async def register(folder: Path) -> None:
    store = await open_store(Settings.load({"data": folder / "data"}))
    lamp = {"network": "chirpstack", "key": EUI, "tenant": "herne", "profile": "lighting-controller"}
    await DeviceRegistry(store).register([lamp | {"_id": DEVICE, "entity": {"id": LAMP, "type": "Streetlight"}}])
    await store.close()


def test_a_command_is_sent_listed_and_taken_back(tmp_path: Path) -> None:
    asyncio.run(register(tmp_path))
    sent = invoke(tmp_path, "devices", "command", "send", DEVICE, "switch", "on")
    listed = invoke(tmp_path, "devices", "command", "list", DEVICE).stdout.split("\t")
    assert listed[:4] == [sent.stdout.strip(), "switch", "on", "PENDING"]
    assert "1 commands" in invoke(tmp_path, "devices", "command", "cancel", DEVICE).stdout
    wrong = invoke(tmp_path, "devices", "command", "send", DEVICE, "dim", "400")
    assert (wrong.returncode, "allowed is 0 to 100 %" in wrong.stderr) == (1, True)
