"""A context broker on a port of its own that only notes what it is sent, and can refuse connections for a while."""

import socket
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import orjson

UPSERT = "/ngsi-ld/v1/entityOperations/upsert"
TEMPORAL = "/ngsi-ld/v1/temporal/entities"

Reading = tuple[str, str]
"""The entity's id and when it was observed."""


class Sink:
    """`readings` in the order in which they came, also those for the history alone."""

    def __init__(self) -> None:
        self.readings: list[Reading] = []
        self.batches: list[int] = []
        self._server: _Server | None = None
        self._port = 0
        self.up()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._port}"

    def up(self) -> None:
        self._server = _Server(("127.0.0.1", self._port), _handler(self))
        self._port = self._server.server_address[1]
        threading.Thread(target=self._server.serve_forever, args=(0.02,), daemon=True).start()

    def down(self) -> None:
        """From now on connections are refused, and those that stand are cut."""
        if self._server is not None:
            self._server.shutdown()
            self._server.end()
            self._server = None

    def take(self, path: str, body: bytes) -> int:
        if path.startswith(UPSERT):
            entities = orjson.loads(body)
            self.readings += [(entity["id"], entity["t"]["observedAt"]) for entity in entities]
            self.batches.append(len(entities))
            return 204
        if path.startswith(TEMPORAL):
            entity = orjson.loads(body)
            self.readings.append((entity["id"], entity["t"][0]["observedAt"]))
            return 201
        return 404


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    allow_reuse_address = True

    def __init__(self, address: tuple[str, int], handler: type[BaseHTTPRequestHandler]) -> None:
        self.open: set[socket.socket] = set()
        super().__init__(address, handler)

    def process_request(self, request: Any, client_address: Any) -> None:
        self.open.add(request)
        super().process_request(request, client_address)

    def end(self) -> None:
        self.server_close()
        for connection in tuple(self.open):
            try:
                connection.shutdown(socket.SHUT_RDWR)
            except OSError:
                continue


def _handler(sink: Sink) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["content-length"]))
            self._answer(sink.take(self.path, body), b"")

        def do_GET(self) -> None:
            self._answer(200, b"[]")

        def _answer(self, status: int, body: bytes) -> None:
            self.send_response(status)
            if status != 204:
                self.send_header("content-length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002 (its name there)
            pass

    return Handler
