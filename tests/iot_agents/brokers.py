"""MQTT brokers for tests: a real Mosquitto in a folder of its own, or the embedded one where none is installed."""

import asyncio
import base64
import hashlib
import os
import secrets
import shutil
import socket
import subprocess
import threading
import time
from pathlib import Path
from typing import Protocol

from iot_agents.transports.mqtt_embedded import EmbeddedMqtt

MOSQUITTO = shutil.which("mosquitto") or shutil.which("mosquitto", path="/usr/sbin:/usr/local/sbin")

CONFIG = """\
user root
listener {port} 127.0.0.1
persistence true
persistence_location {folder}/
autosave_interval 1
max_queued_messages 0
log_dest file {folder}/mosquitto.log
{more}
"""


def free_port() -> int:
    """One below those that systems give to connections: it stays free while a server is killed and started again."""
    while True:
        port = 20_000 + secrets.randbelow(12_000)
        with socket.socket() as server:
            try:
                server.bind(("127.0.0.1", port))
            except OSError:
                continue
        return port


def wait_for_port(port: int, timeout: float = 10) -> None:
    end = time.monotonic() + timeout
    while True:
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
            return
        except OSError:
            if time.monotonic() > end:
                raise
            time.sleep(0.02)


def password_line(user: str, password: str) -> str:
    """A line of Mosquitto's password file: PBKDF2 with SHA-512, salted."""
    salt = os.urandom(12)
    derived = hashlib.pbkdf2_hmac("sha512", password.encode(), salt, 101)
    return f"{user}:$7$101${base64.b64encode(salt).decode()}${base64.b64encode(derived).decode()}\n"


class MqttBroker(Protocol):
    """A broker on loopback that a test may stop and start again on the same port."""

    port: int

    @property
    def url(self) -> str: ...
    def start(self) -> "MqttBroker": ...
    def stop(self) -> None: ...


class Mosquitto:
    """A Mosquitto on loopback that keeps its messages in `folder`; `more` are lines of configuration."""

    def __init__(self, folder: Path, more: str = "allow_anonymous true", scheme: str = "mqtt") -> None:
        self._folder, self._more, self._scheme = folder, more, scheme
        self.port = free_port()
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        return f"{self._scheme}://127.0.0.1:{self.port}"

    def start(self) -> "Mosquitto":
        assert MOSQUITTO is not None
        self._folder.mkdir(parents=True, exist_ok=True)
        config = self._folder / "mosquitto.conf"
        config.write_text(CONFIG.format(port=self.port, folder=self._folder, more=self._more))
        self._process = subprocess.Popen([MOSQUITTO, "-c", str(config)], stderr=subprocess.DEVNULL)
        wait_for_port(self.port)
        return self

    def stop(self) -> None:
        if self._process is not None:
            self._process.terminate()
            self._process.wait(10)
            self._process = None


class EmbeddedStandIn:
    """The embedded broker in a thread, as a broker like any other: nobody accepts here, clients subscribe."""

    def __init__(self) -> None:
        self.port = free_port()
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)
        self._broker: EmbeddedMqtt | None = None

    @property
    def url(self) -> str:
        return f"mqtt://127.0.0.1:{self.port}"

    def start(self) -> "EmbeddedStandIn":
        if not self._thread.is_alive():
            self._thread.start()
        asyncio.run_coroutine_threadsafe(self._start(), self._loop).result(10)
        return self

    def stop(self) -> None:
        if self._broker is not None:
            asyncio.run_coroutine_threadsafe(self._broker.stop(), self._loop).result(10)
            self._broker = None

    def close(self) -> None:
        self.stop()
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(10)
        self._loop.close()

    async def _start(self) -> None:
        async def accept(topic: str, payload: bytes) -> None:
            return None

        self._broker = EmbeddedMqtt(accept, port=self.port)
        await self._broker.start()
