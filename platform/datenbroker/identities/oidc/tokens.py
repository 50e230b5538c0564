"""Access tokens of OpenID providers (JWT, RFC 7519 and 9068), checked by their keys and remembered until they end."""

import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from hashlib import sha256
from typing import Any

import jwt

from datenbroker.identities.keys import StoreAway
from datenbroker.identities.oidc.claims import ClaimNames, caller_of
from datenbroker.identities.oidc.provider import Provider
from datenbroker.identities.oidc.refusals import NotOfTheKonzern, TokenRefused
from datenbroker.identities.organisations import Organisations
from datenbroker.identities.roles import Caller

TRUSTED_FOR = 2.0
"""Seconds after which it is asked again whether the token's organisation is still there."""

REMEMBERED = 20_000
NOT_FOR_ACCESS = frozenset({"id", "refresh", "logout"})
"""What Keycloak calls its other tokens in their claim `typ`."""


@dataclass(frozen=True)
class Expected:
    """What a token must be: for this audience, of these clients (any where empty), signed in one of these ways."""

    audience: Sequence[str] = ("datenbroker",)
    clients: Sequence[str] = ()
    algorithms: Sequence[str] = ("RS256", "PS256", "ES256", "EdDSA")
    skew: float = 30.0
    for_access: bool = True


@dataclass(frozen=True, slots=True)
class _Known:
    claims: dict[str, Any]
    caller: Caller
    provider: Provider
    generation: int
    ends: float
    check_again: float


class AccessTokens:
    """Remembers by hash which tokens are good, so that a signature is checked once, not with each request."""

    def __init__(
        self,
        providers: Iterable[Provider],
        organisations: Organisations,
        expected: Expected,
        names: ClaimNames | None = None,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self._providers = {provider.issuer: provider for provider in providers}
        self._organisations, self._expected, self._clock = organisations, expected, clock
        self._names = names or ClaimNames()
        self._known: dict[bytes, _Known] = {}

    def proven(self, token: bytes) -> Caller | None:
        """The caller of a token lately proven, without waiting; None where `caller` must tell."""
        known, now = self._known.get(sha256(token).digest()), self._clock()
        if known is None or now >= known.check_again or now >= known.ends:
            return None
        return known.caller if known.generation == known.provider.generation else None

    async def caller(self, token: bytes) -> Caller:
        """`TokenRefused`, `NotOfTheKonzern`, or `ProviderAway` where the keys to check it are not to be had."""
        digest, now = sha256(token).digest(), self._clock()
        known = self._known.pop(digest, None)
        if known and now < known.ends and known.generation == known.provider.generation:
            claims, provider = known.claims, known.provider
        else:
            claims, provider = await self.verify(token.decode("latin-1"), self._expected)
        try:
            caller = await caller_of(claims, self._names, self._organisations)
        except NotOfTheKonzern:
            raise
        except Exception as error:  # whatever a store raises that is away
            raise StoreAway("The document store cannot be asked for the token's organisation") from error
        if len(self._known) >= REMEMBERED:
            self._forget(now)
        ends = float(claims["exp"]) + self._expected.skew
        self._known[digest] = _Known(claims, caller, provider, provider.generation, ends, now + TRUSTED_FOR)
        return caller

    def _forget(self, now: float) -> None:
        self._known = {digest: known for digest, known in self._known.items() if known.ends > now}
        for digest in [*self._known][: max(0, len(self._known) - REMEMBERED // 2)]:
            del self._known[digest]

    async def caller_of_claims(self, claims: dict[str, Any]) -> Caller:
        """The caller of claims that were verified already; `NotOfTheKonzern`."""
        return await caller_of(claims, self._names, self._organisations)

    async def verify(self, token: str, expected: Expected) -> tuple[dict[str, Any], Provider]:
        """The claims of a token that one of the providers has signed, and that is as expected."""
        try:
            header = jwt.get_unverified_header(token)
            unproven = jwt.decode(token, options={"verify_signature": False, "verify_exp": False, "verify_aud": False})
        except jwt.PyJWTError:
            raise TokenRefused("the token is none (JWT): check that it was copied whole") from None
        algorithm = str(header.get("alg"))
        if algorithm not in expected.algorithms:
            accepted = ", ".join(expected.algorithms)
            raise TokenRefused(f"the token is signed by {algorithm:.20}; {accepted} are accepted")
        provider = self._providers.get(str(unproven.get("iss", "")).rstrip("/"))
        if provider is None:
            raise TokenRefused("the token's issuer is none of those that are trusted here")
        kid = header.get("kid")
        key = await provider.key(kid if isinstance(kid, str) else None, algorithm)
        if key is None:
            raise TokenRefused("the token is signed with a key that its issuer does not have")
        try:
            claims: dict[str, Any] = jwt.decode(
                token,
                key,
                algorithms=[algorithm],
                audience=expected.audience,
                leeway=expected.skew,
                options={"require": ["exp", "iat", "iss", "aud", "sub"]},
            )
        except jwt.ExpiredSignatureError:
            raise TokenRefused("the token has expired: fetch a new one") from None
        except jwt.InvalidAudienceError:
            raise TokenRefused(f"the token is for another audience than {' or '.join(expected.audience)}") from None
        except jwt.PyJWTError as wrong:
            raise TokenRefused(f"the token is not good ({type(wrong).__name__})") from None
        _require_use(claims, expected)
        return claims, provider


def _require_use(claims: dict[str, Any], expected: Expected) -> None:
    if expected.for_access and str(claims.get("typ", "")).lower() in NOT_FOR_ACCESS:
        raise TokenRefused(f"the token is no access token but a {claims['typ']} token: send the access token")
    client = claims.get("azp") or claims.get("client_id")
    if expected.clients and client not in expected.clients:
        raise TokenRefused(f"the client {client!s:.60}, for which the token was made, is not admitted here")
