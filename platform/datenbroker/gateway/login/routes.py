"""/login, /callback, /logout and /me."""

import logging
import re
from dataclasses import dataclass
from typing import Annotated, Any
from urllib.parse import urlsplit

from fastapi import APIRouter, Query, Request
from fastapi.responses import RedirectResponse, Response
from pydantic import BaseModel, Field

from datenbroker.audit.log import AuditLog
from datenbroker.audit.record import Decision
from datenbroker.gateway.authentication import Authenticator
from datenbroker.gateway.login.code_flow import MINUTES, CodeFlow, LoginFailed
from datenbroker.gateway.login.sealing import cookie_of
from datenbroker.gateway.login.sessions import BrowserSessions
from datenbroker.gateway.problems import BadRequest, Forbidden, NotFound, ProviderDown
from datenbroker.identities.oidc.refusals import NotOfTheKonzern, ProviderAway, TokenRefused

log = logging.getLogger(__name__)

OWN_PAGE = re.compile(r"/(?![/\\])[!-\[\]-~]*")
"""A path on this gateway: neither `//elsewhere` nor `/\\elsewhere`, which browsers take for another site."""

NOT_KEPT = {"cache-control": "no-store"}


@dataclass(frozen=True)
class Login:
    """What logging in needs."""

    flow: CodeFlow
    sessions: BrowserSessions
    audit: AuditLog

    @property
    def cookie(self) -> str:
        return f"{self.sessions.cookie}-login"

    @property
    def provider(self) -> str:
        """The provider's origin, to which the form that logs out leads on."""
        address = urlsplit(self.flow.provider.issuer)
        return f"{address.scheme}://{address.netloc}"


class Me(BaseModel):
    """Who asks, as the gateway knows them."""

    name: str = Field(description="A key's prefix, or a user's name.")
    kind: str = Field(examples=["login"])
    organisation: str | None
    roles: list[str]
    rights: list[str] = Field(examples=[["READ", "SUBSCRIBE"]])


def router(login: Login | None, authenticator: Authenticator) -> APIRouter:
    routes = APIRouter(tags=["Login"])

    @routes.get("/me", responses={401: {"description": "Nobody"}})
    async def who_am_i(request: Request) -> Me:
        """Who asks: by key, token or login. Pages show it."""
        caller = await authenticator.caller(request.scope)
        rights = [str(right.name) for right in caller.rights]
        roles = sorted(caller.roles)
        return Me(name=caller.name, kind=caller.kind, organisation=caller.organisation, roles=roles, rights=rights)

    if login is not None:
        _browser_routes(routes, login)
    return routes


def _browser_routes(routes: APIRouter, login: Login) -> None:
    seen: dict[int | str, dict[str, Any]] = {303: {"description": "To the next page"}}

    @routes.get("/login", status_code=303, responses=seen)
    async def begin(next: Annotated[str, Query(description="The page to come to.")] = "/") -> Response:  # noqa: A002
        """Send the browser to the OpenID provider."""
        if not OWN_PAGE.fullmatch(next):
            raise BadRequest(f"next must be a path on this gateway such as /catalog, not {next:.60}")
        try:
            address, kept = await login.flow.begin(next)
        except ProviderAway as away:
            raise _down(away) from None
        answer = RedirectResponse(address, 303, NOT_KEPT)
        answer.headers.append("set-cookie", login.sessions.set_cookie(login.cookie, kept, MINUTES * 60))
        return answer

    @routes.get("/callback", status_code=303, responses=seen, include_in_schema=False)
    async def finish(request: Request) -> Response:
        """The browser is back from the provider."""
        try:
            kept = cookie_of(request.scope["headers"], login.cookie)
            caller, after = await login.flow.finish(dict(request.query_params), kept)
        except ProviderAway as away:
            raise _down(away) from None
        except (LoginFailed, TokenRefused, NotOfTheKonzern) as failed:
            await login.audit.record("-", "login", "session", Decision.DENIED, detail={"reason": str(failed)})
            refusal = Forbidden if isinstance(failed, NotOfTheKonzern) else BadRequest
            raise refusal(f"Not logged in: {failed}.") from None
        await login.audit.record(caller.name, "login", "session", detail={"organisation": caller.organisation})
        answer = RedirectResponse(after, 303, NOT_KEPT)
        answer.headers.append("set-cookie", login.sessions.begin(caller))
        answer.headers.append("set-cookie", login.sessions.set_cookie(login.cookie, "", 0))
        return answer

    @routes.post("/logout", status_code=303, responses=seen)
    async def log_out(request: Request) -> Response:
        """End the session here and at the provider. A form on a page of this gateway posts it."""
        caller = await login.sessions.caller(request.scope)
        if caller is None:
            raise NotFound("You are not logged in.")
        await login.sessions.end(request.scope)
        await login.audit.record(caller.name, "logout", "session")
        try:
            address = await login.flow.farewell(f"{login.sessions.public_url}/")
        except ProviderAway:
            address = "/"
        answer = RedirectResponse(address, 303, NOT_KEPT)
        answer.headers.append("set-cookie", login.sessions.set_cookie(login.sessions.cookie, "", 0))
        return answer


def _down(away: ProviderAway) -> ProviderDown:
    log.warning("Nobody can log in: %s", away)
    return ProviderDown("The OpenID provider cannot be reached: try again soon.", [(b"retry-after", b"10")])
