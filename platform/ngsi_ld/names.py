"""Names and identifiers (CIM 009, 4.6.2; RFC 3986/3987): what may be an id, an attribute name or a type name."""

import re
from collections.abc import Mapping
from functools import lru_cache
from typing import Any

from ngsi_ld.bounds import current, exceeded
from ngsi_ld.errors import BadRequestData, NgsiLdError

NGSI_LD = "https://uri.etsi.org/ngsi-ld/"
DEFAULT_CONTEXT = "https://uri.etsi.org/ngsi-ld/default-context/"
NULL = "urn:ngsi-ld:null"
"""NGSI-LD Null (4.5.0): stands for JSON null, which JSON-LD expansion would drop."""

_URI = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:[^\s<>\"{}|\\^`\x00-\x20\x7f]+")
_PLAIN = {"@id": "id", "@type": "type"}
_NAME = re.compile(r"[^\W\d_]\w*(?::[^\W\d_]\w*)?")


def is_uri(text: object) -> bool:
    """An absolute URI or IRI of allowed length: with a scheme and none of the characters that RFC 3987 excludes."""
    return isinstance(text, str) and len(text) <= current().uri_characters and _URI.fullmatch(text) is not None


def has_uri_form(text: str) -> bool:
    """Whether it is a URI or IRI of whatever length."""
    return _URI.fullmatch(text) is not None


def check_uri(text: object, what: str) -> str:
    """The URI itself, or `BadRequestData` that names what it should have been."""
    if isinstance(text, str) and is_uri(text):
        return text
    raise _too_long(text, what) or BadRequestData(f"{what} is no URI: {_shown(text)}")


def check_name(name: str, what: str) -> str:
    """A name as clients write it: a term, `prefix:term`, or a full IRI (4.6.2); otherwise `BadRequestData`."""
    if len(name) <= current().uri_characters and _is_name(name):
        return name
    raise _too_long(name, what) or BadRequestData(
        f"{what} is no valid name: {_shown(name)}. A name is letters, digits and '_', or a full IRI"
    )


@lru_cache(maxsize=8192)
def _is_name(name: str) -> bool:
    """Whether a name obeys 4.6.2. Remembered: a city has few names, and each comes with every reading."""
    return bool(_NAME.fullmatch(name)) or (("://" in name or name.startswith("urn:")) and has_uri_form(name))


def without_keywords(members: Mapping[str, Any]) -> dict[str, Any]:
    """The members with `@id` and `@type`, which may stand for `id` and `type` in requests, under those (4.4)."""
    return {_PLAIN.get(member, member): value for member, value in members.items()}


def _too_long(text: object, what: str) -> NgsiLdError | None:
    if not isinstance(text, str) or len(text) <= current().uri_characters:
        return None
    return exceeded("uri_characters", f"{what} has {len(text)} characters", BadRequestData)


def _shown(text: object) -> str:
    shown = repr(text)
    return shown if len(shown) <= 100 else shown[:100] + "…"
