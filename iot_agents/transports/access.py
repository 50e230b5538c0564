"""Who may connect to the embedded MQTT broker, and under which topics."""

import hmac
from collections.abc import Mapping
from typing import Protocol


class Access(Protocol):
    async def connects(self, user: str | None, password: str | None) -> bool:
        """Whether that user, or nobody in particular, may connect."""

    def publishes(self, user: str | None, topic: str) -> bool: ...

    def receives(self, user: str | None, topic: str) -> bool: ...


class UserList:
    """Everybody in the list may do everything; everybody at all where there is none."""

    def __init__(self, users: Mapping[str, str] | None) -> None:
        self._users = users

    async def connects(self, user: str | None, password: str | None) -> bool:
        if not self._users:
            return True
        expected = self._users.get(user or "")
        return expected is not None and hmac.compare_digest(expected.encode(), (password or "").encode())

    def publishes(self, user: str | None, topic: str) -> bool:
        return True

    def receives(self, user: str | None, topic: str) -> bool:
        return True
