"""API keys over REST: the platform's administrators for all, data stewards for their own organisation."""

from datetime import timedelta
from typing import Annotated

from fastapi import APIRouter, Query, Request, status
from pydantic import BaseModel, ConfigDict, Field
from pydantic.config import JsonDict

from datenbroker.audit.log import AuditLog
from datenbroker.gateway.administration.acting import Acting
from datenbroker.gateway.problems import AlreadyThere, BadRequest, Forbidden, NotFound
from datenbroker.identities.api_key import ApiKey, Limits
from datenbroker.identities.keys import ApiKeys, KeyNotFit
from datenbroker.identities.organisations import Organisations
from datenbroker.identities.roles import OWN_PEOPLE_AND_MACHINES, Right, Role

EXAMPLE: JsonDict = {
    "organisation": "stadtwerke-herne",
    "roles": ["data-consumer"],
    "name": "Parking dashboard",
    "days": 365,
    "limits": {"scopes": ["read"], "products": ["parken-innenstadt"], "rate": 600},
}


class KeyWanted(BaseModel):
    """A key to be made."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"examples": [EXAMPLE]})

    organisation: str | None = Field(
        None, description="Whose key; a data steward's own where left out; none only for platform-admin and auditor."
    )
    roles: frozenset[Role] = Field(min_length=1)
    name: str = Field(min_length=1, max_length=200, description="What the key is for.")
    days: int | None = Field(None, ge=1, le=3650, description="Valid for so many days; without it, until revoked.")
    limits: Limits = Field(default_factory=Limits, description="What the key is limited to beside its roles.")


class KeyMade(BaseModel):
    """A new key. It is shown this once: only its hash is kept."""

    key: str = Field(examples=["hdb_3f9a1c20_8c1f…"])
    details: ApiKey


def router(organisations: Organisations, keys: ApiKeys, audit: AuditLog) -> APIRouter:
    routes = APIRouter(prefix="/admin/keys", tags=["Keys"])

    @routes.get("")
    async def list_keys(request: Request, organisation: str | None = None) -> list[ApiKey]:
        """Every key, the revoked ones too; a data steward sees the own organisation's. The secrets are not kept."""
        return await keys.all(Acting(request, audit).organisation(organisation))

    @routes.post("", status_code=status.HTTP_201_CREATED)
    async def create_key(wanted: KeyWanted, request: Request) -> KeyMade:
        """Make a key. It is shown this once."""
        acting = Acting(request, audit)
        organisation = acting.organisation(wanted.organisation)
        _require_roles_to_give(acting, wanted.roles)
        if organisation is not None and not await organisations.get(organisation):
            raise NotFound(f"There is no organisation {organisation}: create it first.")
        lifetime = timedelta(days=wanted.days) if wanted.days else None
        try:
            key, details = await keys.create(organisation, wanted.roles, wanted.name, lifetime, wanted.limits)
        except KeyNotFit as wrong:
            raise BadRequest(f"{wrong}.") from None
        await acting.did("key.create", f"key:{details.prefix}", {"for": organisation, "roles": sorted(wanted.roles)})
        return KeyMade(key=key, details=details)

    @routes.post("/{prefix}/rotate", status_code=status.HTTP_201_CREATED)
    async def rotate_key(
        prefix: str,
        request: Request,
        hours: Annotated[int, Query(ge=0, le=24 * 90, description="So long the old key goes on.")] = 24,
    ) -> KeyMade:
        """A new key that may the same; the old one goes on for some hours, so that clients can change over."""
        acting = Acting(request, audit)
        await _reachable(acting, keys, prefix)
        try:
            made = await keys.rotate(prefix, timedelta(hours=hours))
        except KeyNotFit as dead:
            raise AlreadyThere(f"{dead}.") from None
        if made is None:
            raise NotFound(f"There is no key {prefix}.")
        await acting.did("key.rotate", f"key:{prefix}", {"new": made[1].prefix, "hours": hours})
        return KeyMade(key=made[0], details=made[1])

    @routes.delete("/{prefix}", status_code=status.HTTP_204_NO_CONTENT)
    async def revoke_key(prefix: str, request: Request) -> None:
        """Revoke a key: refused at once here, within seconds by the platform's other processes."""
        acting = Acting(request, audit)
        await _reachable(acting, keys, prefix)
        await keys.revoke(prefix)
        await acting.did("key.revoke", f"key:{prefix}")

    return routes


async def _reachable(acting: Acting, keys: ApiKeys, prefix: str) -> ApiKey:
    """The key, if the caller may know and change it: others' are as if they were not there."""
    key = await keys.get(prefix)
    if key is None or (not acting.everywhere and key.organisation != acting.caller.organisation):
        raise NotFound(f"There is no key {prefix:.20}.")
    _require_roles_to_give(acting, key.roles)
    return key


def _require_roles_to_give(acting: Acting, roles: frozenset[Role]) -> None:
    if Right.ADMINISTER not in acting.caller.rights and not roles <= OWN_PEOPLE_AND_MACHINES:
        raise Forbidden(
            f"{acting.caller} may give the roles {', '.join(sorted(OWN_PEOPLE_AND_MACHINES))}: "
            "ask the platform's administration for others."
        )
