"""Who used what, by day: counted in memory, written to the document store each minute and at the end.

Each process writes documents of its own, so that none waits for another; readers add them up.
"""

import secrets
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

from pydantic import BaseModel, Field

from datenbroker.process.repeated import Repeated
from document_store.store import Document, DocumentStore

FLUSH_SECONDS = 60.0
DAY_SECONDS = 86_400
ANONYMOUS = "anonymous"
KINDS_AT_MOST = 50_000
"""Counters a day and process; what comes beyond is counted together."""

WORTH_KEEPING = 100
"""Requests a day from which on a restart must not forget a count."""


class UsageRow(BaseModel):
    """A day's use of a product (or of the own tenant) by an organisation."""

    day: date
    organisation: str = Field(description="Whose requests; `anonymous` for those without a key.")
    product: str = Field(description="The product's slug; empty for the own tenant.")
    requests: int
    writes: int = Field(description="Those of the requests that could change something.")
    refused: int = Field(description="Those answered 401, 403 or 429.")
    failed: int = Field(description="Those answered 5xx.")


@dataclass(slots=True)
class _Counts:
    requests: int = 0
    writes: int = 0
    refused: int = 0
    failed: int = 0


Uses = dict[tuple[str, str], _Counts]
"""What is counted apart: organisation and product. No product: the own tenant or the administration."""

OTHERS = ("others", "")


class Usage:
    """This process's counters, and everyone's when asked for `rows`."""

    def __init__(self, store: DocumentStore, clock: Callable[[], float] = time.time) -> None:
        self._store, self._clock, self._process = store, clock, secrets.token_hex(6)
        self._day, self._ends = "", 0.0
        self._uses: Uses = {}
        self._day_counts: dict[str, int] = {}
        self._elsewhere: dict[str, int] = {}
        self._flushing = Repeated(self.flush, FLUSH_SECONDS, "Usage could not be written")
        self._forgotten = ""
        self._past: list[tuple[str, Uses]] = []
        self.before_flush: Callable[[], None] = lambda: None
        """Told to whoever counts some at a time: now is the time."""

    async def start(self) -> None:
        """Knows from then on what was used today before."""
        self._turn_day()
        await self._read_elsewhere()
        self._flushing.start()

    async def stop(self) -> None:
        await self._flushing.stop()
        await self.flush()

    def count(self, organisation: str | None, product: str, method: str, status: int) -> None:
        """One answered request."""
        self._turn_day()
        counts = self._uses.get((organisation or ANONYMOUS, product))
        if counts is None:
            use = (organisation or ANONYMOUS, product) if len(self._uses) < KINDS_AT_MOST else OTHERS
            counts = self._uses.setdefault(use, _Counts())
        counts.requests += 1
        if method not in ("GET", "HEAD", "OPTIONS"):
            counts.writes += 1
        if status >= 500:
            counts.failed += 1
        elif status in (401, 403, 429):
            counts.refused += 1

    def count_day(self, who: str, quota: int) -> int:
        """How many requests of today's quota are left, less than 0 beyond it; a quota of 0 counts nothing."""
        if quota <= 0:
            return 0
        self._turn_day()
        if who not in self._day_counts and len(self._day_counts) >= KINDS_AT_MOST:
            return 0
        used = self._day_counts[who] = self._day_counts.get(who, 0) + 1
        return quota - used - self._elsewhere.get(who, 0)

    def seconds_left_today(self) -> int:
        return max(1, int(self._ends - self._clock()))

    def _turn_day(self) -> None:
        now = self._clock()
        if now < self._ends:
            return
        if self._uses:
            self._past.append((self._day, self._uses))
        self._day = f"{datetime.fromtimestamp(now, UTC):%Y-%m-%d}"
        self._ends = (now // DAY_SECONDS + 1) * DAY_SECONDS
        self._uses, self._day_counts, self._elsewhere = {}, {}, {}

    async def flush(self) -> None:
        """Write this process's counts, and read the others' for the quotas."""
        self.before_flush()
        self._turn_day()
        for day, uses in [*self._past, (self._day, self._uses)]:
            await self._store.put_many(_uses_of(day), [*self._documents(day, uses)])
        self._past = []
        counts = [
            {"_id": f"{who}|{self._process}", "who": who, "n": n}
            for who, n in [*self._day_counts.items()]
            if n >= WORTH_KEEPING
        ]
        await self._store.put_many(_quotas_of(self._day), counts)
        await self._read_elsewhere()
        await self._forget_quotas()

    async def _forget_quotas(self) -> None:
        """Yesterday's counts tell addresses of people, and nobody needs them."""
        if self._forgotten == self._day:
            return
        for back in range(1, 4):
            day = f"{date.fromisoformat(self._day) - timedelta(days=back)}"
            for document in await self._store.find(_quotas_of(day)):
                await self._store.delete(_quotas_of(day), document["_id"])
        self._forgotten = self._day

    async def _read_elsewhere(self) -> None:
        elsewhere: dict[str, int] = {}
        for document in await self._store.find(_quotas_of(self._day)):
            if not document["_id"].endswith(self._process):
                elsewhere[document["who"]] = elsewhere.get(document["who"], 0) + document["n"]
        self._elsewhere = elsewhere

    def _documents(self, day: str, uses: Uses) -> Iterable[Document]:
        for (organisation, product), counts in [*uses.items()]:
            yield {
                "_id": f"{day}|{organisation}|{product}|{self._process}",
                "day": day,
                "organisation": organisation,
                "product": product,
                "requests": counts.requests,
                "writes": counts.writes,
                "refused": counts.refused,
                "failed": counts.failed,
            }

    async def rows(self, first: date, last: date, organisation: str | None = None) -> list[UsageRow]:
        """The use of these days, inclusive, by day, organisation and product."""
        await self.flush()
        sums: dict[tuple[str, str, str], UsageRow] = {}
        for month in _months(first, last):
            for document in await self._store.find(_uses_of(month)):
                row = UsageRow.model_validate(document)
                if first <= row.day <= last and organisation in (None, row.organisation):
                    key = (str(row.day), row.organisation, row.product)
                    sums[key] = _added(sums.get(key), row)
        return [sums[key] for key in sorted(sums)]


def usage_csv(rows: list[UsageRow]) -> str:
    names = [*UsageRow.model_fields]
    lines = [[str(getattr(row, name)) for name in names] for row in rows]
    return "".join(",".join(line) + "\r\n" for line in [names, *lines])


def _added(one: UsageRow | None, other: UsageRow) -> UsageRow:
    if one is None:
        return other
    figures = ("requests", "writes", "refused", "failed")
    return one.model_copy(update={name: getattr(one, name) + getattr(other, name) for name in figures})


def _uses_of(day: str) -> str:
    """A collection a month: reading one reads no older ones."""
    return f"usage_{day[:7]}"


def _quotas_of(day: str) -> str:
    return f"quota_{day}"


def _months(first: date, last: date) -> list[str]:
    months, month = [], first.replace(day=1)
    while month <= last:
        months.append(f"{month:%Y-%m}")
        month = (month + timedelta(days=32)).replace(day=1)
    return months
