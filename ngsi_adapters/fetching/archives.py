"""What comes in: gzip and ZIP unpacked within limits (what is announced is not believed), what is large on disk."""

import zipfile
import zlib
from collections.abc import Collection, Iterator
from fnmatch import fnmatch
from gzip import BadGzipFile, GzipFile
from io import BytesIO
from tempfile import SpooledTemporaryFile
from types import TracebackType
from typing import IO, Self

from ngsi_adapters.fetching.failures import FetchFailed
from ngsi_adapters.source import MEGABYTE, Payload, opened

GZIP, ZIP = b"\x1f\x8b", b"PK\x03\x04"
MOST_FILES = 10_000
PIECE = 2**18
MOST_LAYERS = 2
"""A gzip file may be sent with gzip as its Content-Encoding."""


class Spool:
    """Takes one document piece by piece, at most `max_bytes`; a gzip file, or several in a row, is unpacked at the end.

    `on_disk` is for those who also read it piece by piece: only the first megabyte is in memory.
    """

    def __init__(self, name: str, max_bytes: int, *, on_disk: bool = False) -> None:
        self._name, self._max_bytes, self._on_disk = name, max_bytes, on_disk
        self._begin()
        self._ended = False

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        if not self._ended:
            self._file.close()

    def add(self, piece: bytes) -> None:
        """`FetchFailed` as soon as it is too large."""
        self._size += len(piece)
        if self._size > self._max_bytes:
            raise FetchFailed(f"{self._name} is larger than the {self._max_bytes} bytes agreed")
        self._file.write(piece)

    def end(self) -> Payload:
        """The whole document; `FetchFailed` where it is a gzip file that is damaged or too large."""
        for _ in range(MOST_LAYERS):
            self._file.seek(0)
            if self._file.read(len(GZIP)) == GZIP:
                self._unpack()
        self._ended = True
        if isinstance(self._file, BytesIO):
            return self._file.getvalue()
        self._file.seek(0)
        return self._file

    def _begin(self) -> None:
        self._file: IO[bytes] = BytesIO() if not self._on_disk else SpooledTemporaryFile(MEGABYTE)  # noqa: SIM115
        self._size = 0

    def _unpack(self) -> None:
        packed = self._file
        packed.seek(0)
        self._begin()
        try:
            with packed, GzipFile(fileobj=packed) as unpacked:
                while piece := unpacked.read(PIECE):
                    self.add(piece)
        except EOFError:
            raise FetchFailed(f"the gzip file {self._name} is cut off") from None
        except (BadGzipFile, zlib.error) as error:
            raise FetchFailed(f"the gzip file {self._name} is damaged: {error}") from None


def members(
    archive: Payload, patterns: Collection[str], max_bytes: int, *, on_disk: bool = False
) -> Iterator[tuple[str, Payload]]:
    """(name, content) of each file of a ZIP archive that suits a pattern, in order; each at most `max_bytes`.

    Names count without their folders. `FetchFailed` where it is no ZIP archive, or has no such file.
    """
    found = False
    try:
        with zipfile.ZipFile(opened(archive)) as files:
            if len(files.infolist()) > MOST_FILES:
                raise FetchFailed(f"the ZIP archive holds more than {MOST_FILES} files")
            for info in files.infolist():
                name = info.filename.replace("\\", "/").rpartition("/")[2]
                if name and any(fnmatch(name, pattern) for pattern in patterns):
                    found = True
                    with files.open(info) as file:
                        content = spooled(file, f"{info.filename} in the ZIP archive", max_bytes, on_disk=on_disk)
                    yield name, content
    except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError) as error:
        raise FetchFailed(f"the ZIP archive cannot be read: {error}") from None
    if not found:
        raise FetchFailed(f"the ZIP archive holds no file {' or '.join(patterns)}")


def spooled(file: IO[bytes], name: str, max_bytes: int, *, on_disk: bool) -> Payload:
    """The content of an open file; `FetchFailed` where it is too large or damaged."""
    with Spool(name, max_bytes, on_disk=on_disk) as spool:
        while piece := file.read(PIECE):
            spool.add(piece)
        return spool.end()
