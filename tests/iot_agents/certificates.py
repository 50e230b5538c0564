"""Certificates made for a test: of a broker at 127.0.0.1, and of its clients."""

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import NamedTuple

import trustme


class Pair(NamedTuple):
    certificate: Path
    key: Path


class Authority:
    """Signs what is asked for, into files in `folder`; `ca` is its own certificate."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self._folder, self._authority = folder, trustme.CA()
        self.ca = folder / "ca.pem"
        self._authority.cert_pem.write_to_path(str(self.ca))

    def of_server(self, days: float = 30, name: str = "server") -> Pair:
        """For 127.0.0.1; ended already where `days` are negative."""
        now = datetime.now(UTC)
        leaf = self._authority.issue_cert(
            "127.0.0.1", not_before=now - timedelta(days=99), not_after=now + timedelta(days=days)
        )
        return self._written(leaf, name)

    def of_client(self, common_name: str, *alternatives: str) -> Pair:
        leaf = self._authority.issue_cert(*(alternatives or ("client.example",)), common_name=common_name)
        return self._written(leaf, "client")

    def _written(self, leaf: trustme.LeafCert, name: str) -> Pair:
        pair = Pair(self._folder / f"{name}.pem", self._folder / f"{name}.key")
        pair.certificate.write_bytes(b"".join(blob.bytes() for blob in leaf.cert_chain_pems))
        pair.key.write_bytes(leaf.private_key_pem.bytes())
        return pair
