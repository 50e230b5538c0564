"""Regular expressions that clients send, evaluated by RE2 in linear time so that none explodes (CIM 009, 4.9, 6.9)."""

import re
from functools import lru_cache
from typing import Protocol

import re2

from ngsi_ld.bounds import current, exceeded
from ngsi_ld.errors import BadRequestData


class Pattern(Protocol):
    @property
    def pattern(self) -> str: ...
    def search(self, text: str) -> object: ...


def compile_pattern(pattern: str, what: str) -> Pattern:
    """An unanchored search for a POSIX extended expression; `BadRequestData` where it is none."""
    if len(pattern) > current().pattern_characters:
        raise exceeded("pattern_characters", f"{what}: the pattern has {len(pattern)} characters", BadRequestData)
    return _compiled(pattern, what)


@lru_cache(maxsize=512)
def _compiled(pattern: str, what: str) -> Pattern:
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


def required_prefix(pattern: str) -> str:
    """The plain text that everything begins with that an anchored pattern matches; empty where there is none."""
    if not pattern.startswith("^") or "|" in pattern:
        return ""
    plain = PLAIN_PREFIX.match(pattern)
    assert plain is not None
    return plain[1]


PLAIN_PREFIX = re.compile(r"\^((?:[\w:/@~=#%&,;<>!'\" -](?![*?+{]))*)")
"""The characters that mean themselves, up to one that may be repeated or left out."""
