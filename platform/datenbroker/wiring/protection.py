"""The protection of a process's gateway, as the settings say."""

import ipaddress
from datetime import timedelta

from datenbroker.audit.keeper import AuditKeeper
from datenbroker.audit.log import AuditLog
from datenbroker.audit.trail import AuditTrail
from datenbroker.errors import CannotStart
from datenbroker.gateway.frame import Bounds
from datenbroker.gateway.limits.origins import Origins
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
    usage = await process.started(Usage(store))
    await process.started(AuditKeeper(audit, trail, timedelta(days=settings.audit_days)))
    protection = Protection(
        limits=RateLimits(allowance(settings), usage),
        usage=usage,
        audit=audit,
        trail=trail,
        bounds=bounds(settings),
        audit_reads=settings.audit_reads,
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
    for network in settings.trusted_proxies:
        try:
            ipaddress.ip_network(network, strict=False)
        except ValueError:
            raise CannotStart(
                f"--trusted-proxies: {network} is no network, e.g. 10.0.0.0/8 or 2001:db8::/32."
            ) from None
    return Bounds(
        body=int(settings.body_limit),
        body_seconds=settings.body_timeout,
        url=settings.url_limit,
        origins=Origins(settings.trusted_proxies),
        https=(settings.public_url or "").startswith("https://"),
    )
