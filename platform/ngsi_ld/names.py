"""Names and identifiers (CIM 009, 4.6.2; RFC 3986/3987): what may be an id, an attribute name or a type name."""

import re
from functools import lru_cache

from ngsi_ld.errors import BadRequestData

NGSI_LD = "https://uri.etsi.org/ngsi-ld/"
DEFAULT_CONTEXT = "https://uri.etsi.org/ngsi-ld/default-context/"
NULL = "urn:ngsi-ld:null"
"""NGSI-LD Null (4.5.0): stands for JSON null, which JSON-LD expansion would drop."""
MAX_ID_LENGTH = 2048

_URI = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:[^\s<>\"{}|\\^`\x00-\x20\x7f]+")
_NAME = re.compile(r"[^\W\d_]\w*(?::[^\W\d_]\w*)?")


def is_uri(text: object) -> bool:
    """An absolute URI or IRI: it has a scheme and none of the characters that RFC 3987 excludes."""
    return isinstance(text, str) and len(text) <= MAX_ID_LENGTH and _URI.fullmatch(text) is not None


def check_uri(text: object, what: str) -> str:
    """The URI itself, or `BadRequestData` that names what it should have been."""
    if isinstance(text, str) and is_uri(text):
        return text
    raise BadRequestData(f"{what} is no URI: {_shown(text)}")


def check_name(name: str, what: str) -> str:
    """A name as clients write it: a term, `prefix:term`, or a full IRI (4.6.2); otherwise `BadRequestData`."""
    if is_name(name):
        return name
    raise BadRequestData(f"{what} is no valid name: {_shown(name)}. A name is letters, digits and '_', or a full IRI")


@lru_cache(maxsize=8192)
def is_name(name: str) -> bool:
    """Whether a name obeys 4.6.2. Remembered: a city has few names, and each comes with every reading."""
    if len(name) > MAX_ID_LENGTH:
        return False
    return bool(_NAME.fullmatch(name)) or (("://" in name or name.startswith("urn:")) and is_uri(name))


def _shown(text: object) -> str:
    shown = repr(text)
    return shown if len(shown) <= 100 else shown[:100] + "…"
