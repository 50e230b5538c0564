"""A message on its way through an agent, and how its sender learns that it is done with."""

import asyncio
import logging
from collections.abc import Callable, Coroutine, Sequence
from typing import TYPE_CHECKING, Any

from iot_agents.ingest.rejects import Rejects, Replay
from iot_agents.ingest.waiting import Origin
from iot_agents.refused import Refused
from iot_agents.transports import Done

if TYPE_CHECKING:
    from iot_agents.devices.receipt import Receipt

logger = logging.getLogger(__name__)


class Message:
    """`tenant`: whose devices it may be of; `device`, `receipt` and `key` (of its frame) as they become known."""

    __slots__ = ("device", "done", "key", "payload", "receipt", "replay", "source", "tenant", "topic")

    def __init__(
        self, topic: str, payload: bytes, done: Done, tenant: str | None = None, replay: Replay | None = None
    ) -> None:
        self.topic, self.payload, self.done = topic, payload, done
        self.tenant, self.replay = tenant, replay
        self.source = ""
        self.device: str | None = None
        self.receipt: Receipt | None = None
        self.key: int | None = None

    @property
    def origin(self) -> Origin:
        return Origin(self.source, self.topic, self.payload, self.device, self.tenant)

    def finish(self) -> None:
        """It may be acknowledged."""
        self.done(True)

    def conclude(self, rejects: Rejects, wrong: Sequence[Refused]) -> None:
        """What was good in it is settled; what was wrong becomes a dead letter before it is acknowledged."""
        if wrong:
            rejects.add(self.origin, wrong, self.finish, self.replay.at if self.replay else None)
        else:
            self.done(True)

    def check_size(self, allowed: int) -> None:
        size = len(self.payload)
        if size > allowed:
            raise Refused("too_large", f"The message has {size} bytes, allowed are {allowed}: shorten it")

    def refused(self, error: Exception, source: str) -> Refused:
        """Why the message is refused that an error ended; `source` where its network is not known."""
        self.source = self.source or source
        self.device = self.device or self.topic[:200]
        if isinstance(error, Refused):
            return error
        logger.error("A message on %s failed", self.topic[:200], exc_info=error)
        return Refused("agent_error", repr(error))


class Errands:
    """What messages have to wait for, each in a task of its own; `failed` is told of an error that ends one."""

    def __init__(self, failed: Callable[[Message, Exception], None]) -> None:
        self._failed = failed
        self._tasks: set[asyncio.Task[None]] = set()

    def begin(self, message: Message, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.create_task(self._run(message, work))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def stop(self) -> None:
        """The messages of those that are not finished are not done."""
        tasks = tuple(self._tasks)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    async def _run(self, message: Message, work: Coroutine[Any, Any, None]) -> None:
        try:
            await work
        except asyncio.CancelledError:
            message.done(False)
            raise
        except Exception as error:
            self._failed(message, error)


def acceptance() -> tuple[asyncio.Future[None], Done]:
    """A future that is done when the message is; cancelled where it is not accepted."""
    accepted: asyncio.Future[None] = asyncio.get_running_loop().create_future()

    def done(is_accepted: bool) -> None:
        if accepted.done():
            return
        if is_accepted:
            accepted.set_result(None)
        else:
            accepted.cancel()

    return accepted, done
