"""Folders and files of an SFTP server (the extra `sftp`): by password or key, only where the host key is known."""

import asyncio
from collections.abc import Awaitable, Callable, Collection
from datetime import UTC, datetime
from typing import Any, TypeVar
from urllib.parse import quote, unquote, urlsplit

from ngsi_adapters.fetching.access import Access
from ngsi_adapters.fetching.archives import Spool
from ngsi_adapters.fetching.failures import FetchFailed, shown
from ngsi_adapters.fetching.fetch import LONGEST, Fetched, Validators
from ngsi_adapters.fetching.folders import MOST_FILES, File, suits
from ngsi_adapters.source import Payload

T = TypeVar("T")
SCHEME = "sftp://"
CONNECT_SECONDS = 10.0
PIECE = 1_000_000


async def sftp_files(url: str, patterns: Collection[str], access: Access) -> list[File]:
    """The files of a folder that suit a pattern, the oldest first; links and folders are left out."""
    return await _over_sftp(url, access, lambda sftp: _listed(sftp, url, patterns))


async def sftp_file(url: str, max_bytes: int, access: Access, *, on_disk: bool = False) -> Fetched:
    """One file."""

    async def received(sftp: Any) -> Payload:
        name = unquote(urlsplit(url).path)
        with Spool(name, max_bytes, on_disk=on_disk) as spool:
            async with sftp.open(name, "rb") as file:
                while piece := await file.read(min(PIECE, max_bytes + 1)):
                    spool.add(piece)
            return spool.end()

    return Fetched(await _over_sftp(url, access, received), datetime.now(UTC), Validators(url))


async def _over_sftp(url: str, access: Access, work: Callable[[Any], Awaitable[T]]) -> T:
    asyncssh, parts = _library(), urlsplit(url)
    try:
        async with (
            asyncio.timeout(LONGEST),
            asyncssh.connect(parts.hostname, parts.port or 22, **_options(url, access)) as connection,
            connection.start_sftp_client() as sftp,
        ):
            return await work(sftp)
    except asyncssh.HostKeyNotVerifiable:
        raise FetchFailed(_unknown_host(url, access)) from None
    except (asyncssh.PermissionDenied, asyncssh.KeyImportError, asyncssh.KeyEncryptionError) as error:
        why = "set user and password, or key and key_password, by source_access"
        raise FetchFailed(f"{shown(url)} lets nobody in with what it was given ({error}): {why}") from None
    except (asyncssh.SFTPNoSuchFile, asyncssh.SFTPNoSuchPath, asyncssh.SFTPPermissionDenied) as error:
        raise FetchFailed(f"{shown(url)} cannot be read: {error.reason}") from None
    except ValueError as error:
        raise FetchFailed(f"known_hosts or the address of {shown(url)} cannot be understood: {error}") from None
    except TimeoutError:
        raise FetchFailed(f"{shown(url)} does not answer in time", again=True) from None
    except (asyncssh.Error, OSError) as error:
        raise FetchFailed(f"{shown(url)} cannot be read: {type(error).__name__}: {error}", again=True) from None


def _library() -> Any:
    try:
        import asyncssh
    except ImportError:
        raise FetchFailed("SFTP needs asyncssh: pip install 'herne-datenbroker[sftp]'") from None
    return asyncssh


def _options(url: str, access: Access) -> dict[str, Any]:
    """Nothing is taken from the process's own agent, keys or ssh_config: only what this source was given."""
    user = access.user or unquote(urlsplit(url).username or "")
    if not user:
        raise FetchFailed(f"{shown(url)} needs a user: sftp://USER@HOST/PATH, or user in source_access")
    for what, path in (("key", access.key), ("known_hosts", access.known_hosts)):
        if path is not None and not path.is_file():
            raise FetchFailed(f"{what} of source_access: there is no file {path}")
    told: dict[str, Any] = {"known_hosts": str(access.known_hosts)} if access.known_hosts else {}
    return told | {
        "username": user,
        "password": access.password,
        "client_keys": [str(access.key)] if access.key else None,
        "passphrase": access.key_password,
        "config": None,
        "agent_path": None,
        "connect_timeout": CONNECT_SECONDS,
    }


def _unknown_host(url: str, access: Access) -> str:
    parts, where = urlsplit(url), access.known_hosts or "~/.ssh/known_hosts"
    scan = f"ssh-keyscan -p {parts.port or 22} {parts.hostname}"
    return (
        f"the host key of {shown(url)} is not the one in {where}, or is not there at all: take it by `{scan}`, compare "
        "it with what the server's operator says, and name the file as known_hosts in source_access"
    )


async def _listed(sftp: Any, url: str, patterns: Collection[str]) -> list[File]:
    folder, base = unquote(urlsplit(url).path) or "/", url if url.endswith("/") else url + "/"
    files: list[File] = []
    async for entry in sftp.scandir(folder):
        told = entry.attrs
        if told.type == _library().FILEXFER_TYPE_REGULAR and "/" not in entry.filename:
            mark = f"{told.size} {told.mtime}"
            files.append(File(entry.filename, base + quote(entry.filename), mark, float(told.mtime or 0)))
    chosen = [file for file in files if suits(file.name, patterns)]
    return sorted(chosen, key=lambda file: (file.modified, file.name))[:MOST_FILES]
