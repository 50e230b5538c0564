"""Messages that could not be processed, with their reason: a bounded ring for each tenant, in the document store.

So one tenant's flood drops only its own oldest letters, and one device's only its own again; every process that has the
store can list and mend them.
"""

import asyncio
import base64
import logging
from collections import Counter, OrderedDict, defaultdict, deque
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import NamedTuple

import msgspec

from document_store.store import Document, DocumentStore
from iot_agents.ingest.waiting import Origin
from iot_agents.refused import Refused
from ngsi_client.rejected import excerpt_of

Then = Callable[[], None]

logger = logging.getLogger(__name__)

LETTERS, PAYLOADS = "dead_letters", "dead_letter_payloads"
"""Apart, so that a list needs no payloads."""

AT_ONCE = 200
"""Letters in one write; between two writes the event loop turns to the readings."""

GATHERED = 0.02
"""Seconds that letters wait for others before they are written together."""

LETTER_BYTES = 600
"""What a letter needs beside its payload."""

NO_NUMBER = -1
"""Of a place in the ring that holds no letter."""


class DeadLetter(msgspec.Struct, frozen=True, kw_only=True):
    """A message that was refused: `kind` and `reason` as in `Rejected`; `source` is the network's uid.

    `place` is its document in the ring, `number` counts the letters: together they are its id.
    """

    place: str = msgspec.field(name="_id")
    number: int
    at: datetime
    source: str
    topic: str
    kind: str
    reason: str
    size: int
    excerpt: str
    device: str | None = None
    tenant: str | None = None
    mended: bool = False

    @property
    def id(self) -> str:
        return f"{self.place}.{self.number}"


class LetterLimits(NamedTuple):
    """Of each tenant's ring in each agent: letters, those of one device, bytes, and days until one is dropped."""

    letters: int = 1_000
    of_device: int = 200
    size: int = 16 * 1024 * 1024
    days: float = 30.0


class _Place(NamedTuple):
    size: int
    at: datetime
    device: str | None


class _Ring:
    """Which places of one tenant's ring hold a letter, the oldest first."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.taken: OrderedDict[int, _Place] = OrderedDict()
        self.of_device: defaultdict[str | None, OrderedDict[int, None]] = defaultdict(OrderedDict)
        self.free: list[int] = []
        self.bytes = 0
        self.number = 0

    def release(self, device: str | None = None) -> int:
        """Drops the oldest letter, of a device where one is named."""
        place = next(iter(self.taken if device is None else self.of_device[device]))
        dropped = self.taken.pop(place)
        del self.of_device[dropped.device][place]
        if not self.of_device[dropped.device]:
            del self.of_device[dropped.device]
        self.bytes -= dropped.size
        self.free.append(place)
        return place

    def take(self, letter: _Place, place: int | None = None) -> int:
        """A place that is free, or the one in which the letter was found."""
        if place is None:
            place = self.free.pop() if self.free else len(self.taken)
        self.taken[place] = letter
        self.of_device[letter.device][place] = None
        self.bytes += letter.size
        return place


class DeadLetters:
    """Written in batches; `agent` names the process's rings among those of others.

    While the store is away nothing is written, and whoever waits for that waits.
    """

    def __init__(self, store: DocumentStore, agent: str, limits: LetterLimits | None = None) -> None:
        self._store, self._agent, self._limits = store, agent, limits or LetterLimits()
        self._rings: dict[str, _Ring] = {}
        self._waiting: deque[tuple[DeadLetter, bytes, Then]] = deque()
        self._writer: asyncio.Task[None] | None = None
        self._counts: Counter[str] = Counter()

    async def start(self) -> None:
        """Finds out what the rings hold."""
        mine = [one for one in await self._store.find(LETTERS) if one["_id"].startswith(f"{self._agent}.")]
        for document in sorted(mine, key=lambda one: one["number"]):
            name, _, place = document["_id"].rpartition(".")
            ring = self._rings.setdefault(name, _Ring(name))
            if document["number"] == NO_NUMBER:
                ring.free.append(int(place))
                continue
            at = datetime.fromisoformat(document["at"])
            ring.take(_Place(document["size"] + LETTER_BYTES, at, document["device"]), int(place))
            ring.number = document["number"] + 1

    async def stop(self) -> None:
        if self._writer is not None:
            await asyncio.wait([self._writer], timeout=1)
            self._writer.cancel()
            await asyncio.gather(self._writer, return_exceptions=True)

    def counters(self) -> dict[str, int]:
        """`kept` now, `added` and `dropped` (the oldest, for a newer one) since the start."""
        kept = sum(len(ring.taken) for ring in self._rings.values())
        return {"kept": kept, "added": self._counts["added"], "dropped": self._counts["dropped"]}

    def add(self, origin: Origin, wrong: Refused, at: datetime, then: Then) -> None:
        """`then` is called once the letter is durable. A payload that would fill a quarter of the ring is cut."""
        payload = origin.payload[: max(0, self._limits.size // 4)]
        letter = DeadLetter(
            place="",
            number=0,
            at=at,
            source=origin.source,
            topic=origin.topic[:1000],
            kind=wrong.kind,
            reason=wrong.reason[:1000],
            size=len(payload),
            excerpt=excerpt_of(payload),
            device=origin.device,
            tenant=origin.tenant,
        )
        self._waiting.append((letter, payload, then))
        if self._writer is None or self._writer.done():
            self._writer = asyncio.create_task(self._write())

    async def _write(self) -> None:
        await asyncio.sleep(GATHERED)
        while self._waiting:
            letters: dict[str, Document] = {}
            payloads: dict[str, Document] = {}
            written = []
            for _ in range(min(AT_ONCE, len(self._waiting))):
                letter, payload, then = self._waiting.popleft()
                self._place(letter, payload, letters, payloads)
                written.append(then)
            await self._put(list(payloads.values()), list(letters.values()))
            for then in written:
                then()
            await asyncio.sleep(0)

    async def _put(self, payloads: list[Document], letters: list[Document]) -> None:
        """Payloads first: a letter without one could not be replayed."""
        while True:
            try:
                await self._store.put_many(PAYLOADS, payloads)
                await self._store.put_many(LETTERS, letters)
                return
            except Exception as error:
                logger.error("Dead letters cannot be written, their messages wait: %s", error)
                await asyncio.sleep(1)

    def _place(
        self, letter: DeadLetter, payload: bytes, letters: dict[str, Document], payloads: dict[str, Document]
    ) -> None:
        name = f"{self._agent}.{letter.tenant or '-'}"
        ring = self._rings.setdefault(name, _Ring(name))
        taken = _Place(letter.size + LETTER_BYTES, datetime.now(UTC), letter.device)
        for place in self._dropped(ring, taken):
            empty = f"{name}.{place}"
            letters[empty], payloads[empty] = {"_id": empty, "number": NO_NUMBER}, {"_id": empty, "payload": ""}
        number, id_ = ring.number, f"{name}.{ring.take(taken)}"
        ring.number += 1
        self._counts["added"] += 1
        letters[id_] = msgspec.to_builtins(msgspec.structs.replace(letter, place=id_, number=number))
        payloads[id_] = {"_id": id_, "payload": base64.b64encode(payload).decode()}

    def _dropped(self, ring: _Ring, new: _Place) -> list[int]:
        """The places of the oldest letters that make room."""
        oldest, dropped = new.at - timedelta(days=self._limits.days), []
        if new.device is not None and len(ring.of_device.get(new.device, ())) >= self._limits.of_device:
            dropped.append(ring.release(new.device))
        while ring.taken and (
            len(ring.taken) >= self._limits.letters
            or ring.bytes + new.size > self._limits.size
            or next(iter(ring.taken.values())).at < oldest
        ):
            dropped.append(ring.release())
        self._counts["dropped"] += len(dropped)
        return dropped
