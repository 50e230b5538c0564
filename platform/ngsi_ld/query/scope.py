"""Scopes and scope queries (CIM 009, 4.18 and 4.19)."""

import re
from collections.abc import Callable, Iterable
from functools import lru_cache

from ngsi_ld.bounds import check_length
from ngsi_ld.errors import BadRequestData

_SCOPE = re.compile(r"/?[^\W\d_]\w*(?:/[^\W\d_]\w*)*")
_PATTERN = re.compile(r"/#|/?(?:\+|[^\W\d_]\w*)(?:/(?:\+|[^\W\d_]\w*))*(?:/#)?")

ScopePredicate = Callable[[Iterable[str]], bool]


def check_scope(scope: object) -> str:
    """The scope with its leading slash, or `BadRequestData`."""
    if not isinstance(scope, str) or not _SCOPE.fullmatch(scope):
        raise BadRequestData(f"{scope!r:.80} is no scope: write it like /Herne/Wanne")
    return scope if scope.startswith("/") else "/" + scope


def parse_scope_query(text: str) -> tuple[tuple[str, ...], ...]:
    """Alternatives, each the patterns that all must match: `(/A;/B),/C` is `(("/A", "/B"), ("/C",))`."""
    return _parse(check_length(text, "scopeQ"))


@lru_cache(maxsize=256)
def _parse(text: str) -> tuple[tuple[str, ...], ...]:
    alternatives = [_parse_group(part.strip()) for part in re.split(r"[,|](?![^(]*\))", text)]
    return tuple(alternative for group in alternatives for alternative in group)


def _parse_group(text: str) -> tuple[tuple[str, ...], ...]:
    if text.startswith("(") and text.endswith(")"):
        inner = text[1:-1]
        if ";" in inner:
            return (tuple(_pattern(part) for part in inner.split(";")),)
        return tuple((_pattern(part),) for part in re.split("[,|]", inner))
    return ((_pattern(text),),)


def _pattern(text: str) -> str:
    if not _PATTERN.fullmatch(text):
        raise BadRequestData(f"scopeQ: {text!r:.80} is no scope pattern; examples: /Herne/+, /Herne/#, (/A;/B),/C")
    return text if text.startswith("/") else "/" + text


def matches_scope_query(query: tuple[tuple[str, ...], ...], scopes: Iterable[str]) -> bool:
    """Whether any alternative holds; each pattern by any of the entity's scopes."""
    known = list(scopes)
    return any(all(any(in_scope(scope, pattern) for scope in known) for pattern in patterns) for patterns in query)


def in_scope(scope: str, pattern: str) -> bool:
    """Whether a scope is one that the pattern means."""
    return _regex(pattern).fullmatch(scope) is not None


@lru_cache(maxsize=1024)
def _regex(pattern: str) -> re.Pattern[str]:
    if pattern == "/#":
        return re.compile("/.+")
    head, below = (pattern[:-2], "(?:/.*)?") if pattern.endswith("/#") else (pattern, "")
    levels = ("[^/]+" if level == "+" else re.escape(level) for level in head.split("/"))
    return re.compile("/".join(levels) + below)
