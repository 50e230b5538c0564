"""How many of something may be under way at once: in all, and for each caller, so that none takes all."""

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager

from datenbroker.gateway.problems import BrokerDown, TooManyRequests


class Slots:
    """`what` is named in the refusal, `again` is after how many seconds it may be tried again."""

    def __init__(self, what: str, most: int, each: int, again: int) -> None:
        self._what, self._most, self._each = what, most, each
        self._headers = [(b"retry-after", str(again).encode())]
        self._taken: Counter[str] = Counter()

    @contextmanager
    def taken(self, who: str) -> Iterator[None]:
        """One of them, until the block ends; `TooManyRequests` or `BrokerDown` where there is none left."""
        if self._taken[who] >= self._each:
            raise TooManyRequests(f"{self._each} {self._what} of yours are under way: end one first.", self._headers)
        if self._taken.total() >= self._most:
            raise BrokerDown(f"{self._most} {self._what} are under way, which is the bound.", self._headers)
        self._taken[who] += 1
        try:
            yield
        finally:
            self._taken[who] -= 1
            if not self._taken[who]:
                del self._taken[who]
