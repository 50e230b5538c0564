"""A sensor gateway that subscribes too, and takes notice of what it may."""

import asyncio
import threading

import paho.mqtt.client as paho
from paho.mqtt.enums import CallbackAPIVersion


class Sensor:
    """An MQTT client of a gateway; `got` are the topics it received."""

    def __init__(self, port: int, user: str | None = None, password: str | None = None, will: str = "") -> None:
        self.got: list[str] = []
        self.code = -1
        self._port, self._answered = port, threading.Event()
        self._client = paho.Client(CallbackAPIVersion.VERSION2)
        self._client.reconnect_delay_set(60, 60)
        if user:
            self._client.username_pw_set(user, password)
        if will:
            self._client.will_set(will, b"gone")
        self._client.on_connect = self._on_connect
        self._client.on_message = lambda client, data, message: self.got.append(message.topic)

    def _on_connect(self, client: object, data: object, flags: object, code: object, properties: object) -> None:
        self.code = getattr(code, "value", -1)
        self._answered.set()

    def connect(self) -> bool:
        self._client.connect("127.0.0.1", self._port)
        self._client.loop_start()
        return self._answered.wait(5) and self.code == 0

    def publish(self, *topics: str) -> None:
        for name in topics:
            self._client.publish(name, b"{}", qos=1).wait_for_publish(5)

    def subscribe(self, pattern: str = "#") -> None:
        done = threading.Event()
        self._client.on_subscribe = lambda *_: done.set()
        self._client.subscribe(pattern, qos=1)
        assert done.wait(5)

    def is_cut_off(self) -> bool:
        return not self._client.is_connected()

    async def has_got(self, count: int) -> bool:
        for _ in range(500):
            if len(self.got) >= count:
                return True
            await asyncio.sleep(0.01)
        return False

    def close(self) -> None:
        self._client.disconnect()
        self._client.loop_stop()
        self._client._sock_close()  # paho leaves it open where the other side ended the connection first
