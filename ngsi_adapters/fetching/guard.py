"""Where a source's answers may lead: redirects, next pages and named documents not into the operator's network.

The operator's own address of a source may be private: a meter, a container's gateway. What a server names may not.
"""

import asyncio
import ipaddress
import socket
from dataclasses import dataclass

import httpx

from ngsi_adapters.fetching.failures import FetchFailed, shown


@dataclass(frozen=True, slots=True)
class Guard:
    """`trusted` are the hosts of the operator's own addresses; `allow_private` lets everything pass."""

    trusted: frozenset[str]
    allow_private: bool = False

    async def address_for(self, url: httpx.URL) -> str | None:
        """The address to connect to, None for any that the name has; `FetchFailed` where it must not be reached.

        A name that is checked is also connected to by that address: it could change until then (DNS rebinding).
        """
        if url.scheme not in ("http", "https"):
            raise FetchFailed(f"{shown(str(url))} is no HTTP address, and only the operator may name others")
        if self.allow_private or url.host in self.trusted:
            return None
        try:
            found = await asyncio.get_running_loop().getaddrinfo(url.host, None, type=socket.SOCK_STREAM)
        except OSError as error:
            raise FetchFailed(f"{shown(str(url))} does not answer: {error}", again=True) from None
        addresses = [str(address[0]) for *_, address in found]
        for address in addresses:
            if not is_public(address):
                raise FetchFailed(
                    f"the source leads to {shown(str(url))}, and {address} is no public address: the operator can "
                    "allow that with --allow-private-targets"
                )
        return addresses[0]


def is_public(address: str) -> bool:
    """Neither private, loopback, link-local, multicast nor otherwise special."""
    ip = ipaddress.ip_address(address.partition("%")[0])
    if isinstance(ip, ipaddress.IPv6Address) and ip.ipv4_mapped:
        ip = ip.ipv4_mapped
    return ip.is_global and not ip.is_multicast
