"""HTTP servers on the platform's own event loop: it decides when they start and stop, not uvicorn."""

import asyncio
import errno
import ipaddress
import socket
import ssl
from collections.abc import Iterator
from contextlib import contextmanager, suppress

import uvicorn
from starlette.types import ASGIApp

from datenbroker.errors import AddressInUse, CannotStart
from datenbroker.process.patient_http import PatientHttp
from datenbroker.settings import PREFIX, option

BACKLOG = 2048


def listen(host: str, port: int, setting: str, given_as: str | None = None) -> socket.socket:
    """A bound socket; `CannotStart` names the setting (and the option) to change where that is impossible."""
    with _explained(host, port, setting, given_as):
        family, kind, protocol, _, address = socket.getaddrinfo(
            host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
        )[0]
        bound = socket.socket(family, kind, protocol)
        try:
            bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            bound.bind(address)
            bound.listen(BACKLOG)
        except OSError:
            bound.close()
            raise
        bound.setblocking(False)
        return bound


@contextmanager
def _explained(host: str, port: int, setting: str, given_as: str | None = None) -> Iterator[None]:
    """Turns the system's refusal to listen at host:port into words; `setting` is where the port comes from."""
    try:
        yield
    except OSError as error:
        instead = f"{given_as or option(setting)} N or set {PREFIX}{setting.upper()}=N"
        if error.errno == errno.EADDRINUSE:
            raise AddressInUse(
                f"Port {port} on {host} is in use by another program. Stop that program, or choose another port: "
                f"give {instead} (0 for any free one)."
            ) from None
        if error.errno == errno.EACCES:
            raise CannotStart(
                f"Port {port} may not be opened by this user. Choose one above 1023: {instead}."
            ) from None
        raise CannotStart(
            f"Cannot listen on {host}, port {port}: {error.strerror}. Check --host and {instead}."
        ) from None


def is_loopback(host: str) -> bool:
    """Whether only this machine reaches an address."""
    if host == "localhost":
        return True
    with suppress(ValueError):
        return ipaddress.ip_address(host).is_loopback
    return False


def url_of(bound: socket.socket, scheme: str = "http") -> str:
    """Where clients on this machine reach it."""
    host, port = bound.getsockname()[:2]
    host = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(host, host)  # noqa: S104
    return f"{scheme}://{f'[{host}]' if ':' in host else host}:{port}"


class HttpServer:
    """Serves an ASGI app on a bound socket; open requests get `stop_timeout` seconds when it stops.

    With `tls` it serves HTTPS, and only that.
    """

    def __init__(
        self, app: ASGIApp, bound: socket.socket, stop_timeout: int, tls: ssl.SSLContext | None = None
    ) -> None:
        self.url = url_of(bound, "https" if tls else "http")
        self._socket = bound
        config = uvicorn.Config(
            app,
            http=PatientHttp,
            ws="none",
            lifespan="off",
            log_config=None,
            access_log=False,
            server_header=False,
            proxy_headers=False,
            timeout_graceful_shutdown=stop_timeout,
            backlog=BACKLOG,
        )
        config.load()
        config.ssl = tls
        self._server = _Server(config)
        self._serving: asyncio.Task[None] | None = None

    async def start(self) -> None:
        """Returns once connections are answered."""
        self._serving = asyncio.create_task(self._server.serve([self._socket]))
        while not self._server.started:
            if self._serving.done():
                await self._serving
            await asyncio.sleep(0.001)

    async def stop(self) -> None:
        self._server.should_exit = True
        if self._serving is not None:
            await self._serving


class _Server(uvicorn.Server):
    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Leaves the signals to the platform, which stops its parts in order."""
        yield
