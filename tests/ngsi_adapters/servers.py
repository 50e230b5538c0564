"""A source's HTTP server in a thread, as a test needs it: answers by path, and what was asked."""

import socketserver
import ssl
import threading
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


@dataclass
class Page:
    """An answer. With an ETag it is 304 for who has it; `drip` seconds pass before each of its chunks."""

    body: bytes = b""
    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)
    drip: float = 0.0


@dataclass(frozen=True)
class Request:
    """What the server was sent; names of headers in small letters."""

    method: str
    path: str
    headers: Mapping[str, str]
    body: bytes


class SourceServer:
    """`pages` by path, with or without query, may be changed while it runs; `asked` are (path, If-None-Match)."""

    def __init__(self, base: str) -> None:
        self.base = base
        self.pages: dict[str, Page] = {}
        self.asked: list[tuple[str, str | None]] = []
        self.requests: list[Request] = []

    def url(self, path: str) -> str:
        return self.base + path


@contextmanager
def source_server(tls: ssl.SSLContext | None = None) -> Iterator[SourceServer]:
    """Serving on a port of the kernel's choice until the block ends."""
    with ThreadingHTTPServer(("127.0.0.1", 0), BaseHTTPRequestHandler) as http:
        served = SourceServer(f"{'https' if tls else 'http'}://127.0.0.1:{http.server_port}")
        if tls is not None:
            http.socket = tls.wrap_socket(http.socket, server_side=True)
        http.RequestHandlerClass = _handler(served)
        http.daemon_threads = True
        thread = threading.Thread(target=http.serve_forever, kwargs={"poll_interval": 0.02})
        thread.start()
        try:
            yield served
        finally:
            http.shutdown()
            thread.join()


@contextmanager
def raw_server(answer: Callable[[], Iterable[bytes]]) -> Iterator[str]:
    """The address of a server that answers each request with these pieces, whatever they are, until nobody listens."""

    class Handler(socketserver.BaseRequestHandler):
        def handle(self) -> None:
            with suppress(OSError):
                self.request.recv(65536)
                for piece in answer():
                    self.request.sendall(piece)

    with socketserver.ThreadingTCPServer(("127.0.0.1", 0), Handler) as server:
        server.daemon_threads = True
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_address[1]}/it"
        finally:
            server.shutdown()
            thread.join()


def _handler(served: SourceServer) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            self.do_GET()

        def do_GET(self) -> None:
            tag = self.headers.get("If-None-Match")
            served.asked.append((self.path, tag))
            body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
            headers = {name.lower(): value for name, value in self.headers.items()}
            served.requests.append(Request(self.command, self.path, headers, body))
            page = served.pages.get(self.path) or served.pages.get(self.path.partition("?")[0], Page(status=404))
            unchanged = tag is not None and tag == page.headers.get("ETag")
            self.send_response(304 if unchanged else page.status)
            for name, value in page.headers.items():
                self.send_header(name, value)
            self.end_headers()
            if not unchanged:
                self._send(page)

        def _send(self, page: Page) -> None:
            try:
                for start in range(0, len(page.body), 65536):
                    time.sleep(page.drip)
                    self.wfile.write(page.body[start : start + 65536])
            except OSError:
                return  # the client has had enough

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002
            return

    return Handler
