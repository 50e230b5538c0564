"""The servers that are measured: nginx as the yardstick, and the broker; each alone on the first core."""

import os
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

SERVER_CORE, LOAD_CORE = "0", "1"
NGINX = """
{user} worker_processes 1; daemon off; pid {folder}/nginx.pid; error_log /dev/null;
events {{ worker_connections 1024; }}
http {{
  access_log off; sendfile on; keepalive_requests 10000000; default_type application/json;
  client_body_temp_path {folder}/body; proxy_temp_path {folder}/proxy; fastcgi_temp_path {folder}/fcgi;
  uwsgi_temp_path {folder}/uwsgi; scgi_temp_path {folder}/scgi;
  server {{ listen 127.0.0.1:{port}; root {folder}/www; }}
}}
"""


@dataclass(frozen=True, slots=True)
class Server:
    """A running server: where it answers, which process it is, how long it took to the first answer (s)."""

    url: str
    pid: int
    start: float


def needed(program: str) -> str:
    """The path of a Debian program, or an end with the package to install."""
    path = shutil.which(program, path=os.environ["PATH"] + ":/usr/sbin")
    if path is None:
        raise SystemExit(f"make bench needs {program}: apt-get install nginx-light wrk")
    return path


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


@contextmanager
def nginx(folder: Path, body: bytes) -> Iterator[Server]:
    """One worker that serves these bytes from a file."""
    port = free_port()
    (folder / "www").mkdir(parents=True)
    (folder / "www/entity.json").write_bytes(body)
    config = folder / "nginx.conf"
    user = "user root;" if os.geteuid() == 0 else ""
    config.write_text(NGINX.format(folder=folder, port=port, user=user))
    with running([needed("nginx"), "-c", str(config), "-e", "/dev/null"], port) as server:
        yield server


@contextmanager
def broker(folder: Path) -> Iterator[Server]:
    """The broker alone, as `datenbroker broker` runs it."""
    port = free_port()
    program = str(Path(sys.executable).with_name("datenbroker"))
    with running([program, "broker", "--port", str(port), "--data", str(folder)], port) as server:
        yield server


@contextmanager
def running(command: list[str], port: int, core: str | None = None) -> Iterator[Server]:
    """A program that listens on the port, on the first core unless another is named."""
    began = time.monotonic()
    process = subprocess.Popen(
        ["taskset", "-c", core or SERVER_CORE, *command], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    try:
        while True:
            try:
                socket.create_connection(("127.0.0.1", port), timeout=1).close()
                break
            except OSError:
                if process.poll() is not None or time.monotonic() - began > 60:
                    raise SystemExit(f"{command[0]} did not start") from None
                time.sleep(0.01)
        yield Server(f"http://127.0.0.1:{port}", process.pid, time.monotonic() - began)
    finally:
        process.terminate()
        process.wait(20)


def cpu_seconds(pid: int) -> float:
    """What a process has computed so far, in user and in kernel mode: what others do beside does not count."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def resident_megabytes(pid: int) -> float:
    """Memory of a process, as the kernel counts it."""
    for line in Path(f"/proc/{pid}/status").read_text().splitlines():
        if line.startswith("VmRSS:"):
            return int(line.split()[1]) / 1024
    raise ValueError(f"no VmRSS of process {pid}")
