"""`datenbroker devices command` on the store of a platform."""

import asyncio
import json
from pathlib import Path

from datenbroker.settings import Settings
from datenbroker.stores import open_store
from iot_agents.fiware.registry import DEVICES, GROUPS
from iot_agents.registry import DeviceRegistry
from tests.datenbroker.downlinks.city import EUI, LAMP
from tests.datenbroker.program import invoke

DEVICE = f"chirpstack:{EUI}"


async def register(folder: Path) -> None:
    store = await open_store(Settings.load({"data": folder / "data"}))
    lamp = {"network": "chirpstack", "key": EUI, "tenant": "herne", "profile": "lighting-controller"}
    await DeviceRegistry(store).register([lamp | {"_id": DEVICE, "entity": {"id": LAMP, "type": "Streetlight"}}])
    await store.close()


async def provision(folder: Path) -> None:
    """A bell of each of two services, which are called the same."""
    store = await open_store(Settings.load({"data": folder / "data"}))
    group = {"_id": "key /iot/json", "apikey": "key", "resource": "/iot/json", "entity_type": "Bell"}
    scope = {"service": "herne", "service_path": "/", "commands": [{"name": "ring", "type": "command"}]}
    await store.put(GROUPS, group | scope)
    for service, key in (("herne", "key"), ("herne", "twice"), ("other", "twice")):
        bell = {"device_id": "b1", "apikey": key, "entity_type": "Bell", "entity_name": f"urn:ngsi-ld:Bell:{key}"}
        await store.put(DEVICES, {"_id": f"{service} / {key} b1"} | bell | scope | {"service": service})
    await store.close()


def test_a_command_is_sent_listed_and_taken_back(tmp_path: Path) -> None:
    asyncio.run(register(tmp_path))
    sent = invoke(tmp_path, "devices", "command", "send", DEVICE, "switch", "on")
    listed = invoke(tmp_path, "devices", "command", "list", DEVICE).stdout.split("\t")
    assert listed[:5] == [sent.stdout.strip(), DEVICE, "switch", "on", "PENDING"]
    assert "1 commands" in invoke(tmp_path, "devices", "command", "cancel", DEVICE).stdout
    wrong = invoke(tmp_path, "devices", "command", "send", DEVICE, "dim", "400")
    assert (wrong.returncode, "allowed is 0 to 100 %" in wrong.stderr) == (1, True)


def test_devices_of_fiware_are_commanded_by_key_and_id(tmp_path: Path) -> None:
    asyncio.run(provision(tmp_path))
    sent = invoke(tmp_path, "devices", "command", "send", "iota:key/b1", "ring", "3")
    shown = json.loads(invoke(tmp_path, "devices", "command", "show", sent.stdout.strip()).stdout)
    assert (shown["device"], shown["value"], shown["tenant"]) == ("iota:key/b1", 3, "herne")
    listed = invoke(tmp_path, "devices", "command", "list", "--status", "PENDING", "--tenant", "herne").stdout
    assert listed.split("\t")[:2] == [sent.stdout.strip(), "iota:key/b1"]
    assert "1 commands" in invoke(tmp_path, "devices", "command", "cancel", "iota:key/b1").stdout
    assert "cancelled" in invoke(tmp_path, "devices", "command", "list", "iota:key/b1").stdout
    unknown = invoke(tmp_path, "devices", "command", "send", "iota:key/b1", "fly", "3")
    assert "its commands are ring" in unknown.stderr
    assert "There is no device iota:key/b2" in invoke(tmp_path, "devices", "command", "list", "iota:key/b2").stderr


def test_a_name_that_two_devices_have_is_told_apart(tmp_path: Path) -> None:
    asyncio.run(provision(tmp_path))
    unclear = invoke(tmp_path, "devices", "command", "send", "iota:twice/b1", "ring", "3")
    assert "iota:twice/b1 is the name of 2 devices: name one of 'iota:herne / twice b1'" in unclear.stderr
    assert invoke(tmp_path, "devices", "command", "send", "iota:other / twice b1", "ring", "3").returncode == 0
