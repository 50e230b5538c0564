"""What every part of a process is wired with."""

from collections.abc import Awaitable, Callable
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from typing import Protocol, TypeVar

from datenbroker.gateway.operations import Check
from datenbroker.metrics import Metrics
from datenbroker.settings import Settings
from ngsi_client.rejected import Rejections


class Part(Protocol):
    async def start(self) -> None: ...
    async def stop(self) -> None: ...


P = TypeVar("P", bound=Part)


async def started(part: P, exits: AsyncExitStack) -> P:
    """The part, running; `exits` stops it."""
    await part.start()
    exits.push_async_callback(part.stop)
    return part


@dataclass(frozen=True)
class Process:
    """Settings, what is measured and asked for health, and `exits`, which stop the parts: the last started first.

    `inner` are the doors at which the embedded context broker notifies this process, by host: path and body → status.
    """

    settings: Settings
    exits: AsyncExitStack
    rejections: Rejections = field(default_factory=Rejections)
    metrics: Metrics = field(init=False)
    checks: dict[str, Check] = field(default_factory=dict)
    inner: dict[str, Callable[[str, bytes], Awaitable[int]]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        object.__setattr__(self, "metrics", Metrics(self.rejections))

    async def started(self, part: P) -> P:
        return await started(part, self.exits)
