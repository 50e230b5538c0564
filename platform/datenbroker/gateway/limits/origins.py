"""Where a request comes from: the connection's address, or what a trusted proxy before the gateway says."""

import ipaddress
from collections.abc import Iterable

from starlette.types import Scope

Network = ipaddress.IPv4Network | ipaddress.IPv6Network


class Origins:
    """Believes X-Forwarded-For only from `trusted` networks, and there the last address that is not trusted itself."""

    def __init__(self, trusted: Iterable[str] = ()) -> None:
        self._trusted: list[Network] = [ipaddress.ip_network(network, strict=False) for network in trusted]

    def of(self, scope: Scope) -> str:
        client = scope.get("client")
        address: str = client[0] if client else "-"
        if not self._trusted or not self._is_trusted(address):
            return address
        said = [value for name, value in scope["headers"] if name == b"x-forwarded-for"]
        for one in reversed(b",".join(said).decode("latin-1").split(",")):
            hop = one.strip()
            if not _is_address(hop):
                return address
            address = hop
            if not self._is_trusted(hop):
                break
        return address

    def _is_trusted(self, address: str) -> bool:
        if not _is_address(address):
            return False
        ip = ipaddress.ip_address(address)
        return any(ip in network for network in self._trusted if network.version == ip.version)


def _is_address(text: str) -> bool:
    try:
        ipaddress.ip_address(text)
    except ValueError:
        return False
    return True
