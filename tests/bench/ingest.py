"""make bench-ingest: readings by MQTT through the agents into a sink, beside the goals. A busy machine has low figures.

`--scale 0.1` makes it a tenth as long. Needs a Mosquitto.
"""

import argparse
import asyncio
import http.client
import os
import statistics
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from datetime import UTC, datetime
from pathlib import Path
from subprocess import DEVNULL, Popen
from typing import Any, NamedTuple

import orjson

from document_store.sqlite import SqliteDocumentStore
from iot_agents.fiware.registry import Registry
from iot_agents.registry import DeviceRegistry
from tests.iot_agents.brokers import Mosquitto, free_port, wait_for_port
from tests.iot_agents.messages import bin_device, dev_eui, topic
from tests.iot_agents.publisher import Publisher

DEVICES = 1000
TICKS = os.sysconf("SC_CLK_TCK")
UNSEEN = 20.0
"""Seconds without a new reading after which the rest is lost."""

Row = tuple[str, str, str]
Message = Callable[[int, str], tuple[str, bytes]]


def now() -> str:
    return datetime.now(UTC).isoformat(timespec="milliseconds")


def iota_json(number: int, marker: str) -> tuple[str, bytes]:
    payload = {"l": "7.22,51.54", "t": 20 + number % 100 / 10, "s": marker, "TimeInstant": now()}
    return f"/json/key/dev{number % DEVICES}/attrs", orjson.dumps(payload)


def lorawan(number: int, marker: str) -> tuple[str, bytes]:
    device = number % DEVICES
    event = {
        "time": now(),
        "deviceInfo": {"devEui": dev_eui(device)},
        "fCnt": number,
        "fPort": 2,
        "data": "ANdaDhA3AyABAA==",
        "object": {"temperature": 20 + number % 100 / 10, "fill": 55.0, "battery": 3.2},
        "rxInfo": [{"gatewayId": marker, "rssi": -97, "snr": 7.5}],
    }
    return topic(device), orjson.dumps(event)


class Result(NamedTuple):
    sent: list[float]
    arrivals: dict[int, float]
    repeated: int
    cpu_seconds: float

    @property
    def rate(self) -> float:
        return len(self.arrivals) / (max(self.arrivals.values()) - self.sent[0])

    @property
    def lost(self) -> int:
        return len(self.sent) - len(self.arrivals)

    def delay(self, share: float) -> float:
        """Milliseconds."""
        delays = [1000 * (moment - self.sent[number]) for number, moment in self.arrivals.items()]
        return statistics.quantiles(delays, n=100, method="inclusive")[round(share * 100) - 1]


class Field:
    """Mosquitto, sink and agents, each a process of its own."""

    def __init__(self, folder: Path, exits: ExitStack) -> None:
        self._folder, self._sink_port, self._iota_port = folder, free_port(), free_port()
        self._mosquitto = Mosquitto(folder / "mosquitto", "allow_anonymous true\nmax_inflight_messages 0").start()
        exits.callback(self._mosquitto.stop)
        sink = Popen([sys.executable, "-m", "tests.bench.ingest_sink", str(self._sink_port)])
        exits.callback(sink.wait)
        exits.callback(sink.terminate)
        wait_for_port(self._sink_port)
        self._control = http.client.HTTPConnection("127.0.0.1", self._sink_port)
        self._start_agent()
        exits.callback(lambda: self.agent.wait())
        exits.callback(lambda: self.agent.terminate())
        self._runs = 0

    def ask(self, path: str) -> bytes:
        try:
            self._control.request("GET", path)
            return self._control.getresponse().read()
        except http.client.RemoteDisconnected:  # the sink closes what has been idle for seconds
            self._control.close()
            return self.ask(path)

    def tell(self, path: str) -> None:
        """From any thread."""
        control = http.client.HTTPConnection("127.0.0.1", self._sink_port)
        control.request("GET", path)
        control.getresponse().read()
        control.close()

    def kill_agent(self, seconds: float) -> None:
        self.agent.kill()
        self.agent.wait()
        time.sleep(seconds)
        self._start_agent()

    def _start_agent(self) -> None:
        command = [sys.executable, "-m", "datenbroker.cli", "agents", "--data", str(self._folder / "data")]
        command += ["--mqtt-url", self._mosquitto.url, "--broker-url", f"http://127.0.0.1:{self._sink_port}"]
        self.agent = Popen([*command, "--iota-port", str(self._iota_port)], stdout=DEVNULL, stderr=DEVNULL)
        wait_for_port(self._iota_port, 30)
        time.sleep(0.5)  # until it has subscribed

    def run(self, message: Message, count: int, *, rate: float = 0, window: int = 0) -> Result:
        """Publishes as fast as possible, at a rate, or with at most `window` readings under way; waits for the rest."""
        self._runs += 1
        run = f"{self._runs:02}"
        self.ask(f"/reset?{run}")
        before, sent, arrived = cpu_seconds(self.agent.pid), list[float](), 0
        with Publisher(self._mosquitto.url, client_id="bench") as publisher:
            start = time.monotonic()
            for number in range(count):
                while window and number - arrived >= window:
                    arrived = int(self.ask("/count"))
                    time.sleep(0.002)
                if rate:
                    time.sleep(max(0.0, start + number / rate - time.monotonic()))
                sent.append(time.monotonic())
                publisher.publish(number, *message(number, f"mk{run}x{number}z"))
            self._settle(count)
        found: dict[str, Any] = orjson.loads(self.ask("/arrivals"))
        arrivals = {int(number): moment for number, moment in found["arrivals"].items()}
        return Result(sent, arrivals, found["repeated"], cpu_seconds(self.agent.pid) - before)

    def _settle(self, count: int) -> None:
        last, since = -1, time.monotonic()
        while last < count and time.monotonic() - since < UNSEEN:
            arrived = int(self.ask("/count"))
            if arrived != last:
                last, since = arrived, time.monotonic()
            time.sleep(0.05)


def cpu_seconds(pid: int) -> float:
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / TICKS


def peak_mebibytes(pid: int) -> float:
    lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    return next(int(line.split()[1]) / 1024 for line in lines if line.startswith("VmHWM:"))


def forget_peak(pid: int) -> None:
    """`VmHWM` begins anew (proc(5), clear_refs)."""
    Path(f"/proc/{pid}/clear_refs").write_text("5")


@contextmanager
def field() -> Iterator[Field]:
    with tempfile.TemporaryDirectory() as name, ExitStack() as exits:
        asyncio.run(provision(Path(name) / "data"))
        yield Field(Path(name), exits)


async def provision(folder: Path) -> None:
    store = SqliteDocumentStore.open(folder / "documents.db")
    attributes = [
        {"object_id": "l", "name": "location", "type": "geo:point"},
        {"object_id": "t", "name": "temperature", "type": "Number"},
        {"object_id": "s", "name": "marker", "type": "Text"},
    ]
    group = {"apikey": "key", "resource": "/iot/json", "service": "bench", "service_path": "/", "entity_type": "Sensor"}
    await Registry(store).create_groups([group | {"attributes": attributes}])
    await DeviceRegistry(store).register(bin_device(number) for number in range(DEVICES))
    await store.close()


PATHS: tuple[tuple[str, Message], ...] = (("IoT Agent JSON", iota_json), ("ChirpStack", lorawan))


def rows(scale: float) -> Iterator[Row]:
    with field() as at:
        for name, message in PATHS:
            at.run(message, DEVICES, window=200)  # the devices are introduced
            for work in (saturation, latency, flood, refusal, death):
                for what, measured, goal in work(at, message, scale):
                    yield f"{name}: {what}", measured, goal


def saturation(at: Field, message: Message, scale: float) -> Iterator[Row]:
    result = at.run(message, scaled(50_000, scale), window=200)
    yield "saturation, QoS 1, ≤ 200 under way", f"{result.rate:,.0f} readings/s", "≥ 10,000"
    cost = 1000 * result.cpu_seconds / len(result.arrivals)
    yield "agent's CPU a 1,000 readings", f"{cost:.3f} s", "≤ 0.10 s"


def latency(at: Field, message: Message, scale: float) -> Iterator[Row]:
    result = at.run(message, scaled(12_000, scale), rate=600)
    yield "latency at 600/s, p50 / p99", f"{result.delay(0.5):.1f} / {result.delay(0.99):.1f} ms", "≤ 5 / 25 ms"


def flood(at: Field, message: Message, scale: float) -> Iterator[Row]:
    forget_peak(at.agent.pid)
    result = at.run(message, scaled(50_000, scale))
    measured = f"{result.lost} lost, {peak_mebibytes(at.agent.pid):.0f} MiB peak"
    yield f"flood of {len(result.sent):,}, unpaced", measured, "0 lost, ≤ 200 MiB"


def refusal(at: Field, message: Message, scale: float) -> Iterator[Row]:
    def refuse() -> None:
        time.sleep(10 * scale)
        at.tell("/down")
        time.sleep(10 * scale)
        at.tell("/up")

    yield f"broker refuses for {10 * scale:g} s", *with_fault(at, message, scale, refuse)


def death(at: Field, message: Message, scale: float) -> Iterator[Row]:
    def kill() -> None:
        time.sleep(12 * scale)
        at.kill_agent(5 * scale)

    yield f"kill -9 of the agent, {5 * scale:g} s down", *with_fault(at, message, scale, kill)


def with_fault(at: Field, message: Message, scale: float, fault: Callable[[], None]) -> tuple[str, str]:
    """Measured and wanted."""
    thread = threading.Thread(target=fault)
    thread.start()
    result = at.run(message, scaled(12_000, scale), rate=400)
    thread.join()
    return f"{result.lost} of {len(result.sent):,} lost, {result.repeated} repeated", "0 lost, 0 repeated"


def scaled(count: int, scale: float) -> int:
    return max(200, round(count * scale))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--scale", type=float, default=1.0)
    arguments = parser.parse_args()
    sys.stdout.write("| work | measured | goal |\n| --- | --- | --- |\n")
    for row in rows(arguments.scale):
        sys.stdout.write("| " + " | ".join(row) + " |\n")
        sys.stdout.flush()
    sys.stdout.write(f"\nLoad of the machine meanwhile: {os.getloadavg()[0]:.1f} on {os.cpu_count()} cores.\n")


if __name__ == "__main__":
    main()
