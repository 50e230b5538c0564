"""A running platform with a lighting controller, and the network server that the lamp is behind."""

import base64
import json
import queue
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Self

import httpx
import paho.mqtt.client as paho
from paho.mqtt.enums import CallbackAPIVersion

from datenbroker.commands.desk import at_desk
from datenbroker.identities.organisations import Organisation
from datenbroker.identities.roles import Role
from datenbroker.settings import Settings
from iot_agents.downlinks.dispatcher import EVERY
from iot_agents.transports.mqtt_url import MqttUrl
from tests.datenbroker.program import Program, program

LAMP = "urn:ngsi-ld:Streetlight:1"
EUI = "00000000000000a1"
TENANT = "stadtwerke"
ORGANISATION = Organisation(id="stadtwerke-herne", tenant=TENANT, name="Stadtwerke Herne")
DEVICE = {"network": "chirpstack", "key": EUI, "profile": "lighting-controller", "tenant": TENANT, "entity_id": LAMP}
TOPIC = f"application/lights/device/{EUI}"
WAIT = 20.0
QUIET_SECONDS = EVERY + 0.5
QUIET = ("up", "--port", "0", "--log-level", "warning")
"""Nobody reads the log while it runs."""


def until(look: Callable[[], Any], wanted: str) -> Any:
    """What `look` gives once it is something."""
    end = time.monotonic() + WAIT
    while time.monotonic() < end:
        found = look()
        if found:
            return found
        time.sleep(0.05)
    raise AssertionError(f"{wanted} did not come")


class NetworkServer:
    """Hears what goes down, and tells what comes up."""

    def __init__(self, url: str, *topics: str) -> None:
        self._address, self._topics = MqttUrl.parse(url), topics
        self._heard: queue.Queue[tuple[str, bytes]] = queue.Queue()
        self._client = paho.Client(CallbackAPIVersion.VERSION2)
        self._client.on_message = lambda _c, _d, message: self._heard.put((message.topic, bytes(message.payload)))
        self._client.on_connect = lambda client, *_: client.subscribe([(topic, 1) for topic in self._topics])
        self._ready = queue.Queue[bool]()
        self.unexpected: object = None
        self._client.on_subscribe = lambda *_: self._ready.put(True)

    def __enter__(self) -> Self:
        self._client.connect(self._address.host, self._address.port, keepalive=5)
        self._client.loop_start()
        self._ready.get(timeout=WAIT)
        return self

    def __exit__(self, *_: object) -> None:
        self._client.disconnect()
        self._client.loop_stop()

    def next(self) -> tuple[str, bytes]:
        return self._heard.get(timeout=WAIT)

    def next_downlink(self) -> tuple[dict[str, Any], str]:
        """The command and its bytes in hexadecimal digits."""
        topic, payload = self.next()
        assert topic == f"{TOPIC}/command/down"
        command = json.loads(payload)
        return command, base64.b64decode(command["data"]).hex()

    @property
    def is_quiet(self) -> bool:
        """Whether nothing comes for longer than the platform looks for what is due."""
        try:
            self.unexpected = self._heard.get(timeout=QUIET_SECONDS)
        except queue.Empty:
            return True
        return False

    def publish(self, topic: str, message: Any) -> None:
        payload = message if isinstance(message, str) else json.dumps(message)
        self._client.publish(topic, payload, qos=1).wait_for_publish(WAIT)

    def event(self, kind: str, **members: Any) -> None:
        now = time.strftime("%Y-%m-%dT%H:%M:%S+00:00", time.gmtime())
        self.publish(f"{TOPIC}/event/{kind}", {"deviceInfo": {"devEui": EUI}, "time": now} | members)

    def up(self) -> None:
        """The lamp is heard: its network server's topic is known from then on."""
        self.event("up", fPort=1, fCnt=1, data=base64.b64encode(bytes.fromhex("0146021F0901")).decode())


class City:
    """What the subsidiary does, whose lamp it is."""

    def __init__(self, running: Program, key: str, folder: Path) -> None:
        self.running, self._key, self.folder = running, key, folder
        self._http = httpx.Client(base_url=running.ready["gateway"], timeout=30)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._http.close()

    def call(self, method: str, path: str, key: str = "", **more: Any) -> httpx.Response:
        return self._http.request(method, path, headers={"X-API-Key": key or self._key}, **more)

    def settle(self) -> None:
        """The lamp can be commanded when this returns."""
        made = self.call("POST", "/devices", json=DEVICE)
        assert made.is_success, made.text
        until(lambda: "dim" in self.entity(), "the attribute of the command")

    def entity(self, entity_id: str = LAMP) -> dict[str, Any]:
        answer = self.call("GET", f"/ngsi-ld/v1/entities/{entity_id}", params={"options": "keyValues"})
        shown: dict[str, Any] = answer.json() if answer.is_success else {}
        return shown

    def write(self, entity_id: str = LAMP, **values: Any) -> None:
        body = {name: {"type": "Property", "value": value} for name, value in values.items()}
        answer = self.call("PATCH", f"/ngsi-ld/v1/entities/{entity_id}/attrs", json=body)
        assert answer.status_code == 204, answer.text

    def told(self, entity_id: str = LAMP, **values: Any) -> dict[str, Any]:
        """The entity, once it has these values."""

        def look() -> dict[str, Any] | None:
            shown = self.entity(entity_id)
            return shown if values.items() <= shown.items() else None

        try:
            found: dict[str, Any] = until(look, f"{values}")
        except AssertionError as late:
            raise AssertionError(f"{late}: there is {self.entity(entity_id)}") from None
        return found


def new_key(folder: Path, organisation: Organisation = ORGANISATION, role: Role = Role.DATA_PROVIDER) -> str:
    with at_desk(Settings.load({"data": folder / "data"})) as desk:
        desk.run(desk.organisations.put(organisation))
        key, _ = desk.run(desk.keys.create(organisation.id, [role], "test"))
    return key


@contextmanager
def city(folder: Path, *arguments: str, key: str = "", **settings: str) -> Iterator[City]:
    key = key or new_key(folder)
    with program(folder, *QUIET, *arguments, **settings) as running, City(running, key, folder) as mine:
        yield mine
