"""DateTime as NGSI-LD writes it (CIM 009, 4.6.3 and 4.8): UTC, `Z`, up to six fraction digits."""

import re
from datetime import UTC, datetime
from functools import lru_cache

from ngsi_ld.errors import BadRequestData

_DATE_TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:[.,]\d{1,6})?Z")
DATE = re.compile(r"\d{4}-\d\d-\d\d")
TIME = re.compile(r"\d\d:\d\d:\d\d(?:[.,]\d{1,6})?Z")


def check_datetime(text: object, what: str) -> str:
    """The DateTime with a point as decimal sign, or `BadRequestData`: no offsets, no reduced forms."""
    known = _datetime(text) if isinstance(text, str) else None
    if known is not None:
        return known
    raise BadRequestData(f"{what} is no DateTime: {text!r:.60}. Write it in UTC, for example 2026-01-31T12:00:00Z")


@lru_cache(maxsize=1024)
def _datetime(text: str) -> str | None:
    """The DateTime as it is written. Remembered: readings of one batch are mostly of one moment."""
    if not _DATE_TIME.fullmatch(text):
        return None
    text = text.replace(",", ".")
    try:
        datetime.fromisoformat(text)
    except ValueError:
        return None
    return text


def parse_datetime(text: str) -> datetime | None:
    """The moment, or None where the text is no DateTime."""
    if not _DATE_TIME.fullmatch(text):
        return None
    try:
        return datetime.fromisoformat(text.replace(",", "."))
    except ValueError:
        return None


def render(moment: datetime) -> str:
    """To the millisecond, as system times are kept: `2026-01-31T12:00:00.125Z`."""
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.") + f"{moment.microsecond // 1000:03d}Z"


def now() -> str:
    return render(datetime.now(UTC))
