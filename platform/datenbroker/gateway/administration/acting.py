"""Who acts on the administration, and what of it is kept in the audit log."""

from typing import Any

from fastapi import Request

from datenbroker.audit.log import AuditLog
from datenbroker.gateway.authentication import CALLER
from datenbroker.gateway.doors import LOOKING
from datenbroker.gateway.problems import Forbidden
from datenbroker.identities.roles import Caller, Right


class Acting:
    """The caller of one request to the administration."""

    def __init__(self, request: Request, audit: AuditLog) -> None:
        self.caller: Caller = request.scope[CALLER]
        self._audit = audit
        reaching = Right.ADMINISTER | Right.INSPECT if request.method in LOOKING else Right.ADMINISTER
        self.everywhere = bool(self.caller.rights & reaching)
        """Whether it reaches all organisations, not only its own: auditors do where they look."""

    def organisation(self, asked: str | None) -> str | None:
        """The organisation whose things are meant: the own one for who reaches no other; `Forbidden` for others."""
        if self.everywhere:
            return asked
        if asked not in (None, self.caller.organisation):
            raise Forbidden(f"{self.caller} reaches its own organisation only, {self.caller.organisation}.")
        return self.caller.organisation

    async def did(self, action: str, on: str, detail: dict[str, Any] | None = None) -> None:
        """Keep it in the audit log."""
        kept = {"organisation": self.caller.organisation, **(detail or {})}
        await self._audit.record(self.caller.name, action, on, detail=kept)
