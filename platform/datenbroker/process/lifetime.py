"""The life of a server process: start, announce once requests are answered, wait for a signal, stop in time."""

import asyncio
import gc
import logging
import os
import signal
import threading
from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from typing import Any

import uvloop

log = logging.getLogger("datenbroker")

STOP_SECONDS = 4.5
"""After so long a process that was told to stop ends in any case; nothing acknowledged is lost by that."""


def run(serving: AbstractAsyncContextManager[Any], announce: Callable[[Any], None]) -> None:
    """Enters `serving`, announces what it gave, and leaves it at Ctrl-C or SIGTERM."""
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(_until_stopped(serving, announce))


async def _until_stopped(serving: AbstractAsyncContextManager[Any], announce: Callable[[Any], None]) -> None:
    stopped = asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, _stop, stopped)
    async with serving as served:
        collect_rarely()
        announce(served)
        await stopped.wait()
        log.info("Stopping")


def collect_rarely() -> None:
    """Garbage collection at every 700 new objects, Python's default, costs half of the time of a batch upsert, since
    it walks the cached entities again and again: measured 7,500 entities/s against 14,000."""
    gc.freeze()
    gc.set_threshold(20_000, 20, 50)


def _stop(stopped: asyncio.Event) -> None:
    if stopped.is_set():
        os._exit(1)  # asked twice: at once
    stopped.set()
    watchdog = threading.Timer(STOP_SECONDS, _give_up)
    watchdog.daemon = True
    watchdog.start()


def _give_up() -> None:
    log.warning("Not stopped within %s s: ending anyway", STOP_SECONDS)
    logging.shutdown()
    os._exit(1)
