"""What the audit log needs while the gateway runs: what is noted written every few seconds, old days removed."""

import asyncio
import logging
from contextlib import suppress
from datetime import UTC, datetime, timedelta

from datenbroker.audit.log import AuditLog
from datenbroker.audit.trail import AuditTrail

log = logging.getLogger(__name__)

FLUSH_SECONDS = 5.0
FORGET_SECONDS = 6 * 3600.0


class AuditKeeper:
    """`keep` is how long records stay; None: for ever."""

    def __init__(self, audit: AuditLog, trail: AuditTrail, keep: timedelta | None) -> None:
        self._audit, self._trail, self._keep = audit, trail, keep
        self._tasks: list[asyncio.Task[None]] = []

    async def start(self) -> None:
        self._tasks = [asyncio.create_task(self._flush_often()), asyncio.create_task(self._forget_often())]

    async def stop(self) -> None:
        """Writes what is noted."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        await self._audit.flush()

    async def _flush_often(self) -> None:
        while True:
            with suppress(TimeoutError):
                async with asyncio.timeout(FLUSH_SECONDS):
                    await self._audit.much.wait()
            try:
                await self._audit.flush()
            except Exception:  # a store that is away for a while must not end the log for good
                log.exception("Denied requests could not be written to the audit log")

    async def _forget_often(self) -> None:
        while self._keep is not None:
            try:
                await self.forget()
            except Exception:
                log.exception("Old audit records could not be removed")
            await asyncio.sleep(FORGET_SECONDS)

    async def forget(self) -> None:
        """Remove what is older than is kept, and say so in the log itself."""
        if self._keep is None:
            return
        removed = await self._trail.forget_before(self._keep, datetime.now(UTC))
        if removed:
            detail = {"records": removed, "older_than_days": self._keep.days}
            await self._audit.record("-", "audit.forget", "audit", origin="-", detail=detail)
