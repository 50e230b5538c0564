"""A codec that takes a worker's time for nothing, again and again, is paused for longer each time."""

import time
from collections.abc import Callable

DEVICE_STRIKES = 3
"""A device's calls in a row that ran into a limit of computing or memory, from which on it is paused."""

CODEC_STRIKES = 10
"""The same of all devices with that codec: a single device's bad payload must not stop the others."""

FIRST_PAUSE, LONGEST_PAUSE = 10.0, 3_600.0
TRIAL_SECONDS = 5.0
"""After a pause one call is tried; for so long the others go on waiting for how it ends."""

KEPT = 10_000


class _Record:
    __slots__ = ("reason", "strikes", "until")

    def __init__(self) -> None:
        self.strikes, self.until, self.reason = 0, 0.0, ""


class Quarantine:
    """Keeps score of calls by codec and device; `clock` gives seconds that only grow."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self.pauses = 0
        self._clock = clock
        self._records: dict[tuple[str, str], _Record] = {}

    @property
    def paused(self) -> int:
        """Codecs and devices that are paused now."""
        now = self._clock()
        return sum(record.until > now for record in self._records.values())

    def refusal(self, codec: str, device: str) -> str | None:
        """Why a call may not be made now, None where it may."""
        if not self._records:
            return None
        now, waiting = self._clock(), list[_Record]()
        for key in ((codec, ""), (codec, device)):
            record = self._records.get(key)
            if record is None or not record.until:
                continue
            if record.until > now:
                whose = "of this device" if key[1] else "of all its devices"
                return (
                    f"The codec is paused for {record.until - now:.0f} s: {record.strikes} calls {whose} in a row "
                    f"failed, the last one so: {record.reason}"
                )
            waiting.append(record)
        for record in waiting:
            record.until = now + TRIAL_SECONDS
        return None

    def strike(self, codec: str, device: str, reason: str) -> None:
        """A call ran into a limit."""
        if len(self._records) >= KEPT:
            self._records.pop(next(iter(self._records)))
        for key, allowed in (((codec, ""), CODEC_STRIKES), ((codec, device), DEVICE_STRIKES)):
            record = self._records.setdefault(key, _Record())
            record.strikes += 1
            record.reason = reason
            beyond = record.strikes - allowed
            if beyond >= 0:
                self.pauses += 1
                record.until = self._clock() + min(LONGEST_PAUSE, FIRST_PAUSE * 2.0 ** min(beyond, 20))

    def well(self, codec: str, device: str) -> None:
        """A call came to its end: what was before does not count any more."""
        if self._records:
            self._records.pop((codec, ""), None)
            self._records.pop((codec, device), None)
