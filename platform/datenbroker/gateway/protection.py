"""What protects the gateway: who may ask is told by keys, tokens and sessions, how much by limits; what happened is
kept in the audit log and the usage."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from starlette.middleware.cors import CORSMiddleware
from starlette.types import ASGIApp, Receive, Scope, Send

from datenbroker.audit.log import AuditLog
from datenbroker.audit.trail import AuditTrail
from datenbroker.gateway.authentication import Authenticator, Sessions, Tokens
from datenbroker.gateway.frame import Bounds, Frame, Measure, Witnesses
from datenbroker.gateway.limits.origins import PRIVATE, Networks
from datenbroker.gateway.limits.rates import Allowance, RateLimits
from datenbroker.gateway.limits.usage import Usage
from datenbroker.identities.keys import ApiKeys
from document_store.store import DocumentStore

if TYPE_CHECKING:
    from datenbroker.gateway.login.routes import Login

METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE")
ASKED = (
    "Accept",
    "Authorization",
    "Content-Type",
    "If-None-Match",
    "Link",
    "NGSILD-Tenant",
    "X-API-Key",
    "X-Request-ID",
)
SHOWN = (
    "ETag",
    "Link",
    "Location",
    "NGSILD-Results-Count",
    "NGSILD-Warning",
    "RateLimit-Limit",
    "RateLimit-Remaining",
    "RateLimit-Reset",
    "Retry-After",
    "X-Request-ID",
)
OPEN_PATHS = ("/products/", "/catalog")


@dataclass(frozen=True)
class CrossOrigin:
    """Which pages of other sites may ask: those listed anything, all of them what is public where `open_products`."""

    origins: Sequence[str] = ()
    open_products: bool = False


@dataclass(frozen=True)
class Protection:
    """Made by the composition root; `of_store` gives one with the defaults."""

    limits: RateLimits
    usage: Usage
    audit: AuditLog
    trail: AuditTrail
    bounds: Bounds = field(default_factory=Bounds)
    tokens: Tokens | None = None
    sessions: Sessions | None = None
    login: "Login | None" = None
    cross_origin: CrossOrigin = field(default_factory=CrossOrigin)
    audit_reads: bool = False
    observers: Networks = field(default_factory=lambda: Networks(PRIVATE))
    """From where the metrics are read without a key."""

    @classmethod
    def of_store(
        cls, store: DocumentStore, allowance: Allowance | None = None, bounds: Bounds | None = None
    ) -> "Protection":
        """Neither login nor pages of other sites."""
        usage = Usage(store)
        limits = RateLimits(allowance or Allowance(), usage)
        return cls(limits, usage, AuditLog(store), AuditTrail(store), bounds or Bounds())

    def authenticator(self, keys: ApiKeys) -> Authenticator:
        return Authenticator(keys, self.limits, self.tokens, self.sessions)

    def around(self, app: ASGIApp, measure: Measure) -> ASGIApp:
        """The app with what every request gets."""
        framed: ASGIApp = Frame(app, self.bounds, Witnesses(measure, self.usage, self.audit, self.audit_reads))
        cross = self.cross_origin
        if not cross.origins and not cross.open_products:
            return framed
        listed = CORSMiddleware(
            framed, allow_origins=cross.origins, allow_methods=METHODS, allow_headers=ASKED, expose_headers=SHOWN
        )
        if not cross.open_products:
            return listed
        everyone = CORSMiddleware(
            framed, allow_origins=["*"], allow_methods=["GET", "POST"], allow_headers=ASKED, expose_headers=SHOWN
        )
        return _ByPath(everyone, listed)


class _ByPath:
    """ASGI: what is public to all sites, the rest to those listed. Cookies are sent along to neither."""

    def __init__(self, public: ASGIApp, rest: ASGIApp) -> None:
        self._public, self._rest = public, rest

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        app = self._public if scope["path"].startswith(OPEN_PATHS) else self._rest
        await app(scope, receive, send)
