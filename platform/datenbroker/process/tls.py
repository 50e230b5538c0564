"""Certificates of our servers: checked before the start, and read again when they were renewed."""

import asyncio
import logging
import ssl
import time
from pathlib import Path
from typing import NamedTuple, NoReturn

from datenbroker.errors import CannotStart
from datenbroker.process.repeated import Repeated
from datenbroker.settings import PREFIX, option

logger = logging.getLogger(__name__)

LOOK_SECONDS = 10.0
WARN_BEFORE = 14 * 86_400
"""Seconds before its end from which on a certificate is warned of."""


class TlsFiles(NamedTuple):
    """PEM files: the certificate with its chain, its key; and of whom clients' certificates must be, if at all."""

    certificate: Path
    key: Path
    client_ca: Path | None = None
    clients_need_one: bool = False


class BadCertificate(Exception):
    """The files cannot serve; the message says which and why, and names no secret."""


class ServerTls:
    """`context` is for any number of servers; while started, renewed files are taken over for new connections.

    Connections that stand are left alone. Renewed files that cannot serve are logged, and the old ones stay in use. A
    client's authority that is taken out of its file is believed until the next start.
    """

    def __init__(self, files: TlsFiles, setting: str, look_seconds: float = LOOK_SECONDS) -> None:
        """`CannotStart` names the setting where the files cannot serve."""
        self._files = files
        self.context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self._looking = Repeated(self._look, look_seconds, "The certificate could not be looked at")
        try:
            self._state = _state(files)
            self._load()
        except BadCertificate as bad:
            raise CannotStart(f"{bad}: see {option(setting)} ({PREFIX}{setting.upper()}).") from None

    async def start(self) -> None:
        self._looking.start()

    async def stop(self) -> None:
        await self._looking.stop()

    def _load(self) -> None:
        files = self._files
        ends = expiry(files.certificate, files.key)
        if ends - time.time() < WARN_BEFORE:
            logger.warning("The certificate %s ends in %.1f days", files.certificate, (ends - time.time()) / 86_400)
        _load_chain(self.context, files.certificate, files.key)
        if files.client_ca is not None:
            try:
                self.context.load_verify_locations(files.client_ca)
            except (OSError, ValueError) as error:
                raise BadCertificate(f"{files.client_ca} holds no certificates: {_reason(error)}") from None
            self.context.verify_mode = ssl.CERT_REQUIRED if files.clients_need_one else ssl.CERT_OPTIONAL

    async def _look(self) -> None:
        try:
            state = await asyncio.to_thread(_state, self._files)
            if state != self._state:
                self._state = state
                self._load()
                logger.info("The renewed certificate %s is in use", self._files.certificate)
        except BadCertificate as bad:
            logger.error("The certificate was changed, but the old one stays in use: %s", bad)


def expiry(certificate: Path, key: Path) -> float:
    """When the certificate ends, in seconds since 1970; `BadCertificate` where a client would not take it.

    The certificate shakes hands with itself, in memory: `ssl` tells the dates of no other's.
    """
    server = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    _load_chain(server, certificate, key)
    client = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    client.check_hostname = False
    client.verify_flags |= ssl.VERIFY_X509_PARTIAL_CHAIN
    client.load_verify_locations(certificate)
    to_server, to_client = ssl.MemoryBIO(), ssl.MemoryBIO()
    asking = client.wrap_bio(to_client, to_server)
    answering = server.wrap_bio(to_server, to_client, server_side=True)
    for _ in range(3):
        for side in (asking, answering):
            try:
                side.do_handshake()
            except ssl.SSLWantReadError:
                continue
            except ssl.SSLCertVerificationError as error:
                raise BadCertificate(f"{certificate} is of no use: {error.verify_message}") from None
            except ssl.SSLError as error:
                raise BadCertificate(f"{certificate} is of no use: {_reason(error)}") from None
    told = asking.getpeercert() or {}
    return float(ssl.cert_time_to_seconds(str(told["notAfter"])))


def _load_chain(context: ssl.SSLContext, certificate: Path, key: Path) -> None:
    for path in (certificate, key):
        try:
            path.read_bytes()
        except OSError as error:
            raise BadCertificate(f"{path} cannot be read: {error.strerror}") from None
    try:
        context.load_cert_chain(certificate, key, password=_no_password)
    except (OSError, ValueError) as error:
        raise BadCertificate(f"{certificate} and the key {key} cannot be used: {_reason(error)}") from None


def _no_password() -> NoReturn:
    """Without this, OpenSSL would ask at the terminal."""
    raise ValueError("the key is encrypted: store it without a password")


REASONS = {
    "key values mismatch": "the key belongs to another certificate",
    "no start line": "this is no PEM file",
    "no certificate or crl found": "this is no PEM file",
    "pem lib": "this is no PEM file, or not its key",
    "ee key too small": "the key is too short",
}
"""OpenSSL's words, and what an operator can do something with."""


def _reason(error: Exception) -> str:
    told = str(error).lower().replace("_", " ")
    return next((reason for words, reason in REASONS.items() if words in told), str(error))


def _state(files: TlsFiles) -> list[tuple[int, int, int]]:
    """What differs once a file was renewed, by writing it or by putting another in its place."""
    try:
        found = [path.stat() for path in (files.certificate, files.key, files.client_ca) if path]
    except OSError as error:
        raise BadCertificate(f"{error.filename} cannot be read: {error.strerror}") from None
    return [(stat.st_mtime_ns, stat.st_size, stat.st_ino) for stat in found]
