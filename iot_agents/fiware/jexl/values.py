"""Values as JavaScript converts them, since that is what the expressions were written for. None is null and undefined.

Where JavaScript would go on with NaN or the text "undefined", the result is None: nothing comes of it.
"""

import math
import re
from datetime import UTC, datetime
from typing import Any

Number = int | float

_NUMBER = re.compile(r"\s*[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?\s*")
LARGEST_EXACT = 2**53


def is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def tidy(value: float) -> Number | None:
    """JavaScript knows no integers: 3.0 is shown as 3. None for NaN and the infinities."""
    if not math.isfinite(value):
        return None
    return int(value) if abs(value) < LARGEST_EXACT and value == int(value) else value


def number(value: Any) -> Number | None:
    """`Number(value)`; None for NaN."""
    if isinstance(value, bool):
        return int(value)
    if isinstance(value, int | float):
        return value
    if isinstance(value, str):
        if not value.strip():
            return 0
        return tidy(float(value)) if _NUMBER.fullmatch(value) else None
    return None


def text(value: Any) -> str:
    """`String(value)`; "" for None, which no transform of ours goes on with."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float):
        return str(tidy(value))
    if isinstance(value, list):
        return ",".join(text(item) for item in value)
    if isinstance(value, dict):
        return "[object Object]"
    return "" if value is None else str(value)


def truth(value: Any) -> bool:
    """Empty lists and objects are true."""
    return isinstance(value, list | dict) or bool(value)


def moment(value: Any) -> datetime | None:
    """`new Date(value)`: milliseconds since 1970, or a text in ISO 8601 (UTC where it says nothing else)."""
    try:
        if is_number(value):
            return datetime.fromtimestamp(value / 1000, UTC)
        if isinstance(value, str):
            parsed = datetime.fromisoformat(value.strip())
            return parsed if parsed.tzinfo else parsed.replace(tzinfo=UTC)
    except (ValueError, OverflowError, OSError):
        return None
    return None


def iso_text(value: datetime) -> str:
    """`toISOString()`: UTC, always with milliseconds."""
    return value.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
