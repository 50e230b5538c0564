"""What did not become an entity, kept where an operator sees it."""

from collections import Counter, deque
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime

EXCERPT_LENGTH = 200


@dataclass(frozen=True, slots=True)
class Rejected:
    """A record or reading that was refused, as a value.

    `source` is the agent's or adapter's uid, `kind` one word for the metrics (e.g. `malformed`, `unknown_device`,
    `out_of_range`, `wrong_type`, `too_large`, `unknown_topic`, `refused_by_broker`), `reason` says what is wrong with
    which value, `excerpt` is the beginning of what came.
    """

    source: str
    record_id: str | None
    kind: str
    reason: str
    excerpt: str = ""
    tenant: str | None = None
    at: datetime = field(default_factory=lambda: datetime.now(UTC))


def excerpt_of(payload: bytes | str) -> str:
    """The first 200 characters, whatever the payload is."""
    text = payload if isinstance(payload, str) else payload[: EXCERPT_LENGTH * 4].decode("utf-8", "backslashreplace")
    return text[:EXCERPT_LENGTH]


class Rejections:
    """The last rejects and the count of all, by source and kind."""

    def __init__(self, keep: int = 1000) -> None:
        self._last: deque[Rejected] = deque(maxlen=keep)
        self.counts: Counter[tuple[str, str]] = Counter()

    def add(self, rejected: Rejected) -> None:
        self._last.append(rejected)
        self.counts[rejected.source, rejected.kind] += 1

    def __iter__(self) -> Iterator[Rejected]:
        """The newest first."""
        return reversed(self._last)
