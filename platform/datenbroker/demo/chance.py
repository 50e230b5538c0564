"""Repeatable chance: numbers that depend on nothing but their keys, so that the city is the same on every machine."""

from datetime import UTC, datetime
from functools import lru_cache
from hashlib import blake2b
from math import cos, log, pi

SEED = 44623
"""Another seed is another city with the same streets."""

EPOCH = datetime(2026, 1, 1, tzinfo=UTC)


@lru_cache(maxsize=65536)
def number(*keys: str | int) -> int:
    """64 bits."""
    text = ":".join(map(str, (SEED, *keys)))
    return int.from_bytes(blake2b(text.encode(), digest_size=8).digest())


def unit(*keys: str | int) -> float:
    """Evenly in [0, 1)."""
    return number(*keys) / 2**64


def between(low: float, high: float, *keys: str | int) -> float:
    """Evenly in [low, high)."""
    return low + (high - low) * unit(*keys)


def exponential(mean: float, *keys: str | int) -> float:
    return -mean * log(1 - unit(*keys))


def hours(at: datetime) -> float:
    """Hours since the city's epoch."""
    return (at - EPOCH).total_seconds() / 3600


def drift(at: datetime, period: float, *keys: str | int) -> float:
    """A smooth wandering in [-1, 1) that has forgotten itself after `period` hours."""
    step, share = divmod(hours(at) / period, 1)
    before, after = (between(-1, 1, *keys, int(step) + offset) for offset in (0, 1))
    blend = (1 - cos(pi * share)) / 2
    return before + (after - before) * blend
