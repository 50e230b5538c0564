"""Regular expressions that clients send, evaluated by RE2 in linear time so that none explodes (CIM 009, 4.9, 6.9)."""

from functools import lru_cache
from typing import Protocol

import re2

from ngsi_ld.errors import BadRequestData

MAX_LENGTH = 1000


class Pattern(Protocol):
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
