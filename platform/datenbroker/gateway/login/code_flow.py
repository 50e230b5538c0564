"""The authorization code flow with PKCE (RFC 6749, 7636; OpenID Connect Core 1.0, 3.1), as the provider's client."""

import secrets
import time
from base64 import urlsafe_b64encode
from dataclasses import dataclass, replace
from hashlib import sha256
from typing import Any
from urllib.parse import urlencode

import httpx

from datenbroker.gateway.login.sealing import Seal
from datenbroker.identities.oidc.provider import Provider
from datenbroker.identities.oidc.refusals import ProviderAway, TokenRefused
from datenbroker.identities.oidc.tokens import AccessTokens, Expected
from datenbroker.identities.roles import Caller

MINUTES = 10
"""So long somebody may take to log in."""


class LoginFailed(Exception):
    """The browser came back with something else than it was sent for; the message is for its user."""


@dataclass(frozen=True)
class Client:
    """The gateway as the provider knows it. A public client has no secret: PKCE protects it."""

    id: str
    secret: str | None
    callback: str


@dataclass(frozen=True)
class CodeFlow:
    """Sends browsers to the provider, and takes them back."""

    provider: Provider
    client: Client
    tokens: AccessTokens
    expected: Expected
    seal: Seal
    http: httpx.AsyncClient

    async def begin(self, after: str) -> tuple[str, str]:
        """Where the browser goes, and what it must bring back in a cookie; `after` is the page to come to then."""
        endpoints = await self.provider.endpoints()
        if endpoints.authorization is None:
            raise ProviderAway(f"{self.provider.issuer} offers no login (authorization_endpoint)")
        state, nonce, verifier = (secrets.token_urlsafe(32) for _ in range(3))
        ends = time.time() + MINUTES * 60
        kept = {"state": state, "nonce": nonce, "verifier": verifier, "after": after, "ends": ends}
        asked = {
            "response_type": "code",
            "client_id": self.client.id,
            "redirect_uri": self.client.callback,
            "scope": "openid profile",
            "state": state,
            "nonce": nonce,
            "code_challenge": _text(sha256(verifier.encode()).digest()),
            "code_challenge_method": "S256",
        }
        joint = "&" if "?" in endpoints.authorization else "?"
        return f"{endpoints.authorization}{joint}{urlencode(asked)}", self.seal.sealed(kept)

    async def finish(self, answer: dict[str, str], cookie: str | None) -> tuple[Caller, str]:
        """Who logged in, and the page to come to; `LoginFailed`, `TokenRefused`, `NotOfTheKonzern`, `ProviderAway`."""
        kept = self.seal.opened(cookie) if cookie else None
        if kept is None or kept["ends"] < time.time():
            raise LoginFailed("The login took too long, or was begun in another browser: begin anew")
        if not secrets.compare_digest(answer.get("state", "").encode(), kept["state"].encode()):
            raise LoginFailed("The answer does not belong to the login that was begun here: begin anew")
        if answer.get("iss", self.provider.issuer).rstrip("/") != self.provider.issuer:
            raise LoginFailed("The answer comes from another provider: begin anew")
        if "code" not in answer:
            raise LoginFailed(f"The provider did not let you in ({answer.get('error', 'no reason given')[:60]})")
        received = await self._exchange(answer["code"], kept["verifier"])
        expected = replace(self.expected, audience=(self.client.id,), clients=(), for_access=False)
        claims, provider = await self.tokens.verify(str(received.get("id_token", "")), expected)
        if provider is not self.provider or claims.get("nonce") != kept["nonce"]:
            raise TokenRefused("the provider's token belongs to another login")
        if claims.get("azp", self.client.id) != self.client.id:
            raise TokenRefused("the provider's token was made for another client")
        return await self.tokens.caller_of_claims(claims), kept["after"]

    async def _exchange(self, code: str, verifier: str) -> dict[str, Any]:
        form = {
            "grant_type": "authorization_code",
            "code": code,
            "redirect_uri": self.client.callback,
            "code_verifier": verifier,
        }
        auth = httpx.BasicAuth(self.client.id, self.client.secret) if self.client.secret else None
        if auth is None:
            form["client_id"] = self.client.id
        endpoints = await self.provider.endpoints()
        try:
            answer = await self.http.post(endpoints.token or "", data=form, auth=auth or httpx.USE_CLIENT_DEFAULT)
            received = answer.json()
        except (httpx.HTTPError, ValueError) as error:
            raise ProviderAway(f"the token endpoint: {type(error).__name__}") from None
        if answer.status_code >= 500:
            raise ProviderAway(f"the token endpoint answered {answer.status_code}")
        if answer.status_code != 200 or not isinstance(received, dict):
            raise LoginFailed("The provider did not accept the login's code: begin anew")
        return received

    async def farewell(self, back_to: str) -> str:
        """Where a browser goes that logs out: to the provider, which ends its own session too, and back."""
        end = (await self.provider.endpoints()).end_session
        if end is None:
            return back_to
        asked = urlencode({"client_id": self.client.id, "post_logout_redirect_uri": back_to})
        return f"{end}{'&' if '?' in end else '?'}{asked}"


def _text(data: bytes) -> str:
    return urlsafe_b64encode(data).rstrip(b"=").decode()
