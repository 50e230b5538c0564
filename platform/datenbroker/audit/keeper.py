"""What the audit log needs while the gateway runs: what is noted written every few seconds, old days removed."""

from datetime import UTC, datetime, timedelta

from datenbroker.audit.log import AuditLog
from datenbroker.audit.trail import AuditTrail
from datenbroker.process.repeated import Repeated

FLUSH_SECONDS = 5.0
FORGET_SECONDS = 6 * 3600.0


class AuditKeeper:
    """`keep` is how long records stay; None: for ever."""

    def __init__(self, audit: AuditLog, trail: AuditTrail, keep: timedelta | None) -> None:
        self._audit, self._trail, self._keep = audit, trail, keep
        failure = "Denied requests could not be written to the audit log"
        self._flushing = Repeated(audit.flush, FLUSH_SECONDS, failure, sooner=audit.much)
        self._forgetting = Repeated(self.forget, FORGET_SECONDS, "Old audit records could not be removed", first=0)

    async def start(self) -> None:
        self._flushing.start()
        self._forgetting.start()

    async def stop(self) -> None:
        """Writes what is noted."""
        await self._forgetting.stop()
        await self._flushing.stop()
        await self._audit.flush()

    async def forget(self) -> None:
        """Remove what is older than is kept, and say so in the log itself."""
        if self._keep is None:
            return
        removed = await self._trail.forget_before(self._keep, datetime.now(UTC))
        if removed:
            detail = {"records": removed, "older_than_days": self._keep.days}
            await self._audit.record("-", "audit.forget", "audit", origin="-", detail=detail)
