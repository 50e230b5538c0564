"""From a request to the caller: API key, token of an OpenID provider, or session of a browser; then the limits."""

import logging
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Protocol

from starlette.types import Scope

from datenbroker.gateway.limits.rates import ORIGIN, RateLimits
from datenbroker.gateway.problems import Forbidden, ProviderDown, StoreDown, Unauthenticated
from datenbroker.identities.keys import SCHEME, ApiKeys, KeyRefused, StoreAway
from datenbroker.identities.oidc.refusals import NotOfTheKonzern, ProviderAway, TokenRefused
from datenbroker.identities.roles import Caller

log = logging.getLogger(__name__)

HOW = "send `Authorization: Bearer <key>` or `X-API-Key: <key>`"
CALLER = "datenbroker.caller"
"""Where the caller is found in the ASGI scope from then on."""

KEY = SCHEME.encode() + b"_"
LONGEST = 16_384
"""Bytes of a key or token; Keycloak's have one to four thousand."""


class Tokens(Protocol):
    """The access tokens of OpenID providers."""

    def proven(self, token: bytes) -> Caller | None: ...
    async def caller(self, token: bytes) -> Caller:
        """Raises `TokenRefused`, `NotOfTheKonzern` or `ProviderAway`."""


class Sessions(Protocol):
    """Browsers that have logged in."""

    async def caller(self, scope: Scope) -> Caller | None:
        """None without a session; `Forbidden` where the request comes from another site's page."""


@dataclass
class Authenticator:
    """What every door asks first. Each request that passes is counted against the caller's limits."""

    keys: ApiKeys
    limits: RateLimits
    tokens: Tokens | None = None
    sessions: Sessions | None = None

    async def caller(self, scope: Scope) -> Caller:
        """Who asks; `Unauthenticated` where there is no key or a bad one, `TooManyRequests` beyond the limits."""
        caller = self.at_once(scope) or await self._found_out(scope)
        if caller is None:
            self.limits.anonymous(scope)
            raise Unauthenticated(f"A key is needed: {HOW}. Your organisation's administrator has one made for you.")
        return caller

    async def visitor(self, scope: Scope) -> Caller | None:
        """Who asks, or None for somebody without a key, who is counted by address; a bad key is not overlooked."""
        caller = await self.known(scope)
        if caller is None:
            self.limits.anonymous(scope)
        return caller

    async def known(self, scope: Scope) -> Caller | None:
        """Who asks, None without key, token and session."""
        return self.at_once(scope) or await self._found_out(scope)

    def at_once(self, scope: Scope) -> Caller | None:
        """Who asks with a key or token that was lately proven, counted as by `caller`; None where that must tell."""
        shown = _credentials(scope["headers"])
        if shown is None:
            return None
        if shown.startswith(KEY):
            caller = self.keys.proven(shown)
        else:
            caller = None if self.tokens is None else self.tokens.proven(shown)
        return caller and self._counted(scope, caller)

    async def _found_out(self, scope: Scope) -> Caller | None:
        shown = _credentials(scope["headers"])
        if shown is not None:
            return self._counted(scope, await self._prove(shown, scope.get(ORIGIN) or "-"))
        caller = None if self.sessions is None else await self.sessions.caller(scope)
        return caller and self._counted(scope, caller)

    def _counted(self, scope: Scope, caller: Caller) -> Caller:
        scope[CALLER] = caller
        self.limits.caller(scope, caller)
        return caller

    async def _prove(self, shown: bytes, origin: str) -> Caller:
        if not self.keys.seen(shown):
            self.limits.check_guessing(origin)
        try:
            if self.tokens is not None and not shown.startswith(KEY) and shown.count(b".") == 2:
                return await self.tokens.caller(shown)
            return await self.keys.caller(shown.decode("latin-1"))
        except (KeyRefused, TokenRefused) as refused:
            self.limits.failed(origin)
            raise Unauthenticated(f"Not accepted: {refused}.") from None
        except NotOfTheKonzern as stranger:
            raise Forbidden(f"{stranger}.") from None
        except StoreAway as away:
            log.exception("Nobody new can be known")
            raise StoreDown(f"{away}: try again in some seconds.", [(b"retry-after", b"5")]) from None
        except ProviderAway as away:
            log.warning("A token could not be checked: %s", away)
            raise ProviderDown(
                "The OpenID provider cannot be asked whether the token is good: try again soon, or use an API key.",
                [(b"retry-after", b"10")],
            ) from None


def _credentials(headers: Iterable[tuple[bytes, bytes]]) -> bytes | None:
    shown: bytes | None = None
    for name, value in headers:
        if name == b"authorization":
            scheme, _, credentials = value.partition(b" ")
            if scheme.lower() != b"bearer":
                raise Unauthenticated(f"Only bearer keys are understood: {HOW}.")
            value = credentials
        elif name != b"x-api-key":
            continue
        value = value.strip()
        if shown is not None and value != shown:
            raise Unauthenticated(f"The request carries different keys: {HOW}, one of them only.")
        shown = value
    if shown is not None and len(shown) > LONGEST:
        raise Unauthenticated(f"No key or token has {len(shown)} bytes: {HOW}.")
    return shown
