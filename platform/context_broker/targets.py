"""Where the broker connects to on a client's word (contexts, notification endpoints): not into the operator's network.

The address is checked when the socket is made, after name resolution, so that a name that changes its address between
check and use (DNS rebinding) gains nothing.
"""

import asyncio
import ipaddress
import socket
from collections.abc import Awaitable, Callable, Mapping

import aiohttp
from aiohttp.connector import AddrInfoType

Receiver = Callable[[str, bytes], Awaitable[int]]
"""Path and body of a notification → HTTP status."""


class TargetRefused(OSError):
    """The address is one that clients may not make the broker connect to."""


class TargetGuard:
    """Refuses private, loopback, link-local and other special addresses, unless all are allowed.

    `inner` are the platform's own doors in this process, by the host under which they are notified.
    """

    def __init__(self, *, allow_private: bool, inner: Mapping[str, Receiver] | None = None) -> None:
        self.allow_private = allow_private
        self.inner: Mapping[str, Receiver] = {} if inner is None else inner

    def connector(self) -> aiohttp.TCPConnector:
        """A connector for HTTP that reaches only what is allowed."""
        return aiohttp.TCPConnector(socket_factory=self._socket, limit=0, ttl_dns_cache=30)

    def _socket(self, info: AddrInfoType) -> socket.socket:
        family, kind, protocol, _, address = info
        self.check_address(str(address[0]))
        made = socket.socket(family, kind, protocol)
        made.setblocking(False)
        return made

    def check_address(self, address: str) -> None:
        """`TargetRefused` where the address is not to be connected to."""
        if self.allow_private:
            return
        ip = ipaddress.ip_address(address.partition("%")[0])
        if isinstance(ip, ipaddress.IPv6Address) and ip.ipv4_mapped:
            ip = ip.ipv4_mapped
        if not ip.is_global or ip.is_multicast:
            raise TargetRefused(
                f"{address} is no public address; --allow-private-targets admits it in a closed network"
            )

    def check_host(self, host: str) -> None:
        """`TargetRefused` where a host is already by its name one that is not to be connected to."""
        name = host.lower().rstrip(".")
        if name == "localhost" or name.endswith(".localhost"):
            name = "127.0.0.1"
        try:
            ipaddress.ip_address(name)
        except ValueError:
            return  # a name: its address counts at the time of the connection
        self.check_address(name)

    async def resolve(self, host: str, port: int) -> str:
        """A permitted address of a host, for clients other than HTTP's; `OSError` where there is none."""
        infos = await asyncio.get_running_loop().getaddrinfo(host, port, type=socket.SOCK_STREAM)
        address = str(infos[0][4][0])
        self.check_address(address)
        return address
