"""Folders on an SFTP server, over the real protocol."""

import gzip
import os
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import asyncssh
import httpx
import pytest

from ngsi_adapters.fetching.access import Access
from ngsi_adapters.fetching.declaration import Fetching
from ngsi_adapters.fetching.failures import FetchFailed
from ngsi_adapters.fetching.visit import Memory, Reach, Visit
from ngsi_adapters.registry import source_of
from tests.ngsi_adapters.sftp_server import PASSWORD, USER, Sftp, sftp_server

pytestmark = pytest.mark.anyio


@pytest.fixture
async def sftp(tmp_path: Path) -> AsyncIterator[Sftp]:
    keys, out = tmp_path / "keys", tmp_path / "served" / "out"
    keys.mkdir()
    (out / "old.edi").mkdir(parents=True)
    for number, (name, content) in enumerate({"b.edi": b"older", "a ü.edi": gzip.compress(b"newer"), "c": b""}.items()):
        (out / name).write_bytes(content)
        os.utime(out / name, (1_000_000 + number, 1_000_000 + number))
    async with sftp_server(out.parent, keys) as served:
        yield served


async def read(url: str, access: Access, max_bytes: int = 1000, marks: dict[str, str] | None = None) -> Visit:
    fetching = Fetching(folder=("*.edi",))
    source = replace(source_of("ocpi"), url=url, fetching=fetching, max_bytes=max_bytes)
    async with httpx.AsyncClient() as http:
        visit = Visit(source, Reach(http, access, tries=1), Memory(), None, marks or {})
        found = {document.name: document.payload async for document in visit.documents()}
        assert marks is not None or found == {"b.edi": b"older", "a ü.edi": b"newer"}
        assert marks is not None or list(found) == ["b.edi", "a ü.edi"]
        assert not marks or not found
        return visit


async def failure(url: str, access: Access, max_bytes: int = 1000) -> FetchFailed:
    with pytest.raises(FetchFailed) as failed:
        await read(url, access, max_bytes)
    return failed.value


async def test_a_folder_is_read_with_a_key_or_with_a_password(sftp: Sftp) -> None:
    await read(sftp.url, Access(key=sftp.key, known_hosts=sftp.known_hosts))
    nameless = sftp.url.replace(f"{USER}@", "")
    await read(nameless, Access(user=USER, password=PASSWORD, known_hosts=sftp.known_hosts))


async def test_files_that_were_read_are_not_read_again(sftp: Sftp) -> None:
    access = Access(key=sftp.key, known_hosts=sftp.known_hosts)
    first = await read(sftp.url, access)
    await read(sftp.url, access, marks=first.marks)


async def test_a_key_or_a_password_that_is_wrong_is_said(sftp: Sftp, tmp_path: Path) -> None:
    wrong = tmp_path / "wrong"
    asyncssh.generate_private_key("ssh-ed25519").write_private_key(wrong)
    for access in (Access(key=wrong), Access(user=USER, password="falsch"), Access()):
        failed = await failure(sftp.url, replace(access, known_hosts=sftp.known_hosts))
        assert "lets nobody in" in str(failed) and "source_access" in str(failed)
        assert not failed.again and "falsch" not in str(failed)


async def test_a_host_key_that_is_another_or_not_known_ends_it_before_secrets_are_sent(
    sftp: Sftp, tmp_path: Path
) -> None:
    port = sftp.url.rpartition(":")[2].removesuffix("/out")
    other = asyncssh.generate_private_key("ssh-ed25519").export_public_key().decode()
    for known in (f"[127.0.0.1]:{port} {other}", ""):
        (tmp_path / "known").write_text(known)
        failed = await failure(sftp.url, Access(password=PASSWORD, known_hosts=tmp_path / "known"))
        assert "host key" in str(failed) and f"ssh-keyscan -p {port} 127.0.0.1" in str(failed)
        assert not failed.again


async def test_host_keys_are_checked_also_where_no_file_of_them_is_named(sftp: Sftp) -> None:
    assert "host key" in str(await failure(sftp.url, Access(password=PASSWORD)))


async def test_files_that_are_too_large_and_what_is_not_there_are_failures(sftp: Sftp, tmp_path: Path) -> None:
    access = Access(key=sftp.key, known_hosts=sftp.known_hosts)
    assert "larger than the 3 bytes" in str(await failure(sftp.url, access, max_bytes=3))
    assert not (await failure(sftp.url + "/none", access)).again
    assert "needs a user" in str(await failure("sftp://127.0.0.1:1/out", access))
    assert "there is no file" in str(await failure(sftp.url, replace(access, key=tmp_path / "none")))
    assert (await failure(f"sftp://{USER}@127.0.0.1:1/out", access)).again
    (tmp_path / "text").write_text("no key")
    assert "lets nobody in" in str(await failure(sftp.url, replace(access, key=tmp_path / "text")))
