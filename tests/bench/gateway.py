"""What the gateway adds to a request of the broker, and how fast it is before a broker elsewhere.

Alone: `python -m tests.bench.gateway`.
"""

import asyncio
import json
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import httpx
import jwt
from cryptography.hazmat.primitives.asymmetric import rsa
from starlette.types import Message, Receive, Scope, Send

from datenbroker.gateway.app import Parts, gateway
from datenbroker.gateway.limits.rates import Allowance
from datenbroker.gateway.protection import Protection
from datenbroker.identities.keys import ApiKeys
from datenbroker.identities.organisations import Organisation, Organisations
from datenbroker.identities.roles import Role
from datenbroker.metrics import Metrics
from document_store.sqlite import SqliteDocumentStore
from ngsi_client.rejected import Rejections
from tests.bench.load import wrk
from tests.bench.servers import LOAD_CORE, Server, broker, cpu_seconds, free_port, needed, running

SECONDS = 3.0
RUNS = 3
Row = tuple[str, str, str]
ENTITY = {"id": "urn:ngsi-ld:Thing:1", "type": "Thing", "a": {"type": "Property", "value": "v" * 32}}
PATH = "/ngsi-ld/v1/entities/urn:ngsi-ld:Thing:1"
PROXY = """
{user} worker_processes 1; daemon off; pid {folder}/{port}.pid; error_log /dev/null;
events {{ worker_connections 1024; }}
http {{
  access_log off; keepalive_requests 10000000;
  client_body_temp_path {folder}/body; proxy_temp_path {folder}/proxy; fastcgi_temp_path {folder}/fcgi;
  uwsgi_temp_path {folder}/uwsgi; scgi_temp_path {folder}/scgi;
  upstream behind {{ server 127.0.0.1:{target}; keepalive 64; }}
  server {{ listen 127.0.0.1:{port}; location / {{ {what} }} }}
}}
"""
PASS = "proxy_pass http://behind; proxy_http_version 1.1; proxy_set_header Connection '';"
ANSWER = "default_type application/json; return 200 '{body}';"


@contextmanager
def program(folder: Path, *arguments: str) -> Iterator[Server]:
    """`datenbroker gateway` on the data folder."""
    port = free_port()
    command = [str(Path(sys.executable).with_name("datenbroker")), "gateway", "--port", str(port)]
    with running([*command, "--data", str(folder), *arguments], port) as server:
        yield server


def key(folder: Path) -> str:
    """An organisation's key; its rate is beyond what is measured, so that it is counted but not reached."""
    command = str(Path(sys.executable).with_name("datenbroker"))
    data = ["--data", str(folder)]
    subprocess.run([command, "org", "create", "hcr", *data], check=True, capture_output=True)
    wanted = ["key", "create", "hcr", "--role", "data-provider", "--rate", "1000000"]
    return subprocess.run([command, *wanted, *data], check=True, capture_output=True, text=True).stdout.strip()


def rate(url: str, headers: Sequence[str] = ()) -> float:
    """The best of some runs, requests a second: what disturbs makes slower, never faster."""
    return max(wrk(url, 32, SECONDS, headers=headers).per_second for _ in range(RUNS))


def cost(server: Server, headers: Sequence[str] = ()) -> float:
    """CPU µs of the server for a request: the least of some runs."""
    costs = []
    for _ in range(RUNS):
        before = cpu_seconds(server.pid)
        requests = wrk(server.url + PATH, 32, SECONDS, headers=headers).per_second * SECONDS
        costs.append((cpu_seconds(server.pid) - before) / requests * 1e6)
    return min(costs)


def embedded(folder: Path) -> Iterator[Row]:
    with broker(folder / "alone") as server:
        httpx.post(f"{server.url}/ngsi-ld/v1/entities", json=ENTITY).raise_for_status()
        alone = cost(server)
    with issuer() as (url, token):
        secret = key(folder / "gateway")
        settings = ["--oidc-issuers", url, "--rate-caller", "100000000"]
        with program(folder / "gateway", *settings) as server:
            bearer = f"Authorization: Bearer {secret}"
            written = httpx.post(f"{server.url}/ngsi-ld/v1/entities", json=ENTITY, headers={"X-API-Key": secret})
            written.raise_for_status()
            with_key = cost(server, [bearer])
            with_token = cost(server, [f"Authorization: Bearer {token}"])
        quiet = [*settings, "--log-level", "warning"]
        with program(folder / "gateway", *quiet) as server:
            without_log = cost(server, [bearer])
    added = f"{with_key - alone:.0f} µs with a log line, {without_log - alone:.0f} µs without"
    yield "own tenant, API key, embedded broker: CPU added to the broker's own", added, "≤ 30 µs"
    yield "the same by JWT (cached), with a log line", f"{with_token - alone:.0f} µs", "≤ 40 µs"


def remote(folder: Path) -> Iterator[Row]:
    """The upstream shares the load's core: nginx, which answers from its configuration, then a real broker."""
    secret, port, body = key(folder / "remote"), free_port(), json.dumps([ENTITY])
    with nginx(folder, ANSWER.format(body=body), 1, port, core=LOAD_CORE):
        yield compared(folder, port, secret, "an upstream that answers a constant")
    port = free_port()
    command = [str(Path(sys.executable).with_name("datenbroker")), "broker", "--port", str(port)]
    with running([*command, "--data", str(folder / "behind")], port, LOAD_CORE):
        yield compared(folder, port, secret, "the embedded broker as a process of its own")


def compared(folder: Path, port: int, secret: str, upstream: str) -> Row:
    """The gateway's way to the upstream at the port beside that of nginx."""
    known = f"Authorization: Bearer {secret}"
    with program(folder / "remote", "--broker-url", f"http://127.0.0.1:{port}") as server:
        httpx.post(f"{server.url}/ngsi-ld/v1/entities", json=ENTITY, headers={"X-API-Key": secret}).raise_for_status()
        with nginx(folder, PASS, port) as yardstick:
            best = rate(yardstick.url + PATH, ["NGSILD-Tenant: hcr"])
            ours = rate(server.url + PATH, [known])
    figures = f"{ours:,.0f}/s, 1/{best / ours:.1f} of nginx's proxy_pass ({best:,.0f}/s)"
    return f"{upstream}, through the proxy, 32 connections", figures, "≥ 3,000/s, ≥ 1/5"


@contextmanager
def nginx(folder: Path, what: str, target: int, port: int | None = None, core: str | None = None) -> Iterator[Server]:
    port = port or free_port()
    config = folder / f"{port}.conf"
    config.write_text(PROXY.format(user="user root;", folder=folder, port=port, target=target, what=what))
    with running([needed("nginx"), "-c", str(config), "-e", "/dev/null"], port, core) as server:
        yield server


@contextmanager
def issuer() -> Iterator[tuple[str, str]]:
    """An OpenID provider as far as the gateway asks one, and a token of it."""
    private = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    public = jwt.algorithms.RSAAlgorithm.to_jwk(private.public_key(), as_dict=True) | {"kid": "1", "alg": "RS256"}

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            document = {"keys": [public]} if self.path == "/keys" else {"issuer": url, "jwks_uri": f"{url}/keys"}
            self.send_response(200)
            self.end_headers()
            self.wfile.write(json.dumps(document).encode())

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002
            return

    server = HTTPServer(("127.0.0.1", 0), Handler)
    url = f"http://127.0.0.1:{server.server_port}"
    threading.Thread(target=server.serve_forever, daemon=True).start()
    now = int(time.time())
    claims = {"iss": url, "aud": "datenbroker", "sub": "bench", "iat": now, "exp": now + 3600}
    claims |= {"roles": ["data-provider"], "organisation": "hcr"}
    yield url, jwt.encode(claims, private, "RS256", {"kid": "1"})
    server.shutdown()


async def decision_cost(organisations: int, folder: Path) -> float:
    """CPU µs of a decision with the gateway's whole frame, the broker behind it answering at once; keys in turn."""
    store = SqliteDocumentStore.open(folder / "documents.db")
    known, metrics = Organisations(store), Metrics(Rejections())
    keys, headers = ApiKeys(store, known), []
    for number in range(organisations):
        await known.put(Organisation(id=f"o{number}", tenant=f"t{number}", name="x"))
        secret, _ = await keys.create(f"o{number}", [Role.DATA_PROVIDER], "bench")
        headers.append([(b"host", b"x"), (b"accept", b"*/*"), (b"authorization", b"Bearer " + secret.encode())])
    protection = Protection.of_store(store, Allowance(caller=100_000_000))
    measure = metrics.requests.measure
    app = gateway(Parts(_answer, known, keys, Rejections(), {}, metrics.text, measure, protection))
    for header in headers:
        await app(_asked(header), _nothing, _away)
    best = float("inf")
    for _ in range(5):
        began = time.process_time()
        for turn in range(5_000):
            await app(_asked(headers[turn % organisations]), _nothing, _away)
        best = min(best, (time.process_time() - began) / 5_000 * 1e6)
    await store.close()
    return best


def _asked(headers: list[tuple[bytes, bytes]]) -> Scope:
    path = {"path": PATH, "raw_path": PATH.encode(), "query_string": b""}
    return {"type": "http", "method": "GET", **path, "client": ("127.0.0.1", 1), "headers": headers}


async def _answer(scope: Scope, receive: Receive, send: Send) -> None:
    await send({"type": "http.response.start", "status": 200, "headers": []})
    await send({"type": "http.response.body", "body": b"[]"})


async def _nothing() -> Message:
    return {"type": "http.request", "body": b"", "more_body": False}


async def _away(message: Message) -> None:
    return


def many(folder: Path) -> Iterator[Row]:
    for number in (10, 1000):
        (folder / str(number)).mkdir()
        each = asyncio.run(decision_cost(number, folder / str(number)))
        yield f"decision and frame, {number:,} organisations in turn", f"{each:.0f} µs CPU", "no slower than with ten"


def rows(folder: Path) -> Iterator[Row]:
    yield from many(folder)
    yield from embedded(folder)
    yield from remote(folder)


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as name:
        for row in rows(Path(name)):
            sys.stdout.write("| " + " | ".join(row) + " |\n")
            sys.stdout.flush()
