"""From a token's claims to a caller: whose it is, in which roles."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from datenbroker.identities.oidc.refusals import NotOfTheKonzern
from datenbroker.identities.organisations import Organisations
from datenbroker.identities.roles import WITHOUT_ORGANISATION, Caller, Role, rights_of

UNSAFE = re.compile(r"[^\w.@+:-]")


@dataclass(frozen=True)
class ClaimNames:
    """Where a provider puts what is needed, and what it calls roles and organisations."""

    roles: tuple[str, ...] = ("realm_access.roles", "resource_access.datenbroker.roles", "roles")
    organisation: str = "organisation"
    role_names: Mapping[str, str] = field(default_factory=dict)
    organisation_names: Mapping[str, str] = field(default_factory=dict)


async def caller_of(claims: Mapping[str, Any], names: ClaimNames, organisations: Organisations) -> Caller:
    """The caller; `NotOfTheKonzern` without a role that is known here, or with an organisation that is not."""
    name, roles = name_of(claims), frozenset(_roles(claims, names))
    if not roles:
        raise NotOfTheKonzern(f"{name} has none of the roles {', '.join(Role)} at the provider: have one assigned")
    claimed = _organisation(claims, names)
    organisation = None if claimed is None else await organisations.get(claimed)
    if claimed is not None and organisation is None:
        raise NotOfTheKonzern(f"{name} belongs to the organisation {claimed:.60}, which is not known here")
    if organisation is None:
        roles &= WITHOUT_ORGANISATION
        if not roles:
            raise NotOfTheKonzern(f"{name} has no organisation: the provider must send the claim {names.organisation}")
    kind = "service" if is_service(claims) else "login"
    whose, tenant = (organisation.id, organisation.tenant) if organisation else (None, None)
    return Caller(name, whose, tenant, roles, rights_of(roles), kind=kind)


def name_of(claims: Mapping[str, Any]) -> str:
    """A name for logs: the user's, for a service its client's; harmless characters only."""
    named = claims.get("preferred_username") or claims.get("client_id") or claims.get("azp") or claims.get("sub") or "?"
    return UNSAFE.sub("_", str(named))[:64]


def is_service(claims: Mapping[str, Any]) -> bool:
    """A token by client credentials: its subject is the client (RFC 9068), or Keycloak's service account."""
    name = str(claims.get("preferred_username", ""))
    return name.startswith("service-account-") or claims.get("sub") == claims.get("client_id")


def _roles(claims: Mapping[str, Any], names: ClaimNames) -> Iterator[Role]:
    for path in names.roles:
        for given in _texts(_at(claims, path)):
            theirs = names.role_names.get(given, given)
            if theirs in Role.__members__.values():
                yield Role(theirs)


def _organisation(claims: Mapping[str, Any], names: ClaimNames) -> str | None:
    found = [*_texts(_at(claims, names.organisation))]
    if len(found) > 1:
        raise NotOfTheKonzern(f"The token names several organisations ({', '.join(found)[:100]}): log in for one")
    return names.organisation_names.get(found[0], found[0]) if found else None


def _at(claims: Any, path: str) -> Any:
    """The value at `a.b.c`; a claim whose own name has dots goes first."""
    if isinstance(claims, Mapping) and path in claims:
        return claims[path]
    first, _, rest = path.partition(".")
    if not isinstance(claims, Mapping) or first not in claims:
        return None
    return _at(claims[first], rest) if rest else claims[first]


def _texts(value: Any) -> Iterator[str]:
    """Text, a list of texts, or an object's names (as Keycloak's organizations come): each that is not empty."""
    for one in [value] if isinstance(value, str) else value if isinstance(value, list | dict) else ():
        if isinstance(one, str) and one:
            yield one.lstrip("/")
