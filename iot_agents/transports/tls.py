"""TLS towards an MQTT broker of another's."""

import ssl
from pathlib import Path
from typing import NamedTuple


class ClientTls(NamedTuple):
    """PEM files: whom to believe instead of the system's authorities; a certificate of our own, and its key."""

    ca_file: Path | None = None
    certificate: Path | None = None
    key: Path | None = None

    def context(self) -> ssl.SSLContext:
        """Read anew each time, so that what was renewed is used; `OSError` or `ValueError` where a file is bad."""
        made = ssl.create_default_context(cafile=self.ca_file)
        if self.certificate is not None:
            made.load_cert_chain(self.certificate, self.key, password=_no_password)
        return made


def _no_password() -> str:
    """Without this, OpenSSL would ask at the terminal."""
    raise ValueError("the key of the client certificate is encrypted: store it without a password")
