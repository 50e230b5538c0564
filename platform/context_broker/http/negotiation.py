"""Content negotiation (CIM 009, 6.3.4): which media type the answer has."""

from functools import lru_cache

from context_broker.http.request import GEO_JSON, JSON, LD_JSON, HttpError

_ORDER = (JSON, LD_JSON, GEO_JSON)


@lru_cache(maxsize=512)
def negotiate(accept: str | None, *, geo: bool = False) -> str:
    """The best of json, ld+json and, where allowed, geo+json; 406 where Accept admits none."""
    if not accept:
        return JSON
    offered = _ORDER if geo else _ORDER[:2]
    ranges = [_media_range(part) for part in accept.split(",") if part.strip()]
    best = max(offered, key=lambda media: (_quality(media, ranges), -_ORDER.index(media)))
    if _quality(best, ranges) <= 0:
        raise HttpError(406, f"the answer can be {', '.join(offered)}")
    return best


def _media_range(text: str) -> tuple[str, float]:
    media, *parameters = (part.strip().lower() for part in text.split(";"))
    quality = 1.0
    for parameter in parameters:
        if parameter.startswith("q="):
            try:
                quality = float(parameter[2:])
            except ValueError:
                quality = 0.0
    return media, quality


def _quality(media: str, ranges: list[tuple[str, float]]) -> float:
    """By the most specific range that fits (RFC 9110, 12.5.1). A wildcard means plain JSON first."""
    for wanted in (media, "application/*", "*/*"):
        for pattern, quality in ranges:
            if pattern == wanted:
                return quality
    return 0.0
