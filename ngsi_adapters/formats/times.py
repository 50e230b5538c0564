"""Times as sources write them. Local time without a zone is Europe/Berlin's, also in the two nights of clock change.

In autumn an hour comes twice: the later one is meant unless it lies after the fetch, since sources tell what is new;
without a time of fetch the earlier one. In spring an hour does not exist: such a time is refused.
"""

import re
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

BERLIN = ZoneInfo("Europe/Berlin")
GERMAN = re.compile(r"(\d\d)\.(\d\d)\.(\d{4}) (\d\d:\d\d(?::\d\d)?)", re.ASCII)


def berlin(local: datetime, fetched_at: datetime | None = None) -> datetime:
    """The moment (UTC) of a local time without a zone; `ValueError` for one that the clocks jump over."""
    if local.tzinfo is not None:
        return local
    # in UTC at once: Python compares times within a change of clocks with none of another zone (PEP 495)
    earlier, later = (local.replace(tzinfo=BERLIN, fold=fold).astimezone(UTC) for fold in (0, 1))
    if earlier == later:
        return earlier
    if earlier.astimezone(BERLIN).replace(tzinfo=None) != local:
        raise ValueError(f"{local.isoformat(' ')} does not exist in Europe/Berlin: clocks are put forward at 2:00")
    return later if fetched_at is not None and later <= fetched_at else earlier


def german_time(text: str, fetched_at: datetime | None = None) -> datetime:
    """21.11.2026 06:45, in German time"""
    found = GERMAN.fullmatch(text.strip())
    if found is None:
        raise ValueError(f"{text[:40]!r} is no time as in 21.11.2026 06:45")
    day, month, year, clock = found.groups()
    return berlin(datetime.fromisoformat(f"{year}-{month}-{day}T{clock}"), fetched_at)


def moment(text: str, fetched_at: datetime | None = None) -> datetime:
    """ISO 8601; without an offset it is German time"""
    return berlin(datetime.fromisoformat(text.strip()), fetched_at)


def utc_moment(text: str) -> datetime:
    """ISO 8601; without an offset it is UTC"""
    found = datetime.fromisoformat(text.strip())
    return found if found.tzinfo else found.replace(tzinfo=UTC)


def unix_moment(seconds: float) -> datetime:
    """seconds since 1970, UTC"""
    return datetime.fromtimestamp(float(seconds), UTC)
