"""An SFTP server (asyncssh's own) with one user, who comes with a password or a key."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import NamedTuple

import asyncssh

USER, PASSWORD = "herne", "geheim"


class Sftp(NamedTuple):
    """The folder's address, and files with the user's key and with the server's host key."""

    url: str
    key: Path
    known_hosts: Path


class OneUser(asyncssh.SSHServer):
    def password_auth_supported(self) -> bool:
        return True

    def validate_password(self, username: str, password: str) -> bool:
        return (username, password) == (USER, PASSWORD)


@asynccontextmanager
async def sftp_server(folder: Path, keys: Path) -> AsyncIterator[Sftp]:
    """Serves the folder as `/`; its keys are written to the other."""
    host_key, own_key = (asyncssh.generate_private_key("ssh-ed25519") for _ in range(2))
    own_key.write_private_key(keys / "own")
    own_key.write_public_key(keys / "own.pub")
    async with asyncssh.listen(
        "127.0.0.1",
        0,
        server_factory=OneUser,
        server_host_keys=[host_key],
        authorized_client_keys=str(keys / "own.pub"),
        sftp_factory=lambda channel: asyncssh.SFTPServer(channel, chroot=str(folder).encode()),
    ) as server:
        port = server.get_port()
        known = host_key.export_public_key().decode()
        (keys / "known_hosts").write_text(f"[127.0.0.1]:{port} {known}")
        yield Sftp(f"sftp://{USER}@127.0.0.1:{port}/out", keys / "own", keys / "known_hosts")
