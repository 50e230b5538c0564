"""The protection of a process's gateway, as the settings say."""

from collections.abc import Iterable
from datetime import timedelta

from datenbroker.audit.keeper import AuditKeeper
from datenbroker.audit.log import AuditLog
from datenbroker.audit.trail import AuditTrail
from datenbroker.errors import CannotStart
from datenbroker.gateway.frame import Bounds
from datenbroker.gateway.limits.origins import Networks, Origins
from datenbroker.gateway.limits.rates import Allowance, RateLimits
from datenbroker.gateway.limits.usage import Usage
from datenbroker.gateway.protection import CrossOrigin, Protection
from datenbroker.identities.organisations import Organisations
from datenbroker.settings import Settings
from datenbroker.wiring.process import Process
from document_store.store import DocumentStore


async def start_protection(process: Process, store: DocumentStore, organisations: Organisations) -> Protection:
    """Limits, usage and audit log run from then on; what they have counted is written when the process stops."""
    settings, audit, trail = process.settings, AuditLog(store), AuditTrail(store)
    _require_networks("--metrics-networks", settings.metrics_networks)
    usage = await process.started(Usage(store))
    await process.started(AuditKeeper(audit, trail, timedelta(days=settings.audit_days)))
    protection = Protection(
        limits=RateLimits(allowance(settings), usage),
        usage=usage,
        audit=audit,
        trail=trail,
        bounds=bounds(settings),
        audit_reads=settings.audit_reads,
        observers=Networks(settings.metrics_networks),
        cross_origin=CrossOrigin(settings.cors_origins, settings.cors_open_products),
    )
    if not settings.oidc_issuers:
        return protection
    from datenbroker.wiring.openid import with_openid

    return await with_openid(process, protection, store, organisations)


def allowance(settings: Settings) -> Allowance:
    return Allowance(
        anonymous=settings.rate_anonymous,
        caller=settings.rate_caller,
        product=settings.rate_product,
        failures=settings.rate_failures,
        anonymous_a_day=settings.quota_anonymous,
        caller_a_day=settings.quota_caller,
        product_a_day=settings.quota_product,
    )


def bounds(settings: Settings) -> Bounds:
    _require_networks("--trusted-proxies", settings.trusted_proxies)
    return Bounds(
        body=int(settings.body_limit),
        body_seconds=settings.body_timeout,
        url=settings.url_limit,
        origins=Origins(settings.trusted_proxies),
        https=(settings.public_url or "").startswith("https://"),
    )


def _require_networks(setting: str, networks: Iterable[str]) -> None:
    for network in networks:
        try:
            Networks([network])
        except ValueError:
            raise CannotStart(f"{setting}: {network} is no network, e.g. 10.0.0.0/8 or 2001:db8::/32.") from None
