"""Frames that were committed already, recognised after a restart too: their keys stand in a small file.

The keys of a batch are written after the broker has committed it and before its messages are acknowledged. The write is
not synced: it survives the end of the process, and after a power cut the broker gets the same state once more.
"""

import errno
import hashlib
import logging
import os
import struct
from collections.abc import Iterable
from pathlib import Path

logger = logging.getLogger(__name__)

RETRANSMISSION = 10_000
"""Milliseconds within which a device repeats a frame (ADR); later the same counter means that it began anew."""

KEPT = 100_000
"""Keys in each of two generations: the older one goes when the younger one is full."""

_record = struct.Struct("<qq")


def frame_key(*parts: bytes) -> int:
    """What tells a frame from all others: device, counter and content."""
    digest = hashlib.blake2b(b"\0".join(parts), digest_size=8).digest()
    return int.from_bytes(digest, "little", signed=True)


class SeenFrames:
    """Keys of frames with the time at which they were observed (ms since 1970); in memory only without a `folder`."""

    def __init__(self, folder: Path | None = None, keep: int = KEPT) -> None:
        self._folder, self._keep = folder, keep
        self._new: dict[int, int] = {}
        self._old: dict[int, int] = {}
        self._file: int | None = None

    def start(self) -> None:
        if self._folder is None:
            return
        self._old, self._new = _read(self._folder / "seen.old"), _read(self._folder / "seen.new")
        self._open()

    def stop(self) -> None:
        if self._file is not None:
            os.close(self._file)
            self._file = None

    def knows(self, key: int, observed: int) -> bool:
        """Whether the frame came before, observed at that time or a few seconds from it."""
        known = self._new.get(key)
        if known is None:
            known = self._old.get(key)
        return known is not None and abs(known - observed) <= RETRANSMISSION

    def add(self, frames: Iterable[tuple[int, int]]) -> None:
        written = []
        for key, observed in frames:
            self._new[key] = observed
            written.append(_record.pack(key, observed))
        try:
            if self._file is not None and written:
                self._write(self._file, b"".join(written))
            if len(self._new) >= self._keep:
                self._turn()
        except OSError as error:
            # a full disk costs what is known after a restart, and must not stop the readings
            logger.error("Frames are known until the next restart only, since they cannot be written: %s", error)

    def _write(self, file: int, records: bytes) -> None:
        if os.write(file, records) < len(records):
            _cut(file)
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    def _turn(self) -> None:
        self._old, self._new = self._new, {}
        if self._folder is not None and self._file is not None:
            (self._folder / "seen.new").replace(self._folder / "seen.old")
            os.close(self._file)
            self._file = None
            self._open()

    def _open(self) -> None:
        assert self._folder is not None
        self._file = os.open(self._folder / "seen.new", os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
        _cut(self._file)


def _cut(file: int) -> None:
    """A write that was cut off must not shift those that follow."""
    os.ftruncate(file, os.fstat(file).st_size // _record.size * _record.size)


def _read(path: Path) -> dict[int, int]:
    if not path.exists():
        return {}
    content = path.read_bytes()
    return dict(_record.iter_unpack(content[: len(content) // _record.size * _record.size]))
