"""Tokens and logins of the OpenID providers that the settings name."""

from collections.abc import Collection, Mapping
from dataclasses import replace

import httpx

from datenbroker.errors import CannotStart
from datenbroker.gateway.login.code_flow import Client, CodeFlow
from datenbroker.gateway.login.routes import Login
from datenbroker.gateway.login.sealing import Seal
from datenbroker.gateway.login.sessions import BrowserSessions
from datenbroker.gateway.protection import Protection
from datenbroker.identities.oidc.claims import ClaimNames
from datenbroker.identities.oidc.provider import Provider
from datenbroker.identities.oidc.tokens import AccessTokens, Expected
from datenbroker.identities.organisations import Organisations
from datenbroker.identities.roles import Role
from datenbroker.settings import Settings
from datenbroker.wiring.process import Process
from document_store.store import DocumentStore

PROVIDER_SECONDS = 5.0


async def with_openid(
    process: Process, protection: Protection, store: DocumentStore, organisations: Organisations
) -> Protection:
    """The protection with tokens, and with logins where there is a client of our own. No provider is asked yet."""
    settings = process.settings
    _require_known(settings)
    http = await process.exits.enter_async_context(httpx.AsyncClient(timeout=PROVIDER_SECONDS))
    providers = [Provider(issuer, http, settings.oidc_discovery.get(issuer)) for issuer in settings.oidc_issuers]
    for provider in providers:
        process.exits.push_async_callback(provider.stop)
    expected = Expected(
        settings.oidc_audience, settings.oidc_clients, settings.oidc_algorithms, settings.oidc_clock_skew
    )
    names = ClaimNames(
        settings.oidc_roles_claims, settings.oidc_organisation_claim, settings.oidc_roles, settings.oidc_organisations
    )
    tokens = AccessTokens(providers, organisations, expected, names)
    if settings.oidc_client_id is None:
        return replace(protection, tokens=tokens)
    public, secret = settings.public_url or "", settings.session_secret
    sessions = BrowserSessions(
        store, organisations, public, secret.get_secret_value().encode() if secret else None, settings.session_hours
    )
    secret = settings.oidc_client_secret
    client = Client(settings.oidc_client_id, secret.get_secret_value() if secret else None, f"{public}/callback")
    flow = CodeFlow(providers[0], client, tokens, expected, Seal(sessions.secret, "login"), http)
    return replace(protection, tokens=tokens, sessions=sessions, login=Login(flow, sessions, protection.audit))


def _require_known(settings: Settings) -> None:
    if settings.oidc_client_id and not settings.public_url:
        raise CannotStart("--oidc-client-id needs --public-url: the provider sends browsers back there.")
    _require(settings.oidc_discovery, settings.oidc_issuers, "--oidc-discovery", "none of --oidc-issuers")
    _require(settings.oidc_roles.values(), [*Role], "--oidc-roles", "none of the roles " + ", ".join(Role))


def _require(given: Collection[str] | Mapping[str, str], known: Collection[str], option: str, wrong: str) -> None:
    for name in given:
        if name not in known:
            raise CannotStart(f"{option}: {name} is {wrong}.")
