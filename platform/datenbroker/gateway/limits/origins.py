"""Where a request comes from: the connection's address, or what a trusted proxy before the gateway says."""

import ipaddress
from collections.abc import Iterable

from starlette.types import Scope

PRIVATE = ("127.0.0.0/8", "10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "::1/128", "fc00::/7")
"""Networks that the internet does not reach: this machine, and those of RFC 1918 and RFC 4193."""


class Networks:
    """Networks by their names, e.g. 10.0.0.0/8 or 2001:db8::/32; `ValueError` where one is none."""

    def __init__(self, names: Iterable[str]) -> None:
        self._networks = [ipaddress.ip_network(name, strict=False) for name in names]

    def __bool__(self) -> bool:
        return bool(self._networks)

    def __contains__(self, address: str) -> bool:
        if not _is_address(address):
            return False
        ip = ipaddress.ip_address(address)
        if isinstance(ip, ipaddress.IPv6Address) and ip.ipv4_mapped:
            ip = ip.ipv4_mapped  # what a socket for both versions says of a caller by the older one
        return any(ip in network for network in self._networks if network.version == ip.version)


class Origins:
    """Believes X-Forwarded-For only from `trusted` networks, and there the last address that is not trusted itself."""

    def __init__(self, trusted: Iterable[str] = ()) -> None:
        self._trusted = Networks(trusted)

    def of(self, scope: Scope) -> str:
        client = scope.get("client")
        address: str = client[0] if client else "-"
        if not self._trusted or address not in self._trusted:
            return address
        said = [value for name, value in scope["headers"] if name == b"x-forwarded-for"]
        for one in reversed(b",".join(said).decode("latin-1").split(",")):
            hop = one.strip()
            if not _is_address(hop):
                return address
            address = hop
            if hop not in self._trusted:
                break
        return address


def _is_address(text: str) -> bool:
    try:
        ipaddress.ip_address(text)
    except ValueError:
        return False
    return True
