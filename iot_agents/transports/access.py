"""Who may connect to the embedded MQTT broker, and under which topics."""

import hmac
from collections.abc import Collection, Hashable, Mapping, Sequence
from typing import NamedTuple, Protocol


class Admission(NamedTuple):
    """As whom a client was let in, and by what: it ends when that does not hold any more."""

    user: str | None
    proof: Hashable = None


class Access(Protocol):
    async def connects(self, user: str | None, password: str | None) -> Admission | None:
        """None where that user, or nobody in particular, may not connect."""

    async def certified(self, names: Sequence[str]) -> Admission | None:
        """As whom the owner of a certificate with these names may connect; None where no name is a user's."""

    async def outdated(self, admissions: Collection[Admission]) -> set[Admission]:
        """Those that would not be given any more."""

    async def publishes(self, user: str | None, topic: str) -> bool: ...

    async def receives(self, user: str | None, topic: str) -> bool: ...


class UserList:
    """Everybody in the list may do everything; everybody at all where there is none."""

    def __init__(self, users: Mapping[str, str] | None) -> None:
        self._users = users

    async def connects(self, user: str | None, password: str | None) -> Admission | None:
        if not self._users:
            return Admission(user)
        expected = self._users.get(user or "")
        known = expected is not None and hmac.compare_digest(expected.encode(), (password or "").encode())
        return Admission(user) if known else None

    async def certified(self, names: Sequence[str]) -> Admission | None:
        return next((Admission(name) for name in names if name in (self._users or {})), None)

    async def outdated(self, admissions: Collection[Admission]) -> set[Admission]:
        return set()

    async def publishes(self, user: str | None, topic: str) -> bool:
        return True

    async def receives(self, user: str | None, topic: str) -> bool:
        return True
