"""Regular expressions that clients send, evaluated by RE2 in linear time so that none explodes (CIM 009, 4.9, 6.9)."""

from functools import lru_cache
from typing import Protocol

import re2

from ngsi_ld.errors import BadRequestData

MAX_LENGTH = 1000


class Pattern(Protocol):
    @property
    def pattern(self) -> str: ...
    def search(self, text: str) -> object: ...


@lru_cache(maxsize=512)
def compile_pattern(pattern: str, what: str) -> Pattern:
    """An unanchored search for a POSIX extended expression; `BadRequestData` where it is none."""
    if len(pattern) > MAX_LENGTH:
        raise BadRequestData(f"{what}: a pattern has at most {MAX_LENGTH} characters")
    options = re2.Options()
    options.log_errors = False
    try:
        compiled: Pattern = re2.compile(pattern, options)
    except re2.error as error:
        reason = error.args[0].decode() if error.args and isinstance(error.args[0], bytes) else str(error)
        raise BadRequestData(f"{what}: {pattern[:80]!r} is no regular expression: {reason}") from None
    return compiled


@lru_cache(maxsize=16_384)
def required_text(pattern: str) -> str:
    """A text that all that a pattern matches contains: of its plain beginnings the longest; perhaps empty."""
    if "|" in pattern or "(?" in pattern:
        return ""
    runs, place = [""], 0
    while place < len(pattern):
        char = pattern[place]
        if char == "\\":
            place += 1
            char = pattern[place : place + 1]
            if char.isalnum():
                break
            runs[-1] += char
        elif char in "[({":
            runs[-1] = runs[-1][:-1] if char == "{" else runs[-1]
            break
        elif char in "*?":
            runs[-1:] = [runs[-1][:-1], ""]
        elif char in ".^$+":
            runs.append("")
        else:
            runs[-1] += char
        place += 1
    return max(runs, key=len)
