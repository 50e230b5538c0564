"""gzip and ZIP, unpacked within limits: what is announced is not believed."""

import io
import zipfile
import zlib
from collections.abc import Collection, Iterator
from fnmatch import fnmatch

from ngsi_adapters.fetching.failures import FetchFailed

GZIP, ZIP = b"\x1f\x8b", b"PK\x03\x04"
MOST_FILES = 10_000
CHUNK = 65536


def unpacked(payload: bytes, max_bytes: int) -> bytes:
    """What is in a gzip file, also in several one after the other; anything else as it is."""
    whole = bytearray()
    if not payload.startswith(GZIP):
        return payload
    while payload.startswith(GZIP):
        inflating = zlib.decompressobj(wbits=31)
        try:
            whole += inflating.decompress(payload, max_bytes + 1 - len(whole))
        except zlib.error as error:
            raise FetchFailed(f"the gzip file is damaged: {error}") from None
        if len(whole) > max_bytes:
            raise FetchFailed(f"the gzip file holds more than the {max_bytes} bytes agreed")
        if not inflating.eof:
            raise FetchFailed("the gzip file is cut off")
        payload = inflating.unused_data
    return bytes(whole)


def members(payload: bytes, patterns: Collection[str], max_bytes: int) -> Iterator[tuple[str, bytes]]:
    """(name, content) of each file of a ZIP archive that suits a pattern, in order; each at most `max_bytes`.

    Names count without their folders. `FetchFailed` where it is no ZIP archive, or has no such file.
    """
    found = False
    try:
        with zipfile.ZipFile(io.BytesIO(payload)) as archive:
            if len(archive.infolist()) > MOST_FILES:
                raise FetchFailed(f"the ZIP archive holds more than {MOST_FILES} files")
            for info in archive.infolist():
                name = info.filename.replace("\\", "/").rpartition("/")[2]
                if name and any(fnmatch(name, pattern) for pattern in patterns):
                    found = True
                    yield name, _content(archive, info, max_bytes)
    except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError) as error:
        raise FetchFailed(f"the ZIP archive cannot be read: {error}") from None
    if not found:
        raise FetchFailed(f"the ZIP archive holds no file {' or '.join(patterns)}")


def _content(archive: zipfile.ZipFile, info: zipfile.ZipInfo, max_bytes: int) -> bytes:
    with archive.open(info) as file:
        content = file.read(max_bytes + 1)
    if len(content) > max_bytes:
        raise FetchFailed(f"{info.filename} in the ZIP archive holds more than the {max_bytes} bytes agreed")
    return content
