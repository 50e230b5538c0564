"""An OpenID provider as the gateway sees it: its discovery document and its keys (OpenID Connect Discovery 1.0).

Keys once read stay good while the provider is away; a key that is not known is asked for once, and not again for some
seconds, so that forged tokens cannot make the gateway press the provider.
"""

import asyncio
import logging
from collections.abc import Callable
from dataclasses import dataclass
from time import monotonic
from typing import Any

import httpx
import jwt

from datenbroker.identities.oidc.refusals import ProviderAway

log = logging.getLogger(__name__)

REFETCH_SECONDS = 10.0
"""At most so often is a provider asked for keys, whatever tokens come."""

REFRESH_SECONDS = 600.0
"""After so long the keys are read anew, so that one that the provider has withdrawn opens nothing any more."""

LARGEST_ANSWER = 1_000_000


@dataclass(frozen=True)
class Endpoints:
    """What a discovery document tells, as far as it is used here."""

    issuer: str
    jwks: str
    authorization: str | None = None
    token: str | None = None
    end_session: str | None = None


class Provider:
    """One issuer. `discovery` is where its document is read, if not at `{issuer}/.well-known/openid-configuration`."""

    def __init__(
        self,
        issuer: str,
        http: httpx.AsyncClient,
        discovery: str | None = None,
        clock: Callable[[], float] = monotonic,
    ) -> None:
        self.issuer, self._http, self._clock = issuer, http, clock
        self._address = discovery or f"{issuer}/.well-known/openid-configuration"
        self._endpoints: Endpoints | None = None
        self._keys: dict[str, dict[str, Any]] = {}
        self._asked, self._read = float("-inf"), float("-inf")
        self._turn, self._answers = asyncio.Lock(), 0
        self._refreshing: asyncio.Task[None] | None = None
        self.generation = 0
        """Goes up whenever the provider serves other keys: what was proven with the old ones is proven anew."""

    async def endpoints(self) -> Endpoints:
        """`ProviderAway` where it was never read and cannot be now."""
        if self._endpoints is None:
            document = await self._json(self._address)
            if str(document.get("issuer", "")).rstrip("/") != self.issuer:
                raise ProviderAway(f"{self._address} speaks for {document.get('issuer')!r}, not for {self.issuer}")
            try:
                self._endpoints = Endpoints(
                    document["issuer"],
                    document["jwks_uri"],
                    document.get("authorization_endpoint"),
                    document.get("token_endpoint"),
                    document.get("end_session_endpoint"),
                )
            except KeyError as missing:
                raise ProviderAway(f"{self._address} names no {missing}") from None
        return self._endpoints

    async def key(self, kid: str | None, algorithm: str) -> Any:
        """The public key of that id for that algorithm; None where the provider has none."""
        if self._clock() - self._read > REFRESH_SECONDS:
            await self._refresh()
        found = self._find(kid)
        if found is None and self._clock() - self._asked > REFETCH_SECONDS:
            await self._fetch()
            found = self._find(kid)
        if found is None or found.get("use", "sig") != "sig" or found.get("alg", algorithm) != algorithm:
            return None
        try:
            return jwt.PyJWK.from_dict(found, algorithm).key
        except jwt.PyJWTError:
            return None

    def _find(self, kid: str | None) -> dict[str, Any] | None:
        if kid is None:
            return next(iter(self._keys.values())) if len(self._keys) == 1 else None
        return self._keys.get(kid)

    async def _refresh(self) -> None:
        """Waits for keys only where there are none; otherwise the old ones go on meanwhile."""
        if not self._keys:
            await self._fetch()
        elif self._clock() - self._asked > REFETCH_SECONDS and (self._refreshing is None or self._refreshing.done()):
            self._refreshing = asyncio.create_task(self._fetch())

    async def _fetch(self) -> None:
        """Read the keys; `ProviderAway` where there are none from before either. Who comes meanwhile waits for them."""
        before = self._answers
        async with self._turn:
            if self._answers == before:
                await self._ask()
        if not self._keys:
            raise ProviderAway(f"{self.issuer} has given no keys")

    async def _ask(self) -> None:
        if self._clock() - self._asked <= REFETCH_SECONDS:
            return
        self._asked = self._clock()
        try:
            self._take((await self._json((await self.endpoints()).jwks)).get("keys"))
        except ProviderAway as away:
            log.warning("The keys of %s could not be read, those known go on: %s", self.issuer, away)
        finally:
            self._answers += 1

    def _take(self, keys: Any) -> None:
        served = [key for key in keys if isinstance(key, dict) and key.get("kty") != "oct"] if keys else []
        fresh = {str(key.get("kid", index)): key for index, key in enumerate(served[:100])}
        if not fresh:
            raise ProviderAway(f"{self.issuer} serves no keys")
        if fresh != self._keys:
            self.generation += 1
        self._keys, self._read = fresh, self._clock()

    async def _json(self, url: str) -> dict[str, Any]:
        try:
            answer = await self._http.get(url, headers={"accept": "application/json"})
            answer.raise_for_status()
            document = answer.json() if len(answer.content) <= LARGEST_ANSWER else None
        except (httpx.HTTPError, ValueError) as error:
            raise ProviderAway(f"{url}: {type(error).__name__} {error}"[:300]) from None
        if not isinstance(document, dict):
            raise ProviderAway(f"{url} is no JSON object of reasonable size")
        return document

    async def stop(self) -> None:
        if self._refreshing is not None:
            self._refreshing.cancel()
            await asyncio.gather(self._refreshing, return_exceptions=True)
