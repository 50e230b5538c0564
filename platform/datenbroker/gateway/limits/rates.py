"""How many requests a minute and a day: by caller, by product, by the address of those who show no key.

Answers carry RateLimit-Limit, -Remaining and -Reset (draft-ietf-httpapi-ratelimit-headers-03, the spelling that clients
read today), refusals Retry-After too.
"""

import ipaddress
import math
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from time import monotonic

from starlette.types import Scope

from datenbroker.gateway.limits.buckets import WINDOW, Buckets, Level
from datenbroker.gateway.limits.usage import Usage
from datenbroker.gateway.problems import TooManyRequests
from datenbroker.identities.roles import Caller

LEVEL = "datenbroker.rate"
"""Where the answer's headers find the bucket that was taken from."""

ORIGIN = "datenbroker.origin"
PRODUCT = "datenbroker.product"
"""Where the usage finds which product was asked; the doors to products set it through `RateLimits.product`."""


@dataclass(frozen=True)
class Allowance:
    """Requests a minute, and a day where it says so; 0 is no limit."""

    anonymous: int = 300
    caller: int = 6_000
    product: int = 12_000
    failures: int = 20
    anonymous_a_day: int = 20_000
    caller_a_day: int = 0
    product_a_day: int = 0


class RateLimits:
    """Rates are counted by each process for itself, days by all together (see `Usage`)."""

    def __init__(
        self, allowance: Allowance, usage: Usage | None = None, clock: Callable[[], float] = monotonic
    ) -> None:
        self._allowance, self._usage, self._clock = allowance, usage, clock
        self._anonymous, self._callers = Buckets(allowance.anonymous), Buckets(allowance.caller)
        self._products, self._failures = Buckets(allowance.product), Buckets(allowance.failures)

    def caller(self, scope: Scope, caller: Caller) -> None:
        """Counts a request of a known caller; `TooManyRequests` beyond what it may."""
        _mark(scope, self._callers.take(caller.name, self._clock(), caller.rate), caller.name)
        quota = self._allowance.caller_a_day if caller.quota is None else caller.quota
        if quota > 0:
            self._day(f"caller:{caller.name}", quota, caller.name)

    def anonymous(self, scope: Scope) -> None:
        """Counts a request without a key by the network that it comes from."""
        network = network_of(scope.get(ORIGIN) or "-")
        _mark(scope, self._anonymous.take(network, self._clock()), "requests without a key from your address")
        self._day(f"address:{network}", self._allowance.anonymous_a_day, "requests without a key from your address")

    def product(self, scope: Scope, slug: str) -> None:
        """Counts a request for a product, by whomever."""
        scope[PRODUCT] = slug
        level = self._products.take(slug, self._clock())
        if level is not None and level.wait > 0:
            _mark(scope, level, f"the product {slug}")
        self._day(f"product:{slug}", self._allowance.product_a_day, f"the product {slug}")

    def failed(self, origin: str) -> None:
        """Notes a key or token that opened nothing."""
        self._failures.take(network_of(origin), self._clock())

    def check_guessing(self, origin: str) -> None:
        """`TooManyRequests` for an address that has shown too many keys that open nothing."""
        wait = self._failures.empty(network_of(origin), self._clock())
        if wait > 0:
            raise TooManyRequests(
                f"Too many wrong keys came from {origin}: try again in {math.ceil(wait)} s with one that is good.",
                [(b"retry-after", b"%d" % math.ceil(wait))],
            )

    def _day(self, who: str, quota: int, name: str) -> None:
        if self._usage is None:
            return
        left = self._usage.count_day(who, quota)
        if left < 0:
            wait = self._usage.seconds_left_today()
            raise TooManyRequests(
                f"The quota of {quota} requests a day for {name} is used up: it begins anew at midnight UTC.",
                [(b"retry-after", b"%d" % wait)],
            )


def _mark(scope: Scope, level: Level | None, name: str) -> None:
    if level is None:
        return
    scope[LEVEL] = level
    if level.wait > 0:
        wait = math.ceil(level.wait)
        raise TooManyRequests(
            f"No more than {level.limit} requests a minute for {name}: try again in {wait} s.",
            [(b"retry-after", b"%d" % wait)],
        )


def headers_of(level: Level) -> list[tuple[bytes, bytes]]:
    limit, remaining, full_in, _ = level
    return [_limit_header(limit), (b"ratelimit-remaining", b"%d" % remaining), RESET_HEADERS[math.ceil(full_in)]]


RESET_HEADERS = [(b"ratelimit-reset", b"%d" % seconds) for seconds in range(math.ceil(WINDOW) + 2)]


@lru_cache(maxsize=1024)
def _limit_header(limit: int) -> tuple[bytes, bytes]:
    return b"ratelimit-limit", b"%d" % limit


def network_of(address: str) -> str:
    """An IPv6 address's /64: one customer has them all. IPv4 and anything else as it is."""
    if ":" not in address:
        return address
    try:
        ip = ipaddress.IPv6Address(address.partition("%")[0])
    except ValueError:
        return address
    return str(ip.ipv4_mapped or ipaddress.IPv6Network((ip, 64), strict=False))
