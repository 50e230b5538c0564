"""Browsers that have logged in: a signed cookie that says who, until when. Logging out ends it on all gateways."""

import secrets
import time
from collections.abc import Callable
from dataclasses import dataclass
from urllib.parse import urlsplit

from starlette.types import Scope

from datenbroker.gateway.login.sealing import Seal, cookie_of
from datenbroker.gateway.problems import Forbidden
from datenbroker.identities.organisations import Organisations
from datenbroker.identities.roles import Caller, Role, rights_of
from document_store.store import DocumentStore

ENDED = "ended_sessions"
TRUSTED_FOR = 2.0
REMEMBERED = 10_000
LOOKING = frozenset({"GET", "HEAD", "OPTIONS"})


@dataclass(frozen=True, slots=True)
class _Known:
    caller: Caller
    ends: float
    check_again: float


class BrowserSessions:
    """`public_url` is where people reach the gateway; what pages of other sites send is not theirs."""

    def __init__(
        self,
        store: DocumentStore,
        organisations: Organisations,
        public_url: str,
        secret: bytes | None = None,
        hours: float = 8.0,
    ) -> None:
        self._store, self._organisations, self._seconds = store, organisations, hours * 3600
        self.public_url, self.https = public_url, public_url.startswith("https:")
        self.cookie = "__Host-datenbroker" if self.https else "datenbroker"
        self.secret = secret or secrets.token_bytes(32)
        self._seal = Seal(self.secret, "session")
        self._known: dict[str, _Known] = {}
        self._clock: Callable[[], float] = time.time
        site = urlsplit(public_url)
        self._origin = f"{site.scheme}://{site.netloc}".encode()

    def begin(self, caller: Caller) -> str:
        """The Set-Cookie header of a new session."""
        content = {
            "id": secrets.token_urlsafe(18),
            "name": caller.name,
            "organisation": caller.organisation,
            "roles": sorted(caller.roles),
            "ends": self._clock() + self._seconds,
        }
        return self.set_cookie(self.cookie, self._seal.sealed(content), self._seconds)

    def set_cookie(self, name: str, value: str, seconds: float) -> str:
        """Neither for scripts nor for requests that other sites' pages make in the background."""
        secure = "; Secure" if self.https else ""
        return f"{name}={value}; Path=/; Max-Age={int(seconds)}; HttpOnly; SameSite=Lax{secure}"

    async def end(self, scope: Scope) -> None:
        """The session is over on all gateways, also where the cookie was copied."""
        value = cookie_of(scope["headers"], self.cookie)
        content = self._seal.opened(value) if value else None
        if content is not None:
            self._known.pop(value or "", None)
            await self._store.put(ENDED, {"_id": content["id"], "ends": content["ends"]})

    async def caller(self, scope: Scope) -> Caller | None:
        """Who has logged in; `Forbidden` where another site's page would change something in their name."""
        value = cookie_of(scope["headers"], self.cookie)
        if value is None:
            return None
        now = self._clock()
        known = self._known.get(value)
        if known is None or now >= known.check_again:
            self._known.pop(value, None)
            known = await self._look_up(value, now)
            if known is None:
                return None
            if len(self._known) >= REMEMBERED:
                self._known.clear()
            self._known[value] = known
        if now >= known.ends:
            return None
        if scope["method"] not in LOOKING:
            self.require_own_page(scope)
        return known.caller

    def require_own_page(self, scope: Scope) -> None:
        """`Forbidden` unless the browser says that a page of this gateway asks (Origin, or Sec-Fetch-Site)."""
        said = {name: value for name, value in scope["headers"] if name in (b"origin", b"sec-fetch-site")}
        if said.get(b"origin", self._origin) != self._origin or (
            b"origin" not in said and said.get(b"sec-fetch-site") != b"same-origin"
        ):
            raise Forbidden("This request came from another web site's page, not from the Datenbroker's: refused.")

    async def _look_up(self, value: str, now: float) -> _Known | None:
        content = self._seal.opened(value)
        if content is None or now >= content["ends"] or await self._store.get(ENDED, content["id"]):
            return None
        organisation = None
        if content["organisation"] is not None:
            organisation = await self._organisations.get(content["organisation"])
            if organisation is None:
                return None
        roles = frozenset(map(Role, content["roles"]))
        tenant = organisation.tenant if organisation else None
        caller = Caller(content["name"], content["organisation"], tenant, roles, rights_of(roles), kind="login")
        return _Known(caller, content["ends"], now + TRUSTED_FOR)
