"""Small JSON objects that travel through a browser and come back unchanged, or not at all."""

import hmac
from base64 import urlsafe_b64decode, urlsafe_b64encode
from hashlib import sha256
from typing import Any

import orjson

LONGEST = 4_000
"""Browsers keep cookies of up to 4 kB."""


class Seal:
    """HMAC-SHA-256 with a key for each purpose, so that a value sealed for one is none for another."""

    def __init__(self, secret: bytes, purpose: str) -> None:
        self._key = hmac.digest(secret, purpose.encode(), sha256)

    def sealed(self, content: dict[str, Any]) -> str:
        body = urlsafe_b64encode(orjson.dumps(content)).rstrip(b"=")
        return f"{body.decode()}.{self._mark(body)}"

    def opened(self, text: str) -> dict[str, Any] | None:
        """What was sealed; None where it was not sealed here. `ends` (s since 1970) is for the caller to look at."""
        body, _, mark = text.partition(".")
        if len(text) > LONGEST or not text.isascii() or not hmac.compare_digest(self._mark(body.encode()), mark):
            return None
        content: dict[str, Any] = orjson.loads(urlsafe_b64decode(body + "=" * (-len(body) % 4)))
        return content

    def _mark(self, body: bytes) -> str:
        return urlsafe_b64encode(hmac.digest(self._key, body, sha256)).rstrip(b"=").decode()


def cookie_of(headers: list[tuple[bytes, bytes]], name: str) -> str | None:
    """The value of a cookie; None where there is none, or two of the name: one of them would be another's."""
    found = []
    for header, value in headers:
        if header == b"cookie":
            pairs = (pair.strip().partition(b"=") for pair in value.split(b";"))
            found += [content for key, _, content in pairs if key == name.encode()]
    return found[0].decode("latin-1") if len(found) == 1 else None
