"""Changes of a product as server-sent events: one look for all who ask for the same, every few seconds."""

import asyncio
import contextlib
import logging
import secrets
from collections import deque
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from hashlib import blake2b

import orjson

from datenbroker.gateway.downloads.pages import Asked, Pages
from datenbroker.gateway.downloads.slots import Slots
from datenbroker.gateway.downloads.table import entities_of
from datenbroker.gateway.problems import GatewayProblem

logger = logging.getLogger(__name__)

REMEMBERED = 1000
"""Events that a reader who comes back is told; who missed more is told to read everything anew."""

WAITING = 1000
"""Events that may wait for a slow reader before it is let go."""

LINGER_SECONDS = 60.0
"""A product goes on being looked at for so long after its last reader has left: it may come back."""

HEARTBEAT_SECONDS = 15.0


class TooLarge(GatewayProblem):
    """The product has more entities than can be looked at every few seconds."""

    status, title = 422, "Unprocessable Content"


@dataclass(frozen=True)
class StreamBounds:
    """Streams at once, of one caller too, entities of a product that is streamed, seconds between two looks."""

    streams: int = 200
    entities: int = 5000
    interval: float = 5.0
    each: int = 20


@dataclass(eq=False)
class Reader:
    """One client; None ends its stream."""

    asked: Asked
    waiting: asyncio.Queue[bytes | None] = field(default_factory=lambda: asyncio.Queue(WAITING))
    lost: bool = False

    def tell(self, event: bytes) -> None:
        try:
            self.waiting.put_nowait(event)
        except asyncio.QueueFull:
            self.lost = True


class Watch:
    """Looks at what is asked of one product; `readers` are told what has changed since the look before."""

    def __init__(self, pages: Pages, bounds: StreamBounds) -> None:
        self.readers: list[Reader] = []
        self._pages, self._bounds = pages, bounds
        self._token, self._count = secrets.token_hex(4), 0
        self._past: deque[tuple[int, bytes]] = deque(maxlen=REMEMBERED)
        self._known: dict[str, bytes] | None = None
        self.looking: asyncio.Task[None] | None = None
        self.first = asyncio.Lock()

    async def look(self, asked: Asked) -> None:
        """Reads the product as this reader may, and tells all of them what is new."""
        found: dict[str, bytes] = {}
        events: list[bytes] = []
        async for page in self._pages.of(asked):
            for entity in entities_of(page.body):
                raw = orjson.dumps(entity)
                found[entity["id"]] = digest = blake2b(raw, digest_size=12).digest()
                if self._known is not None and self._known.get(entity["id"]) != digest:
                    events.append(self._event("changed" if entity["id"] in self._known else "created", raw))
            if len(found) > self._bounds.entities:
                raise TooLarge(
                    f"The product has more than {self._bounds.entities} entities: subscribe at its endpoint instead."
                )
        for id_ in (self._known or {}).keys() - found.keys():
            events.append(self._event("deleted", orjson.dumps({"id": id_})))
        self._known = found
        for reader in self.readers:
            for event in events:
                reader.tell(event)

    def _event(self, kind: str, data: bytes) -> bytes:
        self._count += 1
        event = b"id: %s-%d\nevent: %s\ndata: %s\n\n" % (self._token.encode(), self._count, kind.encode(), data)
        self._past.append((self._count, event))
        return event

    def missed(self, last: str) -> list[bytes]:
        """What came after the event that a reader saw last; `reset` where that is not known any more."""
        token, _, number = last.rpartition("-")
        oldest = self._past[0][0] if self._past else self._count + 1
        if token != self._token or not number.isdigit() or not oldest - 1 <= int(number) <= self._count:
            return [b"id: %s-%d\nevent: reset\ndata: {}\n\n" % (self._token.encode(), self._count)]
        return [event for count, event in self._past if count > int(number)]


class Streams:
    """All open streams; a part of the process, which ends them when it stops."""

    def __init__(self, pages: Pages, bounds: StreamBounds) -> None:
        self._pages, self._bounds = pages, bounds
        self._watches: dict[object, Watch] = {}
        self._slots = Slots("streams", bounds.streams, bounds.each, again=30)

    async def start(self) -> None:
        """Nothing is looked at before somebody reads."""

    async def stop(self) -> None:
        for watch in list(self._watches.values()):
            if watch.looking:
                watch.looking.cancel()
                with contextlib.suppress(asyncio.CancelledError):
                    await watch.looking
            for reader in watch.readers:
                _end(reader)

    @contextlib.asynccontextmanager
    async def reading(self, asked: Asked, who: str, last: str | None) -> AsyncIterator[AsyncIterator[bytes]]:
        """The events for one client, until it goes or may not read any more; the first look is before the first."""
        reader = Reader(asked)
        with self._slots.taken(who):
            watch = await self._watch(asked)
            for event in watch.missed(last) if last else ():
                reader.tell(event)
            watch.readers.append(reader)
            try:
                yield _events(reader)
            finally:
                watch.readers.remove(reader)

    async def _watch(self, asked: Asked) -> Watch:
        watch = self._watches.setdefault(asked.same, Watch(self._pages, self._bounds))
        async with watch.first:
            if watch.looking is None or watch.looking.done():
                try:
                    await watch.look(asked)
                except BaseException:
                    self._watches.pop(asked.same, None)
                    raise
                watch.looking = asyncio.create_task(self._look_for_ever(asked, watch))
                self._watches[asked.same] = watch
        return watch

    async def _look_for_ever(self, first: Asked, watch: Watch) -> None:
        idle = 0.0
        while idle < LINGER_SECONDS:
            await asyncio.sleep(self._bounds.interval)
            for reader in [reader for reader in watch.readers if reader.lost or not self._may(reader.asked)]:
                _end(reader)
            idle = 0.0 if watch.readers else idle + self._bounds.interval
            asked = next((reader.asked for reader in watch.readers if self._may(reader.asked)), None)
            if asked is None:
                continue
            try:
                await watch.look(asked)
            except Exception as error:
                if isinstance(error, TooLarge):
                    break
                # the broker may be back at the next look; what was missed shows then
                logger.warning("The product %s could not be looked at: %s", first.slug, error)
        for reader in watch.readers:
            _end(reader)
        if self._watches.get(first.same) is watch:
            del self._watches[first.same]

    def _may(self, asked: Asked) -> bool:
        try:
            self._pages.open(asked)
        except GatewayProblem:
            return False
        return True


def _end(reader: Reader) -> None:
    while reader.waiting.full():
        reader.waiting.get_nowait()
    reader.waiting.put_nowait(None)


async def _events(reader: Reader) -> AsyncIterator[bytes]:
    yield b"retry: 5000\n\n"
    while True:
        try:
            event = await asyncio.wait_for(reader.waiting.get(), HEARTBEAT_SECONDS)
        except TimeoutError:
            event = b": heartbeat\n\n"
        if event is None:
            yield b"event: end\ndata: {}\n\n"
            return
        yield event
