"""How messages reach the agent. Each transport acknowledges a message only once the agent is done with it for good."""

import asyncio
import logging
from collections.abc import Awaitable, Callable

logger = logging.getLogger(__name__)

Accept = Callable[[str, bytes], Awaitable[None]]
"""`Agent.accept`: topic and payload; returns when the message is done with for good."""

Done = Callable[[bool], None]
"""Called once: True when a message may be acknowledged, False where it must come again."""

HandIn = Callable[[str, bytes, Done], None]
"""`Agent.hand_in`: like `Accept` without a task for each message, for transports with very many of them."""


class Unanswered(ConnectionError):
    """A message was sent, and nobody knows whether it arrived."""


def handing_in(accept: Accept) -> HandIn:
    """The same with a task for each message."""
    tasks: set[asyncio.Task[None]] = set()

    async def take(topic: str, payload: bytes, done: Done) -> None:
        try:
            await accept(topic, payload)
        except Exception:
            logger.exception("A message on %s was not accepted", topic)
            done(False)
        else:
            done(True)

    def hand_in(topic: str, payload: bytes, done: Done) -> None:
        task = asyncio.create_task(take(topic, payload, done))
        tasks.add(task)
        task.add_done_callback(tasks.discard)

    return hand_in
