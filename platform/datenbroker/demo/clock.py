"""City time: the real time, or faster."""

import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta


class CityClock:
    """Runs `speed` times as fast as the world from `start` on; by default from now, so that at speed 1 it is real."""

    def __init__(
        self, speed: float = 1.0, start: datetime | None = None, monotonic: Callable[[], float] = time.monotonic
    ) -> None:
        if speed <= 0:
            raise ValueError(f"The city's time must run forward: speed {speed} is not above 0")
        self.speed = speed
        self._start = start or datetime.now(UTC)
        self._monotonic = monotonic
        self._zero = monotonic()

    def now(self) -> datetime:
        return self._start + timedelta(seconds=(self._monotonic() - self._zero) * self.speed)
