"""What is in a folder: on this machine, behind an HTTP page with links, or on an FTP server."""

import asyncio
import ftplib
import re
import ssl
from collections.abc import Callable, Collection
from dataclasses import dataclass
from datetime import UTC, datetime
from fnmatch import fnmatch
from pathlib import Path
from typing import TypeVar
from urllib.parse import quote, unquote, urljoin, urlsplit

from ngsi_adapters.fetching.access import Access
from ngsi_adapters.fetching.archives import Spool
from ngsi_adapters.fetching.failures import FetchFailed, shown
from ngsi_adapters.fetching.fetch import Fetched, Validators
from ngsi_adapters.source import Payload

T = TypeVar("T")
MOST_FILES = 10_000
FTP_SECONDS = 30.0
LINK = re.compile(rb"""<a\s[^>]*href\s*=\s*["']([^"'#?]+)["']""", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class File:
    """A file of a folder; `mark` changes when the file does, as far as the folder tells."""

    name: str
    url: str
    mark: str = ""
    modified: float = 0.0


def local_files(folder: str, patterns: Collection[str]) -> list[File]:
    """The files of a folder on this machine that suit a pattern, the oldest first; or the file that is named itself."""
    path = Path(unquote(urlsplit(folder).path) if folder.startswith("file:") else folder)
    try:
        among = [entry for entry in path.iterdir() if suits(entry.name, patterns)] if not path.is_file() else [path]
        found = [entry for entry in among if entry.is_file()]
        stats = [(entry, entry.stat()) for entry in found[:MOST_FILES]]
    except OSError as error:
        raise FetchFailed(f"the folder {path} cannot be read: {error.strerror}") from None
    files = [File(e.name, str(e), f"{s.st_size} {s.st_mtime_ns}", s.st_mtime) for e, s in stats]
    return sorted(files, key=lambda file: (file.modified, file.name))


def linked_files(page: bytes, url: str, patterns: Collection[str]) -> list[File]:
    """The files that an HTTP page links to, by name; whether one has changed is asked of its validators."""
    base = url if url.endswith("/") else url.rpartition("/")[0] + "/"
    links = {urljoin(base, match.decode("utf-8", "replace")) for match in LINK.findall(page)}
    named = {link: unquote(link.rpartition("/")[2]) for link in links}
    files = [File(name, link) for link, name in named.items() if suits(name, patterns)]
    return sorted(files, key=lambda file: file.name)[:MOST_FILES]


async def ftp_files(url: str, patterns: Collection[str], access: Access) -> list[File]:
    """The files of a folder on an FTP server (ftp or ftps), the oldest first; by MLSD, else by name alone."""
    return await asyncio.to_thread(_over_ftp, url, access, lambda ftp: _listed(ftp, url, patterns))


async def ftp_file(url: str, max_bytes: int, access: Access, *, on_disk: bool = False) -> Fetched:
    """One file of an FTP server."""

    def received(ftp: ftplib.FTP) -> Payload:
        name = unquote(urlsplit(url).path)
        with Spool(name, max_bytes, on_disk=on_disk) as spool:
            ftp.retrbinary(f"RETR {name}", spool.add)
            return spool.end()

    payload = await asyncio.to_thread(_over_ftp, url, access, received)
    return Fetched(payload, datetime.now(UTC), Validators(url))


def _over_ftp(url: str, access: Access, work: Callable[[ftplib.FTP], T]) -> T:
    parts = urlsplit(url)
    try:
        context = access.context() or ssl.create_default_context()
        # plain FTP is what waste utilities and metering operators offer; an operator chooses it by the URL
        made = ftplib.FTP_TLS(context=context) if parts.scheme == "ftps" else ftplib.FTP()  # noqa: S321
        with made as ftp:
            ftp.connect(parts.hostname or "", parts.port or 21, FTP_SECONDS)
            ftp.login(access.user or "anonymous", access.password or "")
            if isinstance(ftp, ftplib.FTP_TLS):
                ftp.prot_p()
            return work(ftp)
    except (ftplib.Error, OSError, EOFError, UnicodeError) as error:
        reason = f"{type(error).__name__}: {error}"
        raise FetchFailed(f"{shown(url)} cannot be read: {reason}", again=not _final(error)) from None


def _final(error: Exception) -> bool:
    """5xx: a wrong password or path does not get better (RFC 959, 4.2)."""
    return isinstance(error, ftplib.error_perm)


def _listed(ftp: ftplib.FTP, url: str, patterns: Collection[str]) -> list[File]:
    folder, base = unquote(urlsplit(url).path) or "/", url if url.endswith("/") else url + "/"
    try:
        found = [(name, facts) for name, facts in ftp.mlsd(folder, ["type", "size", "modify"])]
    except ftplib.error_perm:
        found = [(name.rpartition("/")[2], {"type": "file"}) for name in ftp.nlst(folder)]
    files = [
        File(name, base + quote(name), f"{facts.get('size', '')} {facts.get('modify', '')}", _stamp(facts))
        for name, facts in found[:MOST_FILES]
        if facts.get("type") == "file" and suits(name, patterns)
    ]
    return sorted(files, key=lambda file: (file.modified, file.name))


def _stamp(facts: dict[str, str]) -> float:
    digits = facts.get("modify", "")[:14]
    return float(digits) if digits.isdigit() else 0.0


def suits(name: str, patterns: Collection[str]) -> bool:
    """Whether a file of that name is meant; hidden ones never are."""
    return not name.startswith(".") and any(fnmatch(name, pattern) for pattern in patterns)
