"""What the operator's settings give a source to prove itself with; nothing of it is ever shown."""

import ssl
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

from ngsi_adapters.fetching.failures import FetchFailed


@dataclass(frozen=True, slots=True)
class Access:
    """Secrets of one source: token, user and password, headers, client certificate (PEM), authorities to believe.

    Of SFTP: `key` (OpenSSH or PEM) and `known_hosts`, the file of host keys to believe.
    """

    token: str | None = field(default=None, repr=False)
    user: str | None = None
    password: str | None = field(default=None, repr=False)
    headers: Mapping[str, str] = field(default_factory=dict, repr=False)
    certificate: Path | None = None
    key: Path | None = None
    key_password: str | None = field(default=None, repr=False)
    authorities: Path | None = None
    known_hosts: Path | None = None

    def context(self) -> ssl.SSLContext | None:
        """TLS with the source's own certificate or authorities, None where the system's do; `FetchFailed`."""
        if self.certificate is None and self.authorities is None:
            return None
        try:
            context = ssl.create_default_context(cafile=self.authorities)
            if self.certificate is not None:
                context.load_cert_chain(self.certificate, self.key, self.key_password)
        except (OSError, ssl.SSLError) as error:
            raise FetchFailed(f"the source's certificate, key or authorities cannot be read: {error}") from None
        return context


def origin(url: str) -> tuple[str, str | None, int | None]:
    """Scheme, host and port: secrets stay there."""
    parts = urlsplit(url)
    return parts.scheme, parts.hostname, parts.port or {"http": 80, "https": 443}.get(parts.scheme)
