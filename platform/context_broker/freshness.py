"""How long a downloaded @context may be used as it is (CIM 009, 5.13.1, 6.3.16; RFC 9111, 4.2)."""

import re
from collections.abc import Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

DEFAULT_SECONDS = 3600.0
"""Where the server says nothing."""
SHORTEST, LONGEST = 1.0, 86400.0
"""What a server may ask for: every second at most, so that no client makes the broker flood it; daily at least."""
RETRY_SECONDS = 60.0
"""After a refresh that failed: until then the old copy serves on."""

_MAX_AGE = re.compile(r"max-age\s*=\s*\"?(\d{1,10})")


def lifetime_of(headers: Mapping[str, str]) -> float:
    """Seconds, of an answer just received, by its Cache-Control, else by its Expires."""
    control = headers.get("Cache-Control", "").lower()
    if "no-store" in control or "no-cache" in control:
        return SHORTEST
    if found := _MAX_AGE.search(control):
        return _within(float(found[1]) - _age(headers))
    if "Expires" in headers:
        return _within(_seconds_until(headers["Expires"]))
    return DEFAULT_SECONDS


def _age(headers: Mapping[str, str]) -> float:
    text = headers.get("Age", "")
    return float(text) if text.isascii() and text.isdigit() and len(text) < 11 else 0.0


def _seconds_until(date: str) -> float:
    """Of an HTTP date; one that is malformed has passed (RFC 9111, 5.3)."""
    try:
        moment = parsedate_to_datetime(date)
    except ValueError:
        return 0.0
    return ((moment if moment.tzinfo else moment.replace(tzinfo=UTC)) - datetime.now(UTC)).total_seconds()


def _within(seconds: float) -> float:
    return min(max(seconds, SHORTEST), LONGEST)
