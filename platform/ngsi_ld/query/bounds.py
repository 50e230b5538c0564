"""How much a client's query may ask: bounds that keep every expression's work small."""

from ngsi_ld.errors import TooComplexQuery

MAX_LENGTH = 8_000
"""Characters of q, of a type selection, a scope query, a projection, an ordering or a list of languages."""


def check_length(text: str, what: str) -> str:
    """The text itself, or `TooComplexQuery`."""
    if len(text) > MAX_LENGTH:
        raise TooComplexQuery(f"{what} has {len(text)} characters; {MAX_LENGTH} are allowed")
    return text
