"""A source's HTTP server in a thread, as a test needs it: answers by path, and what was asked."""

import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


@dataclass
class Page:
    """An answer. With an ETag it is 304 for who has it; `drip` seconds pass before each of its chunks."""

    body: bytes = b""
    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)
    drip: float = 0.0


class SourceServer:
    """`pages` may be changed while it runs; `asked` are (path, If-None-Match) in order."""

    def __init__(self, base: str) -> None:
        self.base = base
        self.pages: dict[str, Page] = {}
        self.asked: list[tuple[str, str | None]] = []

    def url(self, path: str) -> str:
        return self.base + path


@contextmanager
def source_server() -> Iterator[SourceServer]:
    """Serving on a port of the kernel's choice until the block ends."""
    with ThreadingHTTPServer(("127.0.0.1", 0), BaseHTTPRequestHandler) as http:
        served = SourceServer(f"http://127.0.0.1:{http.server_port}")
        http.RequestHandlerClass = _handler(served)
        http.daemon_threads = True
        thread = threading.Thread(target=http.serve_forever, kwargs={"poll_interval": 0.02})
        thread.start()
        try:
            yield served
        finally:
            http.shutdown()
            thread.join()


def _handler(served: SourceServer) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            tag = self.headers.get("If-None-Match")
            served.asked.append((self.path, tag))
            page = served.pages.get(self.path, Page(status=404))
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
