"""One notification that is due, as it stands in the outbox."""

from dataclasses import dataclass

Key = tuple[int, str]
"""Tenant and id of a subscription."""


@dataclass(slots=True)
class Due:
    """`body` is None while it is only in the file; `created_at` in seconds since 1970."""

    id: int
    created_at: float
    body: bytes | None
    headers: list[tuple[str, str]]
    """What receiverInfo copies of the request that triggered the notification."""
