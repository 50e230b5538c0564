"""Every bound of the broker with its default; each has its own error."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Limits:
    """Bytes, counts and seconds; a request beyond a limit is answered, never cut in silence."""

    body_bytes: int = 32 * 1024 * 1024
    """Largest request body: 413 beyond it."""
    json_depth: int = 60
    """Deepest nesting of a request body: 400 beyond it."""
    batch_entities: int = 100_000
    """Most entities in one batch operation: 400 beyond it."""
    page_default: int = 20
    page_max: int = 1000
    """Largest `limit`: 403 TooManyResults beyond it."""
    linked_entities: int = 10_000
    """Most linked entities in one answer, by `join`: 403 TooManyResults beyond it."""
    context_bytes: int = 1024 * 1024
    context_seconds: float = 5.0
    context_references: int = 20
    """Most documents one remote @context may refer to."""
    contexts_cached: int = 500
    cache_bytes: int = 48 * 1024 * 1024
    """Memory for the documents of hot entities."""
    subscriptions_per_tenant: int = 100_000
    allow_private_targets: bool = False
    """Whether contexts and notification endpoints may lie on private and loopback addresses."""
